import { assert, suite } from "../../harness.ts";
import { DerReader, Tag } from "../../../lib/x509/der.ts";
import {
  derBitString,
  derBoolean,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeKeyUsage,
  encodeSubjectAltName,
  encodeSubjectKeyIdentifier,
} from "../../../lib/x509/certificate_writer.ts";
import { decodeExtensions, keyUsageBits } from "../../../lib/x509/extensions.ts";
import { ExtensionId, KeyPurposeId } from "../../../lib/x509/oids.ts";
import { bytes, refusesToDecode } from "./builder.ts";

const test = suite("extensions");
const decode = (...list: readonly Uint8Array[]): ReturnType<typeof decodeExtensions> =>
  decodeExtensions(new DerReader(derSequence(...list)).enter(Tag.SEQUENCE, "list"), "extensions");
const extension = (oid: string, value: Uint8Array): Uint8Array => encodeExtension(oid, false, value);
const constraints = (...fields: readonly Uint8Array[]): Uint8Array =>
  extension(ExtensionId.nameConstraints, derSequence(...fields));
const subtree = (...fields: readonly Uint8Array[]): Uint8Array => derSequence(...fields);
const dns = derImplicit(2, bytes(0x61));

test("reads back what is written", () => {
  const decoded = decode(
    encodeBasicConstraints({ cA: true, pathLenConstraint: 3 }),
    encodeKeyUsage(["digitalSignature", "decipherOnly"]),
    encodeExtendedKeyUsage([KeyPurposeId.serverAuth, "1.2.3"]),
    encodeSubjectAltName(["example.com", "192.0.2.1"], true),
    encodeSubjectKeyIdentifier(bytes(1, 2)),
    encodeAuthorityKeyIdentifier(bytes(3, 4)),
    encodeExtension("1.2.3.4", true, bytes(9)),
  );
  assert.equal(decoded.basicConstraints, { cA: true, pathLenConstraint: 3 });
  assert.equal(decoded.keyUsage, ["digitalSignature", "decipherOnly"]);
  assert.equal(decoded.extendedKeyUsage, ["1.3.6.1.5.5.7.3.1", "1.2.3"]);
  assert.equal(decoded.subjectAltName?.dnsNames, ["example.com"]);
  assert.equal(decoded.subjectAltName?.ipAddresses, [bytes(192, 0, 2, 1)]);
  assert.equal(decoded.subjectKeyIdentifier, bytes(1, 2));
  assert.equal(decoded.authorityKeyIdentifier, bytes(3, 4));
  assert.equal(decoded.extensions[6], { oid: "1.2.3.4", critical: true, value: bytes(9) });
  assert.is(decoded.nameConstraints, undefined);
});

test("reads each bit of keyUsage", () => {
  for (const bit of keyUsageBits) assert.equal(decode(encodeKeyUsage([bit])).keyUsage, [bit]);
  assert.equal(decode(extension(ExtensionId.keyUsage, derBitString(bytes(0x80, 0), 0))).keyUsage, ["digitalSignature"]);
});

test("refuses an extension that appears twice, and an empty list", () => {
  refusesToDecode(
    () => decode(encodeKeyUsage(["cRLSign"]), encodeKeyUsage(["cRLSign"])),
    /extensions\.keyUsage .* appears twice/,
  );
  refusesToDecode(
    () => decode(encodeExtension("1.2.3", false, bytes()), encodeExtension("1.2.3", true, bytes())),
    /1\.2\.3 .* twice/,
  );
  refusesToDecode(() => decode(), /the list is empty/);
});

test("refuses bytes behind the value, which would be read by nobody", () => {
  refusesToDecode(
    () => decode(extension(ExtensionId.subjectKeyIdentifier, bytes(4, 0, 0))),
    /subjectKeyIdentifier .* 1 bytes too many/,
  );
  refusesToDecode(
    () => decode(extension(ExtensionId.basicConstraints, bytes(0x30, 0, 5, 0))),
    /basicConstraints .* 2 bytes too many/,
  );
});

// proves RFC 5280 §4.2.1.9: "Where it appears"
test("refuses basicConstraints with a negative length or fields too many", () => {
  const wrong = (...fields: readonly Uint8Array[]): Uint8Array =>
    extension(ExtensionId.basicConstraints, derSequence(...fields));
  assert.equal(decode(wrong(derBoolean(false))).basicConstraints, { cA: false, pathLenConstraint: undefined });
  refusesToDecode(
    () => decode(wrong(derBoolean(true), derElement(Tag.INTEGER, bytes(0xff)))),
    /pathLenConstraint .* negative/,
  );
  refusesToDecode(() => decode(wrong(derBoolean(true), derInteger(1), derInteger(1))), /too many/);
});

// proves RFC 5280 §4.2.1.3: "at least one of the bits"
test("refuses keyUsage without a bit", () => {
  for (const wrong of [derBitString(bytes()), derBitString(bytes(0)), derBitString(bytes(0, 0x40))]) {
    refusesToDecode(() => decode(extension(ExtensionId.keyUsage, wrong)), /no bit is set/);
  }
});

// proves RFC 5280 §4.2.1.6: "the sequence MUST contain"
// proves RFC 5280 §4.2.1.6: "For IP version 4"
test("refuses empty lists of purposes and names, and IP addresses of a wrong length", () => {
  refusesToDecode(() => decode(encodeExtendedKeyUsage([])), /extendedKeyUsage .* the list is empty/);
  refusesToDecode(() => decode(encodeSubjectAltName([], false)), /subjectAltName .* the list is empty/);
  const odd = extension(ExtensionId.subjectAltName, derSequence(derImplicit(7, bytes(1, 2, 3, 4, 5))));
  refusesToDecode(() => decode(odd), /an iPAddress of 5 bytes, not 4 or 16/);
  for (const length of [0, 3, 8, 15, 17, 32]) {
    const wrong = extension(ExtensionId.subjectAltName, derSequence(derImplicit(7, new Uint8Array(length))));
    refusesToDecode(() => decode(wrong), new RegExp(`an iPAddress of ${length} bytes`));
  }
});

// proves RFC 5280 §4.2.1.10: "Conforming CAs MUST NOT issue"
// proves RFC 5280 §4.2.1.10: "the minimum MUST be zero"
// proves RFC 5280 §4.2.1.10: "The syntax of iPAddress"
test("reads name constraints, without minimum and maximum", () => {
  const decoded = decode(constraints(derConstructed(0, subtree(dns)), derConstructed(1, subtree(dns), subtree(dns))));
  assert.equal(decoded.nameConstraints?.permittedSubtrees, [{ type: "dNSName", name: "a" }]);
  assert.is(decoded.nameConstraints?.excludedSubtrees.length, 2);
  refusesToDecode(() => decode(constraints()), /nameConstraints .* the sequence is empty/);
  refusesToDecode(() => decode(constraints(derConstructed(0))), /permittedSubtrees .* the list is empty/);
  refusesToDecode(
    () => decode(constraints(derConstructed(1, subtree(dns, derImplicit(0, bytes(1)))))),
    /minimum and maximum are not used/,
  );
  refusesToDecode(
    () => decode(constraints(derConstructed(1, subtree(dns, derImplicit(1, bytes(1)))))),
    /minimum and maximum/,
  );
  for (const length of [8, 32]) decode(constraints(derConstructed(1, subtree(derImplicit(7, new Uint8Array(length))))));
  for (const length of [0, 7, 9, 16, 31, 33]) {
    const range = constraints(derConstructed(1, subtree(derImplicit(7, new Uint8Array(length)))));
    refusesToDecode(() => decode(range), /is not an address with its mask/);
  }
  const half = derImplicit(7, bytes(1, 2, 3, 4));
  refusesToDecode(
    () => decode(constraints(derConstructed(1, subtree(half)))),
    /of 4 bytes is not an address with its mask/,
  );
  const holes = derImplicit(7, bytes(1, 2, 3, 4, 255, 0, 255, 0));
  refusesToDecode(() => decode(constraints(derConstructed(1, subtree(holes)))), /is not an address with its mask/);
});

// proves RFC 5280 §B: "If an extension containing unexpected values"
test("refuses unexpected values in every extension that it reads, critical or not", () => {
  const known = [
    ExtensionId.basicConstraints,
    ExtensionId.keyUsage,
    ExtensionId.extendedKeyUsage,
    ExtensionId.subjectAltName,
    ExtensionId.nameConstraints,
    ExtensionId.subjectKeyIdentifier,
    ExtensionId.authorityKeyIdentifier,
  ];
  for (const oid of known) {
    for (const critical of [true, false]) {
      refusesToDecode(
        () => decode(encodeExtension(oid, critical, bytes(5, 0))),
        /extensions\.\w+ at byte \d+: .* found/,
      );
    }
  }
});

test("reads an authorityKeyIdentifier in every shape", () => {
  const aki = (...fields: readonly Uint8Array[]): Uint8Array =>
    extension(ExtensionId.authorityKeyIdentifier, derSequence(...fields));
  assert.is(decode(aki()).authorityKeyIdentifier, undefined);
  const full = aki(derImplicit(0, bytes(7)), derConstructed(1), derImplicit(2, bytes(1)));
  assert.equal(decode(full).authorityKeyIdentifier, bytes(7));
  refusesToDecode(() => decode(aki(derImplicit(3))), /too many/);
});

test("refuses an extension that isn't built as one", () => {
  refusesToDecode(() => decode(derSequence(derInteger(1))), /extnID .* OBJECT IDENTIFIER expected, INTEGER found/);
  const [oid] = [encodeExtension("1.2.3", false, bytes()).subarray(2, 6)];
  refusesToDecode(
    () => decode(derSequence(oid, derBoolean(true))),
    /extnValue .* OCTET STRING expected, the end found/,
  );
  refusesToDecode(() => decode(derSequence(oid, derOctetString(), derOctetString())), /2 bytes too many/);
});

test.run();
