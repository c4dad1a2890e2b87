import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TlsUsageError } from "../../../lib/error.ts";
import { encodeBasicConstraints, encodeExtension, encodeKeyUsage } from "../../../lib/x509/certificate_writer.ts";
import { derConstructed, derImplicit, derSequence } from "../../../lib/x509/der_writer.ts";
import { parseIpAddress } from "../../../lib/x509/ip_address.ts";
import { nameConstraintFault } from "../../../lib/x509/name_constraints.ts";
import { emailAddressFault, parseServerName, serverNameFault } from "../../../lib/x509/names.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { assert, suite } from "../../harness.ts";
import { make } from "./builder.ts";

const suiteOfTests = suite("names against OpenSSL, in Node and as a command");
const missing = opensslMissing();
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

type Form = "dns" | "mail" | "uri" | "ip";
const names: Readonly<Record<Form, (text: string) => Uint8Array>> = {
  mail: (text) => derImplicit(1, ascii(text)),
  dns: (text) => derImplicit(2, ascii(text)),
  uri: (text) => derImplicit(6, ascii(text)),
  ip: (text) => derImplicit(7, parseIpAddress(text) ?? ascii(text)),
};
const subjectAltName = (form: Form, text: string): Uint8Array =>
  encodeExtension(ExtensionId.subjectAltName, true, derSequence(names[form](text)));

/** Why OpenSSL may answer otherwise, and whose answer is "yes" then. */
interface Difference {
  readonly who: "ours" | "OpenSSL";
  readonly why: string;
  readonly at: (...texts: readonly [string, string]) => boolean;
}

function test(title: string, body: (folder: string) => void): void {
  if (missing !== undefined) return suiteOfTests.skip(title, missing);
  suiteOfTests(title, () => {
    const folder = mkdtempSync(join(tmpdir(), "names-"));
    try {
      body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function opensslMissing(): string | undefined {
  try {
    const version = execFileSync("openssl", ["version"], { encoding: "utf8", stdio: "pipe" });
    return /^OpenSSL [3-9]/.test(version) ? undefined : `${version.trim()} is not OpenSSL 3`;
  } catch {
    return "there is no openssl command";
  }
}

/** Both answer the same, or one of the differences says why not. */
function agree(ours: boolean, openssl: boolean, texts: readonly [string, string], known: readonly Difference[]): void {
  if (ours === openssl) return;
  const who = ours ? "ours" : "OpenSSL";
  const isKnown = known.some((difference) => difference.who === who && difference.at(...texts));
  assert.ok(isKnown, `only ${who} says yes to ${JSON.stringify(texts)}`);
}

/** A reference that is none has no certificate. */
function answers(faultOf: () => string | undefined): boolean {
  try {
    return faultOf() === undefined;
  } catch (error) {
    if (error instanceof TlsUsageError) return false;
    throw error;
  }
}

/** The functions of OpenSSL (X509_check_host and its like) as Node calls them. */
const nodeChecks = {
  dns: (certificate: X509Certificate, name: string) => certificate.checkHost(name),
  ip: (certificate: X509Certificate, address: string) => certificate.checkIP(address),
  mail: (certificate: X509Certificate, address: string) => certificate.checkEmail(address),
} as const;

/** How many of the references match. */
function compareReferences(
  form: "dns" | "ip" | "mail",
  presentedNames: readonly string[],
  references: readonly string[],
  known: readonly Difference[],
  presentedForm: Form = form,
): number {
  let matches = 0;
  for (const presented of presentedNames) {
    const extensions = [subjectAltName(presentedForm, presented)];
    const { certificate } = make({ subject: derSequence(), issuer: anyone, extensions });
    const ofNode = new X509Certificate(certificate.der);
    for (const reference of references) {
      const ours = answers(() =>
        form === "mail"
          ? emailAddressFault(certificate, reference)
          : serverNameFault(certificate, parseServerName(reference))
      );
      agree(ours, nodeChecks[form](ofNode, reference) !== undefined, [presented, reference], known);
      if (ours) matches++;
    }
  }
  return matches;
}

const anyone = make({ name: "names CA" });

suiteOfTests("DNS names match as in OpenSSL, but for what RFC 9525 refuses", () => {
  const presented = [
    "example.com",
    "EXAMPLE.com",
    "*.example.com",
    "*.co.uk",
    "*.com",
    "*",
    "f*.example.com",
    "*f.example.com",
    "f.*.com",
    "*.*.com",
    "xn--*.example.com",
    "example.com.",
    ".example.com",
    "192.0.2.1",
    "a_b.example.com",
  ];
  const references = [
    "example.com",
    "Example.COM",
    "foo.example.com",
    "a.b.example.com",
    "a_b.example.com",
    "xn--q.example.com",
    "x.co.uk",
    "f.x.com",
    "com",
  ];
  const matches = compareReferences("dns", presented, references, [
    {
      who: "OpenSSL",
      why: "RFC 9525 §6.3: a wildcard is the whole first label; OpenSSL takes parts of a label unless told otherwise",
      at: (name) => /[^.]\*|\*[^.]/.test(name),
    },
    {
      who: "ours",
      why: "OpenSSL lets a wildcard stand for letters, digits and hyphens only; browsers don't mind the underscore",
      at: (name, reference) => name.startsWith("*.") && reference.includes("_"),
    },
  ]);
  assert.is(matches, 9);
});

suiteOfTests("IP addresses match as in OpenSSL, byte for byte, and never as DNS names", () => {
  const addresses = ["192.0.2.1", "::ffff:192.0.2.1", "::192.0.2.1", "2001:db8::1", "::1"];
  assert.is(compareReferences("ip", addresses, [...addresses, "2001:DB8:0::1", "::ffff:c000:201"], []), 7);
  assert.is(compareReferences("ip", ["192.0.2.1", "::1"], ["192.0.2.1", "::1"], [], "dns"), 0);
});

suiteOfTests("mailboxes match as in OpenSSL, but for quotes", () => {
  const presented = ["foo@example.com", "Foo@EXAMPLE.com", '"foo"@example.com', "*@example.com", "example.com", "foo"];
  const references = [
    "foo@example.com",
    "foo@Example.Com",
    "FOO@example.com",
    '"foo"@example.com',
    "*@example.com",
    "foo@a.example.com",
  ];
  const matches = compareReferences("mail", presented, references, [
    {
      who: "ours",
      why: "RFC 5321 §4.1.2: quotes that needn't be are not part of the local part; OpenSSL compares them as text",
      at: (name, reference) => name.startsWith('"') !== reference.startsWith('"'),
    },
  ]);
  assert.is(matches, 7);
});

interface ConstraintTable {
  readonly bases: readonly string[];
  readonly presented: readonly string[];
}

/** Compares with `openssl verify`: for each base, permitted and excluded, all the names at once. */
function compareConstraints(
  folder: string,
  form: Form,
  { bases, presented }: ConstraintTable,
  known: readonly Difference[],
): void {
  const leaves = presented.map((text, index) => {
    const { certificate } = make({ subject: derSequence(), issuer: anyone, extensions: [subjectAltName(form, text)] });
    writeFileSync(join(folder, `leaf${index}.pem`), encodePem("CERTIFICATE", certificate.der));
    return { text, certificate, file: `leaf${index}.pem` };
  });
  for (const base of bases) {
    for (const number of [0, 1]) {
      const subtree = derSequence(names[form](base));
      const value = derSequence(derConstructed(number, subtree));
      const { certificate: authority } = make({
        name: "names CA",
        key: anyone.key,
        extensions: [
          encodeBasicConstraints({ cA: true, pathLenConstraint: undefined }),
          encodeKeyUsage(["keyCertSign"]),
          encodeExtension(ExtensionId.nameConstraints, true, value),
        ],
      });
      const { nameConstraints } = authority;
      if (nameConstraints === undefined) throw new Error("the CA has no name constraints");
      writeFileSync(join(folder, "ca.pem"), encodePem("CERTIFICATE", authority.der));
      const accepted = acceptedByOpenssl(folder, leaves.map(({ file }) => file));
      for (const { text, certificate, file } of leaves) {
        const ours = nameConstraintFault(nameConstraints, certificate) === undefined;
        agree(ours, accepted.includes(file), [`${number === 0 ? "permitted" : "excluded"} ${base}`, text], known);
      }
    }
  }
}

function acceptedByOpenssl(folder: string, files: readonly string[]): readonly string[] {
  const parameters = ["verify", "-no_check_time", "-CAfile", "ca.pem", ...files];
  const read = (): string => {
    try {
      return execFileSync("openssl", parameters, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      // It ends with an error when it refuses one of them.
      if (error instanceof Error && "stdout" in error) return `${error.stdout}`;
      throw error;
    }
  };
  const said = read();
  return files.filter((file) => said.includes(`${file}: OK`));
}

/** What can't be compared fails closed here; OpenSSL compares the characters. */
const isOdd = (pattern: RegExp): Difference => ({
  who: "OpenSSL",
  why: "text that is not of the form's syntax is refused here, and compared as text by OpenSSL",
  at: (constraint, text) => !pattern.test(text) || !pattern.test(constraint.replace(/^\w+ /, "")),
});

test("DNS names are constrained as OpenSSL does, but for wildcards and malformed names", (folder) => {
  compareConstraints(folder, "dns", {
    bases: ["", "example.com", "Example.COM", ".example.com", "a.example.com", "com", "xample.com", "*.example.com"],
    presented: [
      "example.com",
      "EXAMPLE.com",
      "a.example.com",
      "x.a.example.com",
      "*.example.com",
      "*.a.example.com",
      "badexample.com",
      "example.org",
      ".example.com",
      "*x.example.com",
      "example.com.",
    ],
  }, [
    isOdd(/^(?:\.?[a-z]+(?:\.[a-z]+)*|\*(?:\.[a-z]+)+|)$/i),
    {
      who: "OpenSSL",
      why: "CVE-2025-61727: a wildcard reaches into what is excluded below it; OpenSSL takes the asterisk for a label",
      at: (constraint, text) => constraint === "excluded a.example.com" && text === "*.example.com",
    },
    {
      who: "OpenSSL",
      why: "RFC 5280 §4.2.1.6: a name has no leading period, and a constraint no asterisk",
      at: (constraint, text) => text.startsWith(".") || constraint.endsWith(" *.example.com"),
    },
  ]);
});

test("mailboxes are constrained as OpenSSL does, but for quotes and malformed ones", (folder) => {
  compareConstraints(folder, "mail", {
    bases: [
      "",
      "example.com",
      ".example.com",
      "foo@example.com",
      "Foo@EXAMPLE.com",
      "*@example.com",
      '"foo"@example.com',
    ],
    presented: [
      "foo@example.com",
      "Foo@example.com",
      "foo@EXAMPLE.com",
      "*@example.com",
      '"foo"@example.com',
      "foo@a.example.com",
      "foo@badexample.com",
      "a@b@example.com",
      "foo..bar@example.com",
      "example.com",
    ],
  }, [
    isOdd(/^(?:(?:\w+|\*|"\w+")@)?\.?\w+(?:\.\w+)+$/),
    {
      who: "ours",
      why: "RFC 5321 §4.1.2: quotes that needn't be are not part of the local part",
      at: (constraint, text) => constraint.startsWith("permitted") && constraint.includes('"') !== text.includes('"'),
    },
    {
      who: "OpenSSL",
      why: "the same, where the mailbox is excluded",
      at: (constraint, text) => constraint.startsWith("excluded") && constraint.includes('"') !== text.includes('"'),
    },
  ]);
});

test("URIs are constrained as OpenSSL does, but for hosts that it doesn't find", (folder) => {
  compareConstraints(folder, "uri", {
    bases: ["", "example.com", ".example.com", "a.example.com", "192.0.2.1"],
    presented: [
      "http://example.com/",
      "HTTP://Example.com:80/x",
      "http://a.example.com",
      "http://user@example.com/",
      "http://example.com?x",
      "http://example.com@evil.example/",
      "http://badexample.com/",
      "http://192.0.2.1/",
      "http://example.com./",
      "urn:example.com",
      "example.com",
    ],
  }, [
    {
      who: "ours",
      why: "RFC 3986 §3.2: userinfo is not the host, and a query ends it; OpenSSL 3.0 takes them for a part of it",
      at: (constraint, text) => constraint.startsWith("permitted") && /@|\?/.test(text),
    },
    {
      who: "OpenSSL",
      why: "the same, where the host is excluded",
      at: (constraint, text) => constraint.startsWith("excluded") && /@|\?/.test(text),
    },
    {
      who: "OpenSSL",
      why: "RFC 5280 §4.2.1.10: a host that is an IP address, or no DNS name, is refused; the empty host holds none",
      at: (constraint, text) => /192\.0\.2\.1|\.\/$/.test(text) || /^excluded $|192/.test(constraint),
    },
  ]);
});

suiteOfTests.run();
