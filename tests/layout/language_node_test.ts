import { assert, suite } from "../harness.ts";
import { librarySources, lineOf, type Source, sourceOf } from "./source.ts";

const test = suite("the language of lib");
const sources = librarySources();
const lib = sources.filter(({ path }) => path.startsWith("lib/"));

/** What a rule finds: `path:line what`. */
type Rule = (source: Source) => readonly string[];

/** Every place in the code, comments and quotes apart, where a pattern stands. */
const nowhere = (pattern: RegExp): Rule => ({ path, code }) =>
  [...code.matchAll(pattern)].map(({ 0: found, index }) => `${path}:${lineOf(code, index)} ${found.trim()}`);

/** The tree keeps the rule, and the rule sees each of the samples. */
function holds(rule: Rule, over: readonly Source[], wrong: readonly string[], right: readonly string[] = []): void {
  assert.equal(over.flatMap(rule), []);
  for (const text of wrong) assert.ok(rule(sourceOf("lib/sample.ts", text)).length > 0, `not seen: ${text}`);
  for (const text of right) assert.equal(rule(sourceOf("lib/sample.ts", text)), []);
}

test("has no promise, clock, randomness, global or input and output", () => {
  const words =
    "async|await|Promise|globalThis|window|self|setTimeout|setInterval|queueMicrotask|console|Buffer|process|" +
    "Deno|Bun|fetch|performance|navigator|eval|require";
  const rule = nowhere(
    new RegExp(`(?<![.\\w])(?:${words})\\b(?!\\s*:)|\\bDate\\.now\\b|\\bnew Date\\(\\s*\\)|\\bMath\\.random\\b`, "g"),
  );
  holds(rule, lib, [
    "export async function f() {}",
    "await f();",
    "const p = new Promise(g);",
    "const now = Date.now();",
    "const now = new Date();",
    "const r = Math.random();",
    "globalThis.x = 1;",
    "setTimeout(f, 1);",
    "console.log(1);",
    "Buffer.from(x);",
    "process.exit();",
    "Deno.env;",
    "const text = `${await f()}`;",
  ], [
    "// await the ServerHello",
    'throw new Error("process.env");',
    "const date = new Date(notBefore);",
    "`await ${x}`;",
  ]);
});

test("has no any, no non-null !, no enum, no default export, no namespace", () => {
  const rule = nowhere(/(?<!\.)\bany\b|[\w)\]]!(?=[.,;)\]}[]|\s*$)|\benum\b|\bexport default\b|\bnamespace\b/gm);
  const wrong = [
    "let x: any;",
    "f(x as any);",
    "list[0]!.y;",
    "g(x!);",
    "enum A {}",
    "export default 1;",
    "namespace N {}",
  ];
  holds(rule, sources, wrong, ["if (a !== b && !c) f(!d);", "// any of them", "company;", "AbortSignal.any([a, b]);"]);
});

test("casts only in chart.ts, in the codec kernel and where xstate wants its types", () => {
  const cast = nowhere(/\bas\b(?! const\b)/g);
  const rule: Rule = ({ path, text, code, ...rest }) => {
    if (path === "lib/chart.ts" || path === "lib/codec/codec.ts") return [];
    const uncast = code
      .replace(/^(?:import|export)\b[^;]*?\bfrom\b/gm, (names) => names.replace(/\bas\b/g, "  "))
      .replace(/^(\s*types: \{\}) as \{/gm, "$1    {");
    return cast({ path, text, code: uncast, ...rest });
  };
  holds(rule, lib, ["f(x as Y);", "const x = <const>1 as unknown;"], [
    'import { a as b } from "./c.ts";',
    'import * as all from "./c.ts";',
    "const x = [1] as const;",
    "  types: {} as { x: 1 },",
  ]);
});

test("silences no checker, and keeps the formatter away from charts and registries only", () => {
  const rule: Rule = ({ path, comments }) =>
    comments.filter(({ text }) => {
      if (/^\/?\s*@ts-|deno-lint-ignore|eslint-/.test(text)) return true;
      return /^deno-fmt-ignore/.test(text) && !/(_chart|registry|oids)\.ts$/.test(path);
    }).map(({ line, text }) => `${path}:${line} ${text}`);
  holds(rule, sources, [
    "// @ts-ignore",
    "// @ts-expect-error",
    "// deno-fmt-ignore -- a table",
    "// deno-lint-ignore no-x",
  ]);
});

test("imports files by their whole name", () => {
  const rule: Rule = ({ path, imports }) =>
    imports.filter(({ specifier }) => specifier.startsWith(".") && !specifier.endsWith(".ts"))
      .map(({ specifier }) => `${path} imports ${specifier}`);
  holds(rule, sources, ['import "./codec";', 'export * from "./codec.js";'], ['import "./codec.ts";']);
});

test("begins each file with a header that says what it is", () => {
  const rule: Rule = ({ path, text, comments: [header] }) => {
    const isHeader = /^(#!.*\n)?\/\*\*/.test(text) && header !== undefined && header.text.endsWith("@module");
    return isHeader && header.text.length > "@module".length + 20 ? [] : [`${path} has no header`];
  };
  holds(rule, sources, [
    "export const x = 1;",
    "/** x */",
    "// lib\n/**\n * Text.\n * @module\n */",
    "/**\n * @module\n */",
  ], [
    "/**\n * The header of a file that is a sample.\n * @module\n */\nexport {};",
  ]);
});

test("names files in snake_case", () => {
  for (const { path } of sources) assert.match(path, /^(?:[a-z0-9]+(?:_[a-z0-9]+)*\/)*[a-z0-9]+(?:_[a-z0-9]+)*\.ts$/);
});

test("keeps files short: 250 lines are normal, 400 the limit", () => {
  // A table of data is as long as its data.
  const programs = sources.filter(({ path }) => path !== "lib/roots/data.ts");
  const lengths = programs.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));
  const long = lengths.filter(({ lines }) => lines > 250).sort((one, other) => other.lines - one.lines);
  if (long.length > 0) {
    console.log(`more than 250 lines: ${long.map(({ path, lines }) => `${path} (${lines})`).join(", ")}`);
  }
  assert.equal(long.filter(({ lines }) => lines > 400), []);
});

test("keeps functions short: 60 lines are the limit", () => {
  const wordy = (open: string, close: string): string => [open, ...Array<string>(60).fill("  x();"), close].join("\n");
  holds(longFunctions, sources, [
    wordy("function f(a: { b: 1 }): void {", "}"),
    wordy("const f = (a = (1)): number => {", "};"),
    wordy("class A {\n  method(x: string): Map<string, number> {", "  }\n}"),
  ], [wordy("const table = {", "};"), wordy("createMachine({", "});"), wordy("if (f(x)) {", "}")]);
});

test("has every number of the protocol in registry.ts", () => {
  const hex = nowhere(/\b0x(?!f+\b|0?f+\b|f+0\b)[0-9a-f]{2,}\b/g);
  const compared = nowhere(/\b(?:type|version|level|description|cipherSuite|msgType)\s*[!=]==?\s*\d{2,}\b/g);
  // x509 has numbers of another protocol: tags of DER, and points as SEC 1 writes them. GREASE is the registry's own.
  const tls = lib.filter(({ path }) => path !== "lib/registry.ts" && !path.startsWith("lib/x509/"));
  holds((source) => [...hex(source), ...compared(source)], tls, [
    "const version = 0x0303;",
    "suites.push(0xc02b);",
    "if (type === 22) f();",
    "return version !== 771;",
  ], ["const low = value & 0xff;", "// 0x0303", "if (length === 12) f();"]);
});

/** Braces that a parameter list or an arrow opens, and where they close. */
function longFunctions({ path, code }: Source): readonly string[] {
  const open: { readonly line: number; readonly isFunction: boolean }[] = [];
  const found: string[] = [];
  let line = 1;
  for (let index = 0; index < code.length; index++) {
    const character = code[index];
    if (character === "\n") line++;
    else if (character === "{") {
      open.push({ line, isFunction: opensFunction(code.slice(Math.max(0, index - 2000), index)) });
    } else if (character === "}") {
      const block = open.pop();
      const length = line - (block?.line ?? line) + 1;
      if (block?.isFunction === true && length > 60) found.push(`${path}:${block.line} has ${length} lines`);
    }
  }
  return found;
}

/** Whether a brace after this code opens a function's body: after `=>`, or after `(…)` or `(…): Type` that no keyword begins. */
function opensFunction(before: string): boolean {
  const trimmed = before.trimEnd();
  if (trimmed.endsWith("=>")) return true;
  const withoutType = trimmed.replace(/\)\s*:\s*[\w\s.,<>[\]|"&]+$/, ")");
  if (!withoutType.endsWith(")")) return false;
  let depth = 0;
  let start = withoutType.length - 1;
  for (; start >= 0; start--) {
    depth += withoutType[start] === ")" ? 1 : withoutType[start] === "(" ? -1 : 0;
    if (depth === 0) break;
  }
  return !/(?:^|[^.\w])(?:if|for|while|switch|catch|with)\s*$/.test(withoutType.slice(0, Math.max(0, start)));
}

test.run();
