/**
 * What certificates are tortured with: a chain that has every extension that is read, signed for real or with signatures
 * that cost nothing; all that is ever asked of a certificate; and how much work that is.
 * @module
 */

import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import type { CryptoProvider, PublicKey, SignatureSchemeElement } from "../../lib/crypto/provider.ts";
import { DecodeError } from "../../lib/error.ts";
import { issuerUrls, ocspUrls } from "../../lib/x509/authority_info_access.ts";
import { decodePolicyExtensions } from "../../lib/x509/certificate_policies.ts";
import { DerReader } from "../../lib/x509/der.ts";
import {
  type Certificate,
  certificateTimestamps,
  createCertificateVerifier,
  decodeCertificate,
  type ExplainingVerifier,
  issueCertificate,
  issueCertificateAuthority,
  issueCertificateRevocationList,
  issueOcspResponse,
  mustStaple,
  policies,
} from "../../lib/x509.ts";
import { countingRandom, day, now } from "../unit/x509/builder.ts";

/** A scheme that is none: whoever knows the public key can sign. Each byte of key, message and signature counts. */
export const cheapScheme: SignatureSchemeElement = {
  ...schemeOf("ecdsa_sha256"),
  verify: (publicKey, message, signature) =>
    publicKey.type === "ec" && digest(publicKey, message).every((byte, at) => byte === signature[at]) &&
    signature.length === 16,
  sign: (privateKey, message) => digest(schemeOf("ecdsa_sha256").publicKeyOf(privateKey), message),
};

export const cheapProvider: CryptoProvider = { ...nobleProvider, signatureSchemes: [cheapScheme] };

export interface CertificateScene {
  readonly provider: CryptoProvider;
  readonly serverName: string;
  /** In DER: the leaf, two authorities, and the root. */
  readonly leaf: Uint8Array;
  readonly authorities: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly crl: Uint8Array;
  readonly ocspResponse: Uint8Array;
}

/** A chain that is right in everything. */
export function certificateScene(provider: CryptoProvider): CertificateScene {
  const common = { provider, random: countingRandom(7), now, days: 30 };
  const root = issueCertificateAuthority({ ...common, name: "Tortured root" });
  const upper = issueCertificateAuthority({
    ...common,
    name: "Tortured CA",
    issuer: root,
    pathLenConstraint: 1,
    certificatePolicies: ["1.2.3.4"],
    policyMappings: [{ issuerDomainPolicy: "1.2.3.4", subjectDomainPolicy: "1.2.3.5" }],
    policyConstraints: { requireExplicitPolicy: 3, inhibitPolicyMapping: 2 },
    inhibitAnyPolicy: 2,
    nameConstraints: {
      permittedSubtrees: [
        { type: "dNSName", name: "example.com" },
        { type: "iPAddress", address: "192.0.2.0/24" },
        { type: "rfc822Name", name: ".example.com" },
        { type: "uniformResourceIdentifier", name: "www.example.com" },
        { type: "directoryName", name: [{ type: "O", value: "Example" }] },
      ],
      excludedSubtrees: [{ type: "dNSName", name: "no.example.com" }],
    },
  });
  const lower = issueCertificateAuthority({
    ...common,
    subject: [{ type: "O", value: "Example" }],
    name: "Tortured CA below",
    issuer: upper,
    certificatePolicies: ["1.2.3.5"],
    issuerUrls: ["http://ca.example.com/ca.der"],
  });
  const { chain: [leaf] } = issueCertificate({
    ...common,
    subject: [{ type: "O", value: "Example" }],
    issuer: lower,
    names: ["www.example.com", "*.b.example.com", "192.0.2.1"],
    subjectAltName: [
      { type: "rfc822Name", name: "jo@mail.example.com" },
      { type: "uniformResourceIdentifier", name: "https://www.example.com/" },
      { type: "directoryName", name: [{ type: "O", value: "Example" }] },
    ],
    certificatePolicies: ["1.2.3.5"],
    crlDistributionPoints: ["http://crl.example.com/"],
    ocspUrls: ["http://ocsp.example.com/"],
    mustStaple: true,
  });
  const answers = { ...common, issuer: lower };
  return {
    provider,
    serverName: "www.example.com",
    leaf,
    authorities: [lower.certificate, upper.certificate],
    root: root.certificate,
    crl: issueCertificateRevocationList({
      ...answers,
      revoked: [{ serialNumber: Uint8Array.of(1, 2, 3), revokedAt: now - day, reason: "keyCompromise" }],
    }),
    ocspResponse: issueOcspResponse({ ...answers, certificate: leaf, status: "good" }),
  };
}

/** The one place that knows how a chain is verified; a DecodeError is a refusal too. */
export function verifierOf({ provider, root }: CertificateScene, remember = 0): ExplainingVerifier {
  return createCertificateVerifier({ provider, trustAnchors: [decodeCertificate(root)], remember });
}

/** Whether the verifier accepts a chain in DER. Throws whatever is thrown but DecodeError. */
export function accepts(
  verifier: ExplainingVerifier,
  { serverName }: CertificateScene,
  chain: readonly Uint8Array[],
  ocspResponse: Uint8Array,
): boolean {
  try {
    const certificates = chain.map(decodeCertificate);
    return verifier.explain({ chain: certificates, serverName, purpose: "serverAuth", now, ocspResponse }).accepted;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** What `decode` makes of bytes; `undefined` for a DecodeError, and nothing else may be thrown. */
export function decodedOrRefused<Value>(decode: () => Value): Value | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError && /^Cannot /.test(error.message)) return undefined;
    throw error;
  }
}

const strict = createCertificateVerifier({ provider: cheapProvider, trustAnchors: [], policy: policies.webPki });

/** All that is ever asked of a decoded certificate: each question has an answer, or is refused. */
export function askEverything(certificate: Certificate): void {
  for (
    const question of [
      issuerUrls,
      ocspUrls,
      mustStaple,
      certificateTimestamps,
      decodePolicyExtensions,
    ]
  ) decodedOrRefused(() => question(certificate));
  const trusting = createCertificateVerifier({ provider: cheapProvider, trustAnchors: [certificate] });
  for (const verifier of [strict, trusting]) {
    const { accepted, error } = verifier.explain({
      chain: [certificate],
      serverName: "www.example.com",
      purpose: "serverAuth",
      now,
    });
    if (accepted !== (error === undefined)) throw new Error("a verdict contradicts itself");
  }
}

/** How many elements of DER are read while something is done. */
export function elementsRead(act: () => void): number {
  const { element } = DerReader.prototype;
  let count = 0;
  DerReader.prototype.element = function (what: string): ReturnType<typeof element> {
    count++;
    return element.call(this, what);
  };
  try {
    act();
  } finally {
    DerReader.prototype.element = element;
  }
  return count;
}

function schemeOf(algorithm: SignatureSchemeElement["algorithm"]): SignatureSchemeElement {
  const scheme = nobleProvider.signatureSchemes.find((each) => each.algorithm === algorithm);
  if (scheme === undefined) throw new Error(`the provider has no ${algorithm}`);
  return scheme;
}

/** FNV-1a four times, with different starts: one changed byte always changes it. */
function digest(publicKey: PublicKey, message: Uint8Array): Uint8Array {
  const key = publicKey.type === "ec" ? publicKey.point : new Uint8Array();
  const words = [0x811c9dc5, 0x01234567, 0x89abcdef, 0x55aa55aa].map((start) => {
    let hash = start;
    for (const part of [key, message]) for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193);
    return hash >>> 0;
  });
  return new Uint8Array(Uint32Array.from(words).buffer);
}
