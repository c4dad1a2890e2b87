import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { decodePolicyExtensions, maxPolicies } from "../../../lib/x509/certificate_policies.ts";
import { anyPolicy } from "../../../lib/x509/oids.ts";
import {
  policyFault,
  policyGraph,
  type PolicyInputs,
  type PolicyNode,
  validPolicies,
} from "../../../lib/x509/policy_graph.ts";
import {
  blue,
  diceFrom,
  encodePolicyMappings,
  green,
  policyCertificate,
  policyPath,
  type PolicyRecipe,
  randomInputs,
  randomRecipes,
  red,
} from "./policy_builder.ts";
import { policyTreeOutcome } from "./policy_tree.ts";

const test = suite("policyFault");

const required: PolicyInputs = { requireExplicitPolicy: true };

/** Recipes stand as in RFC 5280: certificate 1 first, the leaf last. */
function accepts(inputs: PolicyInputs, policies: readonly string[], ...recipes: readonly PolicyRecipe[]): void {
  const path = policyPath(...recipes);
  assert.is(policyFault(path, inputs), undefined);
  assert.equal(validPolicies(path, inputs), policies);
}

/** `index` counts from the leaf. */
function refuses(inputs: PolicyInputs, index: number, text: RegExp, ...recipes: readonly PolicyRecipe[]): void {
  const path = policyPath(...recipes);
  const fault = policyFault(path, inputs);
  assert.match(fault?.text ?? "no fault", text);
  assert.is(fault?.index, index);
  assert.equal(validPolicies(path, inputs), []);
}

const holding = (...policies: readonly string[]): PolicyRecipe => ({ policies });
const mapping = (policies: readonly string[], ...mappings: NonNullable<PolicyRecipe["mappings"]>): PolicyRecipe => ({
  policies,
  mappings,
});

test("finds nothing wrong where nobody demands a policy", () => {
  accepts({}, [], {}, {}, {});
  accepts({}, [], holding(red), {}, holding(red));
  accepts({}, [], holding(red), holding(green));
  accepts({ acceptablePolicies: [blue] }, [], holding(red), holding(red));
  accepts({ inhibitAnyPolicy: true, inhibitPolicyMapping: true }, [], holding(anyPolicy), {});
  accepts(required, [anyPolicy]);
});

test("demands the same policy of every certificate, and blames the first that has it no more", () => {
  accepts(required, [red], holding(red), holding(green, red), holding(red, blue));
  accepts(required, [red, green], holding(green, red), holding(red, green));
  const missing = /^a certificate policy is required, and it has no certificatePolicies$/;
  refuses(required, 0, missing, holding(red), holding(red), {});
  refuses(required, 1, missing, holding(red), {}, holding(red));
  refuses(required, 2, missing, {}, holding(red), holding(red));
  refuses(
    required,
    0,
    /of its policies \(1\.2\.3\.2\) none is allowed by the CAs above it$/,
    holding(red),
    holding(green),
  );
  refuses(
    required,
    1,
    /of its policies \(1\.2\.3\.2, 1\.2\.3\.3\)/,
    holding(red),
    holding(green, blue),
    holding(green),
  );
});

test("lets anyPolicy stand for every policy, but none for anyPolicy", () => {
  accepts(required, [red], holding(anyPolicy), holding(red));
  accepts(required, [red], holding(red), holding(anyPolicy));
  accepts(required, [anyPolicy], holding(anyPolicy), holding(anyPolicy));
  accepts(required, [green, anyPolicy], holding(anyPolicy), holding(green, anyPolicy));
  refuses(required, 0, /of its policies \(1\.2\.3\.2\)/, holding(anyPolicy), holding(red), holding(green));
});

test("lets a path be valid for acceptable policies only", () => {
  const demands = { requireExplicitPolicy: true, acceptablePolicies: [green, blue, green] };
  accepts(demands, [green], holding(red, green), holding(red, green));
  accepts(demands, [green, blue], holding(anyPolicy), holding(anyPolicy));
  accepts({ ...demands, acceptablePolicies: [blue, anyPolicy] }, [red], holding(red), holding(red));
  refuses(
    demands,
    0,
    /^a certificate policy is required, and of those that hold for its path \(1\.2\.3\.1\) none is acceptable$/,
    holding(red),
    holding(red, green),
  );
  refuses({ ...demands, acceptablePolicies: [] }, 0, /hold for its path \(anyPolicy\)/, holding(anyPolicy));
});

test("follows mappings, and names policies as the trust anchor's domain does", () => {
  accepts(required, [red], mapping([red], [red, green]), holding(green));
  accepts(required, [red], mapping([red], [red, green], [red, blue]), holding(blue));
  accepts(required, [red, green], mapping([red, green], [red, blue], [green, blue]), holding(blue));
  accepts(required, [red], mapping([red], [red, green]), mapping([green], [green, blue]), holding(blue));
  accepts(required, [red], mapping([anyPolicy], [red, green]), holding(green));
  accepts({ ...required, acceptablePolicies: [red] }, [red], mapping([red], [red, green]), holding(green));
  refuses(
    { ...required, acceptablePolicies: [green] },
    0,
    /none is acceptable/,
    mapping([red], [red, green]),
    holding(green),
  );
  refuses(required, 0, /of its policies \(1\.2\.3\.1\)/, mapping([red], [red, green]), holding(red));
  refuses(required, 0, /of its policies \(1\.2\.3\.2\)/, mapping([red], [green, blue]), holding(green));
});

// proves RFC 5280 §4.2.1.11: "Applications that support the inhibitPolicyMapping"
test("takes no mapping from the leaf, nor where mapping is inhibited", () => {
  accepts({ ...required, inhibitPolicyMapping: true }, [red], holding(red), mapping([red], [red, green]));
  refuses(
    { ...required, inhibitPolicyMapping: true },
    1,
    /\(its policies may not be mapped\)$/,
    mapping([red], [red, green]),
    holding(green),
  );
  refuses(
    { ...required, inhibitPolicyMapping: true },
    1,
    /of its policies \(anyPolicy\) none is allowed by the CAs above it \(its policies may not be mapped\)$/,
    holding(red),
    mapping([anyPolicy], [red, green]),
    holding(green),
  );
  refuses({ ...required, inhibitPolicyMapping: true }, 0, /the CAs above it$/, holding(red), holding(green));
  const inhibiting = { policies: [red], inhibitPolicyMapping: 1 };
  const one = mapping([red], [red, green]);
  const two = mapping([green], [green, blue]);
  accepts(required, [red], inhibiting, one, holding(green));
  refuses(required, 1, /may not be mapped/, inhibiting, one, two, holding(blue));
  accepts(required, [red], inhibiting, { ...holding(red), isSelfIssued: true }, one, holding(green));
  accepts(
    required,
    [green],
    { policies: [red, green], inhibitPolicyMapping: 0 },
    mapping([red, green], [red, blue]),
    holding(green),
  );
});

test("counts anyPolicy no more where it is inhibited, except in self-issued CAs", () => {
  const without = { ...required, inhibitAnyPolicy: true };
  const why = /of its policies \(anyPolicy\) none is allowed by the CAs above it \(anyPolicy doesn't count here\)/;
  refuses(without, 1, why, holding(anyPolicy), holding(red));
  accepts(without, [red], holding(red), holding(red, anyPolicy));
  accepts(without, [red], holding(red), { policies: [anyPolicy], isSelfIssued: true }, holding(red));
  refuses(without, 0, why, holding(red), { policies: [anyPolicy], isSelfIssued: true });
  const inhibiting = { policies: [anyPolicy], inhibitAnyPolicy: 1 };
  accepts(required, [red], inhibiting, holding(anyPolicy), holding(red));
  refuses(required, 0, why, inhibiting, holding(anyPolicy), holding(anyPolicy));
  accepts(required, [anyPolicy], inhibiting, { policies: [anyPolicy], isSelfIssued: true }, holding(anyPolicy));
});

// proves RFC 5280 §4.2.1.11: "Conforming applications MUST be able"
test("requires a policy from where a CA says so", () => {
  const from = (requireExplicitPolicy: number): PolicyRecipe => ({ requireExplicitPolicy });
  const why = /^a CA requires a policy, and it has no certificatePolicies$/;
  refuses({}, 2, why, from(0), holding(red), holding(red));
  refuses({}, 2, why, from(2), {}, {});
  accepts({}, [], from(3), {}, {});
  accepts({}, [red], { ...from(0), policies: [red] }, holding(red));
  accepts({}, [], from(2), { isSelfIssued: true }, {});
  refuses({}, 1, why, { ...from(0), policies: [red] }, {}, {});
  refuses({ acceptablePolicies: [green] }, 0, /none is acceptable/, { ...from(1), policies: [red] }, holding(red));
});

test("requires a policy of the leaf's own path where the leaf says so at once", () => {
  refuses({}, 0, /^a CA requires a policy/, holding(red), { requireExplicitPolicy: 0 });
  accepts({}, [], holding(red), { requireExplicitPolicy: 1 });
  // Of the leaf it doesn't matter whether it is self-issued: RFC 5280 §6.1.5 (a) counts it all the same.
  refuses({}, 1, /^a CA requires a policy/, { requireExplicitPolicy: 1 }, { isSelfIssued: true });
});

test("blames a certificate whose extensions are malformed, whatever is demanded", () => {
  const malformed = policyCertificate([encodePolicyMappings([[anyPolicy, red]])]);
  const [leaf = malformed] = policyPath(holding(red));
  const path: readonly Certificate[] = [leaf, malformed, leaf];
  const fault = policyFault(path, {});
  assert.is(fault?.index, 1);
  assert.match(fault?.text ?? "", /^Cannot decode tbsCertificate\.extensions\.policyMappings at byte \d+: anyPolicy/);
  assert.equal(validPolicies(path, {}), []);
});

test("names only a few of many policies", () => {
  const many = Array.from({ length: 40 }, (_, index) => `1.2.${index}`);
  refuses(required, 0, /\(1\.2\.0, 1\.2\.1, 1\.2\.2, 1\.2\.3, 1\.2\.4, 35 more\)/, holding(red), holding(...many));
});

// proves RFC 5280 §1: "Implementations are REQUIRED"
test("agrees with RFC 5280's tree on hundreds of random paths", () => {
  const dice = diceFrom(5280);
  const outcomes = new Set<string>();
  for (let round = 0; round < 500; round++) {
    const recipes = randomRecipes(dice, 5);
    const inputs = randomInputs(dice);
    const path = policyPath(...recipes);
    const { isValid, policies } = policyTreeOutcome(recipes, inputs);
    const fault = policyFault(path, inputs);
    const about = JSON.stringify({ recipes, inputs, fault });
    assert.is(fault === undefined, isValid, about);
    if (isValid) assert.equal(validPolicies(path, inputs), policies, about);
    assert.ok(fault === undefined || path[fault.index] !== undefined, about);
    outcomes.add(isValid ? policies.join(" ") : "fault");
  }
  assert.ok(outcomes.size > 12, [...outcomes].join());
});

test("does work in proportion to the extensions, where the tree grows exponentially", () => {
  const [policies, length] = [Math.sqrt(maxPolicies), 10];
  const names = Array.from({ length: policies }, (_, index) => `1.2.${index}`);
  const everything = mapping(names, ...names.flatMap((one) => names.map((other) => [one, other] as const)));
  const path = policyPath(...Array.from({ length }, () => everything));
  assert.is(policyFault(path, required), undefined);
  assert.equal(validPolicies(path, required), [...names].sort());
  // The tree would have 16 ** 10 leaves.
  assert.equal(sizeOf(path), { nodes: 1 + length * policies, edges: policies + (length - 1) * maxPolicies });
});

test("does bounded work for the largest extensions, none of which says the same as another", () => {
  const length = 10;
  const names = (place: number, kind: number): readonly string[] =>
    Array.from({ length: maxPolicies }, (_, index) => `1.${kind}.${place}.${index}`);
  const path = policyPath(...Array.from({ length }, (_, place) => ({
    policies: [anyPolicy, ...names(place, 1).slice(1)],
    mappings: names(place, 2).map((policy) => [policy, `${policy}.1`] as const),
  })));
  assert.is(policyFault(path, required), undefined);
  // Each certificate adds its policies and mappings to all that anyPolicy carries on from those above; the leaf maps none.
  const carried = (length * (length + 1) / 2) * (2 * maxPolicies - 1);
  const { nodes, edges } = sizeOf(path);
  assert.is(nodes, 1 + carried + length - maxPolicies);
  assert.is(edges, nodes - 1);
});

/** How large the graph of a path is in which nothing is inhibited. */
function sizeOf(path: readonly Certificate[]): { readonly nodes: number; readonly edges: number } {
  const steps = path.map((certificate) => ({
    extensions: decodePolicyExtensions(certificate),
    allowsAnyPolicy: true,
    allowsMapping: true,
  })).reverse();
  const graph = policyGraph(steps);
  for (const [depth, level] of graph.entries()) {
    const isAbove = (parent: PolicyNode): boolean => graph[depth - 1]?.get(parent.validPolicy) === parent;
    assert.ok([...level.values()].every(({ parents }) => parents.every(isAbove)), `parents of depth ${depth}`);
  }
  const nodes = graph.flatMap((level) => [...level.values()]);
  return { nodes: nodes.length, edges: nodes.reduce((sum, { parents }) => sum + parents.length, 0) };
}

test.run();
