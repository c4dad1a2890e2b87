/**
 * The public face of certificates, without a default provider: reading, verifying, issuing. Knows no TLS.
 * @module
 */

export type { CertificateCrypto, IssuingCrypto } from "./crypto/provider.ts";
export type { CertificateExtension, DecodedExtensions } from "./x509/extensions.ts";
export { type Certificate, decodeCertificate } from "./x509/certificate.ts";
export { type CertificateRevocationList, decodeCertificateRevocationList } from "./x509/crl.ts";
export { type DemandName, demands } from "./x509/demands.ts";
export type { DistinguishedName } from "./x509/distinguished_name.ts";
export {
  type AttributeTypeName,
  type CertificateAuthority,
  type ExtensionName,
  type GeneralNameInput,
  type IssueAuthorityOptions,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
  type IssuedCertificate,
  type IssueExtensionOptions,
  type IssueOptions,
  issueSelfSigned,
  type IssueSelfSignedOptions,
  type KeyPurposeName,
  type NameAttributeInput,
  type NameConstraintsInput,
  type NameInput,
  type NewKeyType,
  type PolicyConstraintsInput,
  type PolicyMappingInput,
} from "./x509/issue.ts";
export { issueCertificateRevocationList, type IssueCrlOptions, type Revocation } from "./x509/issue_crl.ts";
export {
  issueOcspResponse,
  type IssueOcspResponseOptions,
  type OcspCertificateStatus,
  type OcspResponder,
} from "./x509/issue_ocsp.ts";
export type { Issuer } from "./x509/issuer.ts";
export { loadCertificates, loadPrivateKey } from "./x509/load.ts";
export { loadCertificateRevocationLists } from "./x509/load_crl.ts";
export { type CrlQuestion, crlStatus } from "./x509/crl_checks.ts";
export { type OcspQuestion, ocspStatus } from "./x509/ocsp.ts";
export { defaultPathLimits, type PathLimits, type PathWork, type SomePathLimits } from "./x509/path.ts";
export type { CertificatePurpose } from "./x509/finding.ts";
export { encodePem } from "./x509/pem.ts";
export { spkiPin } from "./x509/pins.ts";
export { type CertificatePolicy, policies } from "./x509/policy.ts";
export type { PolicyInputs } from "./x509/policy_graph.ts";
export { encodePrivateKey } from "./x509/private_key.ts";
export { publicSuffixMatcher } from "./x509/public_suffixes.ts";
export type { CrlReasonName, RevocationStatus } from "./x509/revocation.ts";
export {
  certificateTimestamps,
  decodeTimestamp,
  decodeTimestampList,
  isPrecertificate,
  type SignedCertificateTimestamp,
  timestampText,
} from "./x509/signed_certificate_timestamps.ts";
export { mustStaple } from "./x509/tls_feature.ts";
export { createTrustAnchor, type TrustAnchor, type TrustAnchorFields, trustAnchorOf } from "./x509/trust_anchor.ts";
export type { CertificateQuestion, Verdict, VerdictCheck, VerdictStep } from "./x509/verdict.ts";
export {
  type CertificateVerification,
  type CertificateVerifier,
  type CertificateVerifierOptions,
  createCertificateVerifier,
  type ExplainingVerifier,
  insecureAcceptAnyCertificate,
  verifyCertificate,
  type VerifyCertificateOptions,
} from "./x509/verifier.ts";
