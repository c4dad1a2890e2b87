/**
 * An OCSP response, taken apart.
 * Enters: DER, as a server staples it. Leaves: what the responder says of which certificates, as views of those bytes;
 * DecodeError says which field is wrong, where and why.
 * RFC 6960 §4.2.1. Trusts nothing and checks no signature: that is `ocsp.ts`.
 * @module
 */

import { registeredName } from "../registry.ts";
import { type AlgorithmIdentifier, decodeAlgorithmIdentifier, namedSignatureAlgorithm } from "./algorithm.ts";
import {
  constructedContextTag,
  contextTag,
  decodeSmallInteger,
  decodeTime,
  type DerElement,
  derError,
  DerReader,
  Tag,
} from "./der.ts";
import { decodeDistinguishedName, type DistinguishedName } from "./distinguished_name.ts";
import { type CertificateExtension, decodeExtensions } from "./extensions.ts";
import type { Signed } from "./issuer.ts";
import { OcspId } from "./oids.ts";
import { CrlReason, type CrlReasonName } from "./revocation.ts";

/** RFC 6960 §4.2.1: OCSPResponseStatus. */
export const OcspResponseStatus = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;
export type OcspResponseStatusName = keyof typeof OcspResponseStatus;

/** What a responder answers. */
export type OcspResponse =
  | { readonly type: "basic"; readonly basic: BasicOcspResponse }
  /** Successful, but in a syntax that isn't `id-pkix-ocsp-basic`. `responseType` is an object identifier. */
  | { readonly type: "unsupported"; readonly responseType: string }
  /** Nothing is said of any certificate, and nothing is signed. */
  | { readonly type: "error"; readonly responseStatus: Exclude<OcspResponseStatusName, "successful"> };

/** `tbs` is the DER of ResponseData. */
export interface BasicOcspResponse extends Signed {
  readonly responderId: ResponderId;
  /** When it was signed, in ms since 1970. */
  readonly producedAt: number;
  readonly responses: readonly SingleResponse[];
  readonly responseExtensions: readonly CertificateExtension[];
  /** DER of each certificate that came along, not decoded: most have one at most. */
  readonly certs: readonly Uint8Array[];
}

/** Who signed. A key is told by the SHA-1 hash of its bits. */
export type ResponderId =
  | { readonly type: "byName"; readonly name: DistinguishedName }
  | { readonly type: "byKey"; readonly keyHash: Uint8Array };

/** What is said of one certificate. All times in ms since 1970. */
export interface SingleResponse {
  readonly certId: CertId;
  readonly certStatus: CertStatus;
  /** When that was known to be so. */
  readonly thisUpdate: number;
  /** When more will be known, at the latest. */
  readonly nextUpdate: number | undefined;
  readonly singleExtensions: readonly CertificateExtension[];
}

/** Which certificate: hashes of its issuer's name and key, and its serial number. */
export interface CertId {
  readonly hashAlgorithm: AlgorithmIdentifier;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Big-endian two's complement, as it stands. */
  readonly serialNumber: Uint8Array;
}

export type CertStatus =
  | { readonly type: "good" }
  | {
    readonly type: "revoked";
    readonly revocationTime: number;
    /** `undefined` also for a number that isn't a CRLReason: what is revoked for unknown reasons is revoked. */
    readonly revocationReason: CrlReasonName | undefined;
  }
  | { readonly type: "unknown" };

/** Decodes bytes that are exactly one OCSPResponse. */
export function decodeOcspResponse(der: Uint8Array): OcspResponse {
  if (der.length > maxOcspResponseLength) {
    const rule = `${der.length} bytes are more than the ${maxOcspResponseLength} that are allowed`;
    throw derError("OCSPResponse", 0, rule);
  }
  const reader = new DerReader(der);
  const fields = reader.enter(Tag.SEQUENCE, "OCSPResponse");
  reader.end("OCSPResponse");
  const responseStatus = decodeResponseStatus(fields);
  const offset = fields.offset;
  const explicit = fields.enterOptional(constructedContextTag(0), "OCSPResponse.responseBytes");
  fields.end("OCSPResponse");
  if (responseStatus !== "successful") {
    if (explicit === undefined) return { type: "error", responseStatus };
    throw derError("OCSPResponse.responseBytes", offset, `they must not be there with the status ${responseStatus}`);
  }
  if (explicit === undefined) throw derError("OCSPResponse.responseBytes", offset, "they are missing");
  const responseBytes = explicit.enter(Tag.SEQUENCE, "responseBytes");
  explicit.end("OCSPResponse.responseBytes");
  const responseType = responseBytes.objectIdentifier("responseBytes.responseType");
  const response = responseBytes.expect(Tag["OCTET STRING"], "responseBytes.response");
  responseBytes.end("responseBytes");
  if (responseType !== OcspId["id-pkix-ocsp-basic"]) return { type: "unsupported", responseType };
  // RFC 6960 §2.2 MUST: "There is one basic type of OCSP response that MUST be supported by all OCSP servers and clients."
  // RFC 6960 §4.2.1 SHALL: "Correspondingly, OCSP clients SHALL be capable of receiving and processing responses of the id-pkix-ocsp-basic response type."
  // RFC 6960 §4.2.1 SHALL: "The value for response SHALL be the DER encoding of BasicOCSPResponse."
  return { type: "basic", basic: decodeBasic(responseBytes.inside(response, "responseBytes.response")) };
}

function decodeResponseStatus(reader: DerReader): OcspResponseStatusName {
  const element = reader.expect(Tag.ENUMERATED, "OCSPResponse.responseStatus");
  const number = decodeSmallInteger(element, "OCSPResponse.responseStatus");
  const name = registeredName(OcspResponseStatus, number);
  if (name === undefined) throw derError("OCSPResponse.responseStatus", element.offset, `${number} is not one`);
  return name;
}

function decodeBasic(reader: DerReader): BasicOcspResponse {
  const fields = reader.enter(Tag.SEQUENCE, "BasicOCSPResponse");
  reader.end("responseBytes.response");
  const tbs = fields.expect(Tag.SEQUENCE, "tbsResponseData");
  const responseData = decodeResponseData(fields.inside(tbs, "tbsResponseData"));
  const algorithm = namedSignatureAlgorithm(decodeAlgorithmIdentifier(fields, "BasicOCSPResponse.signatureAlgorithm"));
  const signature = fields.octetAlignedBitString("BasicOCSPResponse.signature");
  const certs = decodeCerts(fields);
  fields.end("BasicOCSPResponse");
  return {
    ...responseData,
    certs,
    tbs: tbs.whole,
    signatureAlgorithm: algorithm.algorithm,
    signatureAlgorithmText: algorithm.text,
    signature,
  };
}

function decodeCerts(fields: DerReader): readonly Uint8Array[] {
  const explicit = fields.enterOptional(constructedContextTag(0), "BasicOCSPResponse.certs");
  if (explicit === undefined) return [];
  const list = explicit.enter(Tag.SEQUENCE, "BasicOCSPResponse.certs");
  explicit.end("BasicOCSPResponse.certs");
  return listed(list, () => list.expect(Tag.SEQUENCE, "BasicOCSPResponse.certs").whole);
}

type ResponseData = Omit<BasicOcspResponse, keyof Signed | "certs">;

function decodeResponseData(reader: DerReader): ResponseData {
  checkVersion(reader);
  const responderId = decodeResponderId(reader);
  const producedAt = generalizedTime(reader, "tbsResponseData.producedAt");
  const list = reader.enter(Tag.SEQUENCE, "tbsResponseData.responses");
  const responses = listed(list, () => decodeSingleResponse(list.enter(Tag.SEQUENCE, "tbsResponseData.responses")));
  const responseExtensions = decodeExtensionsField(reader, "tbsResponseData.responseExtensions");
  reader.end("tbsResponseData");
  return { responderId, producedAt, responses, responseExtensions };
}

function checkVersion(reader: DerReader): void {
  const offset = reader.offset;
  const explicit = reader.enterOptional(constructedContextTag(0), "tbsResponseData.version");
  if (explicit === undefined) return;
  // X.690 §11.5 DEVIATION: v1 may be written, though DER leaves defaults out, because the bytes are signed as they stand.
  const version = explicit.smallInteger("tbsResponseData.version");
  explicit.end("tbsResponseData.version");
  // RFC 6960 §4.2.2.3 MUST: "the version of the response syntax, which MUST be v1 (value is 0)"
  if (version !== 0) throw derError("tbsResponseData.version", offset, `the number ${version} is not v1 (0)`);
}

function decodeResponderId(reader: DerReader): ResponderId {
  const what = "tbsResponseData.responderID";
  const byName = reader.enterOptional(constructedContextTag(1), what);
  if (byName !== undefined) {
    const name = decodeDistinguishedName(byName, `${what}.byName`);
    byName.end(what);
    return { type: "byName", name };
  }
  const byKey = reader.enter(constructedContextTag(2), what);
  const keyHash = byKey.octetString(`${what}.byKey`);
  byKey.end(what);
  return { type: "byKey", keyHash };
}

function decodeSingleResponse(reader: DerReader): SingleResponse {
  const certId = decodeCertId(reader.enter(Tag.SEQUENCE, "SingleResponse.certID"));
  const certStatus = decodeCertStatus(reader);
  const thisUpdate = generalizedTime(reader, "SingleResponse.thisUpdate");
  const explicit = reader.enterOptional(constructedContextTag(0), "SingleResponse.nextUpdate");
  const nextUpdate = explicit && generalizedTime(explicit, "SingleResponse.nextUpdate");
  explicit?.end("SingleResponse.nextUpdate");
  const singleExtensions = decodeExtensionsField(reader, "SingleResponse.singleExtensions");
  reader.end("SingleResponse");
  return { certId, certStatus, thisUpdate, nextUpdate, singleExtensions };
}

function decodeCertId(reader: DerReader): CertId {
  const hashAlgorithm = decodeAlgorithmIdentifier(reader, "CertID.hashAlgorithm");
  const issuerNameHash = reader.octetString("CertID.issuerNameHash");
  const issuerKeyHash = reader.octetString("CertID.issuerKeyHash");
  const serialNumber = reader.integer("CertID.serialNumber");
  reader.end("CertID");
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
}

function decodeCertStatus(reader: DerReader): CertStatus {
  const what = "SingleResponse.certStatus";
  for (const [number, type] of [[0, "good"], [2, "unknown"]] as const) {
    const element = reader.optional(contextTag(number), what);
    if (element === undefined) continue;
    checkNull(element, what);
    return { type };
  }
  const revoked = reader.enter(constructedContextTag(1), what);
  const revocationTime = generalizedTime(revoked, `${what}.revocationTime`);
  const explicit = revoked.enterOptional(constructedContextTag(0), `${what}.revocationReason`);
  const revocationReason = explicit && decodeReason(explicit, `${what}.revocationReason`);
  revoked.end(what);
  return { type: "revoked", revocationTime, revocationReason };
}

function decodeReason(reader: DerReader, what: string): CrlReasonName | undefined {
  const number = decodeSmallInteger(reader.expect(Tag.ENUMERATED, what), what);
  reader.end(what);
  return registeredName(CrlReason, number);
}

function checkNull({ content, offset }: DerElement, what: string): void {
  if (content.length > 0) throw derError(what, offset, `NULL has ${content.length} bytes of content`);
}

function decodeExtensionsField(reader: DerReader, what: string): readonly CertificateExtension[] {
  const explicit = reader.enterOptional(constructedContextTag(1), what);
  if (explicit === undefined) return [];
  const list = explicit.enter(Tag.SEQUENCE, what);
  explicit.end(what);
  return decodeExtensions(list, what).extensions;
}

/** RFC 6960 §4.2.2.1: "The format for GeneralizedTime is as specified in Section 4.1.2.5.2 of [RFC5280]." */
function generalizedTime(reader: DerReader, what: string): number {
  return decodeTime(reader.expect(Tag.GeneralizedTime, what), what);
}

function listed<Item>(list: DerReader, next: () => Item): readonly Item[] {
  const items: Item[] = [];
  while (list.remaining > 0) items.push(next());
  return items;
}

/** Responses in use have one or two kB: one status, and one certificate at most. */
const maxOcspResponseLength = 2 ** 16;
