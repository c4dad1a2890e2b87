/**
 * What the comments say of RFCs: in lib which sentence a check enforces, in tests which sentence a test proves.
 * Enters: source texts. Leaves: citations and proofs, each with its place.
 *
 *     // RFC 5246 §7.4.9 MUST: "Recipients of Finished messages MUST verify that the contents are correct."
 *     // RFC 6066 §8 DEVIATION: a response is handed out unread, though "Clients … MUST check the OCSP response", because …
 *     // proves RFC 5246 §7.4.9: "Recipients of Finished"
 * @module
 */

import type { Comment, Source } from "../../tests/layout/source.ts";

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

/** A comment above a test that names the rule which the test proves by its first words. */
export interface Proof {
  readonly rfc: string;
  readonly section: string;
  readonly words: string;
  readonly path: string;
  readonly line: number;
  /** The first quoted text below the comment; `undefined` when there is none near. */
  readonly title: string | undefined;
}

const citation =
  /(\bproves )?RFC (\d{4}) (?:§|appendix )([0-9A-Z]+(?:\.[0-9]+)*)((?:(?!RFC )[^:"]){0,60}?)( MUST| SHALL| SHOULD| MAY| DEVIATION)?:(?=\s)/g;

/** All citations of the library, by RFC, section, file and line. */
export function citations(sources: readonly Source[]): readonly Citation[] {
  const found = sources.flatMap((source) =>
    source.comments.flatMap((comment) =>
      partsOf(comment).flatMap(({ rfc, section, said, rest }) => {
        const quotes = quotesIn(rest);
        const kind = kindOf(said, quotes);
        if (quotes.length === 0 && kind !== "DEVIATION") return [];
        const text = kind === "DEVIATION"
          ? rest.replace(/(\bbecause\b.*?\.)(?: [A-Z@].*)$/, "$1")
          : quotes.map((quote) => `“${quote}”`).join(" ");
        const place = { path: source.path, line: comment.line, symbol: symbolOf(source, comment) };
        return [{ rfc, section, kind, text, quotes, ...place }];
      })
    )
  );
  return found.sort(byPlace);
}

/** All proofs of the tests, by RFC, section, file and line. */
export function proofs(sources: readonly Source[]): readonly Proof[] {
  const found = sources.flatMap((source) =>
    source.comments.flatMap((comment) =>
      partsOf(comment).filter(({ proves }) => proves).map(({ rfc, section, rest }) => ({
        rfc,
        section,
        words: quotesIn(rest)[0] ?? "",
        path: source.path,
        line: comment.line,
        title: titleBelow(source, comment),
      }))
    )
  );
  return found.sort(byPlace);
}

/** 7.4.10 comes after 7.4.9. */
export function bySection(one: string, other: string): number {
  const parts = other.split(".");
  for (const [index, part] of one.split(".").entries()) {
    const difference = part.localeCompare(parts[index] ?? "", "en", { numeric: true });
    if (difference !== 0) return difference;
  }
  return one.split(".").length - parts.length;
}

type Place = { readonly rfc: string; readonly section: string; readonly path: string; readonly line: number };

function byPlace(one: Place, other: Place): number {
  return one.rfc.localeCompare(other.rfc) || bySection(one.section, other.section) ||
    one.path.localeCompare(other.path) || one.line - other.line;
}

interface Part {
  readonly rfc: string;
  readonly section: string;
  readonly proves: boolean;
  readonly said: string | undefined;
  readonly rest: string;
}

function partsOf(comment: Comment): readonly Part[] {
  return comment.text.split(/\n\s*\n/).flatMap((paragraph) => {
    const words = paragraph.replace(/\s+/g, " ");
    const starts = [...words.matchAll(citation)];
    return starts.map((start, index) => {
      const [whole, proves, rfc = "", section = "", , said] = start;
      const rest = words.slice(start.index + whole.length, starts[index + 1]?.index).trim();
      return { rfc: `RFC ${rfc}`, section, proves: proves !== undefined, said: said?.trim(), rest };
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
export function quotesIn(text: string): readonly string[] {
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

/** A test's title, or that of a row in a table of tests: at most four lines below. */
function titleBelow({ text }: Source, { lastLine }: Comment): string | undefined {
  const below = text.split("\n").slice(lastLine, lastLine + 4).join("\n");
  const [, , title] = /^[^"'`]*?(["'`])((?:\\.|(?!\1)[^\\])*)\1/.exec(below) ?? [];
  return title?.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…").replace(/\\(.)/g, "$1");
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
