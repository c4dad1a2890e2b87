/**
 * What a TLS 1.2 handshake knows so far, in chapters that are filled in one after the other.
 * Plain data: names and bytes, no functions, no key objects.
 * @module
 */

import type { PublicKey } from "../crypto/provider.ts";
import type { RecordLimits } from "../endpoint.ts";
import { InternalError } from "../error.ts";
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../registry.ts";
import type { ResumableSession } from "../session/resumable_session.ts";
import type { WriteKeys } from "./key_schedule.ts";
import type { ClientCredentialWishes, Wishes } from "./wishes.ts";

export interface Known {
  readonly offer: Offer;
  /** On a server, until it has chosen: what the ClientHello asks for. */
  readonly wishes: Wishes | undefined;
  readonly negotiated: Negotiated | undefined;
  /** The session that is being resumed. */
  readonly resumed: ResumableSession | undefined;
  readonly peer: Peer | undefined;
  readonly keyExchange: KeyExchange | undefined;
  /** On a server, until the ClientKeyExchange: the private half of its ephemeral key. */
  readonly serverPrivateKey: Uint8Array | undefined;
  /** On a client: a ServerKeyExchange that was read and not checked yet. */
  readonly readKeyExchange: ReadKeyExchange | undefined;
  /** On a client, until it has chosen: what the CertificateRequest asks for. */
  readonly certificateRequest: ClientCredentialWishes | undefined;
  readonly local: Local | undefined;
  /** How the client signed its CertificateVerify. */
  readonly clientSignatureScheme: SignatureSchemeName | undefined;
  /** On a client, until the handshake is over: what the NewSessionTicket said. */
  readonly ticket: Ticket | undefined;
  /** Only between the key exchange and the derivation of the master secret. */
  readonly preMasterSecret: Uint8Array | undefined;
  readonly masterSecret: Uint8Array | undefined;
  /** Only until both directions are protected. */
  readonly writeKeys: WriteKeys | undefined;
  /** verify_data of both Finished messages. */
  readonly clientFinished: Uint8Array | undefined;
  readonly serverFinished: Uint8Array | undefined;
}

/** What the ClientHello said. */
export interface Offer {
  readonly clientRandom: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly extensionTypes: readonly number[];
  /** On a client: the name that the server's certificate must bear. */
  readonly serverName: string | undefined;
  /** On a client: the session that it would like to resume, until the server has said whether it does. */
  readonly session: ResumableSession | undefined;
}

/** What both hellos together settled. */
export interface Negotiated {
  readonly serverRandom: Uint8Array;
  /** The server's: empty when the session won't be cached. */
  readonly sessionId: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly secureRenegotiation: boolean;
  readonly alpnProtocol: string | undefined;
  readonly serverName: string | undefined;
  /** `undefined`: as long as TLS 1.2 lets records be. */
  readonly recordLimits: RecordLimits | undefined;
  /** On a client: what came in the ServerHello. */
  readonly signedCertificateTimestamps: readonly Uint8Array[];
  /** On a server: the extensions that it answers beside those that follow from the above. */
  readonly answers: ServerAnswers | undefined;
}

/** What a server's hello promises, or says once. */
export interface ServerAnswers {
  /** The client's server_name chose the credential. */
  readonly serverName: boolean;
  /** A NewSessionTicket will follow. */
  readonly sessionTicket: boolean;
  /** A CertificateStatus will follow; until it is sent. */
  readonly ocspResponse: Uint8Array | undefined;
  readonly signedCertificateTimestamps: readonly Uint8Array[];
  /** RFC 8449: our own limit, in bytes. */
  readonly recordSizeLimit: number | undefined;
  /** RFC 6066 §4: the client's code, repeated. */
  readonly maxFragmentLength: number | undefined;
}

/** What the peer's Certificate said, and what came with it. */
export interface Peer {
  /** DER, the peer's own first. */
  readonly certificates: readonly Uint8Array[];
  readonly publicKey: PublicKey;
  /** DER of certificates that it didn't send and the embedder gave, and how often it was asked for them. */
  readonly givenIssuers: readonly Uint8Array[];
  readonly timesAsked: number;
  readonly ocspResponse: Uint8Array | undefined;
}

/** The server's ephemeral key and how it is signed. */
export interface KeyExchange {
  readonly namedGroup: NamedGroupName;
  readonly signatureScheme: SignatureSchemeName;
  readonly serverPublicKey: Uint8Array;
}

/** A ServerKeyExchange, decoded. */
export interface ReadKeyExchange {
  readonly curveType: number;
  readonly namedCurve: number;
  readonly public: Uint8Array;
  readonly algorithm: number;
  readonly signature: Uint8Array;
}

/** What we show of ourselves. */
export interface Local {
  /** DER, our own first. */
  readonly certificates: readonly Uint8Array[];
}

export interface Ticket {
  /** In seconds; 0: the server doesn't say. */
  readonly lifetimeHint: number;
  /** Empty: the server has changed its mind. */
  readonly ticket: Uint8Array;
}

/** The first page: only the offer is known. */
export function knownFrom(offer: Offer): Known {
  return {
    offer,
    wishes: undefined,
    negotiated: undefined,
    resumed: undefined,
    peer: undefined,
    keyExchange: undefined,
    serverPrivateKey: undefined,
    readKeyExchange: undefined,
    certificateRequest: undefined,
    local: undefined,
    clientSignatureScheme: undefined,
    ticket: undefined,
    preMasterSecret: undefined,
    masterSecret: undefined,
    writeKeys: undefined,
    clientFinished: undefined,
    serverFinished: undefined,
  };
}

/** What is left at the end: the facts. Who was established and has closed may still export key material. */
export function withoutSecrets(all: Known, state: string): Known {
  const { masterSecret, clientFinished, serverFinished, resumed, offer } = all;
  const mayExport = state === "closed" && clientFinished !== undefined && serverFinished !== undefined;
  return {
    ...all,
    offer: { ...offer, session: undefined },
    resumed: resumed && { ...resumed, masterSecret: new Uint8Array(resumed.masterSecret.length) },
    serverPrivateKey: undefined,
    preMasterSecret: undefined,
    masterSecret: mayExport ? masterSecret : undefined,
    writeKeys: undefined,
    ticket: undefined,
  };
}

/** A chapter that must have been filled in by now. Throws InternalError when the chart let a command come too early. */
export function known<Name extends keyof Known>(all: Known, chapter: Name): Exclude<Known[Name], undefined> {
  const value = all[chapter];
  if (isPresent(value)) return value;
  throw new InternalError(`Cannot go on: ${chapter} isn't known yet`);
}

function isPresent<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}
