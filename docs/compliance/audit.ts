/**
 * Joins what the RFCs say, what the code says that it enforces, what the tests say that they prove, and what doesn't
 * concern us. Leaves: rules with their places and proofs, counts, and everything that doesn't fit together.
 * @module
 */

import { filesBelow, librarySources, type Source, sourceOf, textOf } from "../../tests/layout/source.ts";
import { type Citation, citations, type Proof, proofs } from "./citations.ts";
import { rfcText, says, sectionOf, type Sentence, sentencesOf, squeezed, unquoted } from "./rfc_text.ts";

const auditedNumbers = [5246, 5077, 5280, 5746, 6066, 6960, 7301, 7366, 7627, 8422, 8449];

/** In these RFCs every sentence that obliges somebody has a place in the table or a reason why it has none. */
export const audited: readonly string[] = auditedNumbers.map((number) => `RFC ${number}`);

/** A sentence, or a part of it, that the library obeys. */
export interface Rule {
  readonly rfc: string;
  readonly section: string;
  readonly kind: Citation["kind"];
  readonly quote: string;
  /** Where the code says that it enforces it. */
  readonly places: readonly Citation[];
  readonly proofs: readonly Proof[];
}

/** A sentence that doesn't concern us, by its first words. */
export interface Exemption {
  readonly rfc: string;
  readonly section: string;
  readonly words: string;
  readonly why: string;
}

/** Of one RFC. A sentence that is obeyed in one part and not in another counts as a deviation. */
export interface Counts {
  readonly sentences: number;
  readonly enforced: number;
  readonly proved: number;
  readonly deviations: number;
  readonly exempt: number;
}

export interface Audit {
  readonly citations: readonly Citation[];
  readonly rules: readonly Rule[];
  readonly deviations: readonly Citation[];
  readonly proofs: readonly Proof[];
  readonly exemptions: readonly Exemption[];
}

/** Where the sentences stand that don't concern us. Written by hand. */
export const exemptionsPath = "docs/compliance/not_ours.md";

/** Of the whole tree, or of the sources that are given. */
export function auditOf(
  library: readonly Source[] = librarySources(),
  tests: readonly Source[] = testSources(),
  notOurs: string = textOf(exemptionsPath),
): Audit {
  const all = citations(library);
  const proved = proofs(tests);
  return {
    citations: all,
    rules: rulesOf(all, proved),
    deviations: all.filter(({ kind }) => kind === "DEVIATION"),
    proofs: proved,
    exemptions: exemptionsIn(notOurs),
  };
}

/** `undefined` when the RFC isn't at hand. */
export function countsOf(audit: Audit, rfc: string, sentences = sentencesOf(rfc)): Counts | undefined {
  if (sentences === undefined) return undefined;
  const quoting = audit.rules.map((rule) => ({ ...rule, quotes: [rule.quote] }));
  const obeyed = quotesBySection(quoting, rfc);
  const proved = quotesBySection(quoting.filter(({ proofs }) => proofs.length > 0), rfc);
  const all = quotesBySection(audit.citations, rfc);
  const left = (sentence: Sentence, quotes: ReadonlyMap<string, readonly string[]>): number =>
    unquoted(sentence, quotes.get(sentence.section) ?? []).length;
  const deviations = sentences.filter((sentence) => left(sentence, all) < left(sentence, obeyed));
  const enforced = sentences.filter((sentence) =>
    left(sentence, obeyed) < unquoted(sentence, []).length && !deviations.includes(sentence)
  );
  return {
    sentences: sentences.length,
    enforced: enforced.length,
    proved: enforced.filter((sentence) => left(sentence, proved) === left(sentence, obeyed)).length,
    deviations: deviations.length,
    exempt: sentences.length - enforced.length - deviations.length,
  };
}

/** Rules that oblige, and that no test proves. */
export function unprovenRules({ rules }: Audit): readonly string[] {
  return rules.filter(({ kind, proofs }) => (kind === "MUST" || kind === "SHALL") && proofs.length === 0).map((
    { rfc, section, quote, places: [place] },
  ) => `${place?.path}:${place?.line} no test proves ${rfc} §${section}: ${quote}`);
}

/** Proofs of rules that there aren't, whose words fit several rules, or that stand above no test. */
export function danglingProofs({ rules, proofs }: Audit): readonly string[] {
  return proofs.flatMap((proof) => {
    const at = `${proof.path}:${proof.line} proves ${proof.rfc} §${proof.section}: "${proof.words}"`;
    const count = rules.filter((rule) => isProvedBy(rule, proof)).length;
    if (count === 0) return [`${at}, which no comment in lib quotes`];
    if (count > 1) return [`${at}, with which ${count} quotes begin: say more words`];
    return proof.title === undefined ? [`${at}, and no test follows`] : [];
  });
}

/** Proofs in files that none of the programs that run the tests imports. */
export function idleProofs({ proofs }: Audit, tests: readonly Source[] = testSources()): readonly string[] {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const imported of tests.find((source) => source.path === path)?.imports ?? []) visit(imported.path ?? "");
  };
  for (const program of programs) visit(program);
  return [...new Set(proofs.map(({ path }) => path))].filter((path) => !reached.has(path)).map((path) =>
    `${path} proves rules, and no program runs it: import it in one of ${programs.join(", ")}`
  );
}

/** Those that `npm test` starts. */
const programs: readonly string[] = ["tests/core.ts", "tests/node.ts", "tests/adapters.ts", "tests/browser.ts"];

/** Quotes that aren't in the section that is named. RFCs that aren't at hand are left out. */
export function wrongQuotes({ citations }: Audit): readonly string[] {
  return citations.flatMap((citation) => {
    const text = rfcText(citation.rfc);
    return text === undefined ? [] : faultsOf(citation, text);
  });
}

/** What is wrong with the quotes of a citation, compared with the RFC's text. */
export function faultsOf({ rfc, section, quotes, path, line }: Citation, text: string): readonly string[] {
  const body = sectionOf(section, text);
  if (body === undefined) return [`${path}:${line} there is no section ${section} in ${rfc}`];
  return quotes.filter((quote) => !says(body, quote)).map((quote) =>
    says(text, quote)
      ? `${path}:${line} is elsewhere in ${rfc}, not in ${section}: ${quote}`
      : `${path}:${line} is not in ${rfc}: ${quote}`
  );
}

/** Sentences that no comment quotes and no reason excuses; excuses of sentences that are quoted, or that there aren't. */
export function unaccounted(audit: Audit, rfc: string, sentences = sentencesOf(rfc)): readonly string[] {
  const exemptions = audit.exemptions.filter((exemption) => exemption.rfc === rfc);
  const quotes = quotesBySection(audit.citations, rfc);
  const missing = (sentences ?? []).flatMap((sentence) => {
    const open = unquoted(sentence, quotes.get(sentence.section) ?? []).length;
    const isExempt = exemptions.some((exemption) => excuses(exemption, sentence));
    const at = `${rfc} §${sentence.section}: ${sentence.text}`;
    if (open > 0 && !isExempt) return [`neither quoted nor listed in ${exemptionsPath}: ${at}`];
    return open === 0 && isExempt ? [`quoted, and listed in ${exemptionsPath} all the same: ${at}`] : [];
  });
  const idle = exemptions.filter((exemption) => !sentences?.some((sentence) => excuses(exemption, sentence)));
  return [
    ...missing,
    ...idle.map(({ section, words }) => `${exemptionsPath}: no sentence of ${rfc} §${section} begins with "${words}"`),
  ];
}

function testSources(): readonly Source[] {
  return filesBelow("tests/", ".ts").map((path) => sourceOf(path, textOf(path)));
}

function rulesOf(all: readonly Citation[], proved: readonly Proof[]): readonly Rule[] {
  const rules = new Map<string, Rule>();
  for (const citation of all) {
    const { rfc, section, kind, quotes } = citation;
    if (kind === "DEVIATION" || kind === "quote") continue;
    for (const quote of quotes) {
      const key = `${rfc} ${section} ${squeezed(quote)}`;
      const before = rules.get(key) ?? { rfc, section, kind, quote, places: [], proofs: [] };
      rules.set(key, { ...before, places: [...before.places, citation] });
    }
  }
  return [...rules.values()].map((rule) => ({ ...rule, proofs: proved.filter((proof) => isProvedBy(rule, proof)) }));
}

function isProvedBy({ rfc, section, quote }: Pick<Rule, "rfc" | "section" | "quote">, proof: Proof): boolean {
  return proof.rfc === rfc && proof.section === section && proof.words !== "" &&
    squeezed(quote).startsWith(squeezed(proof.words));
}

/** `- §7.4.3 "Other key exchange algorithms": speaks to authors of RFCs`, below the heading `## RFC 5246`. */
function exemptionsIn(text: string): readonly Exemption[] {
  return text.split(/^## /m).slice(1).flatMap((part) => {
    const [, rfc = ""] = /^(RFC \d+)/.exec(part) ?? [];
    const lines = part.replace(/\n +/g, " ").split("\n");
    return lines.flatMap((line) => {
      const [, section = "", words = "", why = ""] = /^- §(\S+) "(.+)": (.+)$/.exec(line) ?? [];
      return why === "" ? [] : [{ rfc, section, words, why }];
    });
  });
}

function excuses({ section, words }: Exemption, sentence: Sentence): boolean {
  return section === sentence.section && squeezed(sentence.text).startsWith(squeezed(words));
}

type Quoting = { readonly rfc: string; readonly section: string; readonly quotes: readonly string[] };

function quotesBySection(all: readonly Quoting[], rfc: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const citation of all) {
    if (citation.rfc !== rfc) continue;
    found.set(citation.section, [...found.get(citation.section) ?? [], ...citation.quotes]);
  }
  return found;
}
