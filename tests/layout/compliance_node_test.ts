import { existsSync, readFileSync } from "node:fs";
import { type Citation, citations, compliancePath, complianceText } from "../../docs/compliance.ts";
import { assert, suite } from "../harness.ts";
import { sourceOf } from "./source.ts";

const test = suite("compliance");
const all = citations();

/** The RFCs lie beside the repository, where somebody put them; they aren't ours to publish. */
const shelf = new URL("../../../shared/rfc/", import.meta.url);

const cited = (text: string): readonly Citation[] => citations([sourceOf("lib/sample.ts", text)]);

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
});

test("writes a reason beside each deviation", () => {
  assert.ok(all.length > 50);
  for (const { kind, text, path } of all) if (kind === "DEVIATION") assert.match(text, /\bbecause\b/, path);
});

test("has a fresh table in docs/compliance.md", () => {
  assert.ok(readFileSync(compliancePath, "utf8") === complianceText(all), "stale: run npx tsx docs/compliance.ts");
  assert.not(complianceText(all) === complianceText(all.slice(1)));
});

test("quotes RFCs literally, from the sections that it names", () => {
  if (!existsSync(shelf)) return console.log("quotes are not compared: the RFCs are not beside the repository");
  const missing = new Set<string>();
  const wrong = all.flatMap((citation) => {
    const text = rfcText(citation.rfc);
    if (text === undefined) missing.add(citation.rfc);
    return text === undefined ? [] : faultsOf(citation, text);
  });
  if (missing.size > 0) {
    console.log(`quotes are not compared with RFCs that are not at hand: ${[...missing].join(", ")}`);
  }
  assert.equal(wrong, []);
});

test("sees a wrong word, a wrong section and one that doesn't exist", () => {
  const rfc =
    "1.  One\n\n   Peers MUST\n\nAuthor  [Page 1]\n\fRFC 1  Title  2008\n\n   be kind.\n\n1.1.  Two\n\n   They SHOULD too.\n";
  const faults = (text: string): number => cited(text).flatMap((citation) => faultsOf(citation, rfc)).length;
  assert.is(faults('// RFC 5246 §1: "Peers MUST be kind."'), 0);
  assert.is(faults('// RFC 5246 §1: "Peers … be kind."'), 0);
  assert.is(faults('// RFC 5246 §1: "be kind … Peers"'), 1);
  assert.is(faults('// RFC 5246 §1: "Peers SHOULD be kind."'), 1);
  assert.is(faults('// RFC 5246 §1.1: "Peers MUST be kind."'), 1);
  assert.is(faults('// RFC 5246 §2: "Peers MUST be kind."'), 1);
});

function rfcText(rfc: string): string | undefined {
  const file = new URL(`${rfc.replace(" ", "").toLowerCase()}.txt`, shelf);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function faultsOf({ rfc, section, quotes, path, line }: Citation, text: string): readonly string[] {
  const body = sectionOf(section, withoutPages(text));
  if (body === undefined) return [`${path}:${line} there is no section ${section} in ${rfc}`];
  return quotes.filter((quote) => !says(body, quote)).map((quote) =>
    says(withoutPages(text), quote)
      ? `${path}:${line} is elsewhere in ${rfc}, not in ${section}: ${quote}`
      : `${path}:${line} is not in ${rfc}: ${quote}`
  );
}

/** Whether a text has the words of a quote, one piece after the other where something is left out (`…`). */
function says(text: string, quote: string): boolean {
  const words = squeezed(text);
  let from = 0;
  return quote.split("…").map(squeezed).every((piece) => {
    const found = words.indexOf(piece, from);
    from = found + piece.length;
    return found >= 0;
  });
}

/** Without the foot of one page and the head of the next. */
function withoutPages(text: string): string {
  return text.replace(/\n+[^\n]*\[Page \d+\]\s*\f?\s*RFC \d+[^\n]*\n+/g, "\n\n");
}

/** From a section's heading to the next one's; a heading stands at the margin and has no page number. */
function sectionOf(section: string, text: string): string | undefined {
  const headings = [
    ...text.matchAll(/^(?:Appendix )?((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)(?:\.? {2}|\. )(?!.*\. ?\. ?\. ?\.)/gm),
  ];
  const starts = headings.filter(({ 1: number }) => number === section);
  if (starts.length === 0) return undefined;
  return starts.map(({ index }) => {
    return text.slice(index, headings.find((heading) => heading.index > index)?.index);
  }).join("\n");
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

test.run();
