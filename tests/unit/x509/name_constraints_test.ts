import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import { derConstructed, derElement, derObjectIdentifier, derSequence, derSet } from "../../../lib/x509/der_writer.ts";
import { decodeDistinguishedName } from "../../../lib/x509/distinguished_name.ts";
import type { NameConstraints } from "../../../lib/x509/extensions.ts";
import type { GeneralName } from "../../../lib/x509/general_name.ts";
import { nameConstraintEffort, nameConstraintFault } from "../../../lib/x509/name_constraints.ts";
import { AttributeType, ExtensionId } from "../../../lib/x509/oids.ts";
import { bytes, make, makeLeaf } from "./builder.ts";

const test = suite("name_constraints");
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const dns = (name: string): GeneralName => ({ type: "dNSName", name });
const mail = (name: string): GeneralName => ({ type: "rfc822Name", name });
const uri = (name: string): GeneralName => ({ type: "uniformResourceIdentifier", name });
const ip = (...address: number[]): GeneralName => ({ type: "iPAddress", address: bytes(...address) });
const name = (...attributes: readonly (readonly [string, string])[]): Uint8Array =>
  derSequence(
    ...attributes.map(([type, value]) =>
      derSet(derSequence(derObjectIdentifier(type), derElement(Tag.PrintableString, ascii(value))))
    ),
  );
const directory = (...attributes: readonly (readonly [string, string])[]): GeneralName => ({
  type: "directoryName",
  name: decodeDistinguishedName(new DerReader(name(...attributes)), "base"),
});
const permitted = (...permittedSubtrees: readonly GeneralName[]): NameConstraints => ({
  permittedSubtrees,
  excludedSubtrees: [],
});
const excluded = (...excludedSubtrees: readonly GeneralName[]): NameConstraints => ({
  permittedSubtrees: [],
  excludedSubtrees,
});
const leaf = (...names: readonly string[]): Certificate =>
  makeLeaf({ subject: name(), issuer: make({ name: "ca" }), names }).certificate;
const { certificate: plain } = makeLeaf({ subject: name(), issuer: make({ name: "ca" }) });
/** A certificate with these names and no subject. */
const named = (...names: readonly GeneralName[]): Certificate => ({
  ...plain,
  subjectAltName: {
    names,
    dnsNames: names.flatMap((each) => each.type === "dNSName" ? [each.name] : []),
    ipAddresses: names.flatMap((each) => each.type === "iPAddress" ? [each.address] : []),
  },
});
/** For each base, what is within it and what isn't: permitted or not, and excluded or not, accordingly. */
function compares(form: (text: string) => GeneralName, rows: readonly Row[]): void {
  for (const [base, within, outside] of rows) {
    for (const each of within) {
      allows(permitted(form(base)), named(form(each)));
      forbids(excluded(form(base)), named(form(each)), /is within the excluded/);
    }
    for (const each of outside) {
      forbids(permitted(form(base)), named(form(each)), /is not within the permitted/);
      allows(excluded(form(base)), named(form(each)));
    }
  }
}
type Row = readonly [base: string, within: readonly string[], outside: readonly string[]];
/** Nothing of the form is allowed, whether the base is permitted or excluded. */
function refusesAny(base: GeneralName, ...names: readonly GeneralName[]): void {
  for (const each of names) {
    for (const constraints of [permitted(base), excluded(base)]) {
      forbids(constraints, named(each), /a constraint on names of type .* can't be applied to .* can't be compared/);
    }
  }
}
const allows = (constraints: NameConstraints, certificate: Certificate): void =>
  assert.is(nameConstraintFault(constraints, certificate), undefined);
const forbids = (constraints: NameConstraints, certificate: Certificate, why: RegExp): void =>
  assert.match(nameConstraintFault(constraints, certificate) ?? "allowed", why);

// proves RFC 5280 §7.2: "MUST perform a case-insensitive"
test("permit the domain itself and everything below it, label by label and without regard to case", () => {
  const constraints = permitted(dns("Example.COM"));
  for (const allowed of ["example.com", "a.example.com", "a.b.EXAMPLE.com", "*.example.com", "*.a.example.com"]) {
    allows(constraints, leaf(allowed));
  }
  for (const wrong of ["xample.com", "badexample.com", "com", "example.com.evil.example", "*.com"]) {
    forbids(constraints, leaf(wrong), /dNSName ".*" is not within the permitted dNSName "Example\.COM"/);
  }
  forbids(constraints, leaf("example.com", "evil.example"), /dNSName "evil\.example" is not within/);
});

test("permit what any of several subtrees permits", () => {
  const constraints = permitted(dns("a.example"), dns("b.example"));
  allows(constraints, leaf("x.a.example", "b.example"));
  forbids(constraints, leaf("c.example"), /not within the permitted dNSName "a\.example", dNSName "b\.example"/);
});

test("exclude before they permit", () => {
  const constraints = { permittedSubtrees: [dns("example.com")], excludedSubtrees: [dns("secret.example.com")] };
  allows(constraints, leaf("open.example.com"));
  forbids(
    constraints,
    leaf("a.secret.example.com"),
    /"a\.secret\.example\.com" is within the excluded dNSName "secret\.example\.com"/,
  );
});

test("exclude a wildcard that reaches into what is excluded", () => {
  forbids(excluded(dns("secret.example.com")), leaf("*.example.com"), /is within the excluded/);
  allows(excluded(dns("a.secret.example.com")), leaf("*.example.com"));
  forbids(permitted(dns("secret.example.com")), leaf("*.example.com"), /is not within the permitted/);
});

test("compare DNS names as a comparison of their labels would, one by one from the right", () => {
  const labels = ["a", "B", "ab"];
  const two = labels.flatMap((one) => labels.map((other) => `${one}.${other}`));
  const three = two.flatMap((one) => labels.map((other) => `${one}.${other}`));
  const bases = [...labels, ...two, ...three];
  for (const each of [...bases, ...bases.map((base) => `*.${base}`)]) {
    for (const base of bases) {
      const [own, above] = [each, base].map((text) => text.toLowerCase().split(".").toReversed());
      const isWithin = (reach: boolean): boolean | undefined =>
        above?.every((label, index) => label === own?.[index] || (reach && own?.[index] === "*"));
      assert.is(
        nameConstraintFault(permitted(dns(base)), named(dns(each))) === undefined,
        isWithin(false),
        `${each} ${base}`,
      );
      assert.is(
        nameConstraintFault(excluded(dns(base)), named(dns(each))) !== undefined,
        isWithin(true),
        `${each} ${base}`,
      );
    }
  }
});

test("take the empty domain for every domain", () => {
  allows(permitted(dns("")), leaf("example.com"));
  forbids(excluded(dns("")), leaf("example.com"), /is within the excluded dNSName ""/);
});

test("say nothing about other forms of names", () => {
  allows(permitted(dns("example.com")), leaf("192.0.2.1"));
  allows(permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)), leaf("example.com"));
});

test("take a leading period of a DNS name for at least one label more, as OpenSSL and Go do", () => {
  compares(dns, [
    [
      ".example.com",
      ["a.example.com", "A.B.EXAMPLE.COM", "*.example.com", "*.a.example.com"],
      ["example.com", "com", "badexample.com"],
    ],
    [".a.example.com", ["b.a.example.com", "*.a.example.com"], ["*.example.com", "a.example.com", "ba.example.com"]],
  ]);
});

test("refuse DNS names and constraints that are none", () => {
  for (const base of ["example.com.", "*.example.com", "exa mple.com", ".", "..", " ", "a..b", ".*.example.com"]) {
    refusesAny(dns(base), dns("other.example"), dns(base));
  }
  for (const odd of ["example.com.", "a..b", " ", "", "a*.example.com", "*", "*.", "*.*.example.com", ".example.com"]) {
    refusesAny(dns("example.com"), dns(odd));
    allows(excluded(ip(10, 0, 0, 0, 255, 0, 0, 0)), named(dns(odd)));
  }
});

test("say why something can't be compared", () => {
  const other: GeneralName = { type: "otherName", typeId: "1.2.3" };
  const cases = [
    [dns("a"), dns("a..b"), /: dNSName "a\.\.b" can't be compared \(that is not a DNS name\)$/],
    [dns("*.a"), dns("b.a"), /: dNSName "\*\.a" can't be compared \(that is not a DNS name\)$/],
    [mail("a"), mail("b"), /: rfc822Name "b" can't be compared \(that is not a mailbox at a host with a DNS name\)$/],
    [mail("a@"), mail("b@a"), /"a@" can't be compared \(that is neither a mailbox nor a host nor a domain with/],
    [uri("a"), uri("urn:a"), /"urn:a" can't be compared \(it has no authority with a DNS name as its host\)$/],
    [
      uri("x:y"),
      uri("x://a"),
      /"x:y" can't be compared \(that is neither a host nor a domain with a leading period\)$/,
    ],
    [other, other, /: a name of type otherName 1\.2\.3 can't be compared \(no rule says how\)$/],
  ] as const;
  for (const [base, each, why] of cases) forbids(permitted(base), named(each), why);
});

test("refuse a whole form when one of several constraints on it can't be compared", () => {
  const constraints = permitted(dns("example.com"), dns("*.example.org"));
  forbids(
    constraints,
    named(dns("example.com")),
    /can't be applied to dNSName "example\.com": dNSName "\*\.example\.org"/,
  );
  allows(constraints, named(mail("a@b.c")));
});

test("compare IP addresses with ranges of their own length", () => {
  const constraints = permitted(ip(192, 0, 2, 0, 255, 255, 255, 0));
  allows(constraints, leaf("192.0.2.77"));
  forbids(
    constraints,
    leaf("192.0.3.1"),
    /iPAddress 192\.0\.3\.1 is not within the permitted iPAddress 192\.0\.2\.0 with mask 255\.255\.255\.0/,
  );
  forbids(constraints, leaf("2001:db8::1"), /iPAddress 2001:db8::1 is not within/);
  forbids(constraints, leaf("::ffff:192.0.2.77"), /iPAddress ::ffff:c000:24d is not within/);
  forbids(excluded(ip(0, 0, 0, 0, 0, 0, 0, 0)), leaf("8.8.8.8"), /is within the excluded/);
  allows(excluded(ip(0, 0, 0, 0, 0, 0, 0, 0)), leaf("::1"));
});

// proves RFC 5280 §4.2.1.10: "Restrictions of the form directoryName MUST be applied to the subject"
// proves RFC 5280 §4.2.1.10: "When applying restrictions of the form directoryName"
// proves RFC 5280 §4.2.1.10: "At a minimum, implementations MUST"
// proves RFC 5280 §4.2.1.10: "Applications conforming to this profile MUST"
test("compare the subject and names of type directoryName", () => {
  const constraints = permitted(directory([AttributeType.C, "DE"], [AttributeType.O, "Example"]));
  const subject = (...attributes: readonly (readonly [string, string])[]): Certificate =>
    make({ subject: name(...attributes) }).certificate;
  allows(constraints, subject([AttributeType.C, "de"], [AttributeType.O, "EXAMPLE"], [AttributeType.CN, "x"]));
  forbids(
    constraints,
    subject([AttributeType.C, "DE"], [AttributeType.O, "Other"]),
    /directoryName "O=Other, C=DE" is not within/,
  );
  forbids(excluded(directory([AttributeType.C, "DE"])), subject([AttributeType.C, "DE"]), /is within the excluded/);
  const value = derSequence(derConstructed(4, name([AttributeType.C, "FR"])));
  const extensions = [encodeExtension(ExtensionId.subjectAltName, false, value)];
  const named = make({ subject: name([AttributeType.C, "DE"], [AttributeType.O, "Example"]), extensions }).certificate;
  forbids(constraints, named, /directoryName "C=FR" is not within/);
});

test("know mailboxes: one, all of a host, all of the hosts below a domain", () => {
  compares(mail, [
    [
      "foo@example.com",
      ["foo@example.com", "foo@EXAMPLE.Com", '"foo"@example.com', '"f\\oo"@example.com'],
      ["Foo@example.com", "bar@example.com", "foo@a.example.com", "foo@xample.com", "xfoo@example.com"],
    ],
    ["Foo@EXAMPLE.com", ["Foo@example.com"], ["foo@example.com"]],
    ['"a@b"@example.com', ['"a@b"@example.com', '"a\\@b"@example.com'], ["b@example.com"]],
    [
      "example.com",
      ["foo@example.com", "Bar.Baz@Example.Com", '"a@evil.org"@example.com'],
      ["foo@a.example.com", "foo@badexample.com", "foo@com", '"x@example.com"@evil.org'],
    ],
    ["EXAMPLE.com", ["foo@example.com"], ["foo@a.example.com"]],
    [
      ".Example.com",
      ["foo@a.example.com", "foo@A.B.EXAMPLE.COM"],
      ["foo@example.com", "foo@badexample.com", "foo@com"],
    ],
  ]);
});

test("take an asterisk in a mailbox for itself", () => {
  compares(mail, [
    ["*@example.com", ["*@example.com"], ["user@example.com", "**@example.com", "*@a.example.com"]],
    ["**@example.com", ["**@example.com"], ["*@example.com"]],
    ["user*@example.com", ["user*@example.com"], ["user1@example.com", "user@example.com"]],
  ]);
});

test("refuse mailboxes that are none, and all of them where the constraint is none", () => {
  for (
    const base of ["a@b@example.com", "@example.com", "foo@", "*.example.com", "example.com.", "foo@*.example.com"]
  ) {
    refusesAny(mail(base), mail("foo@example.com"), mail(base));
  }
  // Go takes it for every mailbox, OpenSSL for none: here it lets none pass, permitted or excluded.
  refusesAny(mail(""), mail("foo@example.com"));
  for (
    const odd of ["", "foo", "example.com", "a@b@example.com", "foo@example.com.", "foo..x@example.com", "a b@c.d"]
  ) {
    refusesAny(mail("example.com"), mail(odd));
  }
  // It may be the same host, and nobody can know.
  refusesAny(mail("example.com"), mail("foo@[192.0.2.1]"));
  refusesAny(mail("foo@[192.0.2.1]"), mail("foo@[192.0.2.1]"));
  allows(excluded(dns("example.com")), named(mail("foo@example.com"), mail("a@b@c")));
});

// proves RFC 5280 §4.2.1.10: "the rfc822Name constraint"
test("constrain the subject's email addresses too, each of them, with a subjectAltName and without one", () => {
  const withMail = (...values: readonly string[]): Certificate =>
    make({ subject: name(...values.map((value) => [AttributeType.emailAddress, value] as const)) }).certificate;
  const constraints = permitted(mail("example.com"));
  allows(constraints, withMail("foo@example.com", "bar@EXAMPLE.com"));
  forbids(
    constraints,
    withMail("foo@example.com", "a@b.c"),
    /rfc822Name "a@b\.c" is not within the permitted rfc822Name/,
  );
  forbids(excluded(mail("b.c")), withMail("foo@example.com", "a@b.c"), /"a@b\.c" is within the excluded/);
  forbids(constraints, withMail("nobody"), /can't be applied to rfc822Name "nobody"/);
  const both = { ...withMail("a@b.c"), subjectAltName: named(dns("example.com")).subjectAltName };
  forbids(constraints, both, /rfc822Name "a@b\.c" is not within/);
  allows(permitted(dns("example.com")), both);
  const attribute = derSequence(
    derObjectIdentifier(AttributeType.emailAddress),
    derElement(Tag["OCTET STRING"], bytes(0, 0x61)),
  );
  forbids(excluded(mail("b.c")), make({ subject: derSequence(derSet(attribute)) }).certificate, /"#04020061" can't be/);
});

test("don't let a mailbox in another form slip past constraints on mailboxes", () => {
  const other: GeneralName = { type: "otherName", typeId: "1.3.6.1.5.5.7.8.9" };
  refusesAny(mail("example.com"), other);
  refusesAny(other, other);
  allows(excluded(dns("example.com")), named(other));
});

test("know the hosts of URIs: one, or all below a domain", () => {
  compares(uri, [
    [
      "Host.example.com",
      ["http://host.example.com/", "HTTPS://user:pw@Host.Example.COM:8443?x", "spiffe://host.example.com#y"],
      ["http://example.com/", "http://my.host.example.com/", "http://host.example.com@evil.org/"],
    ],
    [
      ".example.COM",
      ["http://host.example.com/", "http://my.host.example.com:80", "http://example.org@a.EXAMPLE.com"],
      ["http://example.com/", "http://badexample.com/", "http://evil.org/.example.com"],
    ],
  ]);
});

// proves RFC 5280 §4.2.1.10: "If a constraint is applied to the uniformResourceIdentifier"
test("refuse URIs whose host nobody can know, and all of them where the constraint is no host", () => {
  const odd = ["", "urn:example:com", "mailto:foo@example.com", "//example.com/", "example.com", "http:///x"];
  const addresses = [
    "http://192.0.2.1/",
    "http://[::1]/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://[2001:db8::1]:80/",
  ];
  const tricks = [
    "http://example.com./",
    "http://ex%61mple.com/",
    "http://*.example.com/",
    "http://example.com\\@evil.org/",
    "http://a@b@example.com/",
    "http://example.com:abc/",
    " http://example.com/",
  ];
  for (const each of [...odd, ...addresses, ...tricks]) refusesAny(uri(".example.com"), uri(each));
  for (const base of ["", "http://example.com/", "192.0.2.1", "example.com:80", "*.example.com", "example.com.", "."]) {
    refusesAny(uri(base), uri("http://example.com/"));
  }
  allows(excluded(dns("example.com")), named(uri("urn:x"), uri("http://example.com/")));
});

// proves RFC 5280 §4.2.1.10: "the application MUST either process the constraint"
// proves RFC 5280 §4.2.1.10: "Restrictions of the form x400Address"
test("refuse names of forms that nothing here compares where they are constrained, and only those", () => {
  const other: GeneralName = { type: "otherName", typeId: "1.2.3" };
  const rest = (["x400Address", "ediPartyName", "registeredID"] as const).map((type): GeneralName => ({ type }));
  for (const base of [other, ...rest]) {
    refusesAny(base, base);
    for (const each of [other, ...rest]) if (each !== base) allows(excluded(base), named(each));
    allows(permitted(base), named(dns("example.com"), mail("a@b.c"), uri("urn:x"), ip(1, 2, 3, 4)));
  }
  allows(excluded(other), named({ type: "otherName", typeId: "1.2.4" }));
});

test("know how much work they make: names are compared with subtrees of their own type", () => {
  const constraints = { permittedSubtrees: [dns("a")], excludedSubtrees: [dns("b"), dns("c"), ip(1, 2, 3, 4)] };
  assert.is(nameConstraintEffort(constraints, leaf("x", "y")), 8);
  assert.is(nameConstraintEffort(constraints, leaf("x", "y", "192.0.2.1")), 10);
  assert.is(nameConstraintEffort(permitted(directory()), leaf("x", "y")), 2);
  const withMail = make({
    subject: name([AttributeType.emailAddress, "a@b.c"], [AttributeType.emailAddress, "d@e.f"]),
  });
  assert.is(nameConstraintEffort(permitted(mail("a"), mail("b")), withMail.certificate), 7);
  const other = { type: "otherName", typeId: "1.3.6.1.5.5.7.8.9" } as const;
  assert.is(nameConstraintEffort(permitted(mail("a"), other), named(other)), 4);
});

test.run();
