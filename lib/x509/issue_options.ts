/**
 * What a new certificate is to be like: the options of `issue.ts`.
 * Types of extensions are those that `extensions.ts` decodes, so that what was decoded can be given again.
 * RFC 5280 §4.
 * @module
 */

import type { IssuingCrypto, PrivateKey, RandomSource, SignatureAlgorithm } from "../crypto/provider.ts";
import type { NameConstraintsInput, PolicyConstraintsInput, PolicyMappingInput } from "./extension_writer.ts";
import type { CertificateExtension, KeyUsageBit } from "./extensions.ts";
import type { NewKeyType } from "./issue_key.ts";
import type { GeneralNameInput, NameInput } from "./name_writer.ts";
import type { ExtensionId, KeyPurposeId } from "./oids.ts";

/** A purpose of a key, by its name: `serverAuth`, `OCSPSigning` … */
export type KeyPurposeName = keyof typeof KeyPurposeId;
/** An extension, by its name: `subjectAltName` … */
export type ExtensionName = keyof typeof ExtensionId;

/** What is said of every certificate that is issued. */
export interface IssueOptions extends IssueExtensionOptions {
  readonly provider: IssuingCrypto;
  /** With the same randomness the same certificate comes out, except where it is signed with RSA-PSS. */
  readonly random: RandomSource;
  /** In ms since 1970. Validity begins an hour earlier, for peers whose clock is slow. */
  readonly now: number;
  /** How long it is valid, but not longer than its issuer. Default: 90 for leaves, 3650 for authorities. */
  readonly days?: number | undefined;
  /** In ms since 1970, in place of an hour before `now`. Whole seconds count. */
  readonly notBefore?: number | undefined;
  /** In ms since 1970, in place of `days`, and even beyond the issuer's. Whole seconds count. */
  readonly notAfter?: number | undefined;
  /** Positive, at most 20 bytes: a number, or as certificates have it, big-endian. Default: 126 random bits. */
  readonly serialNumber?: bigint | Uint8Array | undefined;
  /**
   * Attributes of the subject, most general first; the commonName follows, unless they have one. Or the DER of the whole
   * name, as decoded names have it: `subject: decodeCertificate(der).subject`.
   */
  readonly subject?: NameInput | undefined;
  /** The key to certify. Default: a new one. */
  readonly key?: PrivateKey | undefined;
  /** The type of the new key. Default: `secp256r1`. */
  readonly keyType?: NewKeyType | undefined;
  /** How the issuer signs. Default: what its key is strong enough for; with RSA `rsa_pkcs1_sha256`. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
}

/** What authorities and leaves may say in extensions. */
export interface IssueExtensionOptions {
  /** What the key may do. Default: `digitalSignature`; of authorities `keyCertSign` and `cRLSign`. */
  readonly keyUsage?: readonly KeyUsageBit[] | undefined;
  /** What the key may be used for. Default: `serverAuth` and `clientAuth`; of authorities anything. */
  readonly purposes?: readonly KeyPurposeName[] | undefined;
  /** The same by object identifiers, as certificates have it. What `purposes` has comes first. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  /** Names of every form. */
  readonly subjectAltName?: readonly GeneralNameInput[] | undefined;
  /** Object identifiers of policies; `anyPolicy` is one. */
  readonly certificatePolicies?: readonly string[] | undefined;
  /** URLs of revocation lists: one distribution point for each. */
  readonly crlDistributionPoints?: readonly string[] | undefined;
  /** URLs of OCSP responders. */
  readonly ocspUrls?: readonly string[] | undefined;
  /** URLs of the issuer's certificate. */
  readonly issuerUrls?: readonly string[] | undefined;
  /** RFC 7633: numbers of TLS extensions that a server has to support. */
  readonly tlsFeatures?: readonly number[] | undefined;
  /** RFC 7633: the server has to staple an OCSP response (`tlsFeatures` 5). */
  readonly mustStaple?: boolean | undefined;
  /**
   * Extensions as they are to stand there, right or wrong: each takes the place of the one that would stand there, or is
   * added. Several of one kind are all written.
   */
  readonly extensions?: readonly CertificateExtension[] | undefined;
  /** Extensions that are to be left out. */
  readonly omittedExtensions?: readonly ExtensionName[] | undefined;
}

/** What a new certificate authority is to be like. */
export interface IssueAuthorityOptions extends IssueOptions {
  /** Its commonName, at most 64 characters. Only where `subject` has a commonName or is a whole name it may be left out. */
  readonly name?: string | undefined;
  /** Who issues it; without, it is a root. With `key`, or with the same name, it is a cross-certificate or a new key. */
  readonly issuer?: CertificateAuthority | undefined;
  /** How many CAs may stand below it. Default: any number. */
  readonly pathLenConstraint?: number | undefined;
  /** Which names it may certify. */
  readonly nameConstraints?: NameConstraintsInput | undefined;
  /** Policies that are the same to its issuer. */
  readonly policyMappings?: readonly PolicyMappingInput[] | undefined;
  /** After how many certificates policies are needed, or mappings don't count. */
  readonly policyConstraints?: PolicyConstraintsInput | undefined;
  /** After how many certificates `anyPolicy` doesn't count. */
  readonly inhibitAnyPolicy?: number | undefined;
}

/** What a new self-signed certificate is to be like. */
export interface IssueSelfSignedOptions extends IssueOptions {
  /**
   * DNS names (`*.example.com` too) and IP addresses; at least one, unless there is a `subjectAltName` or `subject`.
   * The first one is the commonName, where it fits.
   */
  readonly names: readonly string[];
  /** RFC 6960 §4.2.2.2.1: the certificate of an OCSP responder, which is not to be checked for revocation itself. */
  readonly ocspNoCheck?: boolean | undefined;
}

/** What a new certificate is to be like, and who issues it. */
export interface IssueCertificateOptions extends IssueSelfSignedOptions {
  readonly issuer: CertificateAuthority;
}

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
