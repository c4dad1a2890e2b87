/**
 * Finds a path from a certificate to a trust anchor on which every check holds.
 * Enters: the chain that a peer sent, trust anchors, what is asked. Leaves: the path with all that was found out about it,
 * or the best reason why there is none. The work is limited. RFC 5280 §6.1, RFC 4158. Pure; knows neither names nor TLS.
 * @module
 */

import { equalBytes, toHex } from "../codec/bytes.ts";
import type { SignatureSchemeElement } from "../crypto/provider.ts";
import type { CertificateError } from "../error.ts";
import { issuerUrls } from "./authority_info_access.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import { demandFindings } from "./demands.ts";
import { type DistinguishedName, sameName } from "./distinguished_name.ts";
import { broken, errorOf, type Finding, type LeafEntry, type PathEntries, type PathEntry } from "./finding.ts";
import type { Issuer } from "./issuer.ts";
import { nameConstraintEffort } from "./name_constraints.ts";
import {
  constrainedEntries,
  isSelfIssued,
  issuerFindings,
  leafFindings,
  nameConstraints,
  type PathRules,
  publicKey,
  signature,
} from "./path_checks.ts";
import { type TrustAnchor, trustAnchorOf } from "./trust_anchor.ts";

/** What a path is searched for. */
export interface PathRequest extends PathRules {
  /** The peer's own certificate first, then others in any order. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly trustAnchors: TrustAnchors;
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  readonly limits?: Partial<PathLimits> | undefined;
  /** Checks of a whole path, leaf to trust anchor: they may be dear, as no stranger's certificate gets so far. */
  readonly wholePathFindings: (path: PathEntries) => Findings;
}

type Findings = Iterable<Finding | undefined>;

/** How much work is done before giving up. */
export interface PathLimits {
  /** Certificates between leaf and trust anchor, self-issued ones not counted. */
  readonly maxIntermediates: number;
  readonly maxSignatureChecks: number;
  /** Certificates that are tried as issuers, on all ways together. */
  readonly maxIssuersTried: number;
  /** Comparisons of a name with a name constraint. */
  readonly maxNameComparisons: number;
}

/** What is given replaces the default. */
export type SomePathLimits = { readonly [Name in keyof PathLimits]?: PathLimits[Name] | undefined };

/**
 * Enough for real life: paths have two or three signatures, and candidates with the right key identifier come first, so
 * that even the longest path has seven wrong turns to spare; a slow signature (P-521) takes some 15 ms in JavaScript.
 * Certificates have up to 100 names where authorities are public, and CAs that are limited to names some tens of
 * subtrees: 20 000 comparisons are 100 names under one CA with nearly 200 subtrees.
 */
export const defaultPathLimits: PathLimits = {
  maxIntermediates: 8,
  maxSignatureChecks: 16,
  maxIssuersTried: 200,
  maxNameComparisons: 20_000,
};

/** How much work was done. */
export interface PathWork {
  readonly signatureChecks: number;
  readonly issuersTried: number;
  readonly nameComparisons: number;
}

/** A path, and what was found out about it: the valid one, or the one whose fault is the best reason. */
export interface PathOutcome {
  readonly path: PathEntries;
  readonly findings: readonly Finding[];
  /** `undefined` when every check holds. */
  readonly error: CertificateError | undefined;
  readonly work: PathWork;
}

/**
 * The first valid path from `chain[0]` to a trust anchor, or the best reason why there is none.
 * RFC 5280 §6 MUST: "Conforming implementations of this specification are not required to implement this algorithm, but MUST provide functionality equivalent to the external behavior resulting from this procedure."
 * RFC 5280 §6.1 MUST: "A conforming implementation MUST include an X.509 path processing procedure that is functionally equivalent to the external behavior of this algorithm."
 */
export function findPath(request: PathRequest): PathOutcome {
  return new Search(request).outcome();
}

/** A path so far, and what was found out about it. */
interface Way {
  readonly path: PathEntries;
  readonly findings: readonly Finding[];
}

/** One depth-first search, which counts its work and remembers the best reason why it failed. */
class Search {
  readonly #request: PathRequest;
  readonly #limits: PathLimits;
  readonly #intermediates: ReadonlyMap<string, readonly PathEntry[]>;
  readonly #verified = new Map<Certificate, Map<Issuer, Finding>>();
  #work: PathWork = { signatureChecks: 0, issuersTried: 0, nameComparisons: 0 };
  #best: { readonly rank: number; readonly way: Way; readonly reason: Finding } | undefined;
  #exhausted = false;

  constructor(request: PathRequest) {
    this.#request = request;
    this.#limits = { ...defaultPathLimits, ...request.limits };
    this.#intermediates = intermediatesOf(request);
  }

  outcome(): PathOutcome {
    const { chain: [certificate], policy, trustAnchors } = this.#request;
    const isAnchor = policy.allowsLeafAsTrustAnchor &&
      trustAnchors.get(nameKey(certificate.subject))?.some(isCopyOf(certificate)) === true;
    const leaf: LeafEntry = { authority: certificate, certificate, index: 0, isAnchor };
    const start = this.#extended({ path: [leaf], findings: [] }, 3, leafFindings(leaf, this.#request));
    const whole = start && (isAnchor ? this.#completed(start) : this.#climb(start));
    if (whole !== undefined) return { ...whole, error: undefined, work: this.#work };
    const { way, reason } = this.#best ??
      { way: start ?? { path: [leaf], findings: [] }, reason: unknownIssuer([leaf]) };
    return { ...way, findings: [...way.findings, reason], error: errorOf(reason), work: this.#work };
  }

  /** The way continued to a trust anchor; `undefined` when none can be reached so. */
  #climb(way: Way): Way | undefined {
    const reasonBefore = this.#best;
    const { path } = way;
    for (const issuer of this.#possibleIssuers(path)) {
      if (!this.#spend(way, { issuersTried: 1 })) return undefined;
      if (this.#isTooLong(issuer, path)) {
        this.#note(1, way, tooLong(path, this.#limits.maxIntermediates));
        continue;
      }
      const longer = this.#accepted(issuer, way);
      const whole = longer && (issuer.isAnchor ? this.#completed(longer) : this.#climb(longer));
      if (whole !== undefined || this.#exhausted) return whole;
    }
    if (this.#best === reasonBefore) this.#note(0, way, unknownIssuer(path));
    return undefined;
  }

  /** Certificates with the right name that don't lead in a circle; those with the right key identifier first. */
  #possibleIssuers(path: PathEntries): readonly PathEntry[] {
    const { certificate } = topOf(path);
    const name = nameKey(certificate.issuer);
    const anchors = this.#request.trustAnchors.get(name)?.map((anchor) => this.#anchorEntry(anchor)) ?? [];
    // RFC 5280 §4.1.2.4 MUST: "Certificate users MUST be prepared to process the issuer distinguished name and subject distinguished name (Section 4.1.2.6) fields to perform name chaining for certification path validation (Section 6)."
    // RFC 5280 §6.1 MUST: "A certificate MUST NOT appear more than once in a prospective certification path."
    const fresh = this.#intermediates.get(name)?.filter((entry) => !path.some(isSameAuthorityAs(entry))) ?? [];
    return [...anchors, ...fresh].sort((one, other) =>
      keyMatch(certificate, other.authority) - keyMatch(certificate, one.authority)
    );
  }

  #anchorEntry(authority: TrustAnchor): PathEntry {
    const { certificate } = authority;
    const index = this.#request.chain.findIndex(({ der }) =>
      certificate !== undefined && equalBytes(der, certificate.der)
    );
    return { authority, certificate, index: index < 0 ? undefined : index, isAnchor: true };
  }

  #isTooLong(issuer: PathEntry, path: PathEntries): boolean {
    if (issuer.isAnchor) return false;
    return [...path.slice(1), issuer].filter((entry) => !isSelfIssued(entry)).length > this.#limits.maxIntermediates;
  }

  /** The way with this issuer, if the path may continue with it; when it may not, the reason is noted. */
  #accepted(issuer: PathEntry, way: Way): Way | undefined {
    const { path } = way;
    // RFC 5280 §6.1.3 MUST: "The certificate MUST satisfy each of the following:"
    const top = topOf(path);
    const isMistaken = keyMatch(top.certificate, issuer.authority) < 0;
    const withKey = this.#extended(way, 3, [publicKey(issuer, this.#request.policy)]);
    if (withKey === undefined || !this.#spend(way, { signatureChecks: this.#isVerified(top, issuer) ? 0 : 1 })) {
      return undefined;
    }
    const signed = this.#extended(withKey, isMistaken ? undefined : 2, [this.#signature(top, issuer)]);
    const place = top.index === 0 ? "leaf" : "intermediate";
    const issued = signed &&
      this.#extended(
        signed,
        3,
        demandFindings(top, { place, issuer, purpose: this.#request.purpose }, this.#request.policy.demands),
      );
    const [leaf, ...others] = path;
    const longer = issued && { ...issued, path: [leaf, ...others, issuer] } as const;
    return longer && this.#extended(longer, 3, issuerFindings(issuer, path, this.#request));
  }

  /** What concerns a whole path: its trust anchor, and all certificates together. */
  *#wholePathFindings(path: PathEntries): Findings {
    const anchor = path[path.length - 1] ?? path[0];
    const place = path.length === 1 ? "leaf" : "trustAnchor";
    const { purpose, policy } = this.#request;
    yield* demandFindings(anchor, { place, issuer: undefined, purpose }, policy.demands);
    yield* this.#request.wholePathFindings(path);
  }

  #isVerified({ certificate }: TopEntry, { authority }: PathEntry): boolean {
    return this.#verified.get(certificate)?.has(authority) === true;
  }

  /** Each signature is verified once, however many ways lead over it. */
  #signature(top: TopEntry, issuer: PathEntry): Finding {
    const byIssuer = this.#verified.get(top.certificate) ?? new Map<Issuer, Finding>();
    const finding = byIssuer.get(issuer.authority) ?? signature(top, issuer, this.#request.signatureSchemes);
    this.#verified.set(top.certificate, byIssuer.set(issuer.authority, finding));
    return finding;
  }

  /** A way that reached a trust anchor, if it holds as a whole. Name constraints are the dearest check, so come last. */
  #completed(way: Way): Way | undefined {
    const whole = this.#extended(way, 3, this.#wholePathFindings(way.path));
    if (whole === undefined) return undefined;
    const constrained = constrainedEntries(way.path);
    for (const { constraints, entry } of constrained) {
      const nameComparisons = nameConstraintEffort(constraints, entry.certificate);
      if (!this.#spend(way, { nameComparisons })) return undefined;
    }
    return this.#extended(whole, 3, constrained.map(nameConstraints));
  }

  /** The way with these findings, as long as they hold; the first that doesn't is noted, if it has a weight. */
  #extended(way: Way, weight: number | undefined, findings: Findings): Way | undefined {
    const all = [...way.findings];
    for (const finding of findings) {
      if (finding === undefined) continue;
      if (!finding.holds) {
        if (weight !== undefined) this.#note(weight, { ...way, findings: all }, finding);
        return undefined;
      }
      all.push(finding);
    }
    return { ...way, findings: all };
  }

  /** Hostile chains can have exponentially many paths: what costs time is counted before it is done. */
  #spend(way: Way, work: Partial<PathWork>): boolean {
    this.#work = {
      signatureChecks: this.#work.signatureChecks + (work.signatureChecks ?? 0),
      issuersTried: this.#work.issuersTried + (work.issuersTried ?? 0),
      nameComparisons: this.#work.nameComparisons + (work.nameComparisons ?? 0),
    };
    const limit = exceeded(this.#work, this.#limits);
    if (limit === undefined) return true;
    this.#exhausted = true;
    const [leaf] = way.path;
    const reason = broken(leaf, "effort", `no path to a trust anchor was found within ${limit}`);
    this.#best = { rank: Number.POSITIVE_INFINITY, way: { path: [leaf], findings: [] }, reason };
    return false;
  }

  /** The weightier reason stays; of equal ones that of the longer path, then the first. */
  #note(weight: number, way: Way, reason: Finding): void {
    const rank = weight * 1000 + way.path.length;
    if (this.#best === undefined || rank > this.#best.rank) this.#best = { rank, way, reason };
  }
}

function exceeded(work: PathWork, limits: PathLimits): string | undefined {
  const { maxSignatureChecks, maxIssuersTried, maxNameComparisons } = limits;
  if (work.signatureChecks > maxSignatureChecks) return `${maxSignatureChecks} signature checks`;
  if (work.issuersTried > maxIssuersTried) return `${maxIssuersTried} possible issuers`;
  if (work.nameComparisons > maxNameComparisons) return `${maxNameComparisons} comparisons with name constraints`;
  return undefined;
}

type TopEntry = PathEntry & { readonly certificate: Certificate };

/** The last certificate so far. Only a trust anchor may be none, and above it nothing is looked for. */
function topOf(path: PathEntries): TopEntry {
  const [leaf] = path;
  const top = path[path.length - 1] ?? leaf;
  return top.certificate === undefined ? leaf : { ...top, certificate: top.certificate };
}

/** 1 when the key identifiers say that this is the issuer, -1 when they say that it isn't, 0 when they say nothing. */
function keyMatch({ authorityKeyIdentifier }: Certificate, { subjectKeyIdentifier }: Issuer): number {
  if (authorityKeyIdentifier === undefined || subjectKeyIdentifier === undefined) return 0;
  return equalBytes(authorityKeyIdentifier, subjectKeyIdentifier) ? 1 : -1;
}

/** The same name with the same key: cross-signed certificates of one authority make a path longer, never better. */
function isSameAuthorityAs({ authority: one }: PathEntry): (entry: PathEntry) => boolean {
  return ({ authority: other }) => sameName(one.subject, other.subject) && equalBytes(one.spki, other.spki);
}

/** Trust anchors, each once, by their names. */
export type TrustAnchors = ReadonlyMap<string, readonly TrustAnchor[]>;

/** Trust anchors made ready to be searched: worth doing once for many paths. */
export function indexedTrustAnchors(anchors: readonly (Certificate | TrustAnchor)[]): TrustAnchors {
  const index = new Map<string, TrustAnchor[]>();
  for (const one of anchors) {
    const anchor = "der" in one ? trustAnchorOf(one) : one;
    const key = nameKey(anchor.subject);
    const others = index.get(key) ?? [];
    const isKnown = anchor.certificate !== undefined && others.some(isCopyOf(anchor.certificate));
    if (!isKnown) index.set(key, [...others, anchor]);
  }
  return index;
}

/** What may stand between the leaf and a trust anchor, each certificate once, by subject. */
function intermediatesOf({ chain, trustAnchors }: PathRequest): ReadonlyMap<string, readonly PathEntry[]> {
  const intermediates = new Map<string, PathEntry[]>();
  const seen = new Map<string, Certificate[]>();
  for (const [index, certificate] of chain.entries()) {
    // The end of a signature tells certificates apart: only a copy, or one that is made to be like it, has the same.
    const end = toHex(certificate.der.subarray(-16));
    const alike = seen.get(end) ?? [];
    if (alike.some(({ der }) => equalBytes(der, certificate.der))) continue;
    seen.set(end, [...alike, certificate]);
    const key = nameKey(certificate.subject);
    if (trustAnchors.get(key)?.some(isCopyOf(certificate)) === true) continue;
    const entry = { authority: certificate, certificate, index, isAnchor: false };
    intermediates.set(key, [...intermediates.get(key) ?? [], entry]);
  }
  return intermediates;
}

function isCopyOf({ der }: Certificate): (anchor: TrustAnchor) => boolean {
  return ({ certificate }) => certificate !== undefined && equalBytes(certificate.der, der);
}

/** Equal exactly when the names match; the keys are JSON and have no line ends. */
function nameKey({ keys }: DistinguishedName): string {
  return keys.join("\n");
}

function unknownIssuer(path: PathEntries): Finding {
  const top = topOf(path);
  const { certificate } = top;
  const alert = "unknown_ca";
  const isAlone = path.length === 1;
  if (isSelfIssued(top) && keyMatch(certificate, certificate) >= 0) {
    const code = isAlone ? "DEPTH_ZERO_SELF_SIGNED_CERT" : "SELF_SIGNED_CERT_IN_CHAIN";
    return broken(top, "path", "it is self-signed and not a trust anchor", { alert, code });
  }
  const { issuer, authorityKeyIdentifier } = certificate;
  const missingIssuer = {
    issuer: issuer.der.slice(),
    issuerText: issuer.text,
    keyIdentifier: authorityKeyIdentifier?.slice(),
    urls: issuerUrls(certificate),
  };
  const code = isAlone ? "UNABLE_TO_VERIFY_LEAF_SIGNATURE" : "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  const text = `its issuer "${issuer.text}" is neither a trust anchor nor in the chain that the peer sent`;
  return broken(top, "path", text, { alert, code, missingIssuer });
}

function tooLong(path: PathEntries, maxIntermediates: number): Finding {
  const text = `the path from ${certificateText(path[0].certificate)} has more than ${maxIntermediates} intermediates`;
  return broken(topOf(path), "path", text, { code: "CERT_CHAIN_TOO_LONG" });
}
