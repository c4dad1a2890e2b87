/**
 * The entry tlschart/roots: whom the web trusts, for runtimes that don't tell (browsers, Workers).
 * Leaves: the roots of Mozilla's list as Node ships it, as trust anchors. They are as old as the release that they stand
 * in: CAs come, and go because they failed, so a runtime's own list is better where there is one.
 * @module
 */

import { packedRoots, packedSource } from "./roots/data.ts";
import { packedBytes, unpackRoots } from "./roots/unpack.ts";
import { createTrustAnchor, type TrustAnchor } from "./x509/trust_anchor.ts";

export type { TrustAnchor } from "./x509/trust_anchor.ts";

/** Where the roots come from. `date`: of that release (`2026-10-21`). `source`: which one, for people. `count`: how many. */
export const rootsSource: { readonly date: string; readonly source: string; readonly count: number } = {
  date: packedSource.date,
  source: `Node.js ${packedSource.nodeVersion}` +
    (packedSource.nssVersion === undefined ? "" : ` (NSS ${packedSource.nssVersion})`),
  count: packedSource.count,
};

let anchors: readonly TrustAnchor[] | undefined;

/**
 * The roots, as trust anchors without certificates: name, key, key identifier, end of validity, and name constraints
 * where Mozilla limits one. Decoded at the first call, once. Of a root's certificate pathLenConstraint isn't kept.
 *
 * @example
 * const trustAnchors = rootTrustAnchors();
 */
export function rootTrustAnchors(): readonly TrustAnchor[] {
  anchors ??= unpackRoots(packedBytes(packedRoots)).map(createTrustAnchor);
  return anchors;
}
