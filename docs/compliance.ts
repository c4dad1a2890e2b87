/**
 * Writes docs/compliance.md: which sentence of which RFC is enforced where and proved by which test, where we deviate and
 * why, and how many sentences don't concern us. The comments in lib and tests say it; this only collects them.
 * `tsx docs/compliance.ts`; with `--check` it only compares. Numbers of RFCs that aren't at hand stay as they are.
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Audit, audited, auditOf, type Counts, countsOf, type Rule } from "./compliance/audit.ts";
import type { Citation, Proof } from "./compliance/citations.ts";

/** Where the table lies. */
export const compliancePath: URL = new URL("compliance.md", import.meta.url);

/** The text of docs/compliance.md. `before`: the text so far, for what can't be counted here. */
export function complianceText(
  audit: Audit = auditOf(),
  before: string = readFileSync(compliancePath, "utf8"),
): string {
  const { rules, deviations } = audit;
  const rfcs = [...new Set(rules.map(({ rfc }) => rfc))];
  return [
    "<!-- deno-fmt-ignore-file -->",
    "",
    "# Compliance",
    "",
    "Which sentence of which RFC is enforced where and proved by which test, and where this library deviates and why. Written",
    "by `npx tsx docs/compliance.ts` from comments: in the sources they quote the RFC above the check, in the tests they say",
    '`// proves RFC 5246 §7.4.9: "Recipients of Finished"` above the test. A test fails when the table is stale, when a MUST',
    "that is quoted has no test, and when such a comment fits no rule.",
    "",
    "Of the RFCs in this first table *every* sentence with MUST, SHALL or REQUIRED is accounted for: it is quoted in the",
    "sources, or stands with a reason among the [sentences that don't concern us](compliance/not_ours.md). Where the texts",
    "of the RFCs are at hand (beside the repository, or in the folder that `RFC_SHELF` names), a test compares every quote",
    "with them and looks for sentences that were forgotten.",
    "",
    ...table(["RFC", "sentences", "enforced", "… and proved", "deviations", "not ours"], summary(audit, before)),
    "",
    `In all, ${rules.length} rules of ${rfcs.length} RFCs are quoted, ${
      proved(rules).length
    } of them with a test, and there are ` +
    `${deviations.length} deviations.`,
    "",
    "## Deviations",
    "",
    ...table(["section", "what and why", "where"], deviations.map(deviationCells)),
    "",
    "## Rules",
    ...rfcs.flatMap((rfc) => [
      "",
      `### ${rfc}`,
      "",
      ...table(
        ["section", "what it says", "where", "test"],
        rules.filter((rule) => rule.rfc === rfc).map(ruleCells),
      ),
    ]),
    "",
  ].join("\n");
}

const proved = (rules: readonly Rule[]): readonly Rule[] => rules.filter(({ proofs }) => proofs.length > 0);

/** One row for each audited RFC. */
function summary(audit: Audit, before: string): readonly (readonly string[])[] {
  return audited.map((rfc) => {
    const counts = countsOf(audit, rfc);
    return counts === undefined ? rowOf(rfc, before) : [linkTo(rfc), ...numbersOf(counts)];
  });
}

function numbersOf({ sentences, enforced, proved, deviations, exempt }: Counts): readonly string[] {
  return [sentences, enforced, proved, deviations, exempt].map(String);
}

/** The row as it was. */
function rowOf(rfc: string, before: string): readonly string[] {
  const row = before.split("\n").find((line) => line.startsWith(`| [${rfc}](`));
  return row?.split("|").slice(1, -1).map((cell) => cell.trim()) ?? [linkTo(rfc), "?", "?", "?", "?", "?"];
}

function ruleCells({ rfc, section, quote, places, proofs }: Rule): readonly string[] {
  return [
    linkTo(rfc, section),
    escaped(`“${quote}”`),
    distinct(places.map(placeText)),
    distinct(proofs.map(proofText)),
  ];
}

function deviationCells(citation: Citation): readonly string[] {
  return [linkTo(citation.rfc, citation.section), escaped(citation.text), placeText(citation)];
}

function placeText({ path, symbol }: Citation): string {
  return `[${path}](../${path})${symbol === undefined ? "" : ` ${code(symbol)}`}`;
}

function proofText({ path, title }: Proof): string {
  return `[${path.replace(/^tests\//, "").replace(/_test\.ts$/, "")}](../${path}): ${escaped(title ?? "")}`;
}

function linkTo(rfc: string, section?: string): string {
  const address = `https://www.rfc-editor.org/rfc/rfc${rfc.replace("RFC ", "")}`;
  if (section === undefined) return `[${rfc}](${address})`;
  const isAppendix = /^[A-Z]/.test(section);
  const anchor = `${isAppendix ? "appendix" : "section"}-${section}`;
  return `[${rfc} ${isAppendix ? "appendix " : "§"}${section}](${address}#${anchor})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const distinct = (texts: readonly string[]): string => [...new Set(texts)].join("<br>");
const code = (text: string): string => `\`${text}\``;
const escaped = (text: string): string => text.replace(/[|<*]/g, "\\$&");

function main(): void {
  const text = complianceText();
  if (!process.argv.includes("--check")) return writeFileSync(compliancePath, text);
  if (readFileSync(compliancePath, "utf8") === text) return;
  console.error("docs/compliance.md is stale: run npx tsx docs/compliance.ts");
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
