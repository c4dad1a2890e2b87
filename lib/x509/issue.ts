/**
 * Makes certificates at run time: a CA, leaves that it issues, and self-signed ones. For demos, tests, and servers that
 * mint a certificate for each name.
 * Enters: names, the time, randomness, a provider. Leaves: DER and private keys; the same input gives the same output.
 * What isn't said otherwise is as the CA/Browser Forum wants it (Baseline Requirements for TLS Server Certificates §7.1).
 * RFC 5280 §4. Keys are on P-256, unless the caller wants others. Knows no TLS.
 * @module
 */

import type { IssuingCrypto, PrivateKey } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { encodeCertificate } from "./certificate_writer.ts";
import { encodeAuthorityKeyIdentifier, encodeSubjectKeyIdentifier } from "./extension_writer.ts";
import { ipAddressText, parseIpAddress } from "./ip_address.ts";
import { cannotIssue, checkName, isEmptyName } from "./issue_checks.ts";
import { authorityExtensions, leafExtensions, type NamedExtension, writtenExtensions } from "./issue_extensions.ts";
import { serialNumberOf, validityOf } from "./issue_fields.ts";
import { issuingCertificate, keyIdentifierOf, newKey, signatureSchemeOf, spkiOf } from "./issue_key.ts";
import type {
  CertificateAuthority,
  IssueAuthorityOptions,
  IssueCertificateOptions,
  IssuedCertificate,
  IssueOptions,
  IssueSelfSignedOptions,
} from "./issue_options.ts";
import { encodeName, type NameInput } from "./name_writer.ts";
import { parseServerName } from "./names.ts";

export type { NameConstraintsInput, PolicyConstraintsInput, PolicyMappingInput } from "./extension_writer.ts";
export type { NewKeyType } from "./issue_key.ts";
export type {
  CertificateAuthority,
  ExtensionName,
  IssueAuthorityOptions,
  IssueCertificateOptions,
  IssuedCertificate,
  IssueExtensionOptions,
  IssueOptions,
  IssueSelfSignedOptions,
  KeyPurposeName,
} from "./issue_options.ts";
export type { AttributeTypeName, GeneralNameInput, NameAttributeInput, NameInput } from "./name_writer.ts";

/**
 * A new CA: a root, or below another one. With the `key` of another CA and its name it is a cross-certificate; with the
 * name of its issuer and a new key, a change of keys.
 *
 * @example
 * const authority = issueCertificateAuthority({ provider: nobleProvider, name: "Demo CA", random, now });
 */
export function issueCertificateAuthority(options: IssueAuthorityOptions): CertificateAuthority {
  const { issuer } = options;
  const subject = authoritySubject(options);
  const privateKey = keyOf(options);
  const certificate = issue({
    options,
    issuer: issuer ?? { subject: encodeName(subject), privateKey },
    subject,
    key: privateKey,
    days: 3650,
    extensions: authorityExtensions(options),
  });
  return { certificate, chain: issuer === undefined ? [] : [certificate, ...issuer.chain], privateKey };
}

/**
 * A certificate for these names, issued by a CA.
 *
 * @example
 * const { chain, privateKey } = issueCertificate({ issuer: authority, names: ["localhost"], provider, random, now });
 */
export function issueCertificate(options: IssueCertificateOptions): IssuedCertificate {
  const { issuer } = options;
  const content = leafContent(options);
  const privateKey = keyOf(options);
  const leaf = issue({ options, ...content, issuer, key: privateKey, days: 90 });
  return { chain: [leaf, ...issuer.chain], privateKey };
}

/** A certificate for these names that vouches for itself: peers must have it as their trust anchor. */
export function issueSelfSigned(options: IssueSelfSignedOptions): IssuedCertificate {
  const content = leafContent(options, selfSignedSubject);
  const privateKey = keyOf(options);
  const issuer = { subject: encodeName(content.subject), privateKey };
  return { chain: [issue({ options, ...content, issuer, key: privateKey, days: 90 })], privateKey };
}

/** An issuer that has no certificate yet: itself. */
interface SelfIssuer {
  readonly subject: Uint8Array;
  readonly privateKey: PrivateKey;
}

interface Content {
  readonly subject: NameInput;
  readonly extensions: readonly NamedExtension[];
}

interface Issuing extends Content {
  readonly options: IssueOptions;
  readonly issuer: CertificateAuthority | SelfIssuer;
  readonly key: PrivateKey;
  /** By default. */
  readonly days: number;
}

function issue({ options, issuer, subject, key, days, extensions }: Issuing): Uint8Array<ArrayBuffer> {
  const { provider, random, signatureAlgorithm } = options;
  const spki = spkiOf(key, provider);
  const above = "certificate" in issuer ? issuerFacts(issuer, provider) : undefined;
  // RFC 5280 §4.2.1.2 MUST: "In conforming CA certificates, the value of the subject key identifier MUST be the value placed in the key identifier field of the authority key identifier extension (Section 4.2.1.1) of certificates issued by the subject of this certificate."
  const identifiers: readonly NamedExtension[] = [
    ["subjectKeyIdentifier", encodeSubjectKeyIdentifier(keyIdentifierOf(spki, provider))],
    ["authorityKeyIdentifier", above && encodeAuthorityKeyIdentifier(above.keyIdentifier)],
  ];
  const name = encodeName(subject);
  return encodeCertificate(
    {
      ...validityOf(options, days, above?.notAfter),
      serialNumber: serialNumberOf(options),
      issuer: above?.subject ?? name,
      subject: name,
      spki,
      extensions: writtenExtensions([...extensions, ...identifiers], options),
    },
    {
      privateKey: issuer.privateKey,
      scheme: signatureSchemeOf(issuer.privateKey, provider, signatureAlgorithm),
      random,
    },
  );
}

function authoritySubject({ name, subject = [] }: IssueAuthorityOptions): NameInput {
  if (name !== undefined && (name === "" || Array.from(name).length > maxCommonName)) {
    const { length } = Array.from(name);
    throw new TlsUsageError(`Cannot issue a CA named "${name}": the name has ${length} characters, not 1 to 64`);
  }
  const whole = withCommonName(subject, name);
  // RFC 5280 §4.1.2.6: the subject of a CA is not empty.
  if (isEmptyName(whole)) throw new TlsUsageError("Cannot issue a CA: it has neither a name nor a subject");
  checkName("subject", whole);
  return whole;
}

function leafContent(options: IssueSelfSignedOptions, otherwise: NameInput = []): Content {
  const { subject: attributes = [], subjectAltName = [] } = options;
  // RFC 5280 §4.1.2.6 MUST: "If subject naming information is present only in the subjectAltName extension (e.g., a key bound only to an email address or URI), then the subject name MUST be an empty sequence and the subjectAltName extension MUST be critical."
  // RFC 5280 §4.2.1.6 MUST: "Further, if the only subject identity included in the certificate is an alternative name form (e.g., an electronic mail address), then the subject distinguished name MUST be empty (an empty sequence), and the subjectAltName extension MUST be present."
  const names = options.names.map(checkedName);
  const own = withCommonName(attributes, commonNameOf(names));
  const subject = isEmptyName(own) ? otherwise : own;
  const hasNames = names.length + subjectAltName.length > 0;
  if (!hasNames && isEmptyName(own)) throw new TlsUsageError("Cannot issue a certificate: no name is given");
  checkName("subject", subject);
  return { subject, extensions: leafExtensions(options, names, !isEmptyName(subject)) };
}

/** The name as it will stand in the certificate. */
function checkedName(name: string): string {
  const wildcard = name.startsWith("*.") ? "*." : "";
  const { type } = parseServerName(name.slice(wildcard.length));
  if (type === "iPAddress" && wildcard !== "") {
    throw cannotIssue("names", `has "${name}", a wildcard for an IP address`);
  }
  return type === "iPAddress" ? name : name.replace(/\.$/, "");
}

function withCommonName(subject: NameInput, commonName: string | undefined): NameInput {
  if ("der" in subject || commonName === undefined || subject.some(({ type }) => type === "CN")) return subject;
  return [...subject, { type: "CN", value: commonName }];
}

/** For people, and where it fits: names are compared with subjectAltName only. Character for character as it is there. */
function commonNameOf([name]: readonly string[]): string | undefined {
  if (name === undefined || name.length > maxCommonName) return undefined;
  const address = parseIpAddress(name);
  return address === undefined ? name : ipAddressText(address);
}

function keyOf({ key, keyType, provider, random }: IssueOptions): PrivateKey {
  if (key === undefined) return newKey(keyType ?? "secp256r1", provider, random);
  if (keyType !== undefined) throw cannotIssue("keyType", "is given, and a key as well");
  return key;
}

interface IssuerFacts {
  readonly subject: Uint8Array;
  readonly notAfter: number;
  readonly keyIdentifier: Uint8Array;
}

function issuerFacts(issuer: CertificateAuthority, provider: IssuingCrypto): IssuerFacts {
  const { subject, notAfter, spki, basicConstraints, subjectKeyIdentifier } = issuingCertificate(issuer, provider);
  if (basicConstraints?.cA !== true) {
    throw new TlsUsageError(`Cannot issue with "${subject.text}": its certificate is not that of a CA`);
  }
  // RFC 5280 §8 MUST: "CAs MUST encode the distinguished name in the subject field of a CA certificate identically to the distinguished name in the issuer field in certificates issued by that CA."
  // RFC 5280 §4.1.2.6 MUST: "(a) When the subject of the certificate is a CA, the subject field MUST be encoded in the same way as it is encoded in the issuer field (Section 4.1.2.4) in all certificates issued by the subject CA. Thus, if the subject CA encodes attributes in the issuer fields of certificates that it issues using the TeletexString, BMPString, or UniversalString encodings, then the subject field of certificates issued to that CA MUST use the same encoding."
  return { subject: subject.der, notAfter, keyIdentifier: subjectKeyIdentifier ?? keyIdentifierOf(spki, provider) };
}

/** ub-common-name (RFC 5280 A.1), in characters. */
const maxCommonName = 64;
/** An issuer must have a name, and a commonName would have to be one of the names. */
const selfSignedSubject: NameInput = [{ type: "O", value: "self-signed" }];
