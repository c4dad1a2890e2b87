/**
 * The default provider against Wycheproof; needs files. Everything valid is accepted and everything invalid refused,
 * but for the policies below.
 */
import { rememberingProvider } from "../support/fixtures.ts";
import { wycheproofSuite } from "./wycheproof_suite.ts";

// It remembers each verdict for wycheproof_certificates_node_test.ts, whose signatures are the same.
wycheproofSuite("noble", rememberingProvider, [
  // Left out: AES-192, and nonces that are not 12 bytes long, which TLS has none of (RFC 5288 §3, RFC 7905 §2).
  { file: "aes_gcm", outcomes: { "valid accepted": 79, "invalid refused": 54, "left out": 183 } },
  { file: "chacha20_poly1305", outcomes: { "valid accepted": 256, "invalid refused": 60, "left out": 9 } },

  // Policy: compressed points are refused (RFC 8422 §5.4.1), and so is a secret of zeros (§5.11).
  {
    file: "ecdh_secp256r1_ecpoint",
    outcomes: { "valid accepted": 330, "acceptable refused: CompressedPoint": 1, "invalid refused": 24 },
  },
  {
    file: "ecdh_secp384r1_ecpoint",
    outcomes: { "valid accepted": 771, "acceptable refused: CompressedPoint": 1, "invalid refused": 18 },
  },
  {
    file: "ecdh_secp521r1_ecpoint",
    outcomes: { "valid accepted": 632, "acceptable refused: CompressedPoint": 1, "invalid refused": 28 },
  },
  {
    file: "x25519",
    outcomes: { "valid accepted": 264, "acceptable accepted": 223, "acceptable refused: ZeroSharedSecret": 31 },
  },
  {
    file: "x448",
    outcomes: {
      "valid accepted": 253,
      "acceptable accepted": 234,
      "acceptable refused: ZeroSharedSecret": 11,
      "invalid refused": 12,
    },
  },

  { file: "ecdsa_secp256r1_sha256", outcomes: { "valid accepted": 174, "invalid refused": 310 } },
  { file: "ecdsa_secp256r1_sha512", outcomes: { "valid accepted": 243, "invalid refused": 311 } },
  { file: "ecdsa_secp384r1_sha256", outcomes: { "valid accepted": 162, "invalid refused": 310 } },
  { file: "ecdsa_secp384r1_sha384", outcomes: { "valid accepted": 194, "invalid refused": 310 } },
  { file: "ecdsa_secp384r1_sha512", outcomes: { "valid accepted": 231, "invalid refused": 311 } },
  { file: "ecdsa_secp521r1_sha512", outcomes: { "valid accepted": 232, "invalid refused": 310 } },
  { file: "ed25519", outcomes: { "valid accepted": 88, "invalid refused": 63 } },
  { file: "ed448", outcomes: { "valid accepted": 17, "invalid refused": 70 } },

  // Policy: a DigestInfo without its NULL is refused (the DEVIATION in noble_rsa.ts).
  {
    file: "rsa_signature_2048_sha256",
    outcomes: { "valid accepted": 9, "acceptable refused: MissingNull": 1, "invalid refused": 249 },
  },
  {
    file: "rsa_signature_2048_sha384",
    outcomes: { "valid accepted": 7, "acceptable refused: MissingNull": 1, "invalid refused": 250 },
  },
  {
    file: "rsa_signature_2048_sha512",
    outcomes: { "valid accepted": 8, "acceptable refused: MissingNull": 1, "invalid refused": 250 },
  },
  {
    file: "rsa_signature_3072_sha256",
    outcomes: { "valid accepted": 8, "acceptable refused: MissingNull": 1, "invalid refused": 250 },
  },
  {
    file: "rsa_signature_3072_sha384",
    outcomes: { "valid accepted": 7, "acceptable refused: MissingNull": 1, "invalid refused": 251 },
  },
  {
    file: "rsa_signature_3072_sha512",
    outcomes: { "valid accepted": 8, "acceptable refused: MissingNull": 1, "invalid refused": 251 },
  },
  {
    file: "rsa_signature_4096_sha256",
    outcomes: { "valid accepted": 7, "acceptable refused: MissingNull": 1, "invalid refused": 250 },
  },
  {
    file: "rsa_signature_4096_sha384",
    outcomes: { "valid accepted": 7, "acceptable refused: MissingNull": 1, "invalid refused": 251 },
  },
  {
    file: "rsa_signature_4096_sha512",
    outcomes: { "valid accepted": 7, "acceptable refused: MissingNull": 1, "invalid refused": 251 },
  },

  { file: "rsa_pss_2048_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_2048_sha384_mgf1_48", outcomes: { "valid accepted": 95, "invalid refused": 46 } },
  { file: "rsa_pss_3072_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_4096_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_4096_sha384_mgf1_48", outcomes: { "valid accepted": 95, "invalid refused": 46 } },
  { file: "rsa_pss_4096_sha512_mgf1_64", outcomes: { "valid accepted": 132, "invalid refused": 47 } },

  // Policy: in TLS the salt is as long as the hash, and MGF1 uses that hash too (RFC 8446 §4.2.3): of the combinations
  // of SHA-2 only three are ours. Left out: SHA-1 and SHA-224.
  { file: "rsa_pss_4096_sha512_mgf1_32", outcomes: { "valid refused": 132, "invalid refused": 45 } },
  { file: "rsa_pss_misc", outcomes: { "left out": 60, "valid refused": 87, "valid accepted": 3 } },
]);
