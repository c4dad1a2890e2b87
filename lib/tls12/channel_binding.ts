/**
 * What binds an authentication inside the connection to the connection: both ends compute it and compare.
 * Enters: the server's certificate, or the connection's secrets. Leaves: the channel binding's bytes, or TlsUsageError
 * where it isn't defined.
 * RFC 5929 §4, RFC 9266 §2. Doesn't know whether the connection may use them: RFC 7627 §5.4 decides that elsewhere.
 * @module
 */

import type { CryptoProvider, HashElement } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { type AlgorithmIdentifier, decodeAlgorithmIdentifier } from "../x509/algorithm.ts";
import { constructedContextTag, DerReader, Tag } from "../x509/der.ts";
import { HashAlgorithm, maskGenerationFunction1, oidName, SignatureId } from "../x509/oids.ts";
import { exportKeyingMaterial } from "./exporter.ts";

/** Those of a CryptoProvider. */
export type CertificateHashes = Pick<CryptoProvider["hashes"], "sha256" | "sha384" | "sha512">;

/**
 * RFC 5929 §4.1: tls-server-end-point, the hash of the server's own certificate (DER) by the hash of its signature.
 * Throws TlsUsageError for certificates whose signature has no hash, or several, or one that isn't here, and
 * DecodeError for bytes that are no certificate.
 */
export function tlsServerEndPoint(certificate: Uint8Array, hashes: CertificateHashes): Uint8Array {
  const algorithm = signatureAlgorithmOf(certificate);
  const name = hashNameOf(algorithm);
  const hash = name === undefined ? undefined : hashes[name];
  if (hash !== undefined) return hash.digest(certificate);
  const text = `${oidName(SignatureId, algorithm.oid)}${name === undefined ? "" : ` (${name})`}`;
  throw new TlsUsageError(
    `Cannot bind to the certificate: tls-server-end-point isn't defined for its signature, ${text}`,
  );
}

/**
 * RFC 9266 §2: tls-exporter, 32 bytes. To be used with an extended master secret only: "This channel binding mechanism is
 * defined only when the TLS handshake results in unique master secrets."
 */
export function tlsExporter(
  hash: HashElement,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const context = new Uint8Array(0);
  return exportKeyingMaterial(hash, masterSecret, clientRandom, serverRandom, "EXPORTER-Channel-Binding", context, 32);
}

type HashName = keyof CertificateHashes;

/** Read from the outside: a certificate that a verifier of the embedder's accepts may hold what ours wouldn't. */
function signatureAlgorithmOf(certificate: Uint8Array): AlgorithmIdentifier {
  const outer = new DerReader(certificate);
  const fields = outer.enter(Tag.SEQUENCE, "Certificate");
  outer.end("Certificate");
  fields.expect(Tag.SEQUENCE, "Certificate.tbsCertificate");
  return decodeAlgorithmIdentifier(fields, "Certificate.signatureAlgorithm");
}

function hashNameOf(algorithm: AlgorithmIdentifier): HashName | undefined {
  return algorithm.oid === SignatureId["id-RSASSA-PSS"] ? hashNameOfPss(algorithm) : signatureHashes[algorithm.oid];
}

/**
 * RFC 5929 §4.1: "if the certificate's signatureAlgorithm uses a single hash function, and that hash function is either
 * MD5 [RFC1321] or SHA-1 [RFC3174], then use SHA-256". EdDSA is missing: it signs without a hash that one could choose.
 */
const signatureHashes: Readonly<Record<string, HashName | undefined>> = {
  [SignatureId.md5WithRSAEncryption]: "sha256",
  [SignatureId.sha1WithRSAEncryption]: "sha256",
  [SignatureId["ecdsa-with-SHA1"]]: "sha256",
  [SignatureId.sha256WithRSAEncryption]: "sha256",
  [SignatureId["ecdsa-with-SHA256"]]: "sha256",
  [SignatureId.sha384WithRSAEncryption]: "sha384",
  [SignatureId["ecdsa-with-SHA384"]]: "sha384",
  [SignatureId.sha512WithRSAEncryption]: "sha512",
  [SignatureId["ecdsa-with-SHA512"]]: "sha512",
};

const plainHashes: Readonly<Record<string, HashName | undefined>> = {
  [HashAlgorithm["id-sha1"]]: "sha256",
  [HashAlgorithm["id-sha256"]]: "sha256",
  [HashAlgorithm["id-sha384"]]: "sha384",
  [HashAlgorithm["id-sha512"]]: "sha512",
};

/**
 * RFC 4055 §3.1: the hash and that of the mask, both SHA-1 when they aren't said. RFC 5929 §4.1: if the signature "uses
 * multiple hash functions, then this channel binding type's channel bindings are undefined".
 */
function hashNameOfPss({ parameters }: AlgorithmIdentifier): HashName | undefined {
  let [hash, maskHash]: string[] = [HashAlgorithm["id-sha1"], HashAlgorithm["id-sha1"]];
  if (parameters !== undefined) {
    const fields = new DerReader(parameters.whole).enter(Tag.SEQUENCE, "RSASSA-PSS-params");
    const hashField = fields.enterOptional(constructedContextTag(0), "RSASSA-PSS-params.hashAlgorithm");
    if (hashField) hash = decodeAlgorithmIdentifier(hashField, "RSASSA-PSS-params.hashAlgorithm").oid;
    const maskField = fields.enterOptional(constructedContextTag(1), "RSASSA-PSS-params.maskGenAlgorithm");
    if (maskField) {
      const mask = decodeAlgorithmIdentifier(maskField, "RSASSA-PSS-params.maskGenAlgorithm");
      if (mask.oid !== maskGenerationFunction1 || mask.parameters === undefined) return undefined;
      maskHash = decodeAlgorithmIdentifier(new DerReader(mask.parameters.whole), "RSASSA-PSS-params.maskHash").oid;
    }
  }
  return hash === maskHash ? plainHashes[hash ?? ""] : undefined;
}
