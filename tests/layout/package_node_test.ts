import { assert, suite } from "../harness.ts";
import { librarySources, type Source, sourceOf, textOf } from "./source.ts";

const test = suite("the package");

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface DenoPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

const npm: Package = JSON.parse(textOf("package.json"));
const deno: DenoPackage = JSON.parse(textOf("deno.json"));
const isExact = (version: string | undefined): boolean => version !== undefined && /^\d+\.\d+\.\d+$/.test(version);

/** A file of `dist` as the source that it is built from. */
const sourceOfBuilt = (built: string): string => built.replace(/^\.\/dist\//, "./").replace(/(\.d\.ts|\.js)$/, ".ts");

test("has the same name, version and licence on npm and on JSR", () => {
  assert.is(deno.name, `@${npm.name}/${npm.name}`);
  assert.is(deno.version, npm.version);
  assert.is(deno.license, npm.license);
});

test("has the same entry points on npm and on JSR, each with its types", () => {
  const built = Object.entries(npm.exports).map(([name, files]) => [name, sourceOfBuilt(files.default)]);
  assert.equal(Object.fromEntries(built), deno.exports);
  for (const { types, default: code } of Object.values(npm.exports)) {
    assert.is(sourceOfBuilt(types), sourceOfBuilt(code));
    assert.match(types, /^\.\/dist\/.*\.d\.ts$/);
  }
  for (const source of [...Object.values(deno.exports), ...Object.values(npm.bin).map(sourceOfBuilt)]) {
    assert.ok(textOf(source.slice(2)).length > 0, source);
  }
});

test("pins its dependencies exactly, and the same ones on both", () => {
  for (const [name, version] of Object.entries(npm.dependencies)) assert.ok(isExact(version), `${name} ${version}`);
  const pinned: Record<string, string> = {};
  for (const [name, target] of Object.entries(deno.imports)) {
    const [, packageName = "", version = ""] = /^npm:\/?((?:@[\w-]+\/)?[\w-]+)@([^/]+)/.exec(target) ?? [];
    assert.ok(isExact(version), `${name} is ${target}`);
    assert.ok(name === packageName || name.startsWith(`${packageName}/`), `${name} is ${target}`);
    pinned[packageName] = version;
  }
  assert.equal({ uvu: npm.devDependencies["uvu"], ...npm.dependencies }, pinned);
  assert.not(isExact("^1.2.3"));
});

/** Names that a file exports from other files: `[name there, file]`; `*` for all of them. */
function reexports({ text, imports }: Source): readonly (readonly [string, string])[] {
  return [...text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from "([^"]+)"/gm)].flatMap(
    ([, names = "", specifier]) => {
      const path = imports.find((one) => one.specifier === specifier)?.path ?? "";
      if (names === "*") return [["*", path] as const];
      return names.slice(1, -1).split(",").map((name) => name.trim().replace(/^type /, "").replace(/ as .*/, ""))
        .filter((name) => name !== "").map((name) => [name, path] as const);
    },
  );
}

/** Where an entry point's names are declared, as `[name, source]`; `undefined` for a declaration that isn't found. */
function declarations(entry: string, sources: readonly Source[]): readonly (readonly [string, Source])[] {
  const source = sources.find(({ path }) => path === entry);
  if (source === undefined) return [];
  const own = [...source.code.matchAll(declaration("\\w+"))].map(([, name = ""]) => [name, source] as const);
  const others = reexports(source).flatMap(([name, path]) => {
    const there = declarations(path, sources);
    return name === "*" ? there : there.filter(([found]) => found === name).slice(0, 1);
  });
  return [...own, ...others];
}

/** Exported declarations that no doc comment precedes. */
function undocumented(entry: string, sources: readonly Source[]): readonly string[] {
  return declarations(entry, sources).filter(([name, { text }]) => {
    const { index = 0 } = [...text.matchAll(declaration(name))][0] ?? {};
    const before = text.slice(0, index).trimEnd();
    const comment = before.slice(before.lastIndexOf("/**"));
    return !before.endsWith("*/") || comment.includes("@module");
  }).map(([name, { path }]) => `${path} ${name}`);
}

function declaration(name: string): RegExp {
  return new RegExp(`^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (${name})\\b`, "gm");
}

test("documents everything that it exports", () => {
  const sources = librarySources();
  const entries = Object.values(deno.exports).map((path) => path.slice(2));
  assert.ok(declarations("mod.ts", sources).some(([name]) => name === "createTlsClient"));
  assert.equal([...new Set(entries.flatMap((entry) => undocumented(entry, sources)))], []);
  const sample = (text: string): readonly string[] => undocumented("lib/x.ts", [sourceOf("lib/x.ts", text)]);
  assert.equal(sample("/**\n * Header.\n * @module\n */\n\nexport const x = 1;"), ["lib/x.ts x"]);
  assert.equal(sample("/** Documented. */\nexport const x = 1;\nexport interface Y {}"), ["lib/x.ts Y"]);
});

test.run();
