/**
 * What certificates need of noble's cryptography: signatures and hashes, and groups in which new keys are
 * made; no ciphers.
 * @module
 */

import { secp256r1, secp384r1, secp521r1, x25519, x448 } from "./noble_groups.ts";
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
import type { IssuingCrypto } from "./provider.ts";

/** Signatures and groups in preference order, and hashes. */
export const nobleCertificates: IssuingCrypto = {
  // From the fastest to the slowest, but for x448, which fewer peers know. ECDSA keys of peers may be on these too.
  namedGroups: [x25519, secp256r1, secp384r1, x448, secp521r1],
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
