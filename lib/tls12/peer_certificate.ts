/**
 * The peer's Certificate message, for both roles: what it must be, and whether the peer is to be trusted.
 * RFC 5246 §7.4.2, §7.4.6; RFC 8422 §5.3, §5.6. Whom to trust is decided by a verifier, which knows no TLS.
 * @module
 */

import { decode } from "../codec/codec.ts";
import type { PublicKey } from "../crypto/provider.ts";
import type { Outcome } from "../endpoint.ts";
import { CertificateError, InternalError, PeerMisbehavedError } from "../error.ts";
import type { Question } from "../request.ts";
import type { Settings } from "../settings.ts";
import { type Certificate, decodeCertificate } from "../x509/certificate.ts";
import { signingFault } from "../x509/demands.ts";
import type { CertificateVerification, CertificateVerifier } from "../x509/verifier.ts";
import { type Known, known, type Peer } from "./known.ts";
import { certificate } from "./messages/certificate.ts";

/** How a peer is verified. */
export interface PeerChecks {
  readonly verifier: CertificateVerifier | "request";
  readonly asksForMissingIssuers: boolean;
  readonly serverName: string | undefined;
  readonly purpose: CertificateVerification["purpose"];
}

/** The certificates of a Certificate message, each decoded; maybe none. Throws PeerMisbehavedError for too many. */
export function readCertificates(body: Uint8Array, { limits }: Settings): readonly Certificate[] {
  const chain = decode(certificate, body, "Certificate");
  if (chain.length > limits.maxCertificates) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept Certificate: it has ${chain.length} certificates, more than ${limits.maxCertificates}`,
    );
  }
  // RFC 5246 §7.4.2 MUST: "The sender's certificate MUST come first in the list."
  // RFC 5246 §7.4.2 DEVIATION: the certificates after the first may come in any order, and are sent as they were given, though "Each following certificate MUST directly certify the one preceding it.", because chains with several roots have no such order, and RFC 8446 §4.4.2 has dropped the rule.
  // RFC 5246 §7.4.2 DEVIATION: a peer's own certificate may be of version 1, though "The certificate type MUST be X.509v3", because it claims nothing but a name and a key, which it proves like any other.
  // RFC 5246 §7.4.6 DEVIATION: a client's own certificate may be of version 1 too, though "The certificate type MUST be X.509v3", because tools still make such ones for clients.
  return chain.map(decodeCertificate);
}

/** What is known of a peer that has sent these certificates. */
export function peerOf(chain: readonly Certificate[], publicKey: PublicKey): Peer {
  return {
    certificates: chain.map(({ der }) => der),
    publicKey,
    givenIssuers: [],
    timesAsked: 0,
    ocspResponse: undefined,
  };
}

/** The leaf's key. Throws for one of a kind that isn't supported, on a curve that isn't, and for one that may not sign. */
export function supportedKey(leaf: Certificate, { namedGroups }: Settings): PublicKey {
  const { publicKey, publicKeyDescription } = leaf;
  if (publicKey === undefined) {
    throw new CertificateError(
      "unsupported_certificate",
      `Cannot accept Certificate: its key (${publicKeyDescription}) is not supported`,
      { index: 0, check: "publicKey" },
    );
  }
  // RFC 8422 §5.3, §5.6: the certificate's curve is one of the supported groups.
  // RFC 5246 §7.4.6 MUST: "the public key MUST use a curve and point format supported by the server."
  if (publicKey.type === "ec" && !namedGroups.some(({ name }) => name === publicKey.curve)) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept Certificate: the curve of its key, ${publicKey.curve} was not offered`,
    );
  }
  // RFC 5246 §7.4.2: the digitalSignature bit must be set if the key usage extension is present, whoever verifies the path.
  const fault = signingFault(leaf);
  if (fault === undefined) return publicKey;
  throw new CertificateError("unsupported_certificate", `Cannot accept Certificate: ${fault}`, {
    index: 0,
    check: "keyUsage",
    code: "INVALID_PURPOSE",
  });
}

/** What a verifier is asked. */
export function verificationOf(
  all: Known,
  { serverName, purpose }: PeerChecks,
  now: number,
): CertificateVerification {
  const { certificates, givenIssuers, ocspResponse } = known(all, "peer");
  const { signedCertificateTimestamps } = known(all, "negotiated");
  const chain = [...certificates, ...givenIssuers].map(decodeCertificate);
  return { chain, serverName, purpose, now, ocspResponse, signedCertificateTimestamps };
}

type Verdict = Outcome<Known, { readonly type: "answer.certificateTrusted" }>;

/** Asks the verifier, or by a request. Throws what the verifier throws. */
export function verifyPeer(all: Known, checks: PeerChecks, config: Settings): Verdict {
  const { verifier } = checks;
  const peer = known(all, "peer");
  // RFC 6066 §8 DEVIATION: a stapled response is not read where the peer's own certificate is itself the trust anchor, though it must be checked, because nobody else vouches for that certificate; a verifier of one's own may do as it likes.
  const asked = verificationOf(all, checks, config.now());
  if (verifier === "request") return { question: { type: "verifyCertificate", ...asked } };
  try {
    verifyNow(verifier, asked);
  } catch (error) {
    const question = missingIssuerQuestion(error, peer, checks);
    if (question === undefined) throw error;
    return { learned: { peer: { ...peer, timesAsked: peer.timesAsked + 1 } }, question };
  }
  return { answer: { type: "answer.certificateTrusted" } };
}

/** The same with certificates that the embedder gave; when there are none, the verdict is final. */
export function verifyPeerAgain(
  all: Known,
  issuers: readonly Certificate[],
  checks: PeerChecks,
  config: Settings,
): Verdict {
  const before = known(all, "peer");
  const givenIssuers = [...before.givenIssuers, ...issuers.map(({ der }) => der)];
  const peer = { ...before, givenIssuers };
  const mayAskAgain = checks.asksForMissingIssuers && issuers.length > 0;
  const verdict = verifyPeer({ ...all, peer }, { ...checks, asksForMissingIssuers: mayAskAgain }, config);
  return { ...verdict, learned: { peer: verdict.learned?.peer ?? peer } };
}

/** How often one peer may make the embedder look for certificates. */
const maxTimesAsked = 4;

function missingIssuerQuestion(error: unknown, { timesAsked }: Peer, checks: PeerChecks): Question | undefined {
  const missing = error instanceof CertificateError ? error.missingIssuer : undefined;
  if (missing === undefined || !checks.asksForMissingIssuers || timesAsked >= maxTimesAsked) return undefined;
  return { type: "issuerMissing", ...missing };
}

function verifyNow(verifier: CertificateVerifier, asked: CertificateVerification): void {
  const verdict: unknown = verifier.verify(asked);
  // A promise that may yet reject, or `false`, is no consent.
  if (verdict === undefined) return;
  throw new InternalError(
    "Cannot accept Certificate: certificateVerifier.verify must return nothing, or throw, at once " +
      '(certificateVerifier: "request" lets you answer later)',
  );
}
