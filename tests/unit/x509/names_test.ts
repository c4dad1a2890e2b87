import { assert, suite } from "../../harness.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import {
  certifies,
  checkServerName,
  isDnsName,
  isIpAddress,
  matchesDnsName,
  parseServerName,
} from "../../../lib/x509/names.ts";
import { make, makeLeaf, refusesCertificate } from "./builder.ts";

const test = suite("names");
const { certificate } = makeLeaf({
  name: "common.example",
  names: ["example.com", "*.Example.ORG", "xn--bcher-kva.example", "192.0.2.1", "2001:db8::1"],
});
const nameError = { alert: "bad_certificate", check: "name", code: "ERR_TLS_CERT_ALTNAME_INVALID", index: 0 } as const;

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

test("checkServerName accepts what subjectAltName has, without regard to case and a trailing dot", () => {
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
    checkServerName(certificate, parseServerName(name));
    assert.ok(certifies(certificate, name), name);
  }
});

test("checkServerName refuses every other name, saying both", () => {
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
    refusesCertificate(() => checkServerName(certificate, parseServerName(name)), {
      ...nameError,
      message:
        /^Cannot accept the certificate for ".*": it is for "example\.com", "\*\.Example\.ORG", .*"192\.0\.2\.1", "2001:db8::1"/,
    });
  }
});

test("checkServerName never looks at the common name", () => {
  const { certificate: plain } = make({ name: "common.example" });
  refusesCertificate(() => checkServerName(plain, parseServerName("common.example")), {
    ...nameError,
    message: /it has no subjectAltName; its subject "CN=common\.example" is not looked at/,
  });
});

test("checkServerName doesn't take a dNSName for an address, nor an address for a name", () => {
  const { certificate: odd } = makeLeaf({ names: ["example.com"] });
  const lying = { ...odd, subjectAltName: { names: [], dnsNames: ["192.0.2.1"], ipAddresses: [] } };
  refusesCertificate(() => checkServerName(lying, parseServerName("192.0.2.1")), {
    ...nameError,
    message: /for "192\.0\.2\.1"/,
  });
  const none = { ...odd, subjectAltName: { names: [], dnsNames: [], ipAddresses: [] } };
  refusesCertificate(() => checkServerName(none, parseServerName("a.b")), {
    ...nameError,
    message: /neither DNS names nor IP/,
  });
});

test("checkServerName lists a few names only, quoted so that none can dress up the message", () => {
  const many = Array.from({ length: 20 }, (_, index) => `n${index}.example\n`);
  const crowded = { ...certificate, subjectAltName: { names: [], dnsNames: many, ipAddresses: [] } };
  refusesCertificate(() => checkServerName(crowded, parseServerName("a.b")), {
    ...nameError,
    message: /"n7\.example\\n" and 12 more/,
  });
});

test("matchesDnsName takes a wildcard only as the whole first label, for exactly one label", () => {
  assert.ok(matchesDnsName("*.example.com", "a.example.com"));
  const wrong = [
    ["*.example.com", "example.com"],
    ["*.example.com", "a.b.example.com"],
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

test("isIpAddress and isDnsName know what they are asked for", () => {
  assert.ok(isIpAddress("::1") && isIpAddress("1.2.3.4"));
  assert.not(isIpAddress("example.com"));
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

test.run();
