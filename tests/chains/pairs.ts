/**
 * Every name constraint with every name of its form, permitted and excluded, and every name with every name wanted: each
 * pair on a path that is right in everything else.
 * @module
 */

import { constraintBases, presentedNames, wantedNames } from "./general_names.ts";
import type { AuthorityPlan, ChainPlan } from "./plan.ts";

const authority: AuthorityPlan = {
  key: "p256",
  identifiers: true,
  pathLen: false,
  purposes: "none",
  rollover: false,
};

/** A leaf, two authorities and a trust anchor, with nothing wrong. */
export const healthyPlan: ChainPlan = {
  authorities: [authority, authority, authority],
  anchor: "self-signed",
  leafKey: "p256",
  names: [0],
  subject: "common name",
  wanted: undefined,
  constraints: [],
  decoys: [],
  order: 0,
  defects: [],
};

/** What the name in question stands beside where it isn't one that a client could want. */
const another = presentedNames.findIndex(({ text }) => text === "other.example.org");
const wantedAnother = wantedNames.indexOf("other.example.org");

export const constraintPlans: readonly ChainPlan[] = constraintBases.flatMap((base, number) =>
  presentedNames.flatMap((name, presented) => {
    if (name.form !== base.form) return [];
    const wanted = wantedNames.findIndex((each) => isFor(name.text, each));
    const request = wanted < 0
      ? { names: base.form === "dns" ? [presented] : [presented, another], wanted: wantedAnother }
      : { names: [presented], wanted };
    return [{ permitted: [number], excluded: [] }, { permitted: [], excluded: [number] }].map((subtrees) => ({
      ...healthyPlan,
      ...request,
      constraints: [{ at: 1, critical: true, ...subtrees }],
    }));
  })
);

export const wantedPlans: readonly ChainPlan[] = presentedNames.flatMap((_, presented) =>
  wantedNames.map((__, wanted) => ({ ...healthyPlan, names: [presented], wanted }))
);

function isFor(presented: string, wanted: string): boolean {
  return presented.toLowerCase() === wanted || (presented === "*.example.com" && wanted === "www.example.com") ||
    (presented === "*.b.example.com" && wanted === "x.b.example.com");
}
