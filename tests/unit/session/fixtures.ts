/** What the tests of sessions share: sessions that protect nothing, and their bytes written by hand. */
import type { ResumableSession } from "../../../lib/session/resumable_session.ts";
import { hex } from "../crypto/fixtures.ts";

export const counting = (length: number, first = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

/** What must be there. */
export function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("nothing is there");
  return value;
}

/** A client's, with every field filled in. */
export const clientSession: ResumableSession = {
  role: "client",
  cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  masterSecret: counting(48),
  extendedMasterSecret: true,
  namedGroup: "x25519",
  signatureScheme: "ecdsa_secp256r1_sha256",
  serverName: "a.example",
  peerCertificates: [hex("3000"), hex("300101")],
  ocspResponse: hex("0a0b"),
  signedCertificateTimestamps: [hex("0c"), hex("0d0e")],
  verifiedBy: "né\ud83d",
  createdAt: 1,
  expiresAt: 86_400_000.5,
  sessionId: hex("0f10"),
  ticket: hex("1112"),
  clientSignatureScheme: "ed25519",
  maxFragmentLength: 1024,
};

/** Its bytes, field by field. The times are IEEE 754 numbers (1 and 86400000.5), the text is UTF-16. */
export const clientSessionBytes: Uint8Array<ArrayBuffer> = hex(`
  01  00  c02b
  000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f
  01  001d  0403
  01 09 612e6578616d706c65
  00000b 000002 3000 000003 300101
  01 000002 0a0b
  0007 0001 0c 0002 0d0e
  01 0006 006e 00e9 d83d
  3ff0000000000000  419499 7002000000
  02 0f10
  01 0002 1112
  01 0807
  01 0400
`);

/** A server's, with as little as a session can hold. */
export const serverSession: ResumableSession = {
  role: "server",
  cipherSuite: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  masterSecret: counting(48, 100),
  extendedMasterSecret: false,
  namedGroup: "secp384r1",
  signatureScheme: "rsa_pss_rsae_sha512",
  serverName: undefined,
  peerCertificates: [],
  ocspResponse: undefined,
  signedCertificateTimestamps: [],
  verifiedBy: undefined,
  createdAt: 0,
  expiresAt: 2,
  sessionId: new Uint8Array(0),
  ticket: undefined,
  clientSignatureScheme: undefined,
  maxFragmentLength: undefined,
};

export const serverSessionBytes: Uint8Array<ArrayBuffer> = hex(`
  01  01  c030
  6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f90919293
  00  0018  0806
  00  000000  00  0000  00
  0000000000000000  4000000000000000
  00  00  00  00
`);
