import { assert, suite } from "../../harness.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derConstructed, derImplicit, derObjectIdentifier, derSequence } from "../../../lib/x509/der_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { decodeGeneralName, type GeneralName, generalNameText } from "../../../lib/x509/general_name.ts";
import { bytes, refusesToDecode } from "./builder.ts";

const test = suite("general_name");
const decode = (der: Uint8Array): GeneralName => decodeGeneralName(new DerReader(der), "name");
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

test("reads every form", () => {
  assert.equal(decode(derImplicit(1, ascii("a@b.c"))), { type: "rfc822Name", name: "a@b.c" });
  assert.equal(decode(derImplicit(2, ascii("b.c"))), { type: "dNSName", name: "b.c" });
  assert.equal(decode(derImplicit(6, ascii("x:y"))), { type: "uniformResourceIdentifier", name: "x:y" });
  assert.equal(decode(derImplicit(7, bytes(1, 2, 3, 4))), { type: "iPAddress", address: bytes(1, 2, 3, 4) });
  const directory = decode(derConstructed(4, encodeCommonName("x")));
  assert.is(directory.type === "directoryName" && directory.name.text, "CN=x");
  const other = derConstructed(0, derObjectIdentifier("1.2.3"), derConstructed(0, derSequence()));
  assert.equal(decode(other), { type: "otherName", typeId: "1.2.3" });
  assert.is(decode(derConstructed(3)).type, "x400Address");
  assert.is(decode(derConstructed(5)).type, "ediPartyName");
  assert.is(decode(derImplicit(8, bytes(42))).type, "registeredID");
});

test("refuses other tags, text that is not ASCII, and bytes behind a directoryName", () => {
  refusesToDecode(() => decode(derImplicit(9)), /name at byte 0: \[9\] is not a form of GeneralName/);
  refusesToDecode(() => decode(derConstructed(2)), /\[2\] is not a form of GeneralName/);
  refusesToDecode(() => decode(derImplicit(2, bytes(0xe4))), /its dNSName has characters that are not IA5String/);
  refusesToDecode(() => decode(derConstructed(4, encodeCommonName("x"), bytes(5, 0))), /2 bytes too many/);
});

test("refuses an otherName that isn't a type and one value", () => {
  const typeId = derObjectIdentifier("1.2.3");
  for (
    const [content, why] of [
      [[], /name\.type-id at byte 2: OBJECT IDENTIFIER expected, the end found/],
      [[typeId], /name\.value at byte 6: \[0\] expected, the end found/],
      [[typeId, derSequence()], /name\.value at byte 6: \[0\] expected/],
      [[typeId, derConstructed(0)], /name\.value at byte 8/],
      [[typeId, derConstructed(0, derSequence(), derSequence())], /name\.value at byte 10: 2 bytes too many/],
      [[typeId, derConstructed(0, derSequence()), derSequence()], /name at byte 10: 2 bytes too many/],
    ] as const
  ) {
    refusesToDecode(() => decode(derConstructed(0, ...content)), why);
  }
});

test("generalNameText shows every form, short and on one line", () => {
  const text = (name: string): GeneralName => ({ type: "dNSName", name });
  assert.is(generalNameText(text("example.com")), 'dNSName "example.com"');
  assert.is(generalNameText(text('a"\n\x7f')), 'dNSName "a\\"\\n\\u{7f}"');
  assert.is(generalNameText({ type: "rfc822Name", name: "a\u202eb" }), 'rfc822Name "a\\u{202e}b"');
  assert.is(generalNameText(text("a".repeat(999))), `dNSName "${"a".repeat(253)}"… (999 characters)`);
  assert.is(generalNameText({ type: "iPAddress", address: bytes(10, 0, 0, 1) }), "iPAddress 10.0.0.1");
  const range = generalNameText({ type: "iPAddress", address: bytes(10, 0, 0, 0, 255, 0, 0, 0) });
  assert.is(range, "iPAddress 10.0.0.0 with mask 255.0.0.0");
  assert.is(generalNameText(decode(derConstructed(4, encodeCommonName("x")))), 'directoryName "CN=x"');
  assert.is(generalNameText({ type: "otherName", typeId: "1.2.3" }), "a name of type otherName 1.2.3");
  assert.is(generalNameText({ type: "registeredID" }), "a name of type registeredID");
});

test.run();
