/**
 * What certificates need of noble's cryptography: signatures and hashes, without ciphers.
 * @module
 */

import { sha1, sha256, sha384, sha512 } from "./noble_hashes.ts";
import {
  rsaPkcs1Sha256,
  rsaPkcs1Sha384,
  rsaPkcs1Sha512,
  rsaPssRsaeSha256,
  rsaPssRsaeSha384,
  rsaPssRsaeSha512,
} from "./noble_rsa.ts";
import {
  ecdsaSecp256r1Sha256,
  ecdsaSecp384r1Sha384,
  ecdsaSecp521r1Sha512,
  ed25519,
  ed448,
} from "./noble_signatures.ts";
import type { CryptoProvider } from "./provider.ts";

/** Signatures in preference order, and hashes. */
export const nobleCertificates: Pick<CryptoProvider, "signatureSchemes" | "hashes"> = {
  signatureSchemes: [
    ecdsaSecp256r1Sha256,
    ecdsaSecp384r1Sha384,
    ecdsaSecp521r1Sha512,
    ed25519,
    ed448,
    rsaPssRsaeSha256,
    rsaPssRsaeSha384,
    rsaPssRsaeSha512,
    rsaPkcs1Sha256,
    rsaPkcs1Sha384,
    rsaPkcs1Sha512,
  ],
  hashes: { sha1, sha256, sha384, sha512 },
};
