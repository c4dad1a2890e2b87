/**
 * The tree as text, for the layout rules: files, and in each what is code, what is comment, what is imported.
 * A small lexer in place of a parser: it knows comments, strings, templates and regular expressions, nothing else.
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

/** A file of the tree. `path` is relative to the root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** The text with everything in comments and quotes blanked; line breaks stay where they are. */
  readonly code: string;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
}

/** A block comment, or `//` lines that follow each other; without its marks, `line` counted from 1. */
export interface Comment {
  readonly line: number;
  readonly lastLine: number;
  readonly text: string;
}

export interface Import {
  /** As it stands: `./known.ts`, `xstate`. */
  readonly specifier: string;
  /** Relative to the root: `lib/tls12/known.ts`; `undefined` for a package. */
  readonly path: string | undefined;
}

const root = new URL("../../", import.meta.url);
const notOurs = ["node_modules", "dist", ".git"];

/** All files below a folder (`""` is the root), sorted, by their paths. */
export function filesBelow(folder: string, ending = ""): readonly string[] {
  const entries = readdirSync(new URL(folder, root), { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (notOurs.includes(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(`${folder}${entry.name}/`, ending);
    return entry.name.endsWith(ending) ? [`${folder}${entry.name}`] : [];
  }).sort();
}

export function textOf(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** What the library consists of: mod.ts, lib and adapters. */
export function librarySources(): readonly Source[] {
  return ["mod.ts", ...filesBelow("lib/", ".ts"), ...filesBelow("adapters/", ".ts")].map((path) =>
    sourceOf(path, textOf(path))
  );
}

export function sourceOf(path: string, text: string): Source {
  const marks = marksOf(text);
  const blanked = (kept: string): string =>
    Array.from(marks, (mark, index) => text[index] === "\n" || mark === kept ? text[index] : " ").join("");
  return { path, text, code: blanked("c"), comments: commentsOf(text, marks), imports: importsOf(path, text, marks) };
}

/** The line of an offset, counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** For each character (UTF-16 unit) what it belongs to: `c` code, `/` comment, `"` string, template or regular expression. */
function marksOf(text: string): string {
  let marks = "";
  const openTemplates: number[] = []; // depth of braces within each `${`
  const mark = (kind: string, end: number): void => {
    marks += kind.repeat(end - marks.length);
  };
  const template = (from: number): void => {
    const end = endOf(/(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y, text, from);
    mark('"', end);
    if (text[end - 1] === "{") openTemplates.push(0);
  };
  while (marks.length < text.length) {
    const at = marks.length;
    const [character = ""] = text.slice(at, at + 1);
    const depth = openTemplates.at(-1);
    if (text.startsWith("//", at)) mark("/", endOf(/.*/y, text, at));
    else if (text.startsWith("/*", at)) mark("/", endOf(/\/\*[^]*?\*\//y, text, at));
    else if (character === '"' || character === "'") mark('"', endOf(/(["'])(?:[^\\]|\\[^])*?\1/y, text, at));
    else if (character === "/" && isRegExpAfter(text.slice(0, at))) {
      mark('"', endOf(/\/(?:[^\\[/\n]|\\.|\[(?:[^\]\\]|\\.)*\])+\/\w*/y, text, at));
    } else if (character === "`") template(at + 1);
    else if (character === "}" && depth === 0) {
      openTemplates.pop();
      template(at + 1);
    } else {
      if (depth !== undefined && character === "{") openTemplates.push((openTemplates.pop() ?? 0) + 1);
      if (depth !== undefined && character === "}") openTemplates.push((openTemplates.pop() ?? 0) - 1);
      mark("c", at + 1);
    }
  }
  return marks;
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null || found[0] === "" ? from + 1 : pattern.lastIndex;
}

function isRegExpAfter(before: string): boolean {
  return /(?:^|[(,=:[!&|?{};>]|\breturn)\s*$/.test(before);
}

function commentsOf(text: string, marks: string): readonly Comment[] {
  const comments: Comment[] = [];
  for (const { 0: { length }, index } of marks.matchAll(/\/+/g)) {
    const raw = text.slice(index, index + length);
    const line = lineOf(text, index);
    const words = raw.startsWith("/*")
      ? raw.slice(2, -2).split("\n").map((part) => part.replace(/^\s*\* ?/, "").trimEnd()).join("\n")
      : raw.slice(2).trim();
    const previous = comments.at(-1);
    const isAlone = text.slice(text.lastIndexOf("\n", index) + 1, index).trim() === "";
    if (raw.startsWith("//") && previous?.lastLine === line - 1 && isAlone) {
      comments[comments.length - 1] = { ...previous, lastLine: line, text: `${previous.text}\n${words}` };
    } else {comments.push({
        line,
        lastLine: line + raw.split("\n").length - 1,
        text: words.replace(/^\*\s*/, "").trim(),
      });}
  }
  return comments;
}

function importsOf(path: string, text: string, marks: string): readonly Import[] {
  const pattern = /^(?:import|export)\b(?:[^;"]*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...text.matchAll(pattern)].filter(({ index }) => marks[index] === "c").map(([, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? "";
    const isFile = specifier.startsWith(".");
    return { specifier, path: isFile ? new URL(specifier, `file:///${path}`).pathname.slice(1) : undefined };
  });
}
