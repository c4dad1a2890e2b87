import { assert, suite } from "../harness.ts";
import { librarySources, type Source, sourceOf } from "./source.ts";

const test = suite("imports");
const sources = librarySources();

/** From the foundation up. A file imports from its own row and from the rows above it in this list. */
const rows: readonly (readonly string[])[] = [
  ["lib/registry.ts"],
  ["lib/error.ts"],
  ["lib/codec/"],
  ["lib/crypto/", "lib/chart.ts"],
  ["lib/record/", "lib/extensions/", "lib/x509/", "lib/session/", "lib/session.ts", "lib/trace.ts"],
  ["lib/roots/", "lib/roots.ts"],
  ["lib/messages/", "lib/credential.ts", "lib/limits.ts", "lib/output.ts", "lib/request.ts", "lib/settings.ts"],
  ["lib/event.ts", "lib/transcript.ts"],
  [
    "lib/endpoint.ts",
    "lib/flood_guard.ts",
    "lib/freeze.ts",
    "lib/lifecycle.ts",
    "lib/stand.ts",
    "lib/tls_connection.ts",
    "lib/tracer.ts",
    "lib/wire.ts",
  ],
  ["lib/tls12/", "lib/tls13/"],
  ["lib/client_versions.ts", "lib/server_versions.ts"],
  ["lib/opening/"],
  [
    "lib/answers.ts",
    "lib/certificate_rules.ts",
    "lib/check_config.ts",
    "lib/common_settings.ts",
    "lib/config.ts",
    "lib/connection.ts",
    "lib/load_credential.ts",
    "lib/thaw.ts",
  ],
  ["lib/certificates.ts"],
  ["lib/default_verifier.ts"],
  ["lib/x509.ts"],
  ["lib/core.ts"],
  ["lib/default_provider.ts"],
  ["mod.ts"],
  ["adapters/"],
];

/** Rooms that know less than their row would let them: what they may import beside themselves. */
const smallRooms: readonly (readonly [string, readonly string[]])[] = [
  ["lib/registry.ts", []],
  ["lib/error.ts", ["lib/registry.ts"]],
  ["lib/codec/", ["lib/error.ts"]],
  ["lib/crypto/", ["lib/error.ts", "lib/registry.ts"]],
  ["lib/chart.ts", []],
  ["lib/record/", ["lib/codec/", "lib/error.ts", "lib/registry.ts"]],
  ["lib/extensions/", ["lib/codec/", "lib/error.ts", "lib/registry.ts"]],
  // Trust is decided without TLS: the registry only for the names of the alerts that errors carry.
  ["lib/x509/", ["lib/codec/", "lib/crypto/provider.ts", "lib/error.ts", "lib/registry.ts"]],
  ["lib/roots/", ["lib/codec/", "lib/error.ts", "lib/x509/"]],
  ["lib/roots.ts", ["lib/roots/", "lib/x509/"]],
  // Sessions are kept and sealed without the messages that carry them.
  ["lib/session/", ["lib/codec/", "lib/crypto/provider.ts", "lib/error.ts", "lib/registry.ts"]],
  ["lib/certificates.ts", ["lib/crypto/provider.ts", "lib/x509/"]],
  ["lib/x509.ts", [
    "lib/certificates.ts",
    "lib/crypto/noble_certificates.ts",
    "lib/default_verifier.ts",
    "lib/error.ts",
  ]],
  [
    "mod.ts",
    ["lib/core.ts", "lib/crypto/noble_provider.ts", "lib/default_provider.ts", "lib/default_verifier.ts"],
  ],
  ["adapters/", ["mod.ts"]],
];

/** Packages, and who may import them. */
const packages: readonly (readonly [RegExp, RegExp])[] = [
  [/^xstate$/, /^lib\/(chart|.*_chart)\.ts$/],
  [/^@noble\/|^micro-rsa-dsa-dh\//, /^lib\/crypto\/noble_\w+\.ts$/],
  [/^node:/, /^adapters\//],
  [/^ws$/, /^adapters\/(cli\/)?relay\w*\.ts$/],
];

const isIn = (place: string) => (path: string): boolean =>
  place.endsWith("/") ? path.startsWith(place) : path === place;
const rowOf = (path: string): number => rows.findIndex((row) => row.some((place) => isIn(place)(path)));

function againstRows({ path, imports }: Source): readonly string[] {
  const row = rowOf(path);
  if (row < 0) return [`${path} stands in no row`];
  return imports.flatMap(({ path: imported }) => {
    if (imported === undefined) return [];
    const isTooHigh = rowOf(imported) > row || rowOf(imported) < 0;
    const isOtherVersion = /^lib\/tls1\d\//.exec(path)?.[0] !== /^lib\/tls1\d\//.exec(imported)?.[0] &&
      path.startsWith("lib/tls1") && imported.startsWith("lib/tls1");
    return isTooHigh || isOtherVersion ? [`${path} imports ${imported}`] : [];
  });
}

function againstRooms({ path, imports }: Source): readonly string[] {
  const [place, allowed] = smallRooms.find(([room]) => isIn(room)(path)) ?? [];
  if (place === undefined || allowed === undefined) return [];
  const isAllowed = (imported: string): boolean => [place, ...allowed].some((one) => isIn(one)(imported));
  return imports.flatMap(({ path: to }) => to === undefined || isAllowed(to) ? [] : [`${path} imports ${to}`]);
}

function againstPackages({ path, imports }: Source): readonly string[] {
  return imports.flatMap(({ specifier, path: imported }) => {
    if (imported !== undefined) return [];
    const [, allowed] = packages.find(([name]) => name.test(specifier)) ?? [];
    return allowed?.test(path) === true ? [] : [`${path} imports ${specifier}`];
  });
}

/** Everything that a file needs, itself included. */
function closure(path: string, all: readonly Source[] = sources): readonly string[] {
  const reached = new Set([path]);
  for (const each of reached) {
    const source = all.find((one) => one.path === each);
    for (const { path: imported } of source?.imports ?? []) if (imported !== undefined) reached.add(imported);
  }
  return [...reached].sort();
}

/** Circles, each told once, from its first file in the alphabet. */
function circles(all: readonly Source[]): readonly string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.add(way.slice(start).sort().join(" ↔ "));
    if (start >= 0 || done.has(path)) return;
    for (const { path: to } of all.find((one) => one.path === path)?.imports ?? []) {
      if (to !== undefined) walk(to, [...way, path]);
    }
    done.add(path);
  };
  for (const { path } of all) walk(path, []);
  return [...found];
}

test("go one way: from a file's own row, or from a row nearer to the foundation", () => {
  assert.equal(sources.flatMap(againstRows), []);
  const wrong = (path: string, text: string): readonly string[] => againstRows(sourceOf(path, text));
  assert.equal(wrong("lib/codec/reader.ts", 'import { x } from "../connection.ts";'), [
    "lib/codec/reader.ts imports lib/connection.ts",
  ]);
  assert.equal(wrong("lib/tls12/prf.ts", 'import type {\n  X,\n} from "../tls13/known.ts";'), [
    "lib/tls12/prf.ts imports lib/tls13/known.ts",
  ]);
  assert.equal(wrong("lib/stray.ts", ""), ["lib/stray.ts stands in no row"]);
});

test("of the small rooms are fewer still: x509 knows no TLS, adapters know mod.ts only", () => {
  assert.equal(sources.flatMap(againstRooms), []);
  assert.is(againstRooms(sourceOf("lib/x509/path.ts", 'import "../messages/alert.ts";')).length, 1);
  assert.is(againstRooms(sourceOf("adapters/pump.ts", 'import "../lib/connection.ts";')).length, 1);
  assert.is(againstRooms(sourceOf("lib/x509/path.ts", '// import "../messages/alert.ts";')).length, 0);
});

test("of packages stay behind their doors: xstate in charts, noble in its files, node: in adapters", () => {
  assert.equal(sources.flatMap(againstPackages), []);
  for (
    const text of ['import { setup } from "xstate";', 'import "node:fs";', 'const x = await import("@noble/curves/x");']
  ) {
    assert.is(againstPackages(sourceOf("lib/endpoint.ts", text)).length, 1, text);
  }
  assert.is(againstPackages(sourceOf("adapters/node.ts", 'import "left-pad";')).length, 1);
});

test("make no circles", () => {
  assert.equal(circles(sources), []);
  const pair = [sourceOf("lib/a.ts", 'import "./b.ts";'), sourceOf("lib/b.ts", 'export * from "./a.ts";')];
  assert.equal(circles(pair), ["lib/a.ts ↔ lib/b.ts"]);
});

test("bring no server into a client, and no client into a server", () => {
  // The openings import the versions.
  const serverFiles = closure("lib/opening/client_thaw.ts").filter((path) => isOfRole("server", path));
  const clientFiles = closure("lib/opening/server_thaw.ts").filter((path) => isOfRole("client", path));
  assert.equal(serverFiles, []);
  assert.equal(clientFiles, []);
  assert.ok(isOfRole("server", "lib/tls12/server_commands.ts") && !isOfRole("server", "lib/messages/server_hello.ts"));
  assert.ok(closure("lib/opening/server_thaw.ts").some((path) => isOfRole("server", path)), "the closure is empty");
});

test("keep the loop ignorant of versions and roles, and the core entry free of noble", () => {
  assert.equal(closure("lib/connection.ts").filter((path) => /^lib\/(tls1\d|opening)\//.test(path)), []);
  assert.equal(closure("lib/core.ts").filter((path) => /noble/.test(path)), []);
  assert.ok(closure("mod.ts").includes("lib/crypto/noble_provider.ts"));
});

/** Messages are named after who sends them, and both ends read them. */
function isOfRole(role: "client" | "server", path: string): boolean {
  const roleFiles = new RegExp(`^lib/(tls1\\d/|opening/)?${role}(_\\w+)?\\.ts$`);
  return roleFiles.test(path) || (role === "server" && path === "lib/tls12/negotiation.ts");
}

test.run();
