/**
 * The plan of a random certification path, and of what lies around it: plain data that fast-check makes and shrinks.
 * What it stands for is said in `random_chain.ts`.
 * @module
 */

import fc from "fast-check";
import { constraintBases, presentedNames, wantedNames } from "./general_names.ts";
import type { KeyKind } from "./keys.ts";

/** What the peer sends, or the client trusts, beside the path. */
export const decoyTypes = [
  "duplicate",
  "anchor sent",
  "stranger",
  "cross-signed by a stranger",
  "cross-signed by an anchor",
  "other key",
  "twin with a defect",
  "circle",
  "namesake of the anchor",
  "expired twin of the anchor",
] as const;

export interface AuthorityPlan {
  readonly key: KeyKind;
  /** Whether it has a subjectKeyIdentifier, and what it issues an authorityKeyIdentifier. */
  readonly identifiers: boolean;
  /** Whether it has the smallest pathLenConstraint that allows what is below it. */
  readonly pathLen: boolean;
  readonly purposes: "none" | "server" | "any" | "several";
  /** Whether it has changed its key: a self-issued certificate stands between it and what it issues. */
  readonly rollover: boolean;
}

export interface ConstraintPlan {
  /** Which authority has it, counted from the leaf's issuer. */
  readonly at: number;
  readonly critical: boolean;
  /** Places in `constraintBases`. */
  readonly permitted: readonly number[];
  readonly excluded: readonly number[];
}

export interface DecoyPlan {
  readonly type: typeof decoyTypes[number];
  /** Which authority it resembles. */
  readonly at: number;
  readonly defect: number;
}

export interface DefectPlan {
  /** Place in `defects`. */
  readonly defect: number;
  /** Which of the certificates that can have it, counted from the leaf. */
  readonly at: number;
}

export interface ChainPlan {
  /** From the leaf's issuer to the trust anchor, which is the last one. */
  readonly authorities: readonly AuthorityPlan[];
  readonly anchor: "self-signed" | "cross-signed" | "version 1";
  readonly leafKey: KeyKind;
  /** Places in `presentedNames`; none is no subjectAltName. */
  readonly names: readonly number[];
  readonly subject: "common name" | "with an e-mail address" | "empty";
  /** Place in `wantedNames`; `undefined` is the one that fits the first name. */
  readonly wanted: number | undefined;
  readonly constraints: readonly ConstraintPlan[];
  readonly decoys: readonly DecoyPlan[];
  /** Seed of the bag's order. */
  readonly order: number;
  readonly defects: readonly DefectPlan[];
}

const keyKind: fc.Arbitrary<KeyKind> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("p256" as const) },
  { weight: 6, arbitrary: fc.constantFrom("ed25519" as const) },
  { weight: 1, arbitrary: fc.constantFrom("p384" as const) },
  { weight: 1, arbitrary: fc.constantFrom("rsa2048" as const) },
);

/** `usual` most of the time. */
function mostly<Value>(usual: Value, weight: number, others: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
}

const authority: fc.Arbitrary<AuthorityPlan> = fc.record({
  key: keyKind,
  identifiers: fc.boolean(),
  pathLen: fc.boolean(),
  purposes: mostly<AuthorityPlan["purposes"]>("none", 3, fc.constantFrom("server", "any", "several")),
  rollover: mostly(false, 7, fc.constant(true)),
});

const index = (list: readonly unknown[]): fc.Arbitrary<number> => fc.nat({ max: list.length - 1 });

const constraint: fc.Arbitrary<ConstraintPlan> = fc.record({
  at: fc.nat({ max: 3 }),
  critical: mostly(true, 4, fc.constant(false)),
  permitted: fc.array(index(constraintBases), { maxLength: 3 }),
  excluded: fc.array(index(constraintBases), { maxLength: 2 }),
});

const decoy: fc.Arbitrary<DecoyPlan> = fc.record({
  type: fc.constantFrom(...decoyTypes),
  at: fc.nat({ max: 3 }),
  defect: fc.nat({ max: 499 }),
});

/** Names that are usual, and one in five of any kind. */
const names: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.array(index(presentedNames), { maxLength: 3 }) },
);

/** Plans, of which about a third are right in everything. */
export const chainPlans: fc.Arbitrary<ChainPlan> = fc.record({
  authorities: fc.array(authority, { minLength: 1, maxLength: 4 }),
  anchor: mostly<ChainPlan["anchor"]>("self-signed", 6, fc.constantFrom("cross-signed", "version 1")),
  leafKey: keyKind,
  names,
  subject: mostly<ChainPlan["subject"]>("common name", 4, fc.constantFrom("with an e-mail address", "empty")),
  wanted: mostly<number | undefined>(undefined, 4, index(wantedNames)),
  constraints: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(constraint, { minLength: 1, maxLength: 2 }) },
  ),
  decoys: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(decoy, { minLength: 1, maxLength: 4 }) },
  ),
  order: fc.nat(999),
  defects: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.record({ defect: fc.nat({ max: 499 }), at: fc.nat({ max: 5 }) }).map((one) => [one]) },
  ),
});
