/** What OpenSSL, and so Node, calls the things that the RFCs name otherwise. */
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../../lib/registry.ts";
import type { KeyKind } from "../support/fixtures.ts";

export const opensslSuites: readonly (readonly [CipherSuiteName, string])[] = [
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
];

export const opensslGroups: readonly (readonly [NamedGroupName, string])[] = [
  ["x25519", "X25519"],
  ["secp256r1", "P-256"],
  ["secp384r1", "P-384"],
];

export const opensslSchemes: Readonly<Partial<Record<SignatureSchemeName, string>>> = {
  ecdsa_secp256r1_sha256: "ECDSA+SHA256",
  ecdsa_secp384r1_sha384: "ECDSA+SHA384",
  ed25519: "ed25519",
  rsa_pss_rsae_sha256: "rsa_pss_rsae_sha256",
  rsa_pss_rsae_sha384: "rsa_pss_rsae_sha384",
  rsa_pss_rsae_sha512: "rsa_pss_rsae_sha512",
  rsa_pkcs1_sha256: "RSA+SHA256",
  rsa_pkcs1_sha384: "RSA+SHA384",
  rsa_pkcs1_sha512: "RSA+SHA512",
};

export const kinds: readonly KeyKind[] = ["p256", "p384", "ed25519", "rsa"];

export const suitesFor = (kind: KeyKind): readonly (readonly [CipherSuiteName, string])[] =>
  opensslSuites.filter(([name]) => name.includes(kind === "rsa" ? "_RSA_" : "_ECDSA_"));

/** The suites with AEAD. */
export const aeadSuites: readonly CipherSuiteName[] = opensslSuites.map(([name]) => name);

/** The suites with CBC, as OpenSSL calls them. */
export const opensslCbcSuites: readonly (readonly [CipherSuiteName, string])[] = [
  ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ECDHE-ECDSA-AES256-SHA384"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE-RSA-AES128-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"],
];

export const cbcSuites: readonly CipherSuiteName[] = opensslCbcSuites.map(([name]) => name);

/** The suite that OpenSSL calls so. */
export const suiteOfOpenssl = (name: string | undefined): CipherSuiteName | undefined =>
  [...opensslSuites, ...opensslCbcSuites].find(([, theirs]) => theirs === name)?.[0];

export const toOpenssl = (names: readonly CipherSuiteName[]): string =>
  names.map((name) => [...opensslSuites, ...opensslCbcSuites].find(([ours]) => ours === name)?.[1] ?? name).join(":");

/** The groups by the names that OpenSSL prints; it has several. */
export const groupOfOpenssl = (name: string | undefined): NamedGroupName | undefined =>
  ({
    X25519: "x25519",
    x25519: "x25519",
    X448: "x448",
    x448: "x448",
    prime256v1: "secp256r1",
    secp256r1: "secp256r1",
    "P-256": "secp256r1",
    secp384r1: "secp384r1",
    "P-384": "secp384r1",
    secp521r1: "secp521r1",
    "P-521": "secp521r1",
  } as const)[name ?? ""];
