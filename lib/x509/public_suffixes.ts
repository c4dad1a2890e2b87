/**
 * Public suffixes: domains below which anyone can register a name, as the Public Suffix List has them.
 * Enters: the text of the list, then domains. Leaves: whether a domain is a public suffix.
 * https://github.com/publicsuffix/list/wiki/Format. No list comes with the library: it is renewed every few days.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import { isDnsName } from "./dns_name.ts";
import { aLabel } from "./punycode.ts";

/**
 * Reads the Public Suffix List and answers whether a domain (A-labels) is a public suffix. Both sections count, also that of
 * private domains: `s3.amazonaws.com`; cut the list where `===BEGIN PRIVATE DOMAINS===` stands to go by registries
 * alone. A domain of one label is a public suffix, listed or not. Throws TlsUsageError for text that isn't such a list.
 *
 * @example
 * const isPublicSuffix = publicSuffixMatcher("com\nco.uk\n*.ck\n!www.ck\n");
 * isPublicSuffix("co.uk"); // true
 * isPublicSuffix("www.ck"); // false
 */
export function publicSuffixMatcher(list: string): (domain: string) => boolean {
  if (typeof list !== "string" || (!list.includes("\n") && /[/\\]|\.(?:dat|txt)$/.test(list))) {
    throw new TlsUsageError(
      "Cannot read the list of public suffixes: the content of a file is needed as text, not its path",
    );
  }
  const root = readList(list);
  return (domain) => {
    const labels = domain.toLowerCase().split(".").reverse();
    return suffixLength(root, labels) === labels.length;
  };
}

/** A label in the tree of rules, read from the right. */
interface Node {
  readonly below: Map<string, Node>;
  /** A rule ends here. */
  rule: "suffix" | "exception" | undefined;
}

/** How many labels of a domain are its public suffix. */
function suffixLength(root: Node, labels: readonly string[]): number {
  // The rule "*" prevails when no other one matches.
  let longest = 1;
  let nodes: readonly Node[] = [root];
  for (const [index, label] of labels.entries()) {
    nodes = nodes.flatMap(({ below }) => [below.get(label), below.get("*")].filter((node) => node !== undefined));
    // An exception prevails over all others, and the suffix is what stands above it.
    if (nodes.some(({ rule }) => rule === "exception")) return index;
    if (nodes.some(({ rule }) => rule === "suffix")) longest = index + 1;
    if (nodes.length === 0) break;
  }
  return longest;
}

function readList(list: string): Node {
  const root: Node = { below: new Map(), rule: undefined };
  for (const [index, line] of list.split(/\r\n|\r|\n/).entries()) {
    // "Each line is only read up to the first whitespace; entire lines can also be commented using //."
    const [text = ""] = line.split(/\s/, 1);
    if (text === "" || text.startsWith("//")) continue;
    addRule(root, text, index + 1);
  }
  if (root.below.size > 0) return root;
  throw new TlsUsageError("Cannot read the list of public suffixes: it has no rules");
}

function addRule(root: Node, text: string, lineNumber: number): void {
  const isException = text.startsWith("!");
  const labels = text.length > maxRuleLength ? [] : text.slice(isException ? 1 : 0).split(".").map(aLabel);
  // A wildcard stands for a whole label, and there is something above every exception.
  const isRule = isDnsName(labels.map((label) => label === "*" ? "any" : label).join("."));
  if (!isRule || (isException && labels.length < 2)) {
    throw new TlsUsageError(
      `Cannot read the list of public suffixes: line ${lineNumber} has ${JSON.stringify(text.slice(0, 100))}, ` +
        "which is not a rule",
    );
  }
  let node = root;
  for (const label of labels.toReversed()) {
    const next = node.below.get(label) ?? { below: new Map(), rule: undefined };
    node.below.set(label, next);
    node = next;
  }
  node.rule = isException ? "exception" : "suffix";
}

/** More than any domain has. In characters. */
const maxRuleLength = 253;
