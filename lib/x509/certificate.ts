/**
 * An X.509 certificate, taken apart.
 * Enters: DER. Leaves: a readonly Certificate; DecodeError says which field is wrong, where and why.
 * RFC 5280 §4.1. Trusts nothing and checks no signature: that is `path.ts`.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import type { PublicKey, SignatureAlgorithm } from "../crypto/provider.ts";
import { decodeAlgorithmIdentifier, namedSignatureAlgorithm } from "./algorithm.ts";
import { constructedContextTag, contextTag, decodeBitString, derError, DerReader, Tag } from "./der.ts";
import { decodeDistinguishedName, type DistinguishedName } from "./distinguished_name.ts";
import { type CertificateExtension, type DecodedExtensions, decodeExtensions, noExtensions } from "./extensions.ts";
import { quotedText } from "./general_name.ts";
import { readSubjectPublicKeyInfo } from "./spki.ts";

/** A certificate. All bytes are views of one copy of its DER. */
export interface Certificate extends DecodedExtensions {
  /** The whole certificate. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** What is signed: tbsCertificate. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Big-endian two's complement, as it stands. */
  readonly serialNumber: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** First moment of validity, in ms since 1970. */
  readonly notBefore: number;
  /** Last moment of validity, in ms since 1970. */
  readonly notAfter: number;
  /** `undefined` when the type of key isn't supported. */
  readonly publicKey: PublicKey | undefined;
  /** For people: `EC secp256r1`, `RSA 2048 bits`. */
  readonly publicKeyDescription: string;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The bits in it, of which key identifiers are made. */
  readonly subjectPublicKey: Uint8Array;
  /** How the issuer signed it; `undefined` when that algorithm isn't supported. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  /** For people: `ecdsa-with-SHA256 (1.2.840.10045.4.3.2)`. */
  readonly signatureAlgorithmText: string;
  readonly signature: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
}

/**
 * Decodes bytes that are exactly one certificate. The bytes are copied.
 *
 * @example
 * decodeCertificate(der).subject.text; // "CN=example.com, O=Example"
 */
export function decodeCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateLength) {
    throw derError("Certificate", 0, `${der.length} bytes are more than the ${maxCertificateLength} that are allowed`);
  }
  // Not slice(): that of Node's Buffer is a view.
  const whole = new Uint8Array(der);
  const reader = new DerReader(whole);
  const outer = reader.enter(Tag.SEQUENCE, "Certificate");
  reader.end("Certificate");
  const tbsElement = outer.expect(Tag.SEQUENCE, "Certificate.tbsCertificate");
  const tbs = decodeTbsCertificate(outer.inside(tbsElement, "tbsCertificate"));
  const offset = outer.offset;
  const algorithm = decodeAlgorithmIdentifier(outer, "Certificate.signatureAlgorithm");
  const signature = outer.octetAlignedBitString("Certificate.signatureValue");
  outer.end("Certificate");
  const named = namedSignatureAlgorithm(algorithm);
  // RFC 5280 §4.1.1.2 MUST: "This field MUST contain the same algorithm identifier as the signature field"
  // RFC 5280 §4.1.2.3 MUST: "This field MUST contain the same algorithm identifier as the signatureAlgorithm field"
  if (!equalBytes(algorithm.der, tbs.innerAlgorithm.der)) {
    const inner = namedSignatureAlgorithm(tbs.innerAlgorithm).text;
    throw derError("Certificate.signatureAlgorithm", offset, `outside it says ${named.text}, inside ${inner}`);
  }
  return {
    ...tbs.fields,
    der: whole,
    tbs: tbsElement.whole,
    signatureAlgorithm: named.algorithm,
    signatureAlgorithmText: named.text,
    signature,
  };
}

/** What people need to recognise a certificate in an error. */
export function certificateText({ subject, subjectAltName }: Certificate): string {
  return subject.text !== "" ? `"${subject.text}"` : `of ${quotedText(subjectAltName?.dnsNames[0] ?? "no subject")}`;
}

type SignedFields = Omit<Certificate, "der" | "tbs" | "signatureAlgorithm" | "signatureAlgorithmText" | "signature">;

interface TbsCertificate {
  readonly fields: SignedFields;
  readonly innerAlgorithm: ReturnType<typeof decodeAlgorithmIdentifier>;
}

function decodeTbsCertificate(reader: DerReader): TbsCertificate {
  const version = decodeVersion(reader);
  // RFC 5280 §4.1.2.2 MUST: "Certificate users MUST be able to handle serialNumber values up to 20 octets."
  // Longer ones, and those that aren't positive, are for a policy to refuse.
  const serialNumber = reader.integer("tbsCertificate.serialNumber");
  const innerAlgorithm = decodeAlgorithmIdentifier(reader, "tbsCertificate.signature");
  const issuerOffset = reader.offset;
  const issuer = decodeDistinguishedName(reader, "tbsCertificate.issuer");
  // RFC 5280 §4.1.2.4 MUST: "The issuer field MUST contain a non-empty distinguished name (DN)."
  if (issuer.keys.length === 0) throw derError("tbsCertificate.issuer", issuerOffset, "the name is empty");
  const validity = reader.enter(Tag.SEQUENCE, "tbsCertificate.validity");
  const notBefore = validity.time("tbsCertificate.validity.notBefore");
  const notAfter = validity.time("tbsCertificate.validity.notAfter");
  validity.end("tbsCertificate.validity");
  // RFC 5280 §4.1.2.6 MUST: "Where it is non-empty, the subject field MUST contain an X.500 distinguished name (DN)."
  const subject = decodeDistinguishedName(reader, "tbsCertificate.subject");
  const { publicKey, description, subjectPublicKey, der: spki } = readSubjectPublicKeyInfo(
    reader,
    "tbsCertificate.subjectPublicKeyInfo",
  );
  skipUniqueIdentifiers(reader, version);
  const extensions = decodeExtensionsField(reader, version);
  reader.end("tbsCertificate");
  return {
    fields: {
      ...extensions,
      version,
      serialNumber,
      issuer,
      subject,
      notBefore,
      notAfter,
      publicKey,
      publicKeyDescription: description,
      spki,
      subjectPublicKey,
    },
    innerAlgorithm,
  };
}

function decodeVersion(reader: DerReader): 1 | 2 | 3 {
  const offset = reader.offset;
  const explicit = reader.enterOptional(constructedContextTag(0), "tbsCertificate.version");
  if (explicit === undefined) return 1;
  const version = explicit.smallInteger("tbsCertificate.version");
  explicit.end("tbsCertificate.version");
  if (version === 1) return 2;
  // RFC 5280 §4.1.2.1 MUST: "At a minimum, conforming implementations MUST recognize version 3 certificates."
  if (version === 2) return 3;
  throw derError("tbsCertificate.version", offset, `the number ${version} is not v2 (1) or v3 (2)`);
}

/** RFC 5280 §4.1.2.8: nobody needs them, but they may be there. */
function skipUniqueIdentifiers(reader: DerReader, version: 1 | 2 | 3): void {
  for (const [number, name] of [[1, "issuerUniqueID"], [2, "subjectUniqueID"]] as const) {
    const what = `tbsCertificate.${name}`;
    const element = reader.optional(contextTag(number), what);
    if (element === undefined) continue;
    decodeBitString(element, what);
    // RFC 5280 §4.1.2.8 MUST: "These fields MUST only appear if the version is 2 or 3 (Section 4.1.2.1). These fields MUST NOT appear if the version is 1."
    // RFC 5280 §4.1: "issuerUniqueID [1] IMPLICIT UniqueIdentifier OPTIONAL, -- If present, version MUST be v2 or v3 subjectUniqueID [2] IMPLICIT UniqueIdentifier OPTIONAL, -- If present, version MUST be v2 or v3"
    if (version === 1) throw derError(what, element.offset, "it must not appear in a certificate of version 1");
  }
}

function decodeExtensionsField(reader: DerReader, version: 1 | 2 | 3): typeof noExtensions {
  const offset = reader.offset;
  const explicit = reader.enterOptional(constructedContextTag(3), "tbsCertificate.extensions");
  if (explicit === undefined) return noExtensions;
  // RFC 5280 §4.1.2.9 MUST: "This field MUST only appear if the version is 3"
  // RFC 5280 §4.1: "extensions [3] EXPLICIT Extensions OPTIONAL -- If present, version MUST be v3"
  if (version !== 3) throw derError("tbsCertificate.extensions", offset, `they must not appear in version ${version}`);
  const list = explicit.enter(Tag.SEQUENCE, "tbsCertificate.extensions");
  explicit.end("tbsCertificate.extensions");
  return decodeExtensions(list, "tbsCertificate.extensions");
}

/** Real certificates have one or two kB; a hundred names make some ten. */
const maxCertificateLength = 2 ** 17;
