/**
 * What an OCSP response says about one certificate, and whether that may be believed.
 * Enters: the response in DER, the certificate, who issued it, the time. Leaves: good, revoked, or why it can't be used.
 * RFC 6960 §3.2, §4.2.2; responses of the RFC 5019 profile are among them. Asks nobody anything: a response that a server
 * staples was asked for by the server, so a nonce in it (RFC 6960 §4.4.1) is no concern of ours and is ignored.
 * Who may sign a response is `ocsp_signer.ts`.
 * @module
 */

import { equalBytes, toHex } from "../codec/bytes.ts";
import type { CryptoProvider, HashElement, SignatureSchemeElement } from "../crypto/provider.ts";
import { DecodeError } from "../error.ts";
import type { AlgorithmIdentifier } from "./algorithm.ts";
import type { Certificate } from "./certificate.ts";
import { Tag } from "./der.ts";
import type { CertificateExtension } from "./extensions.ts";
import type { Issuer } from "./issuer.ts";
import { type BasicOcspResponse, decodeOcspResponse, type SingleResponse } from "./ocsp_response.ts";
import { ocspSigner } from "./ocsp_signer.ts";
import { HashAlgorithm, OcspId, oidName } from "./oids.ts";
import type { RevocationStatus } from "./revocation.ts";
import { isoText } from "./time_text.ts";

/** What is asked of a response. */
export interface OcspQuestion {
  /** DER of an OCSPResponse, as stapled. */
  readonly response: Uint8Array;
  /** Whose status is asked for. */
  readonly certificate: Certificate;
  /** Who issued the certificate: the next in its path, or a trust anchor. */
  readonly issuer: Issuer;
  /** In ms since 1970. */
  readonly now: number;
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  readonly hashes: CryptoProvider["hashes"];
}

/**
 * What a response says about a certificate. Never throws for what the response contains: whatever can't be used is
 * `unusable` with the reason, also when the responder doesn't know the certificate. Where a response says several
 * things about it, revoked counts more than unusable, and that more than good. The `nextUpdate` of what is good is when
 * the same response stops being good, also where it has none of its own: a day after its thisUpdate, and not after the
 * end of its responder's certificate.
 *
 * @example
 * ocspStatus({ response, certificate, issuer, now, signatureSchemes, hashes }).type; // "good"
 */
export function ocspStatus(question: OcspQuestion): RevocationStatus {
  try {
    return statusIn(question);
  } catch (error) {
    if (error instanceof DecodeError) return unusable(error.message);
    throw error;
  }
}

function statusIn(question: OcspQuestion): RevocationStatus {
  const response = decodeOcspResponse(question.response);
  switch (response.type) {
    case "error":
      return unusable(`its responseStatus is ${response.responseStatus}`);
    case "unsupported":
      return unusable(`its responseType is ${oidName(OcspId, response.responseType)}, not id-pkix-ocsp-basic`);
    case "basic":
      return basicStatus(response.basic, question);
  }
}

function basicStatus(basic: BasicOcspResponse, question: OcspQuestion): RevocationStatus {
  const { certificate, issuer, now } = question;
  // RFC 6960 §3.2 SHALL: "OCSP clients SHALL confirm that: 1. The certificate identified in a received response corresponds to"
  const [first, ...others] = responsesAbout(question, basic.responses);
  if (first === undefined) {
    const serialNumber = toHex(certificate.serialNumber);
    return unusable(`it says nothing about number ${serialNumber} of the issuer "${issuer.subject.text}"`);
  }
  const fault = criticalExtensionFault(basic.responseExtensions) ?? producedAtFault(basic.producedAt, question);
  if (fault !== undefined) return unusable(fault);
  const signer = ocspSigner(basic, question);
  if (signer.type === "refused") return unusable(signer.fault);
  const status = others.reduce((worst, other) => worse(worst, singleStatus(other, now)), singleStatus(first, now));
  return status.type === "good" ? { ...status, nextUpdate: Math.min(goodUntil(status), signer.until) } : status;
}

/** Those whose CertID is that of the certificate, by whichever hash. */
function responsesAbout(
  { certificate, issuer, hashes }: OcspQuestion,
  responses: readonly SingleResponse[],
): readonly SingleResponse[] {
  const hashed = new Map<HashElement["name"], { readonly names: readonly Uint8Array[]; readonly key: Uint8Array }>();
  const hashesOf = (name: HashElement["name"]) => {
    const known = hashed.get(name);
    if (known !== undefined) return known;
    const hash = hashes[name];
    // RFC 6960 §4.1.1: "The hash shall be calculated over the DER encoding of the issuer's name field in the certificate being checked."
    // The CA may write its own name otherwise, and responders know the CA's certificate: the key's hash makes both sure.
    const names = [certificate.issuer.der, issuer.subject.der].map((der) => hash.digest(der));
    const fresh = { names, key: hash.digest(issuer.subjectPublicKey) };
    hashed.set(name, fresh);
    return fresh;
  };
  return responses.filter(({ certId }) => {
    const hash = hashNameOf(certId.hashAlgorithm);
    if (hash === undefined || !equalBytes(certId.serialNumber, certificate.serialNumber)) return false;
    const { names, key } = hashesOf(hash);
    return equalBytes(certId.issuerKeyHash, key) && names.some((name) => equalBytes(certId.issuerNameHash, name));
  });
}

/** RFC 4055 §2.1: parameters are absent or NULL. */
function hashNameOf({ oid, parameters }: AlgorithmIdentifier): HashElement["name"] | undefined {
  const isPlain = parameters === undefined || (parameters.tag === Tag.NULL && parameters.content.length === 0);
  return isPlain ? hashNames[oid] : undefined;
}

function singleStatus(single: SingleResponse, now: number): RevocationStatus {
  const { certStatus, thisUpdate, nextUpdate, singleExtensions } = single;
  const fault = criticalExtensionFault(singleExtensions) ?? timeFault(thisUpdate, nextUpdate, now);
  if (fault !== undefined) return unusable(fault);
  const since = `as of ${isoText(thisUpdate)}`;
  switch (certStatus.type) {
    case "good": {
      const until = nextUpdate === undefined ? "without nextUpdate" : `until ${isoText(nextUpdate)}`;
      const text = `the OCSP response says that it is good, ${since}, ${until}`;
      return { type: "good", text, nextUpdate: nextUpdate ?? thisUpdate + maxAge };
    }
    case "revoked": {
      const { revocationTime: revokedAt, revocationReason: reason } = certStatus;
      const when = `it was revoked at ${isoText(revokedAt)} (${reason ?? "no known reason"})`;
      return { type: "revoked", text: `the OCSP response says that ${when}, ${since}`, revokedAt, reason };
    }
    case "unknown":
      return unusable("its responder doesn't know the certificate");
  }
}

function timeFault(thisUpdate: number, nextUpdate: number | undefined, now: number): string | undefined {
  // Written so that a time that is no number fails: every comparison with NaN is false.
  // RFC 6960 §4.2.2.1 DEVIATION: "Responses whose thisUpdate time is later than the local system time SHOULD be considered unreliable." only when it is more than five minutes later, because responses may be as fresh as our clock is slow.
  if (!(thisUpdate <= now + clockSkew)) return `its thisUpdate is ${isoText(thisUpdate)}, and it is ${isoText(now)}`;
  if (nextUpdate === undefined) {
    // RFC 6960 §4.2.2.1: "If nextUpdate is not set, the responder is indicating that newer revocation information is available all the time."
    if (now < thisUpdate + maxAge) return undefined;
    return `it has no nextUpdate, and its thisUpdate ${isoText(thisUpdate)} is a day or more before ${isoText(now)}`;
  }
  if (nextUpdate < thisUpdate) {
    return `its nextUpdate ${isoText(nextUpdate)} is before its thisUpdate ${isoText(thisUpdate)}`;
  }
  // RFC 6960 §3.2 SHALL: "the time at or before which newer information will be available about the status of the certificate (nextUpdate) is greater than the current time."
  return now < nextUpdate ? undefined : `its nextUpdate was ${isoText(nextUpdate)}, and it is ${isoText(now)}`;
}

/** What was said before a certificate was valid wasn't said of it. RFC 6960 doesn't demand this check; BoringSSL has it. */
function producedAtFault(producedAt: number, { certificate, now }: OcspQuestion): string | undefined {
  const at = `its producedAt is ${isoText(producedAt)}`;
  if (!(producedAt <= now + clockSkew)) return `${at}, and it is ${isoText(now)}`;
  if (producedAt >= certificate.notBefore) return undefined;
  return `${at}, and the certificate is not valid before ${isoText(certificate.notBefore)}`;
}

/** No extension must be understood to understand a response, unless it says so: RFC 6960 §4.4 has none that should. */
function criticalExtensionFault(extensions: readonly CertificateExtension[]): string | undefined {
  const unknown = extensions.find(({ oid, critical }) => critical && oid !== OcspId["id-pkix-ocsp-nonce"]);
  return unknown && `it has the critical extension ${unknown.oid}, which is not supported`;
}

/** Revoked before unusable before good, and of two good ones that which is good for a shorter time. */
function worse(one: RevocationStatus, other: RevocationStatus): RevocationStatus {
  for (const type of ["revoked", "unusable"] as const) {
    const found = [one, other].find((status) => status.type === type);
    if (found !== undefined) return found;
  }
  return goodUntil(other) < goodUntil(one) ? other : one;
}

function goodUntil(status: RevocationStatus): number {
  return status.type === "good" && status.nextUpdate !== undefined ? status.nextUpdate : Number.POSITIVE_INFINITY;
}

function unusable(why: string): RevocationStatus {
  const text = why.length > maxTextLength ? `${why.slice(0, maxTextLength)}…` : why;
  return { type: "unusable", text: `the OCSP response can't be used: ${text}` };
}

const hashNames: Readonly<Record<string, HashElement["name"] | undefined>> = {
  [HashAlgorithm["id-sha1"]]: "sha1",
  [HashAlgorithm["id-sha256"]]: "sha256",
  [HashAlgorithm["id-sha384"]]: "sha384",
  [HashAlgorithm["id-sha512"]]: "sha512",
};

/** In characters: whoever makes a response chooses how long an object identifier in it is. */
const maxTextLength = 1000;

/** How late our clock may be, in ms. The openssl command tolerates as much. */
const clockSkew = 300_000;

/**
 * How old what is said without a nextUpdate may be, in ms: newer information was to be had all the time, so a server that
 * staples older one hasn't looked for a day. Firefox draws the line there, too.
 */
const maxAge = 86_400_000;
