import { assert, suite } from "../harness.ts";
import { filesBelow, lineOf, textOf } from "./source.ts";

const test = suite("committed text");
const texts = filesBelow("").filter((path) => !/\.(png|ico|tgz)$/.test(path)).map((path) => ({
  path,
  text: textOf(path),
}));

/** Where a pattern stands in files that the rule covers. */
function found(pattern: RegExp, over = texts): readonly string[] {
  return over.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(({ index }) => `${path}:${lineOf(text, index)}`)
  );
}

const sample = (text: string): { path: string; text: string }[] => [{ path: "sample", text }];

test("names no folder of a machine and no registry's host", () => {
  const machine = /(?:^|[^a-zA-Z.])\/(?:work|farm|root|tmp\/bash_jobs)\/|"resolved": *"http/gm;
  assert.equal(found(machine), []);
  assert.is(found(machine, sample(["see ", "work", "main"].join("/"))).length, 1);
  assert.is(found(machine, sample('"resolved' + '": "https://registry.example/x.tgz"')).length, 1);
});

test("leaves nothing to do behind", () => {
  const words = new RegExp(
    `\\b(?:${["TO", "FIX"].map((half, index) => half + ["DO", "ME"][index]).join("|")}|XX${"X"}|HA${"CK"})\\b`,
    "g",
  );
  assert.equal(
    found(words, texts.filter(({ path }) => /^(lib|adapters|tests|docs|examples)\/|^[^/]+$/.test(path))),
    [],
  );
  assert.is(found(words, sample(`// TO${"DO"}: later`)).length, 1);
});

test("ends its lines with a line feed, the last one too, and with nothing before it", () => {
  assert.equal(found(/\r/g), []);
  assert.equal(texts.filter(({ text }) => text !== "" && !text.endsWith("\n")).map(({ path }) => path), []);
  const ours = texts.filter(({ path }) => /\.(ts|md|json)$/.test(path));
  assert.equal(found(/[ \t]+$/gm, ours), []);
  assert.is(found(/\r/g, sample("a\r\nb\n")).length, 1);
});

test.run();
