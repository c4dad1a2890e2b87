import { assert, suite } from "../../harness.ts";
import { parseMailbox } from "../../../lib/x509/mailbox.ts";

const test = suite("mailbox");

test("is a local part as it stands, and a domain in lower case", () => {
  const right = [
    ["foo@example.com", "foo", "example.com"],
    ["Foo.Bar@EXAMPLE.Com", "Foo.Bar", "example.com"],
    ["a@localhost", "a", "localhost"],
    ["!#$%&'*+/=?^_`{|}~-@a.b", "!#$%&'*+/=?^_`{|}~-", "a.b"],
    ["a@xn--bcher-kva.example", "a", "xn--bcher-kva.example"],
    ["a@sub_domain.example", "a", "sub_domain.example"],
    ["a@[192.0.2.1]", "a", "[192.0.2.1]"],
    ["a@[IPv6:2001:DB8:0:0::1]", "a", "[ipv6:2001:db8::1]"],
  ] as const;
  for (const [text, localPart, domain] of right) assert.equal(parseMailbox(text), { localPart, domain }, text);
});

test("is the same with needless quotes and without them", () => {
  const right = [
    ['"foo"@a.b', "foo"],
    ['"f\\oo"@a.b', "foo"],
    ['"a b"@a.b', "a b"],
    ['"a@b"@a.b', "a@b"],
    ['"a\\"b\\\\"@a.b', 'a"b\\'],
    ['""@a.b', ""],
  ] as const;
  for (const [text, localPart] of right) assert.equal(parseMailbox(text), { localPart, domain: "a.b" }, text);
});

test("is nothing else", () => {
  const local = [
    "",
    ".a",
    "a.",
    "a..b",
    "a b",
    "a,b",
    "a@b",
    "<a>",
    "(x)a",
    "a\\b",
    "jö",
    '"',
    '"a',
    'a"b"',
    '"a"b',
    '"\n"',
  ];
  const domain = ["", ".", "b.", ".b", "b..c", "-b", "b c", "*.b", "bücher.example", "[]", "[1.2.3]", "[IPv6:1.2.3.4]"];
  const more = ["[::1]", "[IPv6:::g]", "[192.0.2.1", "192.0.2.1]", "[x:y]", "b@c", "b\n", "b "];
  for (const each of local) assert.is(parseMailbox(`${each}@b.c`), undefined, each);
  for (const each of [...domain, ...more]) assert.is(parseMailbox(`a@${each}`), undefined, each);
  for (const each of ["", "@", "a", "b.c", "Jo Doe <jo@b.c>", "mailto:jo@b.c,x@b.c"]) {
    assert.is(parseMailbox(each), undefined, each);
  }
});

test("has 320 characters at most", () => {
  assert.ok(parseMailbox(`${"a".repeat(316)}@b.c`));
  assert.is(parseMailbox(`${"a".repeat(317)}@b.c`), undefined);
  assert.is(parseMailbox(`"${"\\a".repeat(100_000)}`), undefined);
});

test.run();
