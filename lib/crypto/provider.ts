/**
 * What the library needs of cryptography: plain lists in preference order, whose elements carry their registry
 * name and do their work. What a provider doesn't list is neither negotiated nor linked.
 * Keys are raw bytes here; a provider may cache native objects beside them.
 * @module
 */

import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../registry.ts";

/** Where randomness comes from: returns `length` unpredictable bytes. */
export type RandomSource = (length: number) => Uint8Array;

/** All cryptography that connections use. */
export interface CryptoProvider {
  /** TLS 1.2 suites, best first. */
  readonly cipherSuites: readonly AeadSuiteElement[];
  /** CBC suites, best first: used only where a configuration opts in. */
  readonly legacyCipherSuites?: readonly CbcSuiteElement[] | undefined;
  /** (EC)DHE groups, best first. */
  readonly namedGroups: readonly NamedGroupElement[];
  /** Signatures, best first: in handshakes under `name`, in certificates under `algorithm`. */
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  /** Hashes that are needed outside a suite (key identifiers, fingerprints). */
  readonly hashes: {
    readonly sha1: HashElement;
    readonly sha256: HashElement;
    readonly sha384: HashElement;
    readonly sha512: HashElement;
  };
}

/** What certificates are verified with. */
export type CertificateCrypto = Pick<CryptoProvider, "signatureSchemes" | "hashes">;

/** What certificates are issued with: new keys are made in a group. */
export type IssuingCrypto = Pick<CryptoProvider, "signatureSchemes" | "hashes" | "namedGroups">;

/** A hash with its HMAC (RFC 2104). */
export interface HashElement {
  readonly name: "sha1" | "sha256" | "sha384" | "sha512";
  /** In bytes. */
  readonly outputLength: number;
  digest(message: Uint8Array): Uint8Array;
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array;
}

/** An AEAD cipher (RFC 5116). */
export interface AeadElement {
  readonly name: "AES_128_GCM" | "AES_256_GCM" | "CHACHA20_POLY1305";
  /** In bytes. */
  readonly keyLength: number;
  /** In bytes. */
  readonly tagLength: number;
  /** Ciphertext with the tag behind it; nonce is 12 bytes. */
  seal(key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The plaintext, or `undefined` when the tag is wrong. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/** A block cipher in CBC mode. Only whole blocks come and go: padding is for the caller. */
export interface BlockCipherElement {
  readonly name: "AES_128_CBC" | "AES_256_CBC";
  /** In bytes. */
  readonly keyLength: number;
  /** Of a block and of the IV, in bytes. */
  readonly blockLength: number;
  /** As many bytes as `blocks` has. Throws RangeError for a key, an IV or blocks of another length. */
  encrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array<ArrayBuffer>;
  /** As many bytes as `blocks` has. Throws RangeError for a key, an IV or blocks of another length. */
  decrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** A cipher suite with the elements that do its work: exactly one of `aead` and `blockCipher` is there. */
export type CipherSuiteElement = AeadSuiteElement | CbcSuiteElement;

/** A cipher suite that seals with an AEAD. */
export interface AeadSuiteElement {
  readonly name: CipherSuiteName;
  readonly aead: AeadElement;
  /** Of the PRF and of Finished (RFC 5246 §5). */
  readonly hash: HashElement;
  readonly blockCipher?: undefined;
  readonly mac?: undefined;
}

/** A cipher suite that encrypts blocks in CBC mode and authenticates them with HMAC. */
export interface CbcSuiteElement {
  readonly name: CipherSuiteName;
  readonly blockCipher: BlockCipherElement;
  /** The hash of the records' HMAC. */
  readonly mac: HashElement;
  /** Of the PRF and of Finished (RFC 5246 §5): SHA-256 under the suites that end in SHA and SHA256. */
  readonly hash: HashElement;
  readonly aead?: undefined;
}

/** A group for the (EC)DHE key exchange. */
export interface NamedGroupElement {
  readonly name: NamedGroupName;
  /** A fresh key pair; `publicKey` as it stands in ServerKeyExchange and ClientKeyExchange (RFC 8422 §5.4). */
  generateKeyPair(random: RandomSource): { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  /** The pre-master secret (RFC 8422 §5.10), or `undefined` when the peer's public key is not a valid one. */
  sharedSecret(privateKey: Uint8Array, peerPublicKey: Uint8Array): Uint8Array | undefined;
}

/** The curves of ECDSA keys in certificates. */
export type EcCurveName = "secp256r1" | "secp384r1" | "secp521r1";

/** A public key as a certificate carries it. Numbers are big-endian bytes without leading zeros. */
export type PublicKey =
  | { readonly type: "ec"; readonly curve: EcCurveName; readonly point: Uint8Array }
  | { readonly type: "rsa"; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly type: "ed25519"; readonly key: Uint8Array }
  | { readonly type: "ed448"; readonly key: Uint8Array };

/** A private key. Numbers are big-endian bytes. */
export type PrivateKey =
  | { readonly type: "ec"; readonly curve: EcCurveName; readonly scalar: Uint8Array }
  | {
    readonly type: "rsa";
    readonly modulus: Uint8Array;
    readonly exponent: Uint8Array;
    readonly privateExponent: Uint8Array;
  }
  | { readonly type: "ed25519"; readonly seed: Uint8Array }
  | { readonly type: "ed448"; readonly seed: Uint8Array };

/** How a signature is made, whatever names it: ECDSA takes its curve from the key. */
export type SignatureAlgorithm =
  | "ecdsa_sha256"
  | "ecdsa_sha384"
  | "ecdsa_sha512"
  | "ed25519"
  | "ed448"
  | "rsa_pkcs1_sha256"
  | "rsa_pkcs1_sha384"
  | "rsa_pkcs1_sha512"
  | "rsa_pss_sha256"
  | "rsa_pss_sha384"
  | "rsa_pss_sha512";

/** A way to sign and to verify, with keys of one type. */
export interface SignatureSchemeElement {
  readonly name: SignatureSchemeName;
  readonly algorithm: SignatureAlgorithm;
  readonly keyType: PublicKey["type"];
  /** Whether `signature` is valid; `false` also for keys of another type and malformed signatures. Never throws. */
  verify(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
  /** Signs. Throws TypeError for a key of another type. */
  sign(privateKey: PrivateKey, message: Uint8Array, random: RandomSource): Uint8Array;
  /** The public half of a private key of this type. Throws TypeError for a key of another type. */
  publicKeyOf(privateKey: PrivateKey): PublicKey;
}

/**
 * The largest RSA keys that signatures are verified with, in bits: verifying with larger ones would be work that a peer
 * makes us do. Public exponents in use have 17.
 */
export const rsaLimits: { readonly modulus: number; readonly exponent: number } = { modulus: 8192, exponent: 32 };

/** How many bits a big-endian number has. */
export function bitLength(number: Uint8Array): number {
  const start = number.findIndex((byte) => byte !== 0);
  return start < 0 ? 0 : (number.length - start) * 8 - Math.clz32(number[start] ?? 0) + 24;
}

/** A private key that signs at once, wherever it lives. `schemes` in preference order. */
export interface Signer {
  readonly schemes: readonly SignatureSchemeName[];
  readonly publicKey: PublicKey;
  sign(scheme: SignatureSchemeName, message: Uint8Array): Uint8Array;
}

/** A private key that signs later (in an HSM, behind an API): without `sign`, the connection asks by a request. */
export interface RemoteSigner {
  readonly schemes: readonly SignatureSchemeName[];
  readonly publicKey: PublicKey;
  readonly sign?: undefined;
}
