/**
 * Writes docs/compliance.md: which sentence of which RFC is enforced where, and where we deviate and why.
 * The comments in lib say it; this only collects them. `tsx docs/compliance.ts`; with `--check` it only compares.
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Comment, librarySources, type Source } from "../tests/layout/source.ts";

/** A comment that cites a section of an RFC and quotes it, or deviates from it. */
export interface Citation {
  /** `RFC 5246`. */
  readonly rfc: string;
  /** `7.4.1.2`, `E.1`. */
  readonly section: string;
  readonly kind: "MUST" | "SHALL" | "SHOULD" | "MAY" | "quote" | "DEVIATION";
  /** The quotes, or of a deviation what it is and why. */
  readonly text: string;
  /** What stands between quotation marks. A quote may have quotation marks within. */
  readonly quotes: readonly string[];
  readonly path: string;
  /** Counted from 1; not in the table, which would go stale with each edit. */
  readonly line: number;
  /** The declaration that the comment stands in or above; `undefined` for a file's header. */
  readonly symbol: string | undefined;
}

const citation =
  /RFC (\d{4}) (?:§|appendix )([0-9A-Z]+(?:\.[0-9]+)*)([^:"]{0,60}?)( MUST| SHALL| SHOULD| MAY| DEVIATION)?:(?=\s)/g;

/** All citations of the library, by RFC, section, file and line. */
export function citations(sources: readonly Source[] = librarySources()): readonly Citation[] {
  const found = sources.flatMap((source) => source.comments.flatMap((comment) => citationsOf(source, comment)));
  return found.sort((one, other) =>
    one.rfc.localeCompare(other.rfc) || bySection(one.section, other.section) || one.path.localeCompare(other.path) ||
    one.line - other.line
  );
}

/** The text of docs/compliance.md. */
export function complianceText(all: readonly Citation[] = citations()): string {
  const rules = all.filter(({ kind }) => kind !== "DEVIATION" && kind !== "quote");
  const deviations = all.filter(({ kind }) => kind === "DEVIATION");
  return [
    "<!-- deno-fmt-ignore-file -->",
    "",
    "# Compliance",
    "",
    "Which sentence of which RFC is enforced where, and where this library deviates and why. Written by",
    "`npx tsx docs/compliance.ts` from the comments in the sources; a test fails when it is stale, and another compares every",
    "quote with the RFC's text, where that is at hand. The tests are the proof that the code does what the comments say.",
    "",
    `${rules.length} rules of ${new Set(rules.map(({ rfc }) => rfc)).size} RFCs, ${deviations.length} deviations.`,
    "",
    "## Deviations",
    "",
    ...table(["section", "what and why", "where"], deviations),
    "",
    "## Rules",
    ...[...new Set(rules.map(({ rfc }) => rfc))].flatMap((rfc) => [
      "",
      `### ${rfc}`,
      "",
      ...table(["section", "what it says", "where"], rules.filter((rule) => rule.rfc === rfc)),
    ]),
    "",
  ].join("\n");
}

function table(head: readonly string[], rows: readonly Citation[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(cellsOf(row)))];
}

function cellsOf({ rfc, section, text, path, symbol }: Citation): readonly string[] {
  const number = rfc.replace("RFC ", "");
  const anchor = /^[A-Z]/.test(section) ? `appendix-${section}` : `section-${section}`;
  const place = symbol === undefined ? "" : ` ${code(symbol)}`;
  return [
    `[${rfc} ${
      /^[A-Z]/.test(section) ? "appendix " : "§"
    }${section}](https://www.rfc-editor.org/rfc/rfc${number}#${anchor})`,
    escaped(text),
    `[${path}](../${path})${place}`,
  ];
}

const code = (text: string): string => `\`${text}\``;
const escaped = (text: string): string => text.replace(/[|<*]/g, "\\$&");

function citationsOf(source: Source, comment: Comment): readonly Citation[] {
  return comment.text.split(/\n\s*\n/).flatMap((paragraph) => {
    const words = paragraph.replace(/\s+/g, " ");
    const starts = [...words.matchAll(citation)];
    return starts.flatMap((start, index) => {
      const [whole, rfc = "", section = "", , kind] = start;
      const rest = words.slice(start.index + whole.length, starts[index + 1]?.index).trim();
      const quotes = quotesIn(rest);
      const kindName = kindOf(kind?.trim(), quotes);
      if (quotes.length === 0 && kindName !== "DEVIATION") return [];
      const text = kindName === "DEVIATION"
        ? rest.replace(/(\bbecause\b.*?\.)(?: [A-Z@].*)$/, "$1")
        : quotes.map((quote) => `“${quote}”`).join(" ");
      const place = { path: source.path, line: comment.line, symbol: symbolOf(source, comment) };
      return [{ rfc: `RFC ${rfc}`, section, kind: kindName, text, quotes, ...place }];
    });
  });
}

/** The RFCs' own words in capitals decide, whether the comment repeats them or not. */
function kindOf(said: string | undefined, quotes: readonly string[]): Citation["kind"] {
  if (said === "DEVIATION") return said;
  const [word] = /\b(?:MUST|SHALL|SHOULD|MAY)\b/.exec(said ?? quotes.join(" ")) ?? [];
  return word === "MUST" || word === "SHALL" || word === "SHOULD" || word === "MAY" ? word : "quote";
}

/** A quotation mark opens after a space or at the start, and closes before a space, a stop or the end. */
function quotesIn(text: string): readonly string[] {
  const quotes: string[] = [];
  let open: number | undefined;
  let inner = 0;
  for (const { 0: mark, index } of text.matchAll(/(?<=^|[\s(])"(?=\S)|"/g)) {
    const opens = /(?:^|[\s(])$/.test(text.slice(0, index)) && mark === '"' && /^\S/.test(text.slice(index + 1));
    if (open === undefined) open = opens ? index : undefined;
    else if (opens) inner++;
    else if (inner > 0) inner--;
    else {
      quotes.push(text.slice(open + 1, index));
      open = undefined;
    }
  }
  return quotes;
}

/** `clientCommands.checkCertificate`: the declarations around a comment, by their indentation. */
function symbolOf({ text, code: blanked }: Source, { line, lastLine }: Comment): string | undefined {
  const lines = blanked.split("\n");
  const raw = text.split("\n");
  if (line === 1) return undefined;
  const names: string[] = [];
  const indentOf = (index: number): number => (raw[index] ?? "").search(/\S|$/);
  const next = lines.findIndex((code, index) => index >= lastLine && code.trim() !== "");
  let indent = indentOf(line - 1);
  const below = nameOf(lines[next] ?? "", indent === 0);
  if (below !== undefined && indentOf(next) === indent) names.push(below);
  for (let index = line - 2; index >= 0 && indent > 0; index--) {
    const code = lines[index] ?? "";
    if (/^\s*$|^\s*[)}]/.test(code) || indentOf(index) >= indent) continue;
    indent = indentOf(index);
    const name = nameOf(code, indent === 0);
    if (name !== undefined) names.unshift(name);
  }
  return names.length === 0 ? undefined : names.join(".");
}

/** What a line declares: at the top a function, class, type or constant; within, a method or an entry of a table. */
function nameOf(code: string, isTop: boolean): string | undefined {
  if (isTop) return /^(?:export )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/.exec(code)?.[1];
  const [, method] = /^\s*(?:(?:readonly|static|get|set|override) )*(#?\w+)(?:<[^>]*>)?\([^;]*\{\s*$/.exec(code) ?? [];
  const [, entry] = /^\s*(\w+): (?:\(|.*=>|\{)/.exec(code) ?? [];
  const name = method ?? entry;
  return name === undefined || /^(?:if|for|while|switch|catch|return|constructor)$/.test(name) ? undefined : name;
}

function bySection(one: string, other: string): number {
  const parts = other.split(".");
  for (const [index, part] of one.split(".").entries()) {
    const difference = part.localeCompare(parts[index] ?? "", "en", { numeric: true });
    if (difference !== 0) return difference;
  }
  return one.split(".").length - parts.length;
}

/** Where the table lies. */
export const compliancePath: URL = new URL("compliance.md", import.meta.url);

function main(): void {
  const text = complianceText();
  if (!process.argv.includes("--check")) return writeFileSync(compliancePath, text);
  if (readFileSync(compliancePath, "utf8") === text) return;
  console.error("docs/compliance.md is stale: run npx tsx docs/compliance.ts");
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
