import { existsSync, readFileSync } from "node:fs";
import {
  audited,
  auditOf,
  danglingProofs,
  faultsOf,
  idleProofs,
  unaccounted,
  unprovenRules,
  wrongQuotes,
} from "../../docs/compliance/audit.ts";
import { type Citation, citations, proofs } from "../../docs/compliance/citations.ts";
import { rfcText, type Sentence, sentencesOf, withoutPages } from "../../docs/compliance/rfc_text.ts";
import { compliancePath, complianceText } from "../../docs/compliance.ts";
import { assert, suite } from "../harness.ts";
import { type Source, sourceOf } from "./source.ts";

const test = suite("compliance");
const audit = auditOf();
const before = readFileSync(compliancePath, "utf8");

const cited = (text: string): readonly Citation[] => citations([sourceOf("lib/sample.ts", text)]);

/** An audit of one library file, one test file and one list of what isn't ours. */
const sample = (library: string, tests = "", notOurs = ""): ReturnType<typeof auditOf> =>
  auditOf([sourceOf("lib/sample.ts", library)], [sourceOf("tests/sample_test.ts", tests)], notOurs);

/** Says which RFCs a check leaves out, because nobody has put their texts at hand. */
function skipped(what: string, rfcs: readonly string[]): void {
  const missing = [...new Set(rfcs)].filter((rfc) => rfcText(rfc) === undefined);
  if (missing.length > 0) console.log(`${what}: RFCs that are not at hand: ${missing.join(", ")}`);
}

test("finds quotes and deviations, and the declaration they belong to", () => {
  const [rule, deviation, ...others] = cited([
    "/** Text.\n */",
    '/** RFC 5246 §6 MUST: "If a TLS\n * implementation" */',
    "function one(): void {",
    "  // RFC 8422 §4 DEVIATION: this is not done, because",
    "  // of that. More about it.",
    "  f(); // RFC 5246 §7: no quote, no rule",
    "}",
  ].join("\n"));
  assert.is(rule?.text, "“If a TLS implementation”");
  assert.equal([rule?.rfc, rule?.section, rule?.kind, rule?.symbol], ["RFC 5246", "6", "MUST", "one"]);
  assert.equal([deviation?.kind, deviation?.text], ["DEVIATION", "this is not done, because of that."]);
  assert.equal(others, []);
  assert.equal(cited('// RFC 5246 appendix E.1: "a "b c" d" and "e".')[0]?.quotes, ['a "b c" d', "e"]);
  assert.is(cited('// As RFC 1 §1 has it.\n// RFC 5246 §6 MUST: "One MUST."')[0]?.section, "6");
});

test("finds what tests prove, and their titles", () => {
  const found = proofs([
    sourceOf(
      "tests/sample_test.ts",
      [
        '// proves RFC 5246 §6: "If a TLS"',
        '// proves RFC 5246 §7.4: "In order"',
        'test(`refuses ${what.join("")} of a "peer"`, () => {',
        "refuses(",
        '  // proves RFC 8422 §4: "Servers"',
        "  what,",
        '  "a client",',
        ");",
        '// proves RFC 8422 §5: "Nothing"',
      ].join("\n"),
    ),
  ]);
  assert.equal(found.map(({ section, words, title }) => [section, words, title]), [
    ["6", "If a TLS", 'refuses … of a "peer"'],
    ["7.4", "In order", 'refuses … of a "peer"'],
    ["4", "Servers", "a client"],
    ["5", "Nothing", undefined],
  ]);
});

test("writes a reason beside each deviation", () => {
  assert.ok(audit.rules.length > 200);
  for (const { text, path } of audit.deviations) assert.match(text, /\bbecause\b/, path);
});

test("has a test for every MUST that the sources quote", () => {
  assert.equal(unprovenRules(audit), []);
});

test("lets no test prove a rule that the sources don't quote", () => {
  assert.equal(danglingProofs(audit), []);
});

test("proves rules by tests that run", () => {
  assert.equal(idleProofs(audit), []);
  const [program, test] = [
    sourceOf("tests/node.ts", 'import "./a_test.ts";'),
    sourceOf("tests/a_test.ts", '// proves RFC 5246 §6: "One"\ntest("sings");'),
  ];
  const found = (tests: readonly Source[]): number => idleProofs(auditOf([], tests, ""), tests).length;
  assert.is(found([program, test]), 0);
  assert.is(found([{ ...program, imports: [] }, test]), 1);
});

test("sees a rule without a test, a test without a rule, and one that could mean several", () => {
  const rules =
    '// RFC 5246 §6 MUST: "One MUST sing."\n\n// RFC 5246 §6 MUST: "One MUST dance."\n\n// RFC 5246 §6: "One MAY rest."';
  assert.is(unprovenRules(sample(rules)).length, 2);
  assert.is(unprovenRules(sample(rules, '// proves RFC 5246 §6: "One MUST s"\ntest("sings");')).length, 1);
  const dangling = (proof: string): string => danglingProofs(sample(rules, proof)).join();
  assert.is(dangling('// proves RFC 5246 §6: "One MUST s"\ntest("sings");'), "");
  assert.match(dangling('// proves RFC 5246 §6: "One MUST d"'), /no test follows/);
  assert.match(dangling('// proves RFC 5246 §6: "One MUST"\ntest("sings");'), /2 quotes begin/);
  assert.match(dangling('// proves RFC 5246 §7: "One MUST s"\ntest("sings");'), /no comment in lib quotes/);
  assert.match(dangling('// proves RFC 5246 §6: "MUST sing"\ntest("sings");'), /no comment in lib quotes/);
});

test("accounts for every sentence that obliges somebody, of every audited RFC", () => {
  skipped("sentences are not compared", audited);
  const forgotten = audited.filter((rfc) => rfcText(rfc) !== undefined).flatMap((rfc) => unaccounted(audit, rfc));
  assert.equal(forgotten, []);
});

test("sees a sentence that was forgotten, that is listed twice, and a listed one that doesn't exist", () => {
  const sentences: readonly Sentence[] = [{ rfc: "RFC 5246", section: "6", text: "One MUST sing, and MUST dance." }];
  const faults = (library: string, notOurs: string): string =>
    unaccounted(sample(library, "", `## RFC 5246\n\n${notOurs}`), "RFC 5246", sentences).join();
  assert.match(faults("", ""), /neither quoted nor listed/);
  assert.is(faults('// RFC 5246 §6: "One MUST sing, and MUST dance."', ""), "");
  assert.is(faults("", '- §6 "One MUST": we can\'t'), "");
  assert.match(faults('// RFC 5246 §6: "One MUST sing"', ""), /neither quoted nor listed/, "half of it");
  assert.match(faults('// RFC 5246 §7: "One MUST sing, and MUST dance."', ""), /neither quoted nor listed/);
  assert.match(faults('// RFC 5246 §6: "MUST sing, and MUST"', '- §6 "One MUST": we can\'t'), /all the same/);
  assert.match(faults("", '- §6 "One MUST": we can\'t\n- §6 "Two": we can\'t'), /no sentence of RFC 5246 §6 begins/);
});

test("reads sentences as they are: over lines and pages, by their sections", () => {
  const text = [
    "1.  One\n\n   Peers MUST be\n\nAuthor  [Page 1]\n\fRFC 1  Title  2008\n\n   kind.  They may rest.  (They SHALL not\n   sleep.)",
    '1.1.  Two\n\n   It is REQUIRED to\n   be "very" kind',
  ].join("\n\n");
  const found = sentencesOf("RFC 1", withoutPages(text)) ?? [];
  assert.equal(found.map(({ section, text }) => `${section} ${text}`), [
    "1 Peers MUST be kind.",
    "1 (They SHALL not sleep.)",
    '1.1 It is REQUIRED to be "very" kind',
  ]);
});

test("quotes RFCs literally, from the sections that it names", () => {
  skipped("quotes are not compared", audit.citations.map(({ rfc }) => rfc));
  assert.equal(wrongQuotes(audit), []);
});

test("sees a wrong word, a wrong section and one that doesn't exist", () => {
  const rfc = withoutPages(
    "1.  One\n\n   Peers MUST\n\nAuthor  [Page 1]\n\fRFC 1  Title  2008\n\n   be kind.\n\n1.1.  Two\n\n   They SHOULD too.\n",
  );
  const faults = (text: string): number => cited(text).flatMap((citation) => faultsOf(citation, rfc)).length;
  assert.is(faults('// RFC 5246 §1: "Peers MUST be kind."'), 0);
  assert.is(faults('// RFC 5246 §1: "Peers … be kind."'), 0);
  assert.is(faults('// RFC 5246 §1: "be kind … Peers"'), 1);
  assert.is(faults('// RFC 5246 §1: "Peers SHOULD be kind."'), 1);
  assert.is(faults('// RFC 5246 §1.1: "Peers MUST be kind."'), 1);
  assert.is(faults('// RFC 5246 §2: "Peers MUST be kind."'), 1);
});

test("has a fresh table in docs/compliance.md", () => {
  skipped("sentences are not counted anew", audited);
  assert.ok(before === complianceText(audit, before), "stale: run npx tsx docs/compliance.ts");
  assert.not(complianceText(audit, before) === complianceText({ ...audit, rules: audit.rules.slice(1) }, before));
});

test("names files that exist", () => {
  for (const [, path = ""] of before.matchAll(/\]\(\.\.\/([^)]+)\)/g)) {
    assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path);
  }
});

test.run();
