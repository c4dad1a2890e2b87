/**
 * Where an issuer's revocation lists are found, and which part of its certificates one of them is about.
 * Enters: DER of a certificate's cRLDistributionPoints, or of a list's issuingDistributionPoint. Leaves: names as bytes,
 * which is how they are compared, reasons and flags; DecodeError says what is wrong.
 * RFC 5280 §4.2.1.13, §5.2.5. Which list is about which certificate is decided in `crl_checks.ts`.
 * @module
 */

import {
  constructedContextTag,
  contextTag,
  decodeBitString,
  decodeBoolean,
  type DerElement,
  derError,
  DerReader,
  Tag,
  tagText,
} from "./der.ts";
import { decodeGeneralName } from "./general_name.ts";
import type { CrlReasonName } from "./revocation.ts";

/** RFC 5280 §6.3.2 (a): what a list may be limited to. */
export type RevocationReason = Exclude<CrlReasonName, "unspecified" | "removeFromCRL">;

export interface DistributionPoint {
  /** DER of each name in distributionPoint, with its tag; none when the field is absent. */
  readonly names: readonly Uint8Array[];
  /** Which revocations are found there; `undefined` for all. */
  readonly reasons: readonly RevocationReason[] | undefined;
  /** Whether it has cRLIssuer: the list is not by the certificate's issuer. */
  readonly hasCrlIssuer: boolean;
}

export interface IssuingDistributionPoint {
  /** DER of each name in distributionPoint, with its tag; `undefined` when the field is absent. */
  readonly names: readonly Uint8Array[] | undefined;
  /** The one of the three flags onlyContains… that is set. */
  readonly onlyContains: "userCerts" | "cACerts" | "attributeCerts" | undefined;
  readonly onlySomeReasons: readonly RevocationReason[] | undefined;
  /** Whether certificates of other issuers are on the list too. */
  readonly indirectCRL: boolean;
}

/** By the bits of ReasonFlags; bit 0 is not used. */
const reasonFlags: readonly (RevocationReason | undefined)[] = [
  undefined,
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "privilegeWithdrawn",
  "aACompromise",
];

/** RFC 5280 §6.3.2 (a): all-reasons. */
export const allReasons: readonly RevocationReason[] = reasonFlags.filter((reason) => reason !== undefined);

//  CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
export function decodeDistributionPoints(outer: DerReader): readonly DistributionPoint[] {
  const what = "cRLDistributionPoints";
  const list = outer.enter(Tag.SEQUENCE, what);
  outer.end(what);
  const points: DistributionPoint[] = [];
  if (list.remaining === 0) throw derError(what, list.offset, "the list is empty");
  while (list.remaining > 0) points.push(decodeDistributionPoint(list.enter(Tag.SEQUENCE, what), what));
  return points;
}

//  DistributionPoint ::= SEQUENCE {
//       distributionPoint       [0]     DistributionPointName OPTIONAL,
//       reasons                 [1]     ReasonFlags OPTIONAL,
//       cRLIssuer               [2]     GeneralNames OPTIONAL }
function decodeDistributionPoint(fields: DerReader, what: string): DistributionPoint {
  const { offset } = fields;
  const names = decodeDistributionPointName(fields, `${what}.distributionPoint`);
  const reasons = fields.optional(contextTag(1), `${what}.reasons`);
  const cRLIssuer = fields.enterOptional(constructedContextTag(2), `${what}.cRLIssuer`);
  fields.end(what);
  // RFC 5280 §4.2.1.13 MUST: "a DistributionPoint MUST NOT consist of only the reasons field; either distributionPoint or cRLIssuer MUST be present."
  if (names === undefined && cRLIssuer === undefined) throw derError(what, offset, "it names neither place nor issuer");
  if (cRLIssuer !== undefined) decodeNames(cRLIssuer, `${what}.cRLIssuer`);
  return {
    names: names ?? [],
    reasons: reasons && decodeReasonFlags(reasons, `${what}.reasons`),
    hasCrlIssuer: cRLIssuer !== undefined,
  };
}

//  IssuingDistributionPoint ::= SEQUENCE {
//       distributionPoint          [0] DistributionPointName OPTIONAL,
//       onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
//       onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
//       onlySomeReasons            [3] ReasonFlags OPTIONAL,
//       indirectCRL                [4] BOOLEAN DEFAULT FALSE,
//       onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
export function decodeIssuingDistributionPoint(outer: DerReader): IssuingDistributionPoint {
  const what = "issuingDistributionPoint";
  const fields = outer.enter(Tag.SEQUENCE, what);
  outer.end(what);
  const { offset } = fields;
  // RFC 5280 §5.2.5 MUST: "Conforming CRLs issuers MUST NOT issue CRLs where the DER encoding of the issuing distribution point extension is an empty sequence."
  // RFC 5280 §5.2.5 MUST: "That is, if onlyContainsUserCerts, onlyContainsCACerts, indirectCRL, and onlyContainsAttributeCerts are all FALSE, then either the distributionPoint field or the onlySomeReasons field MUST be present."
  if (fields.remaining === 0) throw derError(what, offset, "it is empty");
  const names = decodeDistributionPointName(fields, `${what}.distributionPoint`);
  const userCerts = decodeFlag(fields, 1, `${what}.onlyContainsUserCerts`);
  const cACerts = decodeFlag(fields, 2, `${what}.onlyContainsCACerts`);
  const reasons = fields.optional(contextTag(3), `${what}.onlySomeReasons`);
  const indirectCRL = decodeFlag(fields, 4, `${what}.indirectCRL`);
  const attributeCerts = decodeFlag(fields, 5, `${what}.onlyContainsAttributeCerts`);
  fields.end(what);
  const set = [userCerts && "userCerts", cACerts && "cACerts", attributeCerts && "attributeCerts"] as const;
  const [onlyContains, second] = set.filter((name) => name !== false);
  // RFC 5280 §5.2.5: "at most one of onlyContainsUserCerts, onlyContainsCACerts, … may be set to TRUE."
  if (second !== undefined) throw derError(what, offset, `it contains only ${onlyContains}, and only ${second}`);
  const onlySomeReasons = reasons && decodeReasonFlags(reasons, `${what}.onlySomeReasons`);
  return { names, onlyContains, onlySomeReasons, indirectCRL };
}

//  DistributionPointName ::= CHOICE {
//       fullName                [0]     GeneralNames,
//       nameRelativeToCRLIssuer [1]     RelativeDistinguishedName }
function decodeDistributionPointName(fields: DerReader, what: string): readonly Uint8Array[] | undefined {
  // DistributionPointName is a CHOICE, so its tag is explicit (X.680 §31.2.7).
  const choice = fields.enterOptional(constructedContextTag(0), what);
  if (choice === undefined) return undefined;
  const element = choice.element(what);
  choice.end(what);
  if (element.tag === constructedContextTag(0)) return decodeNames(choice.inside(element, what), `${what}.fullName`);
  if (element.tag !== constructedContextTag(1)) {
    throw derError(what, element.offset, `${tagText(element.tag)} is not a form of DistributionPointName`);
  }
  const attributes = choice.inside(element, what);
  if (attributes.remaining === 0) throw derError(what, element.offset, "an empty RelativeDistinguishedName");
  while (attributes.remaining > 0) attributes.expect(Tag.SEQUENCE, what);
  return [element.whole];
}

//  GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName
function decodeNames(list: DerReader, what: string): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  if (list.remaining === 0) throw derError(what, list.offset, "the list is empty");
  while (list.remaining > 0) {
    const { whole, offset } = list.element(what);
    decodeGeneralName(new DerReader(whole, offset), what);
    names.push(whole);
  }
  return names;
}

function decodeFlag(fields: DerReader, number: number, what: string): boolean {
  const element = fields.optional(contextTag(number), what);
  if (element === undefined) return false;
  if (decodeBoolean(element, what)) return true;
  throw derError(what, element.offset, "FALSE, the default, is written (X.690 §11.5)");
}

function decodeReasonFlags(element: DerElement, what: string): readonly RevocationReason[] {
  const { bytes, unusedBits } = decodeBitString(element, what);
  const last = bytes[bytes.length - 1];
  if (last !== undefined && (last >> unusedBits & 1) === 0) {
    throw derError(what, element.offset, "zero bits at the end are written (X.690 §11.2.2)");
  }
  return allReasons.filter((reason) => {
    const bit = reasonFlags.indexOf(reason);
    return ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  });
}
