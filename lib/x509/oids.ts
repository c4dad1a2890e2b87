/**
 * Every object identifier that this library knows, under the name of the RFC which defines it.
 * A data table; what isn't listed stays a dotted number.
 * RFC 5280 Appendix A, RFC 4055, RFC 5480, RFC 5758, RFC 8410.
 * @module
 */

/** Attributes of distinguished names, by the short names of RFC 4514 §3 where it has one. */
export const AttributeType = {
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  title: "2.5.4.12",
  businessCategory: "2.5.4.15",
  postalCode: "2.5.4.17",
  GN: "2.5.4.42",
  initials: "2.5.4.43",
  generationQualifier: "2.5.4.44",
  dnQualifier: "2.5.4.46",
  pseudonym: "2.5.4.65",
  organizationIdentifier: "2.5.4.97",
  UID: "0.9.2342.19200300.100.1.1",
  DC: "0.9.2342.19200300.100.1.25",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;

/** RFC 5280 §4.2.1. */
export const ExtensionId = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
  freshestCRL: "2.5.29.46",
  issuerAltName: "2.5.29.18",
  subjectDirectoryAttributes: "2.5.29.9",
  cRLDistributionPoints: "2.5.29.31",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  subjectInfoAccess: "1.3.6.1.5.5.7.1.11",
  /** RFC 7633 §4: must-staple. */
  tlsFeature: "1.3.6.1.5.5.7.1.24",
  /** RFC 6962 §3.3. */
  signedCertificateTimestampList: "1.3.6.1.4.1.11129.2.4.2",
  /** RFC 6962 §3.1: marks a precertificate, which must never be accepted. */
  precertificatePoison: "1.3.6.1.4.1.11129.2.4.3",
  /** RFC 6960 §4.2.2.2.1. */
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
} as const;

/** Of revocation lists and their entries (RFC 5280 §5.2, §5.3). */
export const CrlExtensionId = {
  cRLNumber: "2.5.29.20",
  cRLReason: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  deltaCRLIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  certificateIssuer: "2.5.29.29",
  authorityKeyIdentifier: "2.5.29.35",
  freshestCRL: "2.5.29.46",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
} as const;

/** RFC 6960 §4.2.1, §4.4. */
export const OcspId = {
  "id-pkix-ocsp-basic": "1.3.6.1.5.5.7.48.1.1",
  "id-pkix-ocsp-nonce": "1.3.6.1.5.5.7.48.1.2",
} as const;

/** RFC 5280 §4.2.1.4. */
export const anyPolicy = "2.5.29.32.0";

/** RFC 5280 §4.2.2.1. */
export const AccessMethod = { ocsp: "1.3.6.1.5.5.7.48.1", caIssuers: "1.3.6.1.5.5.7.48.2" } as const;

/** RFC 5280 §4.2.1.12. */
export const KeyPurposeId = {
  anyExtendedKeyUsage: "2.5.29.37.0",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  OCSPSigning: "1.3.6.1.5.5.7.3.9",
} as const;

/** Of public keys (RFC 5480 §2.1, RFC 4055 §1.2, RFC 8410 §3). */
export const KeyAlgorithm = {
  rsaEncryption: "1.2.840.113549.1.1.1",
  "id-RSASSA-PSS": "1.2.840.113549.1.1.10",
  "id-dsa": "1.2.840.10040.4.1",
  "id-ecPublicKey": "1.2.840.10045.2.1",
  "id-X25519": "1.3.101.110",
  "id-Ed25519": "1.3.101.112",
  "id-Ed448": "1.3.101.113",
} as const;

/** RFC 5480 §2.1.1.1; the last ones only to be named in errors. */
export const NamedCurve = {
  secp256r1: "1.2.840.10045.3.1.7",
  secp384r1: "1.3.132.0.34",
  secp521r1: "1.3.132.0.35",
  secp256k1: "1.3.132.0.10",
  brainpoolP256r1: "1.3.36.3.3.2.8.1.1.7",
  brainpoolP384r1: "1.3.36.3.3.2.8.1.1.11",
} as const;

/** Of signatures; the weak ones only to be named in errors. */
export const SignatureId = {
  "ecdsa-with-SHA1": "1.2.840.10045.4.1",
  "ecdsa-with-SHA256": "1.2.840.10045.4.3.2",
  "ecdsa-with-SHA384": "1.2.840.10045.4.3.3",
  "ecdsa-with-SHA512": "1.2.840.10045.4.3.4",
  md5WithRSAEncryption: "1.2.840.113549.1.1.4",
  sha1WithRSAEncryption: "1.2.840.113549.1.1.5",
  "id-RSASSA-PSS": "1.2.840.113549.1.1.10",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
  sha384WithRSAEncryption: "1.2.840.113549.1.1.12",
  sha512WithRSAEncryption: "1.2.840.113549.1.1.13",
  "id-Ed25519": "1.3.101.112",
  "id-Ed448": "1.3.101.113",
} as const;

/** RFC 4055 §2.1, §2.2. */
export const HashAlgorithm = {
  "id-sha1": "1.3.14.3.2.26",
  "id-sha256": "2.16.840.1.101.3.4.2.1",
  "id-sha384": "2.16.840.1.101.3.4.2.2",
  "id-sha512": "2.16.840.1.101.3.4.2.3",
} as const;
export const maskGenerationFunction1 = "1.2.840.113549.1.1.8";

/** The name of an object identifier in one of the tables above; the dotted number when it has none there. */
export function oidName(table: Readonly<Record<string, string>>, oid: string): string {
  const names = namesByOid.get(table) ?? new Map(Object.entries(table).map(([name, number]) => [number, name]));
  namesByOid.set(table, names);
  return names.get(oid) ?? oid;
}

/** Each table turned round once, when it is first asked. */
const namesByOid = new WeakMap<Readonly<Record<string, string>>, ReadonlyMap<string, string>>();
