/**
 * BoringSSL's named compliance policies, said as lists of what may be used. The library has no policies by name: three
 * lists say all of it.
 * @module
 */

import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "../../mod.ts";
import { type Flags, Unimplemented } from "./flags.ts";

export interface Policy {
  readonly cipherSuites: readonly CipherSuiteName[];
  readonly namedGroups: readonly NamedGroupName[];
  readonly signatureSchemes: readonly SignatureSchemeName[];
}

/** NIST SP 800-52r2, as BoringSSL narrows it. */
const fips: Policy = {
  cipherSuites: [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  ],
  namedGroups: ["secp256r1", "secp384r1"],
  signatureSchemes: [
    "rsa_pss_rsae_sha256",
    "ecdsa_secp256r1_sha256",
    "rsa_pkcs1_sha256",
    "rsa_pss_rsae_sha384",
    "ecdsa_secp384r1_sha384",
    "rsa_pkcs1_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha512",
  ],
};

/** WPA3-Enterprise, the 192-bit mode. */
const wpa: Policy = {
  cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  namedGroups: ["secp384r1"],
  signatureSchemes: [
    "rsa_pss_rsae_sha384",
    "ecdsa_secp384r1_sha384",
    "rsa_pkcs1_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha512",
  ],
};

/** CNSA 1.0 (RFC 9151). */
const cnsa1: Policy = {
  cipherSuites: wpa.cipherSuites,
  namedGroups: ["secp384r1"],
  signatureSchemes: ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha384"],
};

/** The policy that the flags name. */
export function policyOf(flags: Flags): Policy | undefined {
  if (flags.has("cnsa2-202603")) throw new Unimplemented("CNSA 2.0 has no TLS 1.2");
  if (flags.has("fips-202205")) return fips;
  if (flags.has("wpa-202304")) return wpa;
  return flags.has("cnsa1-202603") ? cnsa1 : undefined;
}
