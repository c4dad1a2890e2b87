import { assert, suite } from "../../harness.ts";
import { isDnsName, isHostName, isPreferredName, matchesDnsName } from "../../../lib/x509/dns_name.ts";

const test = suite("dns_name");

// proves RFC 5280 §7.2: "When comparing DNS names for equality"
test("matchesDnsName compares whole names without regard to case", () => {
  for (const pattern of ["example.com", "EXAMPLE.Com", "eXample.COM"]) {
    assert.ok(matchesDnsName(pattern, "example.com"), pattern);
    for (const name of ["xample.com", "a.example.com", "example.co", "example.com.", "example_com", ""]) {
      assert.not(matchesDnsName(pattern, name), name);
    }
  }
});

test("matchesDnsName takes a wildcard only as the whole first label, for exactly one label", () => {
  assert.ok(matchesDnsName("*.example.com", "a.example.com"));
  const wrong = [
    ["*.example.com", "example.com"],
    ["*.example.com", "a.b.example.com"],
    ["*.example.com", ".example.com"],
    ["*.example.com", "a b.example.com"],
    ["*.2.1", "a.2.1"],
    ["*.a..b", "x.a..b"],
    ["a*.example.com", "ab.example.com"],
    ["*a.example.com", "ba.example.com"],
    ["a.*.example.com", "a.b.example.com"],
    ["*.*.example.com", "a.b.example.com"],
    ["*.com", "example.com"],
    ["*", "example"],
    ["*.", "a."],
    ["*.example.com.", "a.example.com"],
    ["example.com.", "example.com"],
    [".example.com", "a.example.com"],
    ["", ""],
    ["xn--*.example.com", "xn--a.example.com"],
    ["example.com\0.evil.example", "example.com"],
  ] as const;
  for (const [pattern, name] of wrong) assert.not(matchesDnsName(pattern, name), `${pattern} ${name}`);
});

test("isDnsName knows letters, digits, hyphens and underscores in labels of 1 to 63, and 253 characters at most", () => {
  assert.ok(isDnsName("_dmarc.example.com"));
  for (
    const wrong of [
      "",
      ".",
      "a..b",
      "a.",
      ".a",
      "-a",
      "a-",
      "a b",
      "a\n",
      "\na",
      `${"a".repeat(64)}.b`,
      `${"a.".repeat(126)}aa`,
    ]
  ) {
    assert.not(isDnsName(wrong), wrong);
  }
  for (const right of ["a", "A-1", `${"a".repeat(63)}.b`, `${"a.".repeat(126)}a`]) assert.ok(isDnsName(right), right);
});

test("isHostName knows no name that could be read as an IPv4 address", () => {
  for (const wrong of ["1", "1.2.3.4", "a.1", "0x7f.1", "", "a..b"]) assert.not(isHostName(wrong), wrong);
  for (const right of ["a", "1.a", "1.2.3.x4", "xn--p1ai", "_a.b"]) assert.ok(isHostName(right), right);
});

test("isPreferredName knows neither underscores nor anything else that hosts don't have", () => {
  for (
    const wrong of ["a_b.example", "_a", "*.example.com", "a.", " ", "", "1.2.3.4", "-a.b", "a-.b", "bücher.example"]
  ) {
    assert.not(isPreferredName(wrong), wrong);
  }
  for (const right of ["3com.com", "a--b.example", "xn--bcher-kva.example", "A.b", `${"a".repeat(63)}.b`]) {
    assert.ok(isPreferredName(right), right);
  }
});

test.run();
