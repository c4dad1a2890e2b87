import { assert, suite } from "../../harness.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { publicSuffixMatcher } from "../../../lib/x509/public_suffixes.ts";

const test = suite("public_suffixes");

const list = `// ===BEGIN ICANN DOMAINS===

// com : a comment
com

uk
co.uk   and what follows a blank
*.ck
!www.ck
*.kawasaki.jp\r
!city.kawasaki.jp
jp
公司.cn
cn
*.sch.uk
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
s3.amazonaws.com
*.compute.amazonaws.com
*.*.deep.example
!a.b.deep.example
// ===END PRIVATE DOMAINS===`;

test("knows the suffixes of the list, of both sections, with wildcards and exceptions", () => {
  const isPublicSuffix = publicSuffixMatcher(list);
  const suffixes = ["com", "CO.UK", "uk", "ck", "other.ck", "x.kawasaki.jp", "jp", "cn", "xn--55qx5d.cn", "a.sch.uk"];
  const more = ["s3.amazonaws.com", "eu.compute.amazonaws.com", "x.y.deep.example", "b.a.deep.example"];
  for (const domain of [...suffixes, ...more]) assert.ok(isPublicSuffix(domain), domain);
  const others = [
    "example.com",
    "a.co.uk",
    "www.ck",
    "a.www.ck",
    "a.other.ck",
    "city.kawasaki.jp",
    "kawasaki.jp",
    "sch.uk",
  ];
  const deep = ["amazonaws.com", "compute.amazonaws.com", "deep.example", "x.deep.example", "a.b.deep.example"];
  for (const domain of [...others, ...deep, "y.a.b.deep.example", "com."]) {
    assert.not(isPublicSuffix(domain), domain);
  }
});

test("takes every domain of one label for a public suffix, and no other one that isn't listed", () => {
  const isPublicSuffix = publicSuffixMatcher("com");
  for (const domain of ["unlisted", "localhost", "example"]) assert.ok(isPublicSuffix(domain), domain);
  for (const domain of ["a.unlisted", "co.uk"]) assert.not(isPublicSuffix(domain), domain);
});

test("is what the algorithm of the list says, rule by rule", () => {
  const labels = ["a", "b", "c"];
  const two = labels.flatMap((one) => labels.map((other) => `${one}.${other}`));
  const three = two.flatMap((one) => labels.map((other) => `${one}.${other}`));
  const domains = [...labels, ...two, ...three, ...three.map((each) => `a.${each}`)];
  const lists = [
    ["a", "b.a", "*.c"],
    ["*.a", "!b.a", "c.b.a", "*.b.c"],
    ["*.*.a", "!b.c.a", "c.a", "b"],
    ["a.b.c", "*.b.c", "!c.b.c", "*"],
    ["*.c", "!a.c", "b.a.c", "*.a.c"],
  ];
  for (const rules of lists) {
    const isPublicSuffix = publicSuffixMatcher(rules.join("\n"));
    for (const domain of domains) {
      assert.is(isPublicSuffix(domain), suffixOf(domain, rules) === domain, `${domain} by ${rules}`);
    }
  }
});

/** The public suffix of a domain, as https://github.com/publicsuffix/list/wiki/Format#algorithm words it. */
function suffixOf(domain: string, rules: readonly string[]): string {
  const labels = domain.split(".");
  const matching = rules.filter((rule) => {
    const own = rule.replace("!", "").split(".");
    const tail = labels.slice(-own.length);
    return tail.length === own.length && own.every((label, index) => label === "*" || label === tail[index]);
  });
  const exception = matching.find((rule) => rule.startsWith("!"));
  const lengths = matching.map((rule) => rule.split(".").length);
  const length = exception === undefined ? Math.max(1, ...lengths) : exception.split(".").length - 1;
  return labels.slice(-length).join(".");
}

test("refuses text that isn't a list, saying the line", () => {
  const wrong = [
    ["", /it has no rules/],
    ["// nothing but comments\n\n", /it has no rules/],
    ["com\n<!doctype html>", /line 2 has "<!doctype", which is not a rule/],
    ["com\n\n.uk", /line 3 has "\.uk", which is not a rule/],
    ["a..b", /line 1 has/],
    ["uk.", /line 1 has/],
    ["*bar.foo", /line 1 has "\*bar\.foo"/],
    ["!com", /line 1 has "!com"/],
    ["!!a.com", /line 1 has/],
    [`${"a".repeat(64)}.com`, /line 1 has/],
    [`${"x".repeat(1_000_000)}ä`, /line 1 has "x{100}", which/],
    ["ä".repeat(100), /line 1 has/],
  ] as const;
  for (const [text, why] of wrong) {
    assert.throws(
      () => publicSuffixMatcher(text),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
      text.slice(0, 50),
    );
  }
});

test.run();
