/**
 * Finds a path from a certificate to a trust anchor on which every check of RFC 5280 §6 holds.
 * Enters: the chain that a peer sent, trust anchors, purpose and time. Leaves: a path, or CertificateError with the
 * best reason why there is none. The work is limited. RFC 5280 §6.1, RFC 4158. Pure; knows neither names nor TLS.
 * @module
 */

import { equalBytes, latin1Text } from "../codec/bytes.ts";
import type { SignatureSchemeElement } from "../crypto/provider.ts";
import { CertificateError, type MissingIssuer } from "../error.ts";
import { issuerUrls } from "./authority_info_access.ts";
import { type Certificate, certificateText } from "./certificate.ts";
import { type DistinguishedName, sameName } from "./distinguished_name.ts";
import { nameConstraintEffort } from "./name_constraints.ts";
import {
  type CertificatePurpose,
  checkIssuer,
  checkLeaf,
  checkNameConstraints,
  checkPublicKey,
  checkSignature,
  checkValidity,
  constrainedEntries,
  isSelfIssued,
  type PathEntries,
  type PathEntry,
  refused,
} from "./path_checks.ts";

export type { CertificatePurpose } from "./path_checks.ts";

export interface PathRequest {
  /** As the peer sent it: its own certificate first, then others in any order. */
  readonly chain: readonly Certificate[];
  readonly trustAnchors: readonly Certificate[];
  readonly signatureSchemes: readonly SignatureSchemeElement[];
  readonly purpose: CertificatePurpose;
  /** In ms since 1970. */
  readonly now: number;
  /** Whether a trust anchor must be valid now, as every other certificate. Default: it must. */
  readonly checkAnchorValidity?: boolean | undefined;
  readonly limits?: Partial<PathLimits> | undefined;
}

/** How much work is done before giving up. */
export interface PathLimits {
  /** Certificates between leaf and trust anchor. */
  readonly maxIntermediates: number;
  readonly maxSignatureChecks: number;
  /** Comparisons of a name with a name constraint. */
  readonly maxNameComparisons: number;
}

/**
 * Enough for real life: paths have two or three signatures, and candidates with the right key identifier come first, so
 * that even the longest path has seven wrong turns to spare; a slow signature (P-521) takes some 15 ms in JavaScript.
 * Certificates have up to 100 names where authorities are public, and CAs that are limited to names some tens of
 * subtrees: 20 000 comparisons are 100 names under one CA with nearly 200 subtrees.
 */
export const defaultPathLimits: PathLimits = {
  maxIntermediates: 8,
  maxSignatureChecks: 16,
  maxNameComparisons: 20_000,
};

/** Leaf first, trust anchor last; a leaf that is a trust anchor is alone. */
export type CertificationPath = readonly [Certificate, ...Certificate[]];

/**
 * The first valid path from `chain[0]` to a trust anchor. Throws CertificateError when there is none.
 *
 * @example
 * const path = findPath({ chain, trustAnchors, signatureSchemes, purpose: "serverAuth", now });
 * path.at(-1); // the trust anchor
 */
export function findPath(request: PathRequest): CertificationPath {
  const [leaf] = request.chain;
  if (leaf === undefined) {
    throw new CertificateError("bad_certificate", "Cannot accept the peer: it sent no certificate", { check: "path" });
  }
  const pool = poolOf(request);
  const isAnchor = pool.anchors.get(nameKey(leaf.subject))?.some(isCopyOf(leaf)) === true;
  const entry: PathEntry = { certificate: leaf, index: 0, isAnchor };
  checkLeaf(entry, request.purpose, request.now);
  if (isAnchor) return [leaf];
  const search = new Search(request, pool);
  const path = search.climb([entry]);
  if (path === undefined) throw search.bestReason ?? unknownIssuer([entry]);
  const [first, ...others] = path;
  return [first.certificate, ...others.map(({ certificate }) => certificate)];
}

/** One depth-first search, which counts its work and remembers the best reason why it failed. */
class Search {
  readonly #request: PathRequest;
  readonly #limits: PathLimits;
  readonly #pool: Pool;
  #signatureChecks = 0;
  #nameComparisons = 0;
  #best: { readonly rank: number; readonly reason: CertificateError } | undefined;

  constructor(request: PathRequest, pool: Pool) {
    this.#request = request;
    this.#limits = { ...defaultPathLimits, ...request.limits };
    this.#pool = pool;
  }

  get bestReason(): CertificateError | undefined {
    return this.#best?.reason;
  }

  /** The path continued to a trust anchor; `undefined` when none can be reached this way. */
  climb(path: PathEntries): PathEntries | undefined {
    const reasonBefore = this.#best;
    for (const issuer of this.#possibleIssuers(path)) {
      if (!issuer.isAnchor && path.length > this.#limits.maxIntermediates) {
        this.#note(1, path, tooLong(path, this.#limits.maxIntermediates));
        continue;
      }
      if (!this.#accepts(issuer, path)) continue;
      const longer: PathEntries = [...path, issuer];
      if (issuer.isAnchor) {
        if (this.#allowsNames(longer)) return longer;
        continue;
      }
      const whole = this.climb(longer);
      if (whole !== undefined) return whole;
    }
    if (this.#best === reasonBefore) this.#note(0, path, unknownIssuer(path));
    return undefined;
  }

  /** Certificates with the right name that don't lead in a circle; those with the right key identifier first. */
  #possibleIssuers(path: PathEntries): readonly PathEntry[] {
    const { certificate } = path[path.length - 1] ?? path[0];
    const name = nameKey(certificate.issuer);
    const fresh = this.#pool.intermediates.get(name)?.filter((entry) => !path.some(isSameAuthorityAs(entry))) ?? [];
    return [...this.#pool.anchors.get(name) ?? [], ...fresh].sort((one, other) =>
      keyMatch(certificate, other) - keyMatch(certificate, one)
    );
  }

  /** Whether the path may continue with this issuer; when it may not, the reason is noted. */
  #accepts(issuer: PathEntry, path: PathEntries): boolean {
    const top = path[path.length - 1] ?? path[0];
    const { signatureSchemes, purpose, now, checkAnchorValidity = true } = this.#request;
    this.#spend(path, 1, 0);
    const mistaken = keyMatch(top.certificate, issuer) < 0;
    return this.#holds(3, path, () => checkPublicKey(issuer)) &&
      this.#holds(mistaken ? undefined : 2, path, () => checkSignature(top, issuer, signatureSchemes)) &&
      this.#holds(3, path, () => {
        if (!issuer.isAnchor || checkAnchorValidity) checkValidity(issuer, now);
        checkIssuer(issuer, path, purpose);
      });
  }

  /** Whether all CAs of a whole path may certify the names below them: the dearest check, so it comes last. */
  #allowsNames(path: PathEntries): boolean {
    const constrained = constrainedEntries(path);
    for (const { constraints, entry } of constrained) {
      this.#spend(path, 0, nameConstraintEffort(constraints, entry.certificate));
    }
    return this.#holds(3, path, () => constrained.forEach(checkNameConstraints));
  }

  #holds(weight: number | undefined, path: PathEntries, check: () => void): boolean {
    try {
      check();
      return true;
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      if (weight !== undefined) this.#note(weight, path, error);
      return false;
    }
  }

  /** Hostile chains can have exponentially many paths: what costs time is counted before it is done. */
  #spend(path: PathEntries, signatureChecks: number, nameComparisons: number): void {
    this.#signatureChecks += signatureChecks;
    this.#nameComparisons += nameComparisons;
    const { maxSignatureChecks, maxNameComparisons } = this.#limits;
    if (this.#signatureChecks <= maxSignatureChecks && this.#nameComparisons <= maxNameComparisons) return;
    const limit = this.#signatureChecks > maxSignatureChecks
      ? `${maxSignatureChecks} signature checks`
      : `${maxNameComparisons} comparisons with name constraints`;
    throw refused(
      path[0],
      "bad_certificate",
      "effort",
      undefined,
      `no path to a trust anchor was found within ${limit}`,
    );
  }

  /** The weightier reason stays; of equal ones that of the longer path, then the first. */
  #note(weight: number, path: PathEntries, reason: CertificateError): void {
    const rank = weight * 1000 + path.length;
    if (this.#best === undefined || rank > this.#best.rank) this.#best = { rank, reason };
  }
}

/** 1 when the key identifiers say that this is the issuer, -1 when they say that it isn't, 0 when they say nothing. */
function keyMatch(
  { authorityKeyIdentifier }: Certificate,
  { certificate: { subjectKeyIdentifier } }: PathEntry,
): number {
  if (authorityKeyIdentifier === undefined || subjectKeyIdentifier === undefined) return 0;
  return equalBytes(authorityKeyIdentifier, subjectKeyIdentifier) ? 1 : -1;
}

/** The same name with the same key: cross-signed certificates of one authority make a path longer, never better. */
function isSameAuthorityAs({ certificate: one }: PathEntry): (entry: PathEntry) => boolean {
  return ({ certificate: other }) => sameName(one.subject, other.subject) && equalBytes(one.spki, other.spki);
}

/** What may stand above the leaf, each certificate once, by subject. */
interface Pool {
  readonly anchors: ReadonlyMap<string, readonly PathEntry[]>;
  readonly intermediates: ReadonlyMap<string, readonly PathEntry[]>;
}

function poolOf({ chain, trustAnchors }: PathRequest): Pool {
  const anchors = new Map<string, PathEntry[]>();
  const isAnchor = (certificate: Certificate): boolean =>
    anchors.get(nameKey(certificate.subject))?.some(isCopyOf(certificate)) === true;
  for (const certificate of trustAnchors) {
    const index = chain.findIndex(({ der }) => equalBytes(der, certificate.der));
    const entry = { certificate, index: index < 0 ? undefined : index, isAnchor: true };
    if (!isAnchor(certificate)) addTo(anchors, entry);
  }
  const intermediates = new Map<string, PathEntry[]>();
  const seen = new Set<string>();
  for (const [index, certificate] of chain.entries()) {
    const id = latin1Text(certificate.der);
    if (!seen.has(id) && !isAnchor(certificate)) addTo(intermediates, { certificate, index, isAnchor: false });
    seen.add(id);
  }
  return { anchors, intermediates };
}

function addTo(bySubject: Map<string, PathEntry[]>, entry: PathEntry): void {
  const key = nameKey(entry.certificate.subject);
  const entries = bySubject.get(key);
  if (entries === undefined) bySubject.set(key, [entry]);
  else entries.push(entry);
}

function isCopyOf({ der }: Certificate): (entry: PathEntry) => boolean {
  return ({ certificate }) => equalBytes(certificate.der, der);
}

/** Equal exactly when the names match; the keys are JSON and have no line ends. */
function nameKey({ keys }: DistinguishedName): string {
  return keys.join("\n");
}

function unknownIssuer(path: PathEntries): CertificateError {
  const top = path[path.length - 1] ?? path[0];
  const { certificate } = top;
  const isAlone = path.length === 1;
  if (isSelfIssued(certificate) && keyMatch(certificate, top) >= 0) {
    const code = isAlone ? "DEPTH_ZERO_SELF_SIGNED_CERT" : "SELF_SIGNED_CERT_IN_CHAIN";
    return refused(top, "unknown_ca", "path", code, "it is self-signed and not a trust anchor");
  }
  const code = isAlone ? "UNABLE_TO_VERIFY_LEAF_SIGNATURE" : "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  const why = `its issuer "${certificate.issuer.text}" is neither a trust anchor nor in the chain that the peer sent`;
  return refused(top, "unknown_ca", "path", code, why, missingIssuerOf(certificate));
}

function missingIssuerOf(certificate: Certificate): MissingIssuer {
  const { issuer, authorityKeyIdentifier } = certificate;
  return {
    issuer: issuer.der.slice(),
    issuerText: issuer.text,
    keyIdentifier: authorityKeyIdentifier?.slice(),
    urls: issuerUrls(certificate),
  };
}

function tooLong(path: PathEntries, maxIntermediates: number): CertificateError {
  const why = `the path from ${certificateText(path[0].certificate)} has more than ${maxIntermediates} intermediates`;
  return refused(path[path.length - 1] ?? path[0], "bad_certificate", "path", "CERT_CHAIN_TOO_LONG", why);
}
