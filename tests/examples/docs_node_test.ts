/** What stands in the documentation as a whole program stands in examples/ to the letter, where tests run it. */
import { assert, suite } from "../harness.ts";
import { filesBelow, textOf } from "../layout/source.ts";

const test = suite("the documentation");
const pages = filesBelow("docs/", ".md");

/** An example as a reader writes it, who has the package. */
function asPackage(text: string): string {
  return text
    .replaceAll('"../mod.ts"', '"tlschart"')
    .replaceAll(/"\.\.\/lib\/(x509|roots)\.ts"/g, '"tlschart/$1"')
    .replaceAll(/"\.\.\/adapters\/(\w+)\.ts"/g, '"tlschart/$1"');
}

const files = filesBelow("examples/", ".ts").filter((path) => /^examples\/\w+\.ts$/.test(path));
const examples = new Map(files.map((path) => [asPackage(textOf(path)), path]));

/** Whole programs, which import something; what doesn't is a fragment that explains something. */
function programs(page: string): readonly string[] {
  return [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""]) => code).filter((code) =>
    /^import /m.test(code)
  );
}

for (const page of pages.filter((path) => programs(textOf(path)).length > 0)) {
  test(`${page} shows programs that are in examples/`, () => {
    for (const program of programs(textOf(page))) {
      const path = examples.get(program);
      assert.ok(path !== undefined, `${page}: this program is no file of examples/:\n${program}`);
    }
  });
}

test("shows every adapter, and on its first page a link to each page", () => {
  const first = textOf("docs/adapters/README.md");
  for (const page of pages.filter((path) => path.startsWith("docs/adapters/") && !path.endsWith("README.md"))) {
    assert.ok(first.includes(`](${page.replace("docs/adapters/", "")})`), page);
  }
});

test("has a test for each example", () => {
  const tests = filesBelow("tests/", ".ts").map(textOf).join("\n");
  for (const path of examples.values()) assert.ok(tests.includes(path), `no test speaks of ${path}`);
});

test.run();
