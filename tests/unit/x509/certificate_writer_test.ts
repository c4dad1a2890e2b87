import { assert, suite } from "../../harness.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import { encodeCertificate, encodeKeyUsage, encodeSubjectAltName } from "../../../lib/x509/certificate_writer.ts";
import { constructedContextTag, DerReader, Tag } from "../../../lib/x509/der.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { bytes, countingRandom, ecdsaSha256, hex, now, testKey } from "./builder.ts";

const test = suite("certificate_writer");
const key = testKey(1);
const fields = {
  serialNumber: bytes(0x80, 1),
  issuer: encodeCommonName("issuer"),
  subject: encodeCommonName("subject"),
  notBefore: now,
  notAfter: Date.UTC(2055, 0),
  spki: encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(key)),
  extensions: [encodeKeyUsage(["digitalSignature"])],
};
const signing = { privateKey: key, scheme: ecdsaSha256, random: countingRandom() };

test("writes a certificate that reads back the same, with a signature that is right", () => {
  const certificate = decodeCertificate(encodeCertificate(fields, signing));
  assert.is(certificate.version, 3);
  assert.equal(certificate.serialNumber, bytes(0, 0x80, 1));
  assert.is(`${certificate.issuer.text} ${certificate.subject.text}`, "CN=issuer CN=subject");
  assert.equal([certificate.notBefore, certificate.notAfter], [now, Date.UTC(2055, 0)]);
  assert.ok(ecdsaSha256.verify(ecdsaSha256.publicKeyOf(key), certificate.tbs, certificate.signature));
});

// proves RFC 5280 §4.1.2.8: "CAs conforming to this profile MUST NOT"
test("writes a version, a key and extensions, and no unique identifiers", () => {
  const tbs = new DerReader(decodeCertificate(encodeCertificate(fields, signing)).tbs).enter(Tag.SEQUENCE, "");
  const tags: number[] = [];
  while (tbs.remaining > 0) tags.push(tbs.element("").tag);
  const unmarked = [Tag.INTEGER, ...new Array<number>(5).fill(Tag.SEQUENCE)];
  assert.equal(tags, [constructedContextTag(0), ...unmarked, constructedContextTag(3)]);
});

test("writes version 1 without extensions", () => {
  assert.is(decodeCertificate(encodeCertificate({ ...fields, extensions: [] }, signing)).version, 1);
});

// proves RFC 5280 §B: "When DER encoding a named bit list"
test("writes keyUsage without unused bits that are set, and names by their kind", () => {
  assert.equal(encodeKeyUsage(["keyCertSign", "cRLSign"]), hex("300e 0603551d0f 0101ff 0404 0302 0106"));
  assert.equal(encodeKeyUsage(["decipherOnly"]), hex("300f 0603551d0f 0101ff 0405 0303 07 0080"));
  assert.equal(encodeSubjectAltName(["a", "1.2.3.4"], false), hex("3012 0603551d11 040b 3009 820161 870401020304"));
});

test.run();
