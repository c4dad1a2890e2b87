/**
 * What the tests of whole connections share: certificates with their keys, a fixed time, repeatable randomness, and a
 * provider that remembers what it has computed, so that many handshakes that differ in one thing cost little.
 * The certificates are self-signed and were made with OpenSSL (x509_fixtures.ts); they protect nothing.
 */
import { toHex } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { Credential } from "../../lib/credential.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import type {
  CryptoProvider,
  NamedGroupElement,
  PublicKey,
  RandomSource,
  SignatureSchemeElement,
} from "../../lib/crypto/provider.ts";
import type { SignatureSchemeName } from "../../lib/registry.ts";
import { certificatePem, privateKeyPem } from "./x509_fixtures.ts";

export type KeyKind = "p256" | "p384" | "ed25519" | "rsa";

/** Within the validity of every fixture. */
export const fixedNow = (): number => Date.UTC(2030, 0, 1);

/** The name in each fixture's certificate. */
export const nameOfKind = (kind: KeyKind): string => `${kind}.fixture.example`;

export const credentialOf: Readonly<Record<KeyKind, Credential>> = {
  p256: { certificateChain: certificatePem.p256, privateKey: privateKeyPem.p256Pkcs8 },
  p384: { certificateChain: certificatePem.p384, privateKey: privateKeyPem.p384Pkcs8 },
  ed25519: { certificateChain: certificatePem.ed25519, privateKey: privateKeyPem.ed25519Pkcs8 },
  rsa: { certificateChain: certificatePem.rsa, privateKey: privateKeyPem.rsaPkcs8 },
};

/** The schemes with which each kind of key can sign in TLS 1.2 (RFC 8422 §5.10: ECDSA with any of the two hashes). */
export const schemesOf: Readonly<Record<KeyKind, readonly SignatureSchemeName[]>> = {
  p256: ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"],
  p384: ["ecdsa_secp384r1_sha384", "ecdsa_secp256r1_sha256"],
  ed25519: ["ed25519"],
  rsa: [
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
  ],
};

/** Numbers from 0 up to, not including, `limit`; the same ones for the same seed (mulberry32). Not random at all. */
export function dice(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  };
}

/** The same bytes for the same seed. */
export function seededRandom(seed: number): RandomSource {
  const roll = dice(seed);
  return (length) => Uint8Array.from({ length }, () => roll(256));
}

/** Bytes that are easy to recognize and never the same at two places next to each other. */
export function sampleBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** noble, except that the same question gets the same answer without being computed again. */
export const rememberingProvider: CryptoProvider = {
  ...nobleProvider,
  namedGroups: nobleProvider.namedGroups.map(rememberingGroup),
  signatureSchemes: nobleProvider.signatureSchemes.map(rememberingScheme),
};

/** A client's configuration that fits the fixtures. */
export function clientConfig(kind: KeyKind, overrides: Partial<ClientConfig> = {}): ClientConfig {
  return {
    provider: rememberingProvider,
    random: seededRandom(1),
    now: fixedNow,
    serverName: nameOfKind(kind),
    ...(overrides.certificateVerifier === undefined ? { trustAnchors: certificatePem[kind] } : {}),
    ...overrides,
  };
}

/** A server's configuration with one fixture. */
export function serverConfig(kind: KeyKind, overrides: Partial<ServerConfig> = {}): ServerConfig {
  return {
    provider: rememberingProvider,
    random: seededRandom(2),
    now: fixedNow,
    credentials: [credentialOf[kind]],
    ...overrides,
  };
}

function rememberingGroup(group: NamedGroupElement): NamedGroupElement {
  const pairs = new Map<string, { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }>();
  const shared = remembering((privateKey, peer) => group.sharedSecret(privateKey, peer));
  let drawn = 0;
  return {
    name: group.name,
    generateKeyPair: (random) => {
      if (drawn === 0) group.generateKeyPair((length) => seededRandom(0)(drawn = length));
      const seed = random(drawn);
      const pair = pairs.get(toHex(seed)) ?? group.generateKeyPair(() => seed);
      pairs.set(toHex(seed), pair);
      return { privateKey: pair.privateKey.slice(), publicKey: pair.publicKey.slice() };
    },
    sharedSecret: (privateKey, peer) => shared(privateKey, peer)?.slice(),
  };
}

function rememberingScheme(scheme: SignatureSchemeElement): SignatureSchemeElement {
  const verdicts = new Map<string, boolean>();
  const signatures = new Map<string, Uint8Array>();
  const publicKeys = new Map<string, PublicKey>();
  return {
    ...scheme,
    verify: (publicKey, message, signature) => {
      const question = [...Object.values(publicKey), message, signature].map(text).join();
      const verdict = verdicts.get(question) ?? scheme.verify(publicKey, message, signature);
      verdicts.set(question, verdict);
      return verdict;
    },
    sign: (privateKey, message, random) => {
      const question = [...Object.values(privateKey), message].map(text).join();
      const signature = signatures.get(question) ?? scheme.sign(privateKey, message, random);
      signatures.set(question, signature);
      return signature.slice();
    },
    publicKeyOf: (privateKey) => {
      const question = Object.values(privateKey).map(text).join();
      const publicKey = publicKeys.get(question) ?? scheme.publicKeyOf(privateKey);
      publicKeys.set(question, publicKey);
      return publicKey;
    },
  };
}

function remembering<Answer>(
  compute: (one: Uint8Array, other: Uint8Array) => Answer,
): (one: Uint8Array, other: Uint8Array) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (one, other) => {
    const question = `${toHex(one)},${toHex(other)}`;
    const known = answers.get(question) ?? { answer: compute(one, other) };
    answers.set(question, known);
    return known.answer;
  };
}

function text(value: string | Uint8Array): string {
  return typeof value === "string" ? value : toHex(value);
}
