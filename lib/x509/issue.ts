/**
 * Makes certificates at run time: a CA, leaves that it issues, and self-signed ones. For demos, tests, and servers that
 * mint a certificate for each name.
 * Enters: names, the time, randomness, a provider. Leaves: DER and private keys; the same input gives the same output.
 * RFC 5280 §4. ECDSA with P-256 and SHA-256, unless the caller brings a key. Knows no TLS.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import type {
  CryptoProvider,
  EcCurveName,
  PrivateKey,
  PublicKey,
  RandomSource,
  SignatureAlgorithm,
  SignatureSchemeElement,
} from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import { decodeCertificate } from "./certificate.ts";
import {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeCertificate,
  encodeExtendedKeyUsage,
  encodeKeyUsage,
  encodeSubjectAltName,
  encodeSubjectKeyIdentifier,
} from "./certificate_writer.ts";
import { encodeCommonName } from "./distinguished_name.ts";
import { parseServerName } from "./names.ts";
import { KeyPurposeId } from "./oids.ts";
import type { CertificatePurpose } from "./path_checks.ts";
import { decodeSubjectPublicKeyInfo, encodeSubjectPublicKeyInfo } from "./spki.ts";

/** Who issues. One may also be put together from a certificate and key of one's own. */
export interface CertificateAuthority {
  /** Its certificate, in DER: the trust anchor of whoever should trust it, when it is a root. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** What a peer needs besides a leaf to get to the root, in DER, nearest first. Empty for a root. */
  readonly chain: readonly Uint8Array<ArrayBuffer>[];
  readonly privateKey: PrivateKey;
}

/** A new certificate with its key. */
export interface IssuedCertificate {
  /** In DER, the leaf first: what a server sends. */
  readonly chain: readonly [Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]];
  readonly privateKey: PrivateKey;
}

interface IssueOptions {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** In ms since 1970. Validity begins an hour earlier, for peers whose clock is slow. */
  readonly now: number;
  /** How long it is valid, but not longer than its issuer. Default: 90 for leaves, 3650 for authorities. */
  readonly days?: number | undefined;
}

/** What a new certificate authority is to be like. */
export interface IssueAuthorityOptions extends IssueOptions {
  /** Its commonName, at most 64 characters. */
  readonly name: string;
  /** Who issues it; without, it is a root. */
  readonly issuer?: CertificateAuthority | undefined;
  /** How many CAs may stand below it. Default: any number. */
  readonly pathLenConstraint?: number | undefined;
}

/** What a new self-signed certificate is to be like. */
export interface IssueSelfSignedOptions extends IssueOptions {
  /** DNS names (`*.example.com` too) and IP addresses; at least one. */
  readonly names: readonly string[];
  /** The key to certify. Default: a new one. */
  readonly key?: PrivateKey | undefined;
  /** What the key may be used for. Default: both. */
  readonly purposes?: readonly CertificatePurpose[] | undefined;
}

/** What a new certificate is to be like, and who issues it. */
export interface IssueCertificateOptions extends IssueSelfSignedOptions {
  readonly issuer: CertificateAuthority;
}

/**
 * A new CA with a new key: a root, or below another one.
 *
 * @example
 * const authority = issueCertificateAuthority({ provider: nobleProvider, name: "Demo CA", random, now });
 */
export function issueCertificateAuthority(options: IssueAuthorityOptions): CertificateAuthority {
  const { provider, name, random, issuer, pathLenConstraint } = options;
  if (name === "" || name.length > maxCommonName) {
    throw new TlsUsageError(`Cannot issue a CA named "${name}": the name has ${name.length} characters, not 1 to 64`);
  }
  const privateKey = newKey(provider, random);
  const certificate = issue({
    ...options,
    issuer: issuer ?? { subject: encodeCommonName(name), privateKey },
    subject: encodeCommonName(name),
    key: privateKey,
    days: options.days ?? 3650,
    extensions: [encodeBasicConstraints({ cA: true, pathLenConstraint }), encodeKeyUsage(["keyCertSign", "cRLSign"])],
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
  const privateKey = options.key ?? newKey(options.provider, options.random);
  const leaf = issue({ ...leafContent(options), ...options, key: privateKey, days: options.days ?? 90 });
  return { chain: [leaf, ...options.issuer.chain], privateKey };
}

/** A certificate for these names that vouches for itself: peers must have it as their trust anchor. */
export function issueSelfSigned(options: IssueSelfSignedOptions): IssuedCertificate {
  const privateKey = options.key ?? newKey(options.provider, options.random);
  const content = leafContent(options, commonNameOf(options.names) ?? "self-signed");
  const issuer = { subject: content.subject, privateKey };
  const leaf = issue({ ...content, ...options, issuer, key: privateKey, days: options.days ?? 90 });
  return { chain: [leaf], privateKey };
}

/** An issuer that has no certificate yet: itself. */
interface SelfIssuer {
  readonly subject: Uint8Array;
  readonly privateKey: PrivateKey;
}

interface Content {
  readonly subject: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

interface Issuing extends IssueOptions, Content {
  readonly issuer: CertificateAuthority | SelfIssuer;
  readonly key: PrivateKey;
  readonly days: number;
}

function issue({ provider, random, now, days, issuer, subject, key, extensions }: Issuing): Uint8Array<ArrayBuffer> {
  if (!(days > 0)) throw new TlsUsageError(`Cannot issue a certificate for ${days} days: the number must be positive`);
  const spki = encodeSubjectPublicKeyInfo(publicKeyOf(key, provider));
  const above = "certificate" in issuer ? issuerFacts(issuer, provider) : undefined;
  const notBefore = Math.floor(now / 1000) * 1000 - hour;
  const notAfter = Math.min(notBefore + hour + days * 24 * hour - 1000, above?.notAfter ?? Number.POSITIVE_INFINITY);
  const identifiers = [
    encodeSubjectKeyIdentifier(keyIdentifierOf(spki, provider)),
    ...above === undefined ? [] : [encodeAuthorityKeyIdentifier(above.keyIdentifier)],
  ];
  return encodeCertificate(
    {
      serialNumber: serialNumber(random),
      issuer: above?.subject ?? subject,
      subject,
      notBefore,
      notAfter,
      spki,
      extensions: [...extensions, ...identifiers],
    },
    { privateKey: issuer.privateKey, scheme: schemeFor(issuer.privateKey, provider), random },
  );
}

function leafContent(options: IssueSelfSignedOptions, commonName = commonNameOf(options.names)): Content {
  const { names, purposes = ["serverAuth", "clientAuth"] } = options;
  if (names.length === 0) throw new TlsUsageError("Cannot issue a certificate: no name is given");
  for (const name of names) parseServerName(name.replace(/^\*\./, ""));
  return {
    subject: encodeCommonName(commonName),
    extensions: [
      encodeBasicConstraints({ cA: false, pathLenConstraint: undefined }),
      encodeKeyUsage(["digitalSignature"]),
      encodeExtendedKeyUsage(purposes.map((purpose) => KeyPurposeId[purpose])),
      encodeSubjectAltName(names, commonName === undefined),
    ],
  };
}

/** For people, and where it fits: names are compared with subjectAltName only. */
function commonNameOf([name = ""]: readonly string[]): string | undefined {
  return name.length <= maxCommonName ? name : undefined;
}

interface IssuerFacts {
  readonly subject: Uint8Array;
  readonly notAfter: number;
  readonly keyIdentifier: Uint8Array;
}

function issuerFacts({ certificate, privateKey }: CertificateAuthority, provider: CryptoProvider): IssuerFacts {
  const { subject, notAfter, spki, basicConstraints, subjectKeyIdentifier } = decodeCertificate(certificate);
  if (!equalBytes(spki, encodeSubjectPublicKeyInfo(publicKeyOf(privateKey, provider)))) {
    throw new TlsUsageError(`Cannot issue with "${subject.text}": its private key does not belong to its certificate`);
  }
  if (basicConstraints?.cA !== true) {
    throw new TlsUsageError(`Cannot issue with "${subject.text}": its certificate is not that of a CA`);
  }
  return { subject: subject.der, notAfter, keyIdentifier: subjectKeyIdentifier ?? keyIdentifierOf(spki, provider) };
}

function newKey(provider: CryptoProvider, random: RandomSource): PrivateKey {
  const group = provider.namedGroups.find(({ name }) => name === "secp256r1");
  if (group === undefined) throw new TlsUsageError("Cannot make a key: the crypto provider has no group secp256r1");
  return { type: "ec", curve: "secp256r1", scalar: group.generateKeyPair(random).privateKey };
}

function publicKeyOf(key: PrivateKey, provider: CryptoProvider): PublicKey {
  return schemeFor(key, provider).publicKeyOf(key);
}

function schemeFor(key: PrivateKey, provider: CryptoProvider): SignatureSchemeElement {
  const fitting = provider.signatureSchemes.filter(({ keyType }) => keyType === key.type);
  const best = key.type === "ec" ? algorithmOfCurve[key.curve] : undefined;
  const scheme = fitting.find(({ algorithm }) => algorithm === best) ?? fitting[0];
  if (scheme !== undefined) return scheme;
  throw new TlsUsageError(`Cannot sign with a key of type ${key.type}: the crypto provider has no scheme for it`);
}

/** RFC 5480 §4: the hash that is as strong as the curve. */
const algorithmOfCurve: Readonly<Record<EcCurveName, SignatureAlgorithm>> = {
  secp256r1: "ecdsa_sha256",
  secp384r1: "ecdsa_sha384",
  secp521r1: "ecdsa_sha512",
};

/** RFC 5280 §4.2.1.2 with SHA-256 in place of SHA-1, as RFC 7093 §2 (1) does: its leftmost 160 bits. */
function keyIdentifierOf(spki: Uint8Array, provider: CryptoProvider): Uint8Array {
  return provider.hashes.sha256.digest(decodeSubjectPublicKeyInfo(spki).subjectPublicKey).subarray(0, 20);
}

/** RFC 5280 §4.1.2.2 MUST: "The serial number MUST be a positive integer"; 126 random bits, always 16 bytes long. */
function serialNumber(random: RandomSource): Uint8Array {
  const bytes = new Uint8Array(random(16));
  bytes[0] = (bytes[0] ?? 0) & 0x3f | 0x40;
  return bytes;
}

const hour = 3_600_000;
/** ub-common-name (RFC 5280 A.1). */
const maxCommonName = 64;
