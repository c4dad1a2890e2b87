import { assert, suite } from "../../harness.ts";
import { decodeDistinguishedName, type DistinguishedName } from "../../../lib/x509/distinguished_name.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derSequence } from "../../../lib/x509/der_writer.ts";
import { decodeGeneralName, type GeneralName } from "../../../lib/x509/general_name.ts";
import {
  encodeGeneralName,
  encodeName,
  type GeneralNameInput,
  type NameInput,
  parseIpRange,
} from "../../../lib/x509/name_writer.ts";
import { bytes, hex } from "./builder.ts";

const test = suite("name_writer");
const decodedName = (name: NameInput): DistinguishedName =>
  decodeDistinguishedName(new DerReader(encodeName(name)), "name");
const decoded = (name: GeneralNameInput): GeneralName => decodeGeneralName(new DerReader(encodeGeneralName(name)), "x");

test("writes attributes in the order given, each in a RelativeDistinguishedName of its own", () => {
  const name = decodedName([
    { type: "C", value: "DE" },
    { type: "O", value: "Über & Söhne" },
    { type: "CN", value: "a" },
  ]);
  assert.is(name.text, "CN=a, O=Über & Söhne, C=DE");
  assert.is(name.keys.length, 3);
  assert.equal(encodeName([]), derSequence());
});

// proves RFC 5280 §4.1.2.4: "CAs conforming to this profile MUST use"
// proves RFC 5280 §4.1.2.6: "When encoding attribute values"
// proves RFC 5280 §B: "Such addresses MUST be encoded"
test("writes each attribute with its type of string: RFC 5280 A.1", () => {
  const attribute = (type: "C" | "O" | "DC" | "serialNumber" | "emailAddress", value: string): Uint8Array =>
    encodeName([{ type, value }]);
  assert.equal(attribute("C", "DE"), hex("300d 310b 3009 0603550406 1302 4445"));
  assert.equal(attribute("serialNumber", "1"), hex("300c 310a 3008 0603550405 1301 31"));
  assert.equal(attribute("O", "ü"), hex("300d 310b 3009 060355040a 0c02 c3bc"));
  assert.equal(attribute("DC", "a"), hex("3013 3111 300f 060a0992268993f22c640119 1601 61"));
  assert.equal(attribute("emailAddress", "a@b").subarray(-5), hex("1603 614062"));
});

test("writes the DER of a name as it stands, and copies it", () => {
  const name = decodedName([{ type: "CN", value: "a" }]);
  const written = encodeName(name);
  assert.equal(written, name.der);
  assert.not(written.buffer === name.der.buffer);
});

// proves RFC 5280 §4.2.1.6: "When the subjectAltName extension contains an Internet mail address"
// proves RFC 5280 §4.2.1.6: "When the subjectAltName extension contains an iPAddress"
// proves RFC 5280 §4.2.1.6: "When the subjectAltName extension contains a domain name"
// proves RFC 5280 §4.2.1.6: "When the subjectAltName extension contains a URI"
test("writes every form of GeneralName, from text and from what was decoded", () => {
  const directoryName = decodedName([{ type: "O", value: "b" }]);
  const names: readonly (readonly [GeneralNameInput, string])[] = [
    [{ type: "rfc822Name", name: "a@b" }, "8103 614062"],
    [{ type: "dNSName", name: "a" }, "8201 61"],
    [{ type: "directoryName", name: [{ type: "O", value: "b" }] }, "a40e 300c 310a 3008 060355040a 0c01 62"],
    [{ type: "directoryName", name: directoryName }, "a40e 300c 310a 3008 060355040a 0c01 62"],
    [{ type: "uniformResourceIdentifier", name: "a:b" }, "8603 613a62"],
    [{ type: "iPAddress", address: "192.0.2.1" }, "8704 c0000201"],
    [{ type: "iPAddress", address: bytes(1, 2, 3, 4) }, "8704 01020304"],
    [{ type: "iPAddress", address: "192.0.2.0/25" }, "8708 c0000200 ffffff80"],
    [{ type: "iPAddress", address: "2001:db8::/33" }, `8720 20010db8${"00".repeat(12)} ffffffff80${"00".repeat(11)}`],
  ];
  for (const [name, der] of names) {
    assert.equal(encodeGeneralName(name), hex(der));
    const again = decoded(name);
    assert.is(again.type, name.type);
    if (!("name" in again || "address" in again)) throw new Error(`${again.type} is not one of these`);
    assert.equal(encodeGeneralName(again), hex(der));
  }
});

test("knows ranges in CIDR notation from other text", () => {
  assert.equal(parseIpRange("0.0.0.0/0"), bytes(0, 0, 0, 0, 0, 0, 0, 0));
  assert.equal(parseIpRange("192.0.2.1/32"), bytes(192, 0, 2, 1, 255, 255, 255, 255));
  assert.equal(parseIpRange("10.1.2.3/9"), bytes(10, 1, 2, 3, 255, 128, 0, 0));
  assert.is(parseIpRange("::/128")?.length, 32);
  for (
    const wrong of ["", "192.0.2.1", "192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/01", "1.2.3/8", "1.2.3.4/8/9"]
  ) {
    assert.is(parseIpRange(wrong), undefined, wrong);
  }
});

test("refuses what has no encoding", () => {
  assert.throws(() => encodeName([{ type: "C", value: "ü" }]), /PrintableString hasn't/);
  assert.throws(() => encodeName([{ type: "O", value: "\ud800" }]), /half of a surrogate pair/);
  assert.throws(() => encodeName([{ type: "DC", value: "ü" }]), /only ASCII/);
  assert.throws(() => encodeGeneralName({ type: "dNSName", name: "ü" }), /only ASCII/);
  assert.throws(() => encodeGeneralName({ type: "iPAddress", address: "1.2.3" }), /neither an IP address nor a range/);
});

test.run();
