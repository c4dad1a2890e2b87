/**
 * Certificate policies of a path: which hold for all of it, and whether one that is acceptable is among them.
 * Enters: a path whose signatures and names fit, and what the caller demands. Leaves: why the policies don't allow the
 * path, or `undefined`; the policies that hold, for showing.
 * RFC 5280 §6.1.1 to §6.1.5 with the graph of RFC 9618 §5 in place of the tree, which could grow exponentially. Knows
 * neither qualifiers nor time.
 * @module
 */

import { DecodeError } from "../error.ts";
import type { Certificate } from "./certificate.ts";
import { decodePolicyExtensions, type PolicyExtensions } from "./certificate_policies.ts";
import { sameName } from "./distinguished_name.ts";
import { anyPolicy } from "./oids.ts";

/** RFC 5280 §6.1.1 (c), (e), (f), (g): what the caller demands. Nothing, if all is absent. */
export interface PolicyInputs {
  /**
   * user-initial-policy-set: object identifiers in dotted form. `undefined`, or anyPolicy among them, is any policy. It
   * matters only where a policy is required: by `requireExplicitPolicy`, or by a CA.
   */
  readonly acceptablePolicies?: readonly string[] | undefined;
  /** initial-explicit-policy: the path must be valid for an acceptable policy. */
  readonly requireExplicitPolicy?: boolean | undefined;
  /** initial-policy-mapping-inhibit */
  readonly inhibitPolicyMapping?: boolean | undefined;
  /** initial-any-policy-inhibit */
  readonly inhibitAnyPolicy?: boolean | undefined;
}

/** Why the policies of a path don't allow it. */
export interface PolicyFault {
  /** Position in the path of the certificate to blame. */
  readonly index: number;
  /** What is wrong with it: half a sentence about it, or the message of a DecodeError. */
  readonly text: string;
}

/**
 * Why the policies of a path don't allow it, or `undefined`. A malformed extension is such a fault too; nothing is thrown.
 * `path`: leaf first, without the trust anchor.
 */
export function policyFault(path: readonly Certificate[], inputs: PolicyInputs): PolicyFault | undefined {
  const decoded = decodedPath(path);
  if (decoded.type === "fault") return decoded.fault;
  const { steps, isRequired } = walk(path, decoded.extensions, inputs);
  if (!isRequired) return undefined;
  const graph = policyGraph(steps);
  const authorized = authorityConstrainedPolicies(graph);
  if (userConstrainedPolicies(authorized, inputs).length > 0) return undefined;
  const reason = inputs.requireExplicitPolicy === true ? "a certificate policy is required" : "a CA requires a policy";
  const depth = graph.findIndex(({ size }) => size === 0);
  const step = steps[depth - 1];
  if (step !== undefined) return { index: path.length - depth, text: `${reason}, and ${missingText(step)}` };
  return {
    index: 0,
    text: `${reason}, and of those that hold for its path (${listed(authorized)}) none is acceptable`,
  };
}

/**
 * The user-constrained policy set (RFC 9618 §5.5), sorted: policies of the trust anchor's domain that hold for the whole
 * path and are acceptable; `anyPolicy` when all are. Empty for a path that has none, which may be valid all the same.
 * `path`: leaf first, without the trust anchor.
 */
export function validPolicies(path: readonly Certificate[], inputs: PolicyInputs): readonly string[] {
  const decoded = decodedPath(path);
  if (decoded.type === "fault") return [];
  const { steps } = walk(path, decoded.extensions, inputs);
  return userConstrainedPolicies(authorityConstrainedPolicies(policyGraph(steps)), inputs);
}

/** One certificate as the graph sees it. */
export interface PolicyStep {
  readonly extensions: PolicyExtensions;
  /** Whether inhibit_anyPolicy lets anyPolicy count in this certificate. */
  readonly allowsAnyPolicy: boolean;
  /** Whether policy_mapping lets this certificate map policies. */
  readonly allowsMapping: boolean;
}

/** A policy that is valid for the path down to some depth. */
export interface PolicyNode {
  readonly validPolicy: string;
  /** At the depth above: either some that aren't anyPolicy, or only the one that is. */
  readonly parents: readonly PolicyNode[];
}

/** The nodes of one depth, by their validPolicy. */
export type PolicyLevel = ReadonlyMap<string, PolicyNode>;

/**
 * The valid_policy_graph of a path, trust anchor's side first: at depth 0 the root, at depth i the nodes of certificate i.
 * From the depth on where RFC 5280 sets it to NULL there are no nodes. Nodes that have no children stay in it: of
 * "pruning" only what the next depth would see of it matters, which is nothing, and in the end what the last depth
 * reaches, which is seen by going upwards. Its size is at most that of all policies and mappings, times the depth.
 */
export function policyGraph(steps: readonly PolicyStep[]): readonly PolicyLevel[] {
  // RFC 5280 §1 MUST: "Implementations are REQUIRED to derive the same results but are not required to use the specified procedures."
  const root: PolicyNode = { validPolicy: anyPolicy, parents: [] };
  const graph: PolicyLevel[] = [new Map([[anyPolicy, root]])];
  let expected: ExpectedPolicies = new Map([[anyPolicy, [root]]]);
  for (const [position, step] of steps.entries()) {
    const nodes = childrenOf(expected, step);
    const mapped = position < steps.length - 1 ? applyMappings(nodes, step) : unmapped;
    graph.push(nodes);
    expected = expectedPolicies(nodes, mapped);
  }
  return graph;
}

/** For each policy in some expected_policy_set of one depth, the nodes which have it there. */
type ExpectedPolicies = ReadonlyMap<string, readonly PolicyNode[]>;

/** For an issuerDomainPolicy what it is mapped to. */
type MappedPolicies = ReadonlyMap<string, ReadonlySet<string>>;

type DecodedPath =
  | { readonly type: "extensions"; readonly extensions: readonly PolicyExtensions[] }
  | { readonly type: "fault"; readonly fault: PolicyFault };

function decodedPath(path: readonly Certificate[]): DecodedPath {
  const extensions: PolicyExtensions[] = [];
  for (const certificate of path) {
    try {
      extensions.push(decodePolicyExtensions(certificate));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { type: "fault", fault: { index: extensions.length, text: error.message } };
    }
  }
  return { type: "extensions", extensions };
}

/** The state variables of RFC 5280 §6.1.2 (d), (e), (f). */
interface Counters {
  readonly explicitPolicy: number;
  readonly inhibitAnyPolicy: number;
  readonly policyMapping: number;
}

/** What the counters are for each certificate, trust anchor's side first, and whether explicit_policy ends at zero. */
function walk(
  path: readonly Certificate[],
  extensionsOf: readonly PolicyExtensions[],
  inputs: PolicyInputs,
): { readonly steps: readonly PolicyStep[]; readonly isRequired: boolean } {
  const start = (inhibited: boolean | undefined): number => inhibited === true ? 0 : path.length + 1;
  let counters: Counters = {
    explicitPolicy: start(inputs.requireExplicitPolicy),
    inhibitAnyPolicy: start(inputs.inhibitAnyPolicy),
    policyMapping: start(inputs.inhibitPolicyMapping),
  };
  const steps: PolicyStep[] = [];
  for (let index = path.length - 1; index >= 0; index--) {
    const [certificate, extensions] = [path[index], extensionsOf[index]];
    if (certificate === undefined || extensions === undefined) continue;
    const isIntermediateSelfIssued = index > 0 && sameName(certificate.subject, certificate.issuer);
    steps.push({
      extensions,
      // RFC 5280 §6.1.3 (d)(2): "(a) inhibit_anyPolicy is greater than 0 or (b) i<n and the certificate is self-issued"
      allowsAnyPolicy: counters.inhibitAnyPolicy > 0 || isIntermediateSelfIssued,
      allowsMapping: counters.policyMapping > 0,
    });
    counters = nextCounters(counters, extensions, isIntermediateSelfIssued);
  }
  return { steps, isRequired: counters.explicitPolicy === 0 };
}

/**
 * RFC 5280 §6.1.4 (h), (i), (j). For the last certificate §6.1.5 (a), (b), which comes to the same: of its
 * requireExplicitPolicy only zero can make explicit_policy zero, and nobody reads the other two any more.
 */
function nextCounters(counters: Counters, extensions: PolicyExtensions, isIntermediateSelfIssued: boolean): Counters {
  const { policyConstraints, inhibitAnyPolicy } = extensions;
  const next = (counter: number, skipCerts = Number.POSITIVE_INFINITY): number =>
    Math.min(isIntermediateSelfIssued || counter === 0 ? counter : counter - 1, skipCerts);
  return {
    // RFC 5280 §4.2.1.11 MUST: "Conforming applications MUST be able to process the requireExplicitPolicy field"
    // RFC 5280 §4.2.1.11 MUST: "Applications that support the inhibitPolicyMapping field MUST also implement support for the policyMappings extension."
    explicitPolicy: next(counters.explicitPolicy, policyConstraints?.requireExplicitPolicy),
    inhibitAnyPolicy: next(counters.inhibitAnyPolicy, inhibitAnyPolicy),
    policyMapping: next(counters.policyMapping, policyConstraints?.inhibitPolicyMapping),
  };
}

/** RFC 5280 §6.1.3 (d), (e) as RFC 9618 §5.3 has them: the nodes below those that expect certain policies. */
function childrenOf(expected: ExpectedPolicies, { extensions, allowsAnyPolicy }: PolicyStep): Map<string, PolicyNode> {
  const nodes = new Map<string, PolicyNode>();
  for (const policy of extensions.certificatePolicies ?? []) {
    // (1): only the node of anyPolicy expects anyPolicy, and it takes what nobody else expects.
    const parents = expected.get(policy) ?? expected.get(anyPolicy);
    if (policy !== anyPolicy && parents !== undefined) nodes.set(policy, { validPolicy: policy, parents });
  }
  if (!allowsAnyPolicy || extensions.certificatePolicies?.includes(anyPolicy) !== true) return nodes;
  // (2): anyPolicy stands for everything that is expected; what is there already comes out the same.
  for (const [policy, parents] of expected) nodes.set(policy, { validPolicy: policy, parents });
  return nodes;
}

/** RFC 5280 §6.1.4 (b) as RFC 9618 §5.4 has it. Adds nodes to those of a depth, or removes some. */
function applyMappings(nodes: Map<string, PolicyNode>, { extensions, allowsMapping }: PolicyStep): MappedPolicies {
  const mapped = new Map<string, Set<string>>();
  const anyNode = nodes.get(anyPolicy);
  for (const { issuerDomainPolicy, subjectDomainPolicy } of extensions.policyMappings ?? []) {
    if (!allowsMapping) {
      nodes.delete(issuerDomainPolicy);
      continue;
    }
    const equivalents = mapped.get(issuerDomainPolicy);
    if (equivalents === undefined) mapped.set(issuerDomainPolicy, new Set([subjectDomainPolicy]));
    else equivalents.add(subjectDomainPolicy);
    if (anyNode === undefined || nodes.has(issuerDomainPolicy)) continue;
    nodes.set(issuerDomainPolicy, { validPolicy: issuerDomainPolicy, parents: anyNode.parents });
  }
  return mapped;
}

const unmapped: MappedPolicies = new Map();

function expectedPolicies(nodes: PolicyLevel, mapped: MappedPolicies): ExpectedPolicies {
  const expected = new Map<string, PolicyNode[]>();
  for (const node of nodes.values()) {
    for (const policy of mapped.get(node.validPolicy) ?? [node.validPolicy]) {
      const others = expected.get(policy);
      if (others === undefined) expected.set(policy, [node]);
      else others.push(node);
    }
  }
  return expected;
}

/** RFC 5280 §6.1.5 (g)(1) to (4) as RFC 9618 §5.5 has them: what the last depth stands for in the anchor's domain. */
function authorityConstrainedPolicies(graph: readonly PolicyLevel[]): ReadonlySet<string> {
  const last: PolicyLevel = graph[graph.length - 1] ?? new Map();
  const policies = new Set<string>(last.has(anyPolicy) ? [anyPolicy] : []);
  const alive = new Set(last.values());
  // What is added while a set is walked through has its turn as well.
  for (const { validPolicy, parents } of alive) {
    if (validPolicy !== anyPolicy && parents[0]?.validPolicy === anyPolicy) policies.add(validPolicy);
    for (const parent of parents) alive.add(parent);
  }
  return policies;
}

/** RFC 5280 §6.1.5 (g)(5), (6) as RFC 9618 §5.5 has them. */
function userConstrainedPolicies(
  authorized: ReadonlySet<string>,
  { acceptablePolicies }: PolicyInputs,
): readonly string[] {
  if (acceptablePolicies === undefined || acceptablePolicies.includes(anyPolicy)) return [...authorized].sort();
  const acceptable = [...new Set(acceptablePolicies)].sort();
  return authorized.has(anyPolicy) ? acceptable : acceptable.filter((policy) => authorized.has(policy));
}

/** Why no policy holds any more from this certificate on. */
function missingText({ extensions, allowsAnyPolicy, allowsMapping }: PolicyStep): string {
  const { certificatePolicies, policyMappings } = extensions;
  if (certificatePolicies === undefined) return "it has no certificatePolicies";
  const inhibited = [
    ...certificatePolicies.includes(anyPolicy) && !allowsAnyPolicy ? ["anyPolicy doesn't count here"] : [],
    ...policyMappings !== undefined && !allowsMapping ? ["its policies may not be mapped"] : [],
  ];
  const why = inhibited.length === 0 ? "" : ` (${inhibited.join(", ")})`;
  return `of its policies (${listed(certificatePolicies)}) none is allowed by the CAs above it${why}`;
}

/** A certificate can have many policies, and an error should stay readable. */
function listed(policies: Iterable<string>): string {
  const all = Array.from(policies, (policy) => policy === anyPolicy ? "anyPolicy" : policy);
  const more = all.length > maxListed ? [`${all.length - maxListed} more`] : [];
  return [...all.slice(0, maxListed), ...more].join(", ");
}

const maxListed = 5;
