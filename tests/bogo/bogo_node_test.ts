/**
 * What can be said of the shim without a runner: its configuration keeps its rules, its flags are read as the runner
 * writes them, and the score is counted right.
 */
import { readFileSync } from "node:fs";
import { assert, suite } from "../harness.ts";
import { parseFlags, Unimplemented } from "./flags.ts";
import { resultsOf, scoreText, sum } from "./score.ts";

const test = suite("BoGo");

const config: unknown = JSON.parse(readFileSync(new URL("config.json", import.meta.url), "utf8"));

function entriesOf(name: "DisabledTests" | "ErrorMap"): readonly (readonly [string, unknown])[] {
  const part = typeof config === "object" && config !== null ? Object.entries(config) : [];
  return Object.entries(part.find(([key]) => key === name)?.[1] ?? {});
}

test("each error text belongs to one name of the runner's", () => {
  const texts = entriesOf("ErrorMap").flatMap(([name, list]) =>
    Array.isArray(list) ? list.map((text: unknown) => ({ name, text: String(text) })) : []
  );
  assert.ok(texts.length > 50);
  for (const { name, text } of texts) {
    assert.ok(text.length > 10, `${name} is matched by too little: ${text}`);
    const others = texts.filter((other) => other.name !== name && text.includes(other.text));
    assert.equal(others, [], `${text} has two names`);
  }
});

test("each disabled test has a reason, and no pattern is wide enough to hide a family by accident", () => {
  const disabled = entriesOf("DisabledTests");
  assert.ok(disabled.length > 100);
  for (const [pattern, reason] of disabled) {
    assert.ok(typeof reason === "string" && reason.length > 10, `${pattern} has no reason`);
    assert.ok(/[A-Za-z0-9]{3}/.test(pattern.replaceAll("*", "")), `${pattern} says too little`);
  }
});

test("a flag is for both connections, or for the one that its prefix names", () => {
  const { initial, resume } = parseFlags(
    ["-async", "-on-initial-host-name", "a", "-on-resume-no-ticket", "-curves", "29", "-curves", "23"],
  );
  assert.equal([initial.has("async"), resume.has("async")], [true, true]);
  assert.equal([initial.text("host-name"), resume.text("host-name")], ["a", undefined]);
  assert.equal([initial.has("no-ticket"), resume.has("no-ticket")], [false, true]);
  assert.equal(resume.numbers("curves"), [29, 23]);
  assert.throws(() => parseFlags(["-false-start"]), (error: unknown) => error instanceof Unimplemented);
});

test("what comes after -new-x509-credential is said of that credential", () => {
  const { initial } = parseFlags(
    ["-cert-file", "own", "-new-x509-credential", "-cert-file", "a", "-must-match-issuer", "-new-x509-credential"],
  );
  assert.equal(initial.text("cert-file"), "own");
  assert.equal(initial.credentials.map((each) => each.text("cert-file")), ["a", undefined]);
  assert.equal(initial.credentials.map((each) => each.has("must-match-issuer")), [true, false]);
});

test("the score counts by role, and tells which tests failed", () => {
  const roles = new Map([["A", "client"], ["B", "server"], ["C", "server"], ["D", "client"]]);
  const output = "PASSED (A)\nFAILED (B)\nunexpected success\nPASSED over\n\nUNIMPLEMENTED (C)\n";
  const results = resultsOf({ roles, output, isWhole: true });
  assert.equal(results.map(({ name, outcome }) => `${name} ${outcome}`), [
    "A passed",
    "B failed",
    "C unimplemented",
    "D disabled",
  ]);
  assert.equal([sum(results, { role: "server" }), sum(results, { role: "client", outcome: "disabled" })], [2, 1]);
  assert.ok(scoreText(results).endsWith("failed: B"));
  assert.equal(resultsOf({ roles, output, isWhole: false }).length, 3);
});

test.run();
