import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import {
  derConstructed,
  derElement,
  derImplicit,
  derObjectIdentifier,
  derSequence,
  derSet,
} from "../../../lib/x509/der_writer.ts";
import { decodeDistinguishedName } from "../../../lib/x509/distinguished_name.ts";
import type { NameConstraints } from "../../../lib/x509/extensions.ts";
import type { GeneralName } from "../../../lib/x509/general_name.ts";
import { nameConstraintEffort, nameConstraintFault } from "../../../lib/x509/name_constraints.ts";
import { AttributeType, ExtensionId } from "../../../lib/x509/oids.ts";
import { bytes, make, makeLeaf } from "./builder.ts";

const test = suite("name_constraints");
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const dns = (name: string): GeneralName => ({ type: "dNSName", name });
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
  const certificate = leaf("x");
  const named = (each: string): Certificate => ({
    ...certificate,
    subjectAltName: { names: [dns(each)], dnsNames: [each], ipAddresses: [] },
  });
  for (const each of [...bases, ...bases.map((base) => `*.${base}`)]) {
    for (const base of bases) {
      const [own, above] = [each, base].map((text) => text.toLowerCase().split(".").toReversed());
      const isWithin = (reach: boolean): boolean | undefined =>
        above?.every((label, index) => label === own?.[index] || (reach && own?.[index] === "*"));
      assert.is(
        nameConstraintFault(permitted(dns(base)), named(each)) === undefined,
        isWithin(false),
        `${each} ${base}`,
      );
      assert.is(nameConstraintFault(excluded(dns(base)), named(each)) !== undefined, isWithin(true), `${each} ${base}`);
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

test("refuse what they can't compare", () => {
  for (const base of [".example.com", "example.com.", "*.example.com", "exa mple.com"]) {
    forbids(
      excluded(dns(base)),
      leaf("other.example"),
      /can't be applied to dNSName "other\.example": dNSName ".*" can't be compared/,
    );
  }
  const raw = (value: string): Certificate => {
    const value_ = derSequence(derImplicit(2, ascii(value)));
    return make({
      subject: name(),
      issuer: make({ name: "x" }),
      extensions: [encodeExtension(ExtensionId.subjectAltName, true, value_)],
    }).certificate;
  };
  for (const odd of ["example.com.", "a..b", " ", "", "a*.example.com"]) {
    forbids(excluded(dns("evil.example")), raw(odd), /can't be compared/);
    allows(excluded(ip(10, 0, 0, 0, 255, 0, 0, 0)), raw(odd));
  }
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
  forbids(excluded(ip(0, 0, 0, 0, 0, 0, 0, 0)), leaf("8.8.8.8"), /is within the excluded/);
  allows(excluded(ip(0, 0, 0, 0, 0, 0, 0, 0)), leaf("::1"));
});

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

// proves RFC 5280 §4.2.1.10: "the rfc822Name constraint"
// proves RFC 5280 §4.2.1.10: "the application MUST either"
test("refuse every name of a form that nothing here compares, and say nothing where there is none", () => {
  const value = derSequence(
    derImplicit(1, ascii("a@example.com")),
    derImplicit(6, ascii("http://a.example")),
    derConstructed(0),
  );
  const extensions = [encodeExtension(ExtensionId.subjectAltName, false, value)];
  const { certificate } = make({ name: "x", extensions });
  const mail: GeneralName = { type: "rfc822Name", name: "example.com" };
  for (const base of [mail, { type: "uniformResourceIdentifier", name: "a.example" }, { type: "otherName" }] as const) {
    forbids(permitted(base), certificate, /a constraint on names of type .* can't be applied/);
    forbids(excluded(base), certificate, /can't be compared/);
    allows(permitted(base), leaf("example.com"));
  }
  const withMail = make({ subject: name([AttributeType.emailAddress, "a@b.c"]) }).certificate;
  forbids(permitted(mail), withMail, /names of type rfc822Name can't be applied/);
});

test("know how much work they make: names are compared with subtrees of their own type", () => {
  const constraints = { permittedSubtrees: [dns("a")], excludedSubtrees: [dns("b"), dns("c"), ip(1, 2, 3, 4)] };
  assert.is(nameConstraintEffort(constraints, leaf("x", "y")), 8);
  assert.is(nameConstraintEffort(constraints, leaf("x", "y", "192.0.2.1")), 10);
  assert.is(nameConstraintEffort(permitted(directory()), leaf("x", "y")), 2);
});

test.run();
