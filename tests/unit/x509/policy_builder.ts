/**
 * Paths of certificates with extensions about policies, made by hand or at random, for tests.
 * @module
 */

import type { Certificate } from "../../../lib/x509/certificate.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { derImplicit, derInteger, derObjectIdentifier, derSequence } from "../../../lib/x509/der_writer.ts";
import { anyPolicy, ExtensionId } from "../../../lib/x509/oids.ts";
import type { PolicyInputs } from "../../../lib/x509/policy_graph.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { ecdsaSha256, type Made, make, testKey } from "./builder.ts";

/** What one certificate says about policies. */
export interface PolicyRecipe {
  readonly policies?: readonly string[] | undefined;
  readonly mappings?: readonly (readonly [issuerDomainPolicy: string, subjectDomainPolicy: string])[] | undefined;
  readonly requireExplicitPolicy?: number | undefined;
  readonly inhibitPolicyMapping?: number | undefined;
  readonly inhibitAnyPolicy?: number | undefined;
  readonly isSelfIssued?: boolean | undefined;
}

export function encodeCertificatePolicies(policies: readonly string[]): Uint8Array {
  const value = derSequence(...policies.map((policy) => derSequence(derObjectIdentifier(policy))));
  return encodeExtension(ExtensionId.certificatePolicies, false, value);
}

export function encodePolicyMappings(mappings: NonNullable<PolicyRecipe["mappings"]>): Uint8Array {
  const value = derSequence(...mappings.map((pair) => derSequence(...pair.map(derObjectIdentifier))));
  return encodeExtension(ExtensionId.policyMappings, true, value);
}

export function encodePolicyConstraints(
  { requireExplicitPolicy: explicit, inhibitPolicyMapping: mapping }: PolicyRecipe,
  isCritical = true,
): Uint8Array {
  const skipCerts = (number: number, count: number | undefined): Uint8Array[] =>
    count === undefined ? [] : [derImplicit(number, derInteger(count).subarray(2))];
  const value = derSequence(...skipCerts(0, explicit), ...skipCerts(1, mapping));
  return encodeExtension(ExtensionId.policyConstraints, isCritical, value);
}

export function encodeInhibitAnyPolicy(skipCerts: number, isCritical = true): Uint8Array {
  return encodeExtension(ExtensionId.inhibitAnyPolicy, isCritical, derInteger(skipCerts));
}

export function encodePolicyExtensions(recipe: PolicyRecipe): readonly Uint8Array[] {
  const { policies, mappings, requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = recipe;
  const isConstrained = requireExplicitPolicy !== undefined || inhibitPolicyMapping !== undefined;
  return [
    ...policies === undefined ? [] : [encodeCertificatePolicies(policies)],
    ...mappings === undefined ? [] : [encodePolicyMappings(mappings)],
    ...isConstrained ? [encodePolicyConstraints(recipe)] : [],
    ...inhibitAnyPolicy === undefined ? [] : [encodeInhibitAnyPolicy(inhibitAnyPolicy)],
  ];
}

const key = testKey(1);
const spki = encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(key));

/** Nobody verifies these: signing would take most of the time. */
const unsigned: typeof ecdsaSha256 = { ...ecdsaSha256, sign: () => new Uint8Array(64) };

const issuers = new Map<string, Made>();

/** One certificate with these extensions, its issuer and subject as given. */
export function policyCertificate(
  extensions: readonly Uint8Array[],
  issuerName = "issuer",
  name = "subject",
): Certificate {
  const issuer = issuers.get(issuerName) ?? make({ name: issuerName, spki, key, scheme: unsigned });
  issuers.set(issuerName, issuer);
  return make({ name, issuer, spki, key, scheme: unsigned, extensions }).certificate;
}

/** A path from recipes in RFC 5280's order, certificate 1 first; leaf first, as validation has it. */
export function policyPath(...recipes: readonly PolicyRecipe[]): readonly Certificate[] {
  const names = namesOf(recipes);
  return recipes.map((recipe, position) =>
    policyCertificate(encodePolicyExtensions(recipe), names[position], names[position + 1])
  ).reverse();
}

/** The subjects of a path, that of the trust anchor first. */
export function namesOf(recipes: readonly PolicyRecipe[]): readonly string[] {
  const names = ["CA 0"];
  for (const { isSelfIssued } of recipes) names.push(isSelfIssued === true ? names.at(-1) ?? "" : `CA ${names.length}`);
  return names;
}

/** Three policies, as few make many coincidences. */
export const [red, green, blue] = ["1.2.3.1", "1.2.3.2", "1.2.3.3"] as const;
const policies = [red, green, blue] as const;

/** Numbers that look random, the same in every run: an integer from 0 to `below` - 1. */
export type Dice = (below: number) => number;

/** Marsaglia's xorshift, 32 bits. The seed isn't zero. */
export function diceFrom(seed: number): Dice {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** What is often in such extensions, in one to `maxLength` certificates. */
export function randomRecipes(dice: Dice, maxLength: number): readonly PolicyRecipe[] {
  const length = 1 + dice(maxLength);
  return Array.from({ length }, (_, position) => randomRecipe(dice, position === length - 1));
}

export function randomInputs(dice: Dice): PolicyInputs {
  return {
    acceptablePolicies: dice(3) === 0 ? undefined : some(dice, [...policies, anyPolicy], [1, 3, 3, 9]),
    requireExplicitPolicy: dice(2) === 0,
    inhibitPolicyMapping: dice(4) === 0,
    inhibitAnyPolicy: dice(4) === 0,
  };
}

function randomRecipe(dice: Dice, isLeaf: boolean): PolicyRecipe {
  const held = some(dice, [anyPolicy, ...policies], [2, 2, 2, 2]);
  const mappings = Array.from({ length: dice(4) }, () => [pick(dice), pick(dice)] as const);
  const skipCerts = (chance: number): number | undefined => dice(chance) === 0 ? dice(3) : undefined;
  return {
    policies: held.length === 0 ? dice(3) === 0 ? undefined : [anyPolicy] : held,
    mappings: !isLeaf && mappings.length > 0 && dice(2) === 0 ? mappings : undefined,
    requireExplicitPolicy: skipCerts(4),
    inhibitPolicyMapping: skipCerts(6),
    inhibitAnyPolicy: skipCerts(6),
    isSelfIssued: !isLeaf && dice(4) === 0,
  };
}

/** Each of these with a chance of one in so many. */
function some(dice: Dice, from: readonly string[], chances: readonly number[]): readonly string[] {
  return from.filter((_, index) => dice(chances[index] ?? 1) === 0);
}

function pick(dice: Dice): string {
  return policies[dice(policies.length)] ?? red;
}
