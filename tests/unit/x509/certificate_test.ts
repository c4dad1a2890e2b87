import { assert, suite } from "../../harness.ts";
import { TlsError } from "../../../lib/error.ts";
import { type Certificate, certificateText, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { encodeBasicConstraints } from "../../../lib/x509/certificate_writer.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import {
  derBitString,
  derBoolean,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
  derTime,
} from "../../../lib/x509/der_writer.ts";
import { decodePem } from "../../../lib/x509/pem.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { certificatePem } from "../../support/x509_fixtures.ts";
import { Aliasing, bytes, ecdsaSha256, make, makeLeaf, now, refusesToDecode, testKey } from "./builder.ts";

const test = suite("certificate");
const fixture = (name: keyof typeof certificatePem): Certificate =>
  decodeCertificate(decodePem(certificatePem[name])[0]?.bytes ?? bytes());

const ecdsa = derSequence(derObjectIdentifier("1.2.840.10045.4.3.2"));
const parts = {
  version: derConstructed(0, derInteger(2)),
  serialNumber: derInteger(1),
  signature: ecdsa,
  issuer: encodeCommonName("issuer"),
  validity: derSequence(derTime(now), derTime(now + 1000)),
  subject: encodeCommonName("subject"),
  spki: encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(testKey(1))),
  uniqueIds: new Uint8Array(),
  extensions: derConstructed(3, derSequence(encodeBasicConstraints({ cA: true, pathLenConstraint: undefined }))),
  trailing: new Uint8Array(),
};
const decodeWith = (changed: Partial<typeof parts>, outer = ecdsa): Certificate =>
  decodeCertificate(
    derSequence(derSequence(...Object.values({ ...parts, ...changed })), outer, derBitString(bytes(1))),
  );

test("is a copy of the bytes that it was read from, also where slice() doesn't copy", () => {
  const { der } = makeLeaf({ name: "copied" }).certificate;
  const source = Aliasing.from(der);
  const certificate = decodeCertificate(source);
  source.fill(0);
  assert.equal(certificate, decodeCertificate(der));
  const own: Uint8Array<ArrayBuffer> = certificate.der;
  assert.not(own instanceof Aliasing);
});

test("reads a certificate of every supported type of key, made by OpenSSL", () => {
  const facts = (["rsa", "rsaPss", "p256", "p384", "p521", "ed25519", "ed448"] as const).map((name) => {
    const { publicKeyDescription, signatureAlgorithm, version } = fixture(name);
    return [publicKeyDescription, signatureAlgorithm, version];
  });
  assert.equal(facts, [
    ["RSA 2048 bits", "rsa_pkcs1_sha256", 3],
    ["RSA 2048 bits", "rsa_pss_sha384", 3],
    ["EC secp256r1", "ecdsa_sha256", 3],
    ["EC secp384r1", "ecdsa_sha384", 3],
    ["EC secp521r1", "ecdsa_sha512", 3],
    ["Ed25519", "ed25519", 3],
    ["Ed448", "ed448", 3],
  ]);
});

// proves RFC 5280 §4.1.2.1: "At a minimum"
test("reads every field of a certificate made by OpenSSL", () => {
  const certificate = fixture("rsa");
  assert.is(certificate.version, 3);
  assert.is(certificate.subject.text, "CN=rsa.fixture.example, O=Fixture Org, C=DE");
  assert.is(certificate.issuer.text, certificate.subject.text);
  assert.equal(certificate.subjectAltName?.dnsNames, ["rsa.fixture.example", "*.wild.fixture.example"]);
  assert.equal(certificate.subjectAltName?.ipAddresses.map(({ length }) => length), [4, 16]);
  assert.equal(certificate.basicConstraints, { cA: true, pathLenConstraint: undefined });
  assert.is(new Date(certificate.notAfter).getUTCFullYear(), 2126);
  assert.ok(certificate.notBefore < certificate.notAfter);
  assert.is(certificate.serialNumber.length, 20);
  assert.is(certificate.subjectKeyIdentifier?.length, 20);
  assert.equal(certificate.authorityKeyIdentifier, certificate.subjectKeyIdentifier);
  assert.is(certificate.signature.length, 256);
  assert.equal(certificate.extensions.map(({ critical }) => critical), [false, false, true, false]);
});

test("reads certificates with keys and signatures that aren't supported, saying what they are", () => {
  assert.is(fixture("secp256k1").publicKey, undefined);
  assert.is(fixture("secp256k1").publicKeyDescription, "EC secp256k1");
  assert.is(fixture("rsaSha1").signatureAlgorithm, undefined);
  assert.match(fixture("rsaSha1").signatureAlgorithmText, /^sha1WithRSAEncryption/);
  assert.is(fixture("rsaPssSalt20").signatureAlgorithm, undefined);
  assert.is(fixture("v1").version, 1);
});

test("copies its bytes", () => {
  const der = decodePem(certificatePem.p256)[0]?.bytes ?? bytes();
  const certificate = decodeCertificate(der);
  der.fill(0);
  assert.is(certificate.der[0], 0x30);
  assert.is(certificate.tbs.buffer, certificate.der.buffer);
});

test("refuses bytes behind the end", () => {
  assert.is(decodeWith({}).subject.text, "CN=subject");
  refusesToDecode(() => decodeCertificate(bytes(...fixture("p256").der, 0)), /Certificate at byte .* 1 bytes too many/);
  refusesToDecode(() => decodeWith({ trailing: derNull() }), /tbsCertificate at byte .* 2 bytes too many/);
});

// proves RFC 5280 §4.1.2.8: "These fields MUST only"
// proves RFC 5280 §4.1: "issuerUniqueID [1]"
// proves RFC 5280 §4.1: "extensions [3]"
// proves RFC 5280 §4.1.2.9: "This field MUST only"
test("refuses versions and version-bound fields that don't fit", () => {
  refusesToDecode(
    () => decodeWith({ version: derConstructed(0, derInteger(0)) }),
    /the number 0 is not v2 \(1\) or v3 \(2\)/,
  );
  refusesToDecode(() => decodeWith({ version: derConstructed(0, derInteger(3)) }), /the number 3 is not/);
  refusesToDecode(() => decodeWith({ version: derConstructed(0, derInteger(1)) }), /must not appear in version 2/);
  refusesToDecode(() => decodeWith({ version: new Uint8Array() }), /must not appear in version 1/);
  const uniqueIds = derImplicit(1, bytes(0, 7));
  assert.is(decodeWith({ uniqueIds }).version, 3);
  refusesToDecode(
    () => decodeWith({ version: new Uint8Array(), uniqueIds, extensions: new Uint8Array() }),
    /issuerUniqueID .* version 1/,
  );
  refusesToDecode(
    () =>
      decodeWith({ version: new Uint8Array(), uniqueIds: derImplicit(2, bytes(0, 7)), extensions: new Uint8Array() }),
    /subjectUniqueID .* version 1/,
  );
  const second = decodeWith({ version: derConstructed(0, derInteger(1)), uniqueIds, extensions: new Uint8Array() });
  assert.is(second.version, 2);
});

// proves RFC 5280 §4.1.2.2: "Certificate users MUST be able"
// proves RFC 5280 §4.1.2.4: "The issuer field MUST"
// proves RFC 5280 §4.1.2.6: "Where it is non-empty"
test("reads serial numbers of 20 bytes and more, and refuses an empty issuer", () => {
  assert.is(decodeWith({ serialNumber: derInteger(new Uint8Array(20).fill(0xff)) }).serialNumber.length, 21);
  assert.is(decodeWith({ serialNumber: derInteger(new Uint8Array(30).fill(1)) }).serialNumber.length, 30);
  refusesToDecode(() => decodeWith({ issuer: derSequence() }), /tbsCertificate\.issuer .* the name is empty/);
  assert.is(decodeWith({ subject: derSequence() }).subject.text, "");
  refusesToDecode(() => decodeWith({ subject: derSequence(derNull()) }), /tbsCertificate\.subject .* SET expected/);
});

// proves RFC 5280 §4.1.1.2: "This field MUST contain"
// proves RFC 5280 §4.1.2.3: "This field MUST contain"
test("refuses another signature algorithm outside than inside, even if only its parameters differ", () => {
  refusesToDecode(
    () => decodeWith({}, derSequence(derObjectIdentifier("1.2.840.10045.4.3.3"))),
    /outside it says ecdsa-with-SHA384 .*, inside ecdsa-with-SHA256/,
  );
  refusesToDecode(
    () => decodeWith({}, derSequence(derObjectIdentifier("1.2.840.10045.4.3.2"), derNull())),
    /outside it says/,
  );
});

// proves RFC 5280 §4.1.2.9: "If present, this field"
// proves RFC 5280 §4.2: "A certificate MUST NOT include"
test("refuses an empty list of extensions, and one twice", () => {
  refusesToDecode(() => decodeWith({ extensions: derConstructed(3, derSequence()) }), /the list is empty/);
  const twice = derSequence(...[1, 2].map(() => encodeBasicConstraints({ cA: true, pathLenConstraint: undefined })));
  refusesToDecode(() => decodeWith({ extensions: derConstructed(3, twice) }), /appears twice/);
  refusesToDecode(
    () => decodeWith({ extensions: derConstructed(3, derSequence(derBoolean(true))) }),
    /SEQUENCE expected/,
  );
});

test("refuses a certificate that is too large", () => {
  refusesToDecode(
    () => decodeCertificate(derElement(0x30, new Uint8Array(2 ** 17))),
    /are more than the 131072 that are allowed/,
  );
});

test("gives nothing but DecodeError for a certificate cut off anywhere or with any bit flipped", () => {
  const { der } = makeLeaf({ names: ["example.com", "192.0.2.1"] }).certificate;
  for (let length = 0; length < der.length; length++) {
    refusesToDecode(() => decodeCertificate(der.subarray(0, length)), /Cannot decode/);
  }
  let decoded = 0;
  for (let bit = 0; bit < der.length * 8; bit++) {
    const flipped = der.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ 1 << (bit & 7);
    try {
      decodeCertificate(flipped);
      decoded++;
    } catch (error) {
      if (!(error instanceof TlsError) || error.alert !== "bad_certificate") throw error;
    }
  }
  assert.ok(decoded > 0, "flipped bits of the key, the signature and the names still decode");
});

test("certificateText names the subject, or else its first DNS name", () => {
  assert.is(certificateText(make({ name: "a" }).certificate), '"CN=a"');
  assert.is(
    certificateText(makeLeaf({ subject: derSequence(), issuer: make({ name: "b" }), names: ["c.d"] }).certificate),
    'of "c.d"',
  );
});

test.run();
