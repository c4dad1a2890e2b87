/**
 * Policies of a path by RFC 5280's own words, with a tree that can grow exponentially: what the library's graph is
 * compared with. Enters: recipes, certificate 1 first. Leaves: whether the path is valid, and for which policies.
 * RFC 5280 §6.1.2 to §6.1.5, step by step under the names that they have there.
 * @module
 */

import { anyPolicy } from "../../../lib/x509/oids.ts";
import type { PolicyInputs } from "../../../lib/x509/policy_graph.ts";
import type { PolicyRecipe } from "./policy_builder.ts";

export interface TreeOutcome {
  readonly isValid: boolean;
  /** Sorted. Without meaning where the path isn't valid. */
  readonly policies: readonly string[];
}

interface TreeNode {
  readonly validPolicy: string;
  expectedPolicySet: readonly string[];
  children: TreeNode[];
}

export function policyTreeOutcome(recipes: readonly PolicyRecipe[], inputs: PolicyInputs): TreeOutcome {
  const n = recipes.length;
  let tree: TreeNode | undefined = nodeOf(anyPolicy);
  let explicitPolicy = inputs.requireExplicitPolicy ? 0 : n + 1;
  let inhibitAny = inputs.inhibitAnyPolicy ? 0 : n + 1;
  let policyMapping = inputs.inhibitPolicyMapping ? 0 : n + 1;
  for (const [position, recipe] of recipes.entries()) {
    const i = position + 1;
    const isSelfIssued = recipe.isSelfIssued === true;
    // §6.1.3 (d), (e)
    if (recipe.policies === undefined) tree = undefined;
    else if (tree !== undefined) {
      grow(tree, i, recipe.policies, inhibitAny > 0 || (i < n && isSelfIssued));
      tree = pruned(tree, i);
    }
    // §6.1.3 (f)
    if (explicitPolicy === 0 && tree === undefined) return { isValid: false, policies: [] };
    if (i === n) break;
    // §6.1.4 (b)
    if (tree !== undefined && recipe.mappings !== undefined) tree = mapped(tree, i, recipe.mappings, policyMapping > 0);
    // §6.1.4 (h)
    if (!isSelfIssued) {
      if (explicitPolicy !== 0) explicitPolicy--;
      if (policyMapping !== 0) policyMapping--;
      if (inhibitAny !== 0) inhibitAny--;
    }
    // §6.1.4 (i), (j)
    const { requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = recipe;
    if (requireExplicitPolicy !== undefined && requireExplicitPolicy < explicitPolicy) {
      explicitPolicy = requireExplicitPolicy;
    }
    if (inhibitPolicyMapping !== undefined && inhibitPolicyMapping < policyMapping) {
      policyMapping = inhibitPolicyMapping;
    }
    if (inhibitAnyPolicy !== undefined && inhibitAnyPolicy < inhibitAny) inhibitAny = inhibitAnyPolicy;
  }
  // §6.1.5 (a), (b), (g)
  if (explicitPolicy !== 0) explicitPolicy--;
  if (recipes[n - 1]?.requireExplicitPolicy === 0) explicitPolicy = 0;
  tree = tree === undefined ? undefined : intersected(tree, n, inputs.acceptablePolicies);
  return { isValid: explicitPolicy > 0 || tree !== undefined, policies: tree === undefined ? [] : valid(tree, n) };
}

function nodeOf(validPolicy: string, expectedPolicySet: readonly string[] = [validPolicy]): TreeNode {
  return { validPolicy, expectedPolicySet, children: [] };
}

function nodesAt(tree: TreeNode, depth: number): readonly TreeNode[] {
  return depth === 0 ? [tree] : tree.children.flatMap((child) => nodesAt(child, depth - 1));
}

/** §6.1.3 (d)(1), (2) */
function grow(tree: TreeNode, i: number, policies: readonly string[], countsAny: boolean): void {
  const above = nodesAt(tree, i - 1);
  for (const policy of policies) {
    if (policy === anyPolicy) continue;
    const matching = above.filter(({ expectedPolicySet }) => expectedPolicySet.includes(policy));
    const parents = matching.length > 0 ? matching : above.filter(({ validPolicy }) => validPolicy === anyPolicy);
    for (const parent of parents) parent.children.push(nodeOf(policy));
  }
  if (!countsAny || !policies.includes(anyPolicy)) return;
  for (const parent of above) {
    for (const policy of parent.expectedPolicySet) {
      if (!parent.children.some(({ validPolicy }) => validPolicy === policy)) parent.children.push(nodeOf(policy));
    }
  }
}

/** §6.1.3 (d)(3): without the nodes above this depth that have no children; `undefined` when none is left. */
function pruned(tree: TreeNode, depth: number): TreeNode | undefined {
  if (depth === 0) return tree;
  tree.children = tree.children.filter((child) => pruned(child, depth - 1) !== undefined);
  return tree.children.length > 0 ? tree : undefined;
}

/** §6.1.4 (b) */
function mapped(
  tree: TreeNode,
  i: number,
  mappings: NonNullable<PolicyRecipe["mappings"]>,
  isAllowed: boolean,
): TreeNode | undefined {
  for (const issuerDomainPolicy of new Set(mappings.map(([from]) => from))) {
    const equivalents = mappings.filter(([from]) => from === issuerDomainPolicy).map(([, to]) => to);
    const nodes = nodesAt(tree, i).filter(({ validPolicy }) => validPolicy === issuerDomainPolicy);
    if (!isAllowed) {
      for (const parent of nodesAt(tree, i - 1)) {
        parent.children = parent.children.filter((child) => !nodes.includes(child));
      }
      continue;
    }
    for (const node of nodes) node.expectedPolicySet = [...new Set(equivalents)];
    const hasAny = nodesAt(tree, i).some(({ validPolicy }) => validPolicy === anyPolicy);
    if (nodes.length > 0 || !hasAny) continue;
    const parent = nodesAt(tree, i - 1).find(({ validPolicy }) => validPolicy === anyPolicy);
    parent?.children.push(nodeOf(issuerDomainPolicy, [...new Set(equivalents)]));
  }
  return pruned(tree, i);
}

/** §6.1.5 (g) */
function intersected(tree: TreeNode, n: number, acceptable: PolicyInputs["acceptablePolicies"]): TreeNode | undefined {
  if (acceptable === undefined || acceptable.includes(anyPolicy)) return tree;
  const known = validPolicyNodeSet(tree, n).map(({ validPolicy }) => validPolicy);
  for (let depth = 0; depth < n; depth++) {
    for (const parent of nodesAt(tree, depth).filter(({ validPolicy }) => validPolicy === anyPolicy)) {
      parent.children = parent.children.filter(({ validPolicy }) =>
        validPolicy === anyPolicy || acceptable.includes(validPolicy)
      );
    }
  }
  for (const parent of nodesAt(tree, n - 1)) {
    const any = parent.children.find(({ validPolicy }) => validPolicy === anyPolicy);
    if (any === undefined) continue;
    const missing = new Set(acceptable.filter((policy) => !known.includes(policy)));
    parent.children = [...parent.children.filter((child) => child !== any), ...[...missing].map((one) => nodeOf(one))];
  }
  return pruned(tree, n);
}

/** §6.1.5 (g)(iii)1 */
function validPolicyNodeSet(tree: TreeNode, n: number): readonly TreeNode[] {
  return Array.from({ length: n }, (_, depth) => depth).flatMap((depth) =>
    nodesAt(tree, depth).filter(({ validPolicy }) => validPolicy === anyPolicy).flatMap(({ children }) => children)
  );
}

/** What people want to see of a tree: the policies of that set, and anyPolicy only where it reaches the end. */
function valid(tree: TreeNode, n: number): readonly string[] {
  const named = validPolicyNodeSet(tree, n).map(({ validPolicy }) => validPolicy).filter((one) => one !== anyPolicy);
  const ends = nodesAt(tree, n).filter(({ validPolicy }) => validPolicy === anyPolicy).map(() => anyPolicy);
  return [...new Set([...named, ...ends])].sort();
}
