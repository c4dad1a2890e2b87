import { assert, suite } from "../../harness.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import {
  certifies,
  emailAddressFault,
  isIpAddress,
  parseServerName,
  serverNameFault,
} from "../../../lib/x509/names.ts";
import { publicSuffixMatcher } from "../../../lib/x509/public_suffixes.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { Tag } from "../../../lib/x509/der.ts";
import { derElement, derObjectIdentifier, derSequence, derSet } from "../../../lib/x509/der_writer.ts";
import type { GeneralName } from "../../../lib/x509/general_name.ts";
import { AttributeType } from "../../../lib/x509/oids.ts";
import { make, makeLeaf } from "./builder.ts";

const test = suite("names");
const { certificate } = makeLeaf({
  name: "common.example",
  names: ["example.com", "*.Example.ORG", "xn--bcher-kva.example", "192.0.2.1", "2001:db8::1"],
});

/** A fault that says both names. */
function refusesName(fault: string | undefined, text: RegExp): void {
  assert.match(fault ?? "accepted", text);
}

const withNames = (...names: readonly GeneralName[]): Certificate => ({
  ...certificate,
  subjectAltName: {
    names,
    dnsNames: names.flatMap((name) => name.type === "dNSName" ? [name.name] : []),
    ipAddresses: names.flatMap((name) => name.type === "iPAddress" ? [name.address] : []),
  },
});
const emailSubject = (address: string): Uint8Array => {
  const value = derElement(Tag.IA5String, Uint8Array.from(address, (character) => character.charCodeAt(0)));
  return derSequence(derSet(derSequence(derObjectIdentifier(AttributeType.emailAddress), value)));
};

test("parseServerName reads DNS names, in lower case and without the trailing dot, and IP addresses", () => {
  assert.equal(parseServerName("Example.COM."), { type: "dNSName", name: "example.com" });
  assert.equal(parseServerName("localhost"), { type: "dNSName", name: "localhost" });
  assert.equal(parseServerName("xn--bcher-kva.example"), { type: "dNSName", name: "xn--bcher-kva.example" });
  assert.equal(parseServerName("10.0.0.1"), { type: "iPAddress", address: Uint8Array.of(10, 0, 0, 1) });
  assert.is(parseServerName("::1").type, "iPAddress");
});

test("parseServerName refuses what is neither", () => {
  const wrong = [
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "a b",
    "bücher.example",
    "*.example.com",
    "a.-b",
    "b-.a",
    "1.2.3",
    "256.1.1.1",
    "a.1",
  ];
  for (
    const name of [
      ...wrong,
      "a".repeat(64),
      `${"a.".repeat(127)}bc`,
      "a\0.example",
      "[::1]",
      "example.com..",
      "http://a",
    ]
  ) {
    assert.throws(
      () => parseServerName(name),
      (error: unknown) => error instanceof TlsUsageError && /Cannot use/.test(error.message),
    );
    assert.not(certifies(certificate, name));
  }
});

test("isIpAddress knows what has no place in a server_name extension", () => {
  assert.ok(isIpAddress("::1") && isIpAddress("1.2.3.4"));
  assert.not(isIpAddress("example.com") || isIpAddress("1.2.3") || isIpAddress("[::1]"));
});

test("serverNameFault accepts what subjectAltName has, without regard to case and a trailing dot", () => {
  for (
    const name of [
      "example.com",
      "EXAMPLE.com.",
      "a.example.org",
      "xn--q.example.org",
      "XN--BCHER-KVA.example",
      "192.0.2.1",
      "2001:DB8:0::1",
    ]
  ) {
    assert.is(serverNameFault(certificate, parseServerName(name)), undefined);
    assert.ok(certifies(certificate, name), name);
  }
});

test("serverNameFault refuses every other name, saying both", () => {
  for (
    const name of [
      "example.org",
      "a.b.example.org",
      "www.example.com",
      "xample.com",
      "example.co",
      "com",
      "192.0.2.2",
      "::c000:201",
      "common.example",
    ]
  ) {
    assert.not(certifies(certificate, name), name);
    refusesName(
      serverNameFault(certificate, parseServerName(name)),
      /^it is not for ".*": it is for "example\.com", "\*\.Example\.ORG", .*"192\.0\.2\.1", "2001:db8::1"/,
    );
  }
});

test("serverNameFault never looks at the common name", () => {
  const { certificate: plain } = make({ name: "common.example" });
  refusesName(
    serverNameFault(plain, parseServerName("common.example")),
    /it has no subjectAltName; its subject "CN=common\.example" is not looked at/,
  );
});

test("serverNameFault doesn't take a dNSName for an address, nor an address for a name", () => {
  const { certificate: odd } = makeLeaf({ names: ["example.com"] });
  const lying = { ...odd, subjectAltName: { names: [], dnsNames: ["192.0.2.1"], ipAddresses: [] } };
  refusesName(serverNameFault(lying, parseServerName("192.0.2.1")), /for "192\.0\.2\.1"/);
  const none = { ...odd, subjectAltName: { names: [], dnsNames: [], ipAddresses: [] } };
  refusesName(serverNameFault(none, parseServerName("a.b")), /neither DNS names nor IP/);
});

test("serverNameFault lists a few names only, quoted so that none can dress up the message", () => {
  const many = Array.from({ length: 20 }, (_, index) => `n${index}.example\n`);
  const crowded = { ...certificate, subjectAltName: { names: [], dnsNames: many, ipAddresses: [] } };
  refusesName(serverNameFault(crowded, parseServerName("a.b")), /"n7\.example\\n" and 12 more/);
});

test("serverNameFault never takes IPv4 for the same address within IPv6, nor the reverse", () => {
  const { certificate: mapped } = makeLeaf({ names: ["::ffff:192.0.2.1"] });
  assert.not(certifies(mapped, "192.0.2.1"));
  assert.not(certifies(certificate, "::ffff:192.0.2.1"));
  assert.ok(certifies(mapped, "::FFFF:192.0.2.1"));
  refusesName(serverNameFault(mapped, parseServerName("192.0.2.1")), /for "192\.0\.2\.1": it is for "::ffff:c000:201"/);
});

test("serverNameFault takes no dNSName that looks like an address, even for a reference that can't be parsed", () => {
  const reference = { type: "dNSName", name: "8.8.8.8" } as const;
  const lying = withNames({ type: "dNSName", name: "8.8.8.8" }, { type: "dNSName", name: "*.8.8.8" });
  refusesName(serverNameFault(lying, reference), /it is for "8\.8\.8\.8"/);
  assert.not(certifies(lying, "8.8.8.8"));
});

test("serverNameFault takes a wildcard directly below a public suffix for no name, where it is told those", () => {
  const isPublicSuffix = publicSuffixMatcher("com\nuk\nco.uk\ns3.amazonaws.com\n*.ck\n!www.ck\n");
  const wide = ["*.CO.uk", "*.s3.amazonaws.com", "*.other.ck"];
  for (const pattern of wide) {
    const name = pattern.replace("*", "example").toLowerCase();
    const certificate = withNames({ type: "dNSName", name: pattern });
    assert.is(serverNameFault(certificate, parseServerName(name)), undefined);
    refusesName(
      serverNameFault(certificate, parseServerName(name), isPublicSuffix),
      new RegExp(`"\\${pattern}" stands directly below the public suffix "${pattern.slice(2)}"`),
    );
    const both = withNames({ type: "dNSName", name: pattern }, { type: "dNSName", name });
    assert.is(serverNameFault(both, parseServerName(name), isPublicSuffix), undefined);
  }
  refusesName(
    serverNameFault(
      withNames({ type: "dNSName", name: "*.CO.UK" }),
      parseServerName("a.co.uk"),
      (domain) => domain === "co.uk",
    ),
    /stands directly below the public suffix "CO\.UK"/,
  );
  // What isn't `false` is no leave: a promise, for one.
  const { promise, one } = { promise: async () => await Promise.resolve(false), one: () => 1 };
  for (const unsure of [promise, one]) {
    const pattern = withNames({ type: "dNSName", name: "*.example.com" });
    const fault: unknown = Reflect.apply(serverNameFault, undefined, [
      pattern,
      parseServerName("a.example.com"),
      unsure,
    ]);
    assert.match(String(fault), /stands directly below the public suffix/);
  }
  for (const pattern of ["*.example.co.uk", "*.www.ck", "example.co.uk", "x.com", "x.co.uk", "*.amazonaws.com"]) {
    const name = pattern.replace("*", "a");
    assert.is(
      serverNameFault(withNames({ type: "dNSName", name: pattern }), parseServerName(name), isPublicSuffix),
      undefined,
    );
  }
  refusesName(
    serverNameFault(withNames({ type: "dNSName", name: "*.co.uk" }), parseServerName("a.b"), isPublicSuffix),
    /it is for "\*\.co\.uk" \(RFC 9525 §6\)$/,
  );
});

const mail = (name: string): GeneralName => ({ type: "rfc822Name", name });

test("emailAddressFault accepts a mailbox that subjectAltName has: its domain without regard to case", () => {
  const holder = withNames(mail("Jo.Doe@Example.COM"), mail('"a b"@example.org'), mail("x@[192.0.2.1]"));
  for (const address of ["Jo.Doe@example.com", '"Jo.Doe"@EXAMPLE.com', '"a b"@example.org', "x@[192.0.2.1]"]) {
    assert.is(emailAddressFault(holder, address), undefined);
  }
  assert.is(emailAddressFault(withNames(mail("*@example.com")), "*@example.com"), undefined);
  assert.is(emailAddressFault(withNames(mail("x@[IPv6:2001:DB8:0::1]")), "x@[ipv6:2001:db8::1]"), undefined);
});

test("emailAddressFault refuses every other mailbox, saying both", () => {
  const holder = withNames(mail("Jo.Doe@example.com"), mail("*@example.org"), mail("broken@@example.net"));
  for (
    const address of ["jo.doe@example.com", "Jo.Doe@a.example.com", "a@example.org", "Jo.Doe@com", "a@example.net"]
  ) {
    refusesName(
      emailAddressFault(holder, address),
      /^it is not for ".*": it is for "Jo\.Doe@example\.com", "\*@example\.org", .*§7\.5/,
    );
  }
  const { certificate: subjectOnly } = make({ subject: emailSubject("a@b.c") });
  refusesName(
    emailAddressFault(subjectOnly, "a@b.c"),
    /it has no subjectAltName; its subject "emailAddress=a@b\.c" is not looked at/,
  );
  refusesName(emailAddressFault(certificate, "a@example.com"), /its subjectAltName has no email addresses/);
});

test("emailAddressFault refuses text that is no mailbox, as a mistake of the caller", () => {
  const wrong = [
    "",
    "example.com",
    "a@b@c",
    "Jo <jo@example.com>",
    "jö@example.com",
    "a@bücher.example",
    "a@b.",
    "a b@c",
  ];
  for (const address of wrong) {
    assert.throws(
      () => emailAddressFault(withNames(mail(address)), address),
      (error: unknown) => error instanceof TlsUsageError && /Cannot use ".*" as an email address/.test(error.message),
    );
  }
});

test.run();
