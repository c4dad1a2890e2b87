/**
 * What a TLS 1.2 handshake knows so far, in chapters that are filled in one after the other.
 * Plain data: names and bytes, no functions, no key objects.
 * @module
 */

import type { PublicKey } from "../crypto/provider.ts";
import { InternalError } from "../error.ts";
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../registry.ts";

export interface Known {
  readonly offer: Offer;
  readonly negotiated: Negotiated | undefined;
  readonly peer: Peer | undefined;
  readonly keyExchange: KeyExchange | undefined;
  /** On a server: which of its credentials is shown. */
  readonly credentialIndex: number | undefined;
  /** On a server: whether the client's server_name chose that credential, so that it is answered. */
  readonly serverNameUsed: boolean;
  /** Only between the key exchange and the derivation of the master secret. */
  readonly preMasterSecret: Uint8Array | undefined;
  readonly secrets: Secrets | undefined;
}

/** What the ClientHello said. */
export interface Offer {
  readonly clientRandom: Uint8Array;
  readonly extensionTypes: readonly number[];
}

/** What both hellos together settled. */
export interface Negotiated {
  readonly serverRandom: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly extendedMasterSecret: boolean;
  readonly secureRenegotiation: boolean;
  readonly alpnProtocol: string | undefined;
  readonly serverName: string | undefined;
}

/** What the peer's Certificate said. */
export interface Peer {
  /** DER, the peer's own first. */
  readonly certificates: readonly Uint8Array[];
  readonly publicKey: PublicKey;
}

/** The server's ephemeral key and how it is signed; `privateKey` on the server only. */
export interface KeyExchange {
  readonly namedGroup: NamedGroupName;
  readonly signatureScheme: SignatureSchemeName;
  readonly serverPublicKey: Uint8Array;
  readonly serverPrivateKey: Uint8Array | undefined;
}

export interface Secrets {
  readonly masterSecret: Uint8Array;
  readonly clientWriteMacKey: Uint8Array;
  readonly serverWriteMacKey: Uint8Array;
  readonly clientWriteKey: Uint8Array;
  readonly serverWriteKey: Uint8Array;
  readonly clientWriteIv: Uint8Array;
  readonly serverWriteIv: Uint8Array;
}

/** The first page: only the offer is known. */
export function knownFrom(offer: Offer): Known {
  return {
    offer,
    negotiated: undefined,
    peer: undefined,
    keyExchange: undefined,
    credentialIndex: undefined,
    serverNameUsed: false,
    preMasterSecret: undefined,
    secrets: undefined,
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
