import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { decodeDistinguishedName, encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import type { NameConstraints } from "../../../lib/x509/extensions.ts";
import type { GeneralName } from "../../../lib/x509/general_name.ts";
import { nameConstraintSyntaxFault } from "../../../lib/x509/name_constraints.ts";
import { preferredNameSyntaxFault } from "../../../lib/x509/name_syntax.ts";
import { bytes, make, makeLeaf } from "./builder.ts";

const test = suite("name_syntax");
const { certificate } = makeLeaf();
const named = (...names: readonly GeneralName[]): Certificate => ({
  ...certificate,
  subjectAltName: { names, dnsNames: [], ipAddresses: [] },
});
const directory = (commonName: string | undefined): GeneralName => ({
  type: "directoryName",
  name: decodeDistinguishedName(new DerReader(encodeCommonName(commonName)), "name"),
});
const dns = (name: string): GeneralName => ({ type: "dNSName", name });
const mail = (name: string): GeneralName => ({ type: "rfc822Name", name });
const uri = (name: string): GeneralName => ({ type: "uniformResourceIdentifier", name });
const ip = (...address: number[]): GeneralName => ({ type: "iPAddress", address: bytes(...address) });
const permitted = (...bases: readonly GeneralName[]): NameConstraints => ({
  permittedSubtrees: bases,
  excludedSubtrees: [],
});
const excluded = (...bases: readonly GeneralName[]): NameConstraints => ({
  permittedSubtrees: [],
  excludedSubtrees: bases,
});
/** Right ones have no fault, wrong ones the same, beside a right one too. */
function tells(type: "dNSName" | "rfc822Name" | "uniformResourceIdentifier", rows: readonly Row[]): void {
  for (const [why, texts] of rows) {
    for (const name of texts) {
      const fault = preferredNameSyntaxFault(named({ type: "dNSName", name: "example.com" }, { type, name }));
      assert.is(fault?.slice(fault.lastIndexOf(": ") + 2), why, `${type} ${name}`);
    }
  }
}
type Row = readonly [why: string | undefined, texts: readonly string[]];

// proves RFC 5280 §4.2.1.6: "The name MUST be in the "preferred name syntax""
// proves RFC 5280 §4.2.1.6: "In addition, while the string"
test("wants DNS names of letters, digits and hyphens, with a wildcard as the whole first label at most", () => {
  const longest = `${"a.".repeat(126)}a`;
  tells("dNSName", [
    [undefined, ["example.com", "A-1.b", "3com.com", "localhost", "*.example.com", "*.com", "xn--bcher-kva.example"]],
    [undefined, [longest, `*.${longest.slice(2)}`, `${"a".repeat(63)}.b`]],
    ["an underscore is not in the preferred name syntax", [
      "foo_bar.example.com",
      "_dmarc.example.com",
      "*._x.example",
    ]],
    ["a trailing dot is not in the preferred name syntax", ["example.com.", "*.example.com.", "."]],
    ["that is not in the preferred name syntax", [
      "",
      " ",
      "*",
      "*.*.b",
      "a*.b",
      "*a.b",
      "a.*.b",
      ".a",
      "a..b",
      "-a.b",
    ]],
    ["that is not in the preferred name syntax", [
      "a-.b",
      "a b",
      "a\n",
      "a\0",
      "a@b",
      "192.0.2.1",
      "*.2.1",
      "http://a.b",
    ]],
    ["that is not in the preferred name syntax", [`*.${longest}`, `${longest}a`, `${"a".repeat(64)}.b`]],
  ]);
});

test("wants mailboxes", () => {
  tells("rfc822Name", [
    [undefined, ["jo@example.com", '"a b"@example.com', "*@example.com", "a@[192.0.2.1]", "a@[IPv6:::1]"]],
    ["that is not a mailbox", ["", "jo", "example.com", "a@b@c", "a b@c", "Jo <jo@b.c>", "a@b_c.d", "a@", "a@1.2.3.4"]],
  ]);
});

test("wants absolute URIs", () => {
  tells("uniformResourceIdentifier", [
    [undefined, ["http://example.com/", "urn:a:b", "http://192.0.2.1/"]],
    ["it has no scheme, or nothing after it", ["example.com/", "//example.com/", ""]],
    ["its host is neither a DNS name nor an IP address", ["http:///"]],
  ]);
});

// proves RFC 5280 §4.2.1.6: "conforming CAs MUST NOT issue certificates with subjectAltNames"
test("wants directory names that aren't empty, and nothing of other forms", () => {
  assert.is(preferredNameSyntaxFault(named(directory("x"))), undefined);
  assert.match(preferredNameSyntaxFault(named(directory(undefined))) ?? "", /has directoryName "": that is empty/);
  const rest: readonly GeneralName[] = [
    { type: "iPAddress", address: bytes(192, 0, 2, 1) },
    { type: "otherName", typeId: "1.2.3" },
    { type: "registeredID" },
  ];
  assert.is(preferredNameSyntaxFault(named(...rest)), undefined);
});

test("says nothing of a certificate without a subjectAltName, and shows the name that is wrong", () => {
  assert.is(preferredNameSyntaxFault(make({ name: "a_b" }).certificate), undefined);
  assert.is(
    preferredNameSyntaxFault(named({ type: "dNSName", name: "a_b\n" })),
    'its subjectAltName has dNSName "a_b\\n": an underscore is not in the preferred name syntax',
  );
});

test("finds nothing wrong in name constraints that RFC 5280 knows, or says nothing about", () => {
  const right = [
    ...["", "example.com", "com", "A-1.example"].map(dns),
    ...["foo@example.com", "example.com", ".example.com", '"a b"@example.com', "*@example.com"].map(mail),
    ...["host.example.com", ".example.com"].map(uri),
    ip(10, 0, 0, 0, 255, 0, 0, 0),
    directory("x"),
    { type: "otherName", typeId: "1.2.3" } as const,
    { type: "registeredID" } as const,
  ];
  for (const base of right) {
    assert.is(nameConstraintSyntaxFault(permitted(base)), undefined, JSON.stringify(base));
    assert.is(nameConstraintSyntaxFault(excluded(base)), undefined, JSON.stringify(base));
  }
});

// proves RFC 5280 §4.2.1.10: "The constraint MUST be specified as a fully"
test("tells name constraints that RFC 5280 doesn't know, with the reason", () => {
  const wrong = [
    [dns(".example.com"), /dNSName "\.example\.com" is not one that RFC 5280 knows: a DNS name has no leading period/],
    ...["*.example.com", "example.com.", "ex_ample.com", "-a.example", " ", "192.0.2.1"].map((base) =>
      [dns(base), /that is not a DNS name/] as const
    ),
    ...["", ".", "a@b@c.d", "@example.com", "foo@", "foo@[192.0.2.1]", "ex_ample.com", "a b@c.d", "..a"].map((base) =>
      [mail(base), /that is neither a mailbox nor a host nor a domain/] as const
    ),
    ...["", "http://example.com/", "192.0.2.1", "*.example.com", "example.com:80", "[::1]"].map((base) =>
      [uri(base), /that is neither a host nor a domain/] as const
    ),
    [ip(10, 0, 0, 0, 255, 0, 255, 0), /that is not an address with its mask/],
  ] as const;
  for (const [base, why] of wrong) {
    assert.match(nameConstraintSyntaxFault(permitted(dns("a"), base)) ?? "none", why, JSON.stringify(base));
    assert.match(nameConstraintSyntaxFault(excluded(dns("a"), base)) ?? "none", why, JSON.stringify(base));
  }
});

test.run();
