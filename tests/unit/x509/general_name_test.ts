import { assert, suite } from "../../harness.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derConstructed, derImplicit } from "../../../lib/x509/der_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { decodeGeneralName, type GeneralName } from "../../../lib/x509/general_name.ts";
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
  assert.is(decode(derConstructed(0)).type, "otherName");
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

test.run();
