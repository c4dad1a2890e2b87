/**
 * The scene in which a scripted peer plays: a clock that stands still, randomness that is the same in each run, one CA,
 * one server certificate and one of a stranger, and both roles' configurations.
 * @module
 */

import { toHex } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
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
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { issueCertificate, issueCertificateAuthority, type IssuedCertificate } from "../../lib/x509/issue.ts";

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

/** The server's certificate, P-256, and the same name and key certified by a CA that nobody trusts. */
export const certified: IssuedCertificate = issueCertificate({ ...issuing, issuer: authority, names: [serverName] });
export const strange: IssuedCertificate = issueCertificate({
  ...issuing,
  issuer: strangeAuthority,
  names: [serverName],
  key: certified.privateKey,
});

/** Signs with the server certificate's key. */
export const signer: Signer = createSigner(certified.privateKey, provider.signatureSchemes, random);

/** A client that trusts the CA. Names, anchors and keys are loaded already, because hundreds of connections use them. */
export function clientConfig(): ClientConfig & { readonly provider: CryptoProvider } {
  return {
    provider,
    serverName,
    trustAnchors: decodeCertificate(authority.certificate),
    now: () => now,
    random: steadyRandom(1),
  };
}

/** A server with the certificate. */
export function serverConfig(): ServerConfig & { readonly provider: CryptoProvider } {
  return {
    provider,
    credentials: [{ certificateChain: certified.chain.map(decodeCertificate), signer }],
    now: () => now,
    random: steadyRandom(2),
  };
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
