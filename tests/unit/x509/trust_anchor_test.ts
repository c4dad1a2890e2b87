import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { DecodeError, TlsUsageError } from "../../../lib/error.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { derConstructed, derImplicit, derSequence } from "../../../lib/x509/der_writer.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { signatureFault } from "../../../lib/x509/issuer.ts";
import { createTrustAnchor, type TrustAnchorFields, trustAnchorOf } from "../../../lib/x509/trust_anchor.ts";
import { bytes, hex, make, makeAuthority, makeLeaf, now, signatureSchemes } from "./builder.ts";

const test = suite("trust anchors");
/** NameConstraints with one permitted dNSName: example.com. */
const onlyExample = derSequence(derConstructed(0, derSequence(derImplicit(2, hex("6578616d706c652e636f6d")))));
const { certificate: root } = makeAuthority({
  name: "root",
  extensions: [
    encodeExtension(ExtensionId.nameConstraints, true, onlyExample),
    encodeExtension(ExtensionId.subjectKeyIdentifier, false, hex("04030a0b0c")),
  ],
});
const fields: TrustAnchorFields = {
  subject: root.subject.der,
  spki: root.spki,
  nameConstraints: onlyExample,
  keyIdentifier: bytes(10, 11, 12),
  notBefore: root.notBefore,
  notAfter: root.notAfter,
};

function refuses(wrong: unknown, why: RegExp): TlsUsageError {
  try {
    Reflect.apply(createTrustAnchor, undefined, [wrong]);
  } catch (error) {
    if (!(error instanceof TlsUsageError)) throw error;
    assert.match(error.message, why);
    return error;
  }
  throw new Error(`TlsUsageError ${why} was expected`);
}

test("trustAnchorOf keeps the name, the key and all limits of a certificate, and the certificate", () => {
  const anchor = trustAnchorOf(root);
  assert.is(anchor.certificate, root);
  assert.equal(anchor.keyUsage, ["keyCertSign"]);
  assert.equal(anchor.nameConstraints, root.nameConstraints);
  assert.is(anchor.nameConstraints?.permittedSubtrees.length, 1);
  assert.equal([anchor.notBefore, anchor.notAfter], [root.notBefore, root.notAfter]);
  assert.equal(anchor.subjectKeyIdentifier, bytes(10, 11, 12));
  const old = trustAnchorOf(make({ name: "old root" }).certificate);
  assert.equal([old.keyUsage, old.nameConstraints, old.subjectKeyIdentifier], [undefined, undefined, undefined]);
});

test("createTrustAnchor makes of its fields what trustAnchorOf makes of their certificate", () => {
  assert.equal(createTrustAnchor(fields), { ...trustAnchorOf(root), keyUsage: undefined, certificate: undefined });
});

test("createTrustAnchor needs a name and a key, and then has no limits", () => {
  const anchor = createTrustAnchor({ subject: root.subject.der, spki: root.spki });
  assert.is(anchor.subject.text, "CN=root");
  assert.is(anchor.publicKeyDescription, "EC secp256r1");
  const { keyUsage, nameConstraints, subjectKeyIdentifier, notBefore, notAfter, certificate } = anchor;
  for (const limit of [keyUsage, nameConstraints, subjectKeyIdentifier, notBefore, notAfter, certificate]) {
    assert.is(limit, undefined);
  }
  const absent = { nameConstraints: undefined, keyIdentifier: undefined, notBefore: undefined, notAfter: undefined };
  assert.equal(createTrustAnchor({ subject: root.subject.der, spki: root.spki, ...absent }), anchor);
});

test("a trust anchor's key verifies what it signed", () => {
  const ca = makeAuthority({ name: "root" });
  const leaf = makeLeaf({ issuer: ca }).certificate;
  const anchor = createTrustAnchor({ subject: ca.certificate.subject.der, spki: ca.certificate.spki });
  assert.is(signatureFault(leaf, anchor, signatureSchemes), undefined);
  const other = createTrustAnchor({ subject: root.subject.der, spki: root.spki });
  assert.match(signatureFault(leaf, other, signatureSchemes) ?? "", /was not made by the key/);
});

test("createTrustAnchor copies its bytes", () => {
  const own = { subject: root.subject.der.slice(), spki: root.spki.slice(), keyIdentifier: bytes(1, 2) };
  const anchor = createTrustAnchor(own);
  for (const field of Object.values(own)) field.fill(0);
  assert.equal(anchor.subject.der, root.subject.der);
  assert.equal(anchor.spki, root.spki);
  assert.equal(anchor.publicKey, root.publicKey);
  assert.equal(anchor.subjectKeyIdentifier, bytes(1, 2));
});

test("a key of a type that isn't supported is kept, as in certificates", () => {
  const unknown = hex("300c 3005 0603 2a0304 0303 000102".replaceAll(" ", ""));
  const anchor = createTrustAnchor({ subject: root.subject.der, spki: unknown });
  assert.equal([anchor.publicKey, anchor.publicKeyDescription], [undefined, "1.2.3.4"]);
});

test("createTrustAnchor refuses malformed fields, and says where and why", () => {
  const torn = (field: Uint8Array): Uint8Array => field.subarray(0, -1);
  const more = (field: Uint8Array): Uint8Array => concat(field, bytes(0));
  const subject = refuses(
    { ...fields, subject: torn(fields.subject) },
    /^Cannot make a trust anchor: Cannot decode subj/,
  );
  assert.ok(subject.cause instanceof DecodeError);
  refuses({ ...fields, subject: more(fields.subject) }, /subject at byte 17: 1 bytes too many/);
  refuses({ ...fields, spki: torn(root.spki) }, /Cannot decode SubjectPublicKeyInfo at byte 0/);
  refuses({ ...fields, spki: more(root.spki) }, /SubjectPublicKeyInfo at byte 91: 1 bytes too many/);
  refuses(
    { ...fields, nameConstraints: more(onlyExample) },
    /trustAnchor\.nameConstraints at byte 19: 1 bytes too many/,
  );
  refuses({ ...fields, nameConstraints: bytes() }, /nameConstraints at byte 0: SEQUENCE expected, the end found/);
  refuses({ ...fields, nameConstraints: derSequence() }, /nameConstraints at byte 0: the sequence is empty/);
});

// proves RFC 5280 §4.1.2.6: "then the subject field MUST be populated"
test("createTrustAnchor refuses a name that is empty", () => {
  refuses({ ...fields, subject: derSequence() }, /its subject is empty/);
});

test("createTrustAnchor refuses what is no field, no bytes, no time or no object", () => {
  refuses({ ...fields, nameConstraint: onlyExample }, /there is no field "nameConstraint" \(there are subject, spki, /);
  refuses({ spki: root.spki }, /\(subject\): a Uint8Array is needed, not undefined/);
  refuses({ ...fields, spki: "MFkw" }, /\(spki\): a Uint8Array is needed, not string/);
  refuses({ ...fields, nameConstraints: [] }, /\(nameConstraints\): a Uint8Array is needed, not object/);
  refuses({ ...fields, keyIdentifier: "0a" }, /\(keyIdentifier\): a Uint8Array is needed, not string/);
  refuses({ ...fields, notAfter: Number.NaN }, /notAfter must be a number of ms since 1970, not NaN/);
  refuses({ ...fields, notBefore: new Date(now) }, /notBefore must be a number of ms since 1970, not /);
  refuses({ ...fields, notBefore: now, notAfter: now - 1 }, /it would end \(notAfter \d+\) before it begins/);
  for (const wrong of [undefined, null, "root", 1]) refuses(wrong, /an object with subject and spki is needed/);
});

test.run();
