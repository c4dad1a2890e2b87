/**
 * The scene in which a scripted peer plays: a clock that stands still, randomness that is the same in each run, one CA,
 * one certificate for both roles and one of a stranger, sessions that can be resumed, and both roles' configurations.
 * @module
 */

import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import { toHex } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { Credential } from "../../lib/credential.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import type {
  CryptoProvider,
  NamedGroupElement,
  PrivateKey,
  PublicKey,
  RandomSource,
  Signer,
} from "../../lib/crypto/provider.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import { encodeSession, type ResumableSession } from "../../lib/session/resumable_session.ts";
import type { SessionCache } from "../../lib/session/session_cache.ts";
import { sealTicket, type TicketKey } from "../../lib/session/ticket.ts";
import { serverSessionKey } from "../../lib/tls12/server_session.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { issueCertificate, issueCertificateAuthority, type IssuedCertificate } from "../../lib/x509/issue.ts";
import { issueOcspResponse } from "../../lib/x509/issue_ocsp.ts";

/** The time of every scripted test, in milliseconds since 1970. */
export const now: number = Date.UTC(2030, 5, 15);

export const serverName = "server.example";

/** Not random at all (xorshift32): every run is the same. */
export function steadyRandom(seed: number): RandomSource {
  let state = seed;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
  return (length) => Uint8Array.from({ length }, next);
}

/**
 * noble, whose public-key operations are done once and then remembered: hundreds of scripted connections do the same
 * ones with the same keys. Records are sealed and opened afresh.
 */
export const provider: CryptoProvider = {
  ...nobleProvider,
  namedGroups: nobleProvider.namedGroups.map((group) => group.name === "x25519" ? rememberingGroup(group) : group),
  signatureSchemes: nobleProvider.signatureSchemes.map((scheme) => ({
    ...scheme,
    verify: remembering(scheme.verify, (key, message, signature) => textOf(key) + toHex(message) + toHex(signature)),
    sign: remembering(scheme.sign, (key, message) => textOf(key) + toHex(message)),
  })),
};

const random = steadyRandom(5246);
const issuing = { provider, random, now };
const authority = issueCertificateAuthority({ ...issuing, name: "The CA" });
const strangeAuthority = issueCertificateAuthority({ ...issuing, name: "A CA that nobody trusts" });

/** The certificate of both roles, P-256, and the same name and key certified by a CA that nobody trusts. */
export const certified: IssuedCertificate = issueCertificate({ ...issuing, issuer: authority, names: [serverName] });
export const strange: IssuedCertificate = issueCertificate({
  ...issuing,
  issuer: strangeAuthority,
  names: [serverName],
  key: certified.privateKey,
});

const intermediate = issueCertificateAuthority({ ...issuing, name: "Below the CA", issuer: authority });

/** The same name and key, certified by a CA below the one that is trusted: a leaf, and what leads on from it. */
export const incomplete: IssuedCertificate = issueCertificate({
  ...issuing,
  issuer: intermediate,
  names: [serverName],
  key: certified.privateKey,
});

/** Signs with the key of all these certificates. */
export const signer: Signer = createSigner(certified.privateKey, provider.signatureSchemes, random);

/** Whether that key has signed this. */
export function verifies(message: Uint8Array, signature: Uint8Array): boolean {
  const scheme = provider.signatureSchemes.find(({ name }) => name === "ecdsa_secp256r1_sha256");
  return scheme?.verify(signer.publicKey, message, signature) === true;
}

/** Says that the certificate is good. */
export const ocspResponse: Uint8Array = issueOcspResponse({
  ...issuing,
  issuer: authority,
  certificate: certified.chain[0],
  status: "good",
});

const anchor = decodeCertificate(authority.certificate);
/** What both roles prove themselves with. */
export const credential: Credential = {
  certificateChain: certified.chain.map(decodeCertificate),
  signer,
  ocspResponse,
};

type Provided<Config> = Config & { readonly provider: CryptoProvider };

/**
 * A client that trusts the CA, has a certificate of its own, and asks for a staple and a ticket. Names, anchors and keys
 * are loaded already, because hundreds of connections use them. `remembers`: it has a session to resume, by ticket.
 */
export function clientConfig(remembers = false): Provided<ClientConfig> {
  return {
    provider,
    serverName,
    trustAnchors: anchor,
    credentials: [credential],
    requestOcspResponse: true,
    sessionCache: cacheOf(() => remembers ? resumableByClient() : undefined),
    now: () => now,
    random: steadyRandom(1),
  };
}

/** A server with the certificate, a staple, tickets and a cache. */
export function serverConfig(asksForCertificate = false): Provided<ServerConfig> {
  return {
    provider,
    credentials: [credential],
    ticketKeys: [ticketKey(1), ticketKey(2)],
    sessionCache: cacheOf((key) => resumable(asksForCertificate).stored.get(key)),
    ...(asksForCertificate ? { clientAuthentication: "optional", trustAnchors: anchor } : {}),
    now: () => now,
    random: steadyRandom(2),
  };
}

/** What a client could resume with such a server. */
export interface Resumable {
  readonly masterSecret: Uint8Array;
  readonly sessionId: Uint8Array;
  /** Of a session with a server of another name. */
  readonly refusedSessionId: Uint8Array;
  readonly ticket: Uint8Array;
  /** Under a key that doesn't seal any more. */
  readonly oldTicket: Uint8Array;
  /** What the server's cache holds. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

export function resumable(asksForCertificate: boolean): Resumable {
  return asksForCertificate ? resumableByCertified() : resumableByAnybody();
}

const masterSecret = new Uint8Array(48).fill(9);
const resumableByAnybody = once(() => resumableWith(false));
const resumableByCertified = once(() => resumableWith(true));

function resumableWith(asksForCertificate: boolean): Resumable {
  const { sessions } = serverSettings(serverConfig(asksForCertificate));
  const session: ResumableSession = { ...commonSession, role: "server", verifiedBy: sessions?.verifiedBy };
  const bytes = encodeSession(session);
  const [sessionId, refusedSessionId] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  return {
    masterSecret,
    sessionId,
    refusedSessionId,
    ticket: sealed(bytes, ticketKey(1)),
    oldTicket: sealed(bytes, ticketKey(2)),
    stored: new Map([
      [serverSessionKey(sessionId), bytes],
      [serverSessionKey(refusedSessionId), encodeSession({ ...session, serverName: "another.example" })],
    ]),
  };
}

/** The bytes that a client has kept of such a session. */
export const resumableByClient: () => Uint8Array = once(() => {
  const { sessions } = clientSettings(clientConfig());
  const session: ResumableSession = {
    ...commonSession,
    role: "client",
    serverName,
    verifiedBy: sessions?.verifiedBy,
    ticket: Uint8Array.of(7, 7, 7),
  };
  return encodeSession(session);
});

const [firstSuite] = provider.cipherSuites;
const commonSession: Omit<ResumableSession, "role"> = {
  cipherSuite: firstSuite?.name ?? "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  masterSecret,
  extendedMasterSecret: true,
  namedGroup: "x25519",
  signatureScheme: "ecdsa_secp256r1_sha256",
  clientSignatureScheme: undefined,
  serverName: undefined,
  peerCertificates: [],
  ocspResponse: undefined,
  signedCertificateTimestamps: [],
  verifiedBy: undefined,
  createdAt: now - 1000,
  expiresAt: now + 3_600_000,
  sessionId: new Uint8Array(0),
  ticket: undefined,
  maxFragmentLength: undefined,
};

function ticketKey(number: number): TicketKey {
  return { name: new Uint8Array(16).fill(number), key: new Uint8Array(32).fill(number) };
}

function sealed(session: Uint8Array, key: TicketKey): Uint8Array {
  const ticket = sealTicket(session, key, provider, random);
  if (ticket === undefined) throw new Error("the provider can't seal tickets");
  return ticket;
}

/** Holds always the same, whatever is stored or removed: connections must not hear of each other. */
function cacheOf(load: (key: string) => Uint8Array | undefined): SessionCache {
  return { load, store: () => {}, remove: () => {} };
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | undefined;
  return () => (made ??= { result: make() }).result;
}

function rememberingGroup(group: NamedGroupElement): NamedGroupElement {
  const generate = remembering(
    (seed: Uint8Array) => group.generateKeyPair(() => seed),
    (seed) => toHex(seed),
  );
  return {
    name: group.name,
    generateKeyPair: (source) => generate(source(32)),
    sharedSecret: remembering(group.sharedSecret, (own, theirs) => `${toHex(own)} ${toHex(theirs)}`),
  };
}

function textOf(key: PublicKey | PrivateKey): string {
  return Object.values(key).map((part) => typeof part === "string" ? part : toHex(part)).join();
}

/** A function that computes the result for each key once. */
function remembering<Args extends readonly unknown[], Result>(
  compute: (...args: Args) => Result,
  keyOf: (...args: Args) => string,
): (...args: Args) => Result {
  const results = new Map<string, Result>();
  return (...args) => {
    const key = keyOf(...args);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = compute(...args);
    results.set(key, result);
    return result;
  };
}
