/**
 * A configuration after its defaults are filled in and its values are checked: what the commands work with.
 * `config.ts` makes these. Functions and elements live here, so that what a handshake knows is plain data.
 * @module
 */

import type {
  AeadElement,
  CipherSuiteElement,
  CryptoProvider,
  NamedGroupElement,
  RandomSource,
  RemoteSigner,
  SignatureSchemeElement,
  Signer,
} from "./crypto/provider.ts";
import type { SessionCache } from "./session/session_cache.ts";
import type { TicketKey } from "./session/ticket.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { CertificateVerifier } from "./x509/verifier.ts";

export interface Settings {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** All four best first, never empty. */
  readonly cipherSuites: readonly CipherSuiteElement[];
  readonly namedGroups: readonly NamedGroupElement[];
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  /** What the peer may sign with; the one before is what we sign with. */
  readonly peerSignatureSchemes: readonly SignatureSchemeElement[];
  /** Best first; empty: ALPN isn't spoken. */
  readonly alpnProtocols: readonly string[];
  readonly halfClose: boolean;
  readonly keyLog: boolean;
  readonly trace: "off" | "messages" | "secrets";
  readonly requireExtendedMasterSecret: boolean;
  readonly requireSecureRenegotiation: boolean;
  /** In bytes; `undefined`: as much as the protocol lets a record hold. */
  readonly recordSizeLimit: number | undefined;
  /** Where sessions are kept, with the name of what proves the peer; `undefined`: nowhere, so none is resumed. */
  readonly sessions: SessionSettings | undefined;
  readonly limits: Limits;
  /** Names how the peer is verified and what is required of it; a frozen connection goes on under the same rules only. */
  readonly trust: () => string;
}

export interface SessionSettings {
  /** `undefined`: tickets only. */
  readonly cache: SessionCache | "request" | undefined;
  /** In seconds. */
  readonly lifetime: number;
  /** Names what proves the peer, and on a client as whom it proves itself; `undefined` where nothing is proved. */
  readonly verifiedBy: string | undefined;
}

/** How much a peer may send, and how much a key may protect. */
export interface Limits {
  /** In bytes, without its header. */
  readonly maxHandshakeMessageLength: number;
  /** In one Certificate message. */
  readonly maxCertificates: number;
  /** In one hello. */
  readonly maxExtensions: number;
  /** Alerts in a row that are only warnings. */
  readonly maxWarningsInARow: number;
  /** Records of application data in a row without any. */
  readonly maxEmptyRecordsInARow: number;
  /** Handshake messages in a row that change nothing (HelloRequest). */
  readonly maxIdleMessagesInARow: number;
  /** Received bytes that wait while an answer is awaited. */
  readonly maxWaitingBytes: number;
  /** For each cipher, how many records one of our keys protects before the connection ends. */
  readonly maxRecordsPerKey: Readonly<Record<RecordCipherName, number>>;
}

/** Some of the limits, and of those for each cipher. */
export type SomeLimits =
  & Partial<Omit<Limits, "maxRecordsPerKey">>
  & { readonly maxRecordsPerKey?: Partial<Limits["maxRecordsPerKey"]> | undefined };

/** What protects records. */
export type RecordCipherName = AeadElement["name"] | "AES_128_CBC" | "AES_256_CBC";

export interface ClientSettings extends Settings {
  /** The name or IP address that the server's certificate must bear; `undefined` only with a verifier that says so. */
  readonly serverName: string | undefined;
  readonly certificateVerifier: CertificateVerifier | "request";
  /** What the client may prove itself with, best first. */
  readonly credentials: readonly LoadedCredential[] | "request";
  readonly asksForMissingIssuers: boolean;
  /** What this server's session is kept under. */
  readonly sessionKey: string;
  readonly requestsTickets: boolean;
  readonly requestsOcspResponse: boolean;
  readonly requestsSignedCertificateTimestamps: boolean;
  /** In bytes; `undefined`: not asked for. */
  readonly maxFragmentLength: number | undefined;
  readonly fallbackScsv: boolean;
  readonly onHelloRequest: "decline" | "fail";
}

export interface ServerSettings extends Settings {
  /** A list is never empty; its first one is the default. */
  readonly credentials: readonly LoadedCredential[] | "request";
  /** Whether, and how, clients are to prove who they are. */
  readonly clientAuthentication: ClientAuthentication | undefined;
  /** The first one seals, all of them open. */
  readonly ticketKeys: (() => readonly TicketKey[]) | undefined;
  readonly unknownServerName: "default" | "refuse";
  readonly inspectsClientHello: boolean;
}

export interface ClientAuthentication {
  readonly required: boolean;
  readonly certificateVerifier: CertificateVerifier | "request";
  readonly asksForMissingIssuers: boolean;
  /** DER of distinguished names: whose certificates the server would like. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

/** A certificate chain with what signs for it. */
export interface LoadedCredential {
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
  readonly leaf: Certificate;
  /** DER of the issuers' names, the leaf's first. */
  readonly issuers: readonly Uint8Array[];
  readonly signer: Signer | RemoteSigner;
  /** DER of an OCSPResponse, to be stapled. */
  readonly ocspResponse: Uint8Array | undefined;
  readonly signedCertificateTimestamps: readonly Uint8Array[];
}
