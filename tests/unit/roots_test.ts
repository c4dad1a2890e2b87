import { assert, suite } from "../harness.ts";
import { type PackableRoot, packRoots } from "../../docs/roots/pack.ts";
import { toHex } from "../../lib/codec/bytes.ts";
import { bitLength } from "../../lib/crypto/provider.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { DecodeError, InternalError, TlsError, TlsUsageError } from "../../lib/error.ts";
import { packedRoots, packedSource } from "../../lib/roots/data.ts";
import { packedBytes, unpackRoots } from "../../lib/roots/unpack.ts";
import { rootsSource, rootTrustAnchors } from "../../lib/roots.ts";
import { createTrustAnchor, type TrustAnchorFields } from "../../lib/x509/trust_anchor.ts";

const test = suite("roots");
const packed = packedBytes(packedRoots);
const sha256 = (bytes: Uint8Array): string => toHex(nobleProvider.hashes.sha256.digest(bytes));

const packable = (
  { subject, spki, keyIdentifier, nameConstraints, notAfter = 0 }: TrustAnchorFields,
): PackableRoot => ({
  subject,
  spki,
  keyIdentifier,
  nameConstraints,
  notAfter,
});

test("are as many as it says, from the release that it says, and decoded once", () => {
  const roots = rootTrustAnchors();
  assert.is(roots.length, rootsSource.count);
  assert.ok(roots.length > 100);
  assert.is(rootTrustAnchors(), roots);
  assert.match(rootsSource.source, /^Node\.js \d+\.\d+\.\d+ \(NSS \d+(\.\d+)+\)$/);
  assert.match(rootsSource.date, /^20\d\d-\d\d-\d\d$/);
  assert.is(sha256(packed), packedSource.sha256);
});

test("are CAs that can be used: each once, with a name, a strong key of a type that is supported, and valid back then", () => {
  const roots = rootTrustAnchors();
  const released = Date.parse(rootsSource.date);
  for (const { subject, publicKey, notAfter = 0, certificate } of roots) {
    if (publicKey === undefined) throw new Error(`the key of ${subject.text} isn't supported`);
    assert.ok(publicKey.type === "rsa" ? bitLength(publicKey.modulus) >= 2048 : publicKey.type === "ec", subject.text);
    assert.ok(notAfter > released, subject.text);
    assert.is(certificate, undefined);
  }
  assert.is(new Set(roots.map(({ spki }) => toHex(spki))).size, roots.length);
  assert.ok(roots.filter(({ subjectKeyIdentifier }) => subjectKeyIdentifier?.length === 20).length > 100);
  assert.ok(roots.some(({ subject }) => subject.text === "CN=ISRG Root X1, O=Internet Security Research Group, C=US"));
});

test("are limited where Mozilla limits one beyond its certificate", () => {
  const limited = rootTrustAnchors().filter(({ nameConstraints }) => nameConstraints !== undefined);
  assert.equal(limited.map(({ subject, nameConstraints }) => [subject.text.slice(0, 16), nameConstraints]), [
    ["CN=TUBITAK Kamu ", { permittedSubtrees: [{ type: "dNSName", name: "tr" }], excludedSubtrees: [] }],
  ]);
});

test("are packed in exactly one way", () => {
  assert.is(sha256(packRoots(unpackRoots(packed).map(packable))), packedSource.sha256);
});

test("of every shape are the same after packing and unpacking", () => {
  const [root] = unpackRoots(packed);
  if (root === undefined) throw new Error("there are no roots");
  const plain = { ...packable(root), keyIdentifier: undefined, nameConstraints: undefined, notAfter: 4294967295000 };
  const limited = { ...plain, keyIdentifier: Uint8Array.of(1), nameConstraints: Uint8Array.of(0x30, 0), notAfter: 0 };
  // Ed25519: its key isn't looked for inside.
  const other = { ...plain, spki: Uint8Array.of(0x30, 42, 0x30, 5, 6, 3, 43, 101, 112, 3, 33, ...new Uint8Array(33)) };
  assert.equal(unpackRoots(packRoots([plain, limited, other, plain])), [plain, limited, other, plain]);
  assert.equal(unpackRoots(packRoots([])), []);
  assert.throws(() => packRoots([{ ...plain, notAfter: 1 }]), RangeError);
  assert.throws(() => packRoots([{ ...plain, keyIdentifier: new Uint8Array(2 ** 15) }]), RangeError);
});

test("with one byte changed anywhere don't have the recorded SHA-256, and fail with an error of ours if at all", () => {
  let refused = 0;
  const step = 997; // every byte would take minutes
  for (let position = 0; position < packed.length; position += step) {
    const changed = packed.slice();
    changed[position] = (changed[position] ?? 0) ^ 1 << position % 8;
    assert.is.not(sha256(changed), packedSource.sha256);
    try {
      unpackRoots(changed).map(createTrustAnchor);
    } catch (error) {
      if (!(error instanceof TlsError) && !(error instanceof TlsUsageError)) throw error;
      refused++;
    }
  }
  assert.ok(refused > 0);
});

test("that are cut short, that repeat a piece which isn't there, or that aren't base64 are refused", () => {
  for (const length of [packed.length - 1, packed.length - 4, 1, 2, 3, 40]) {
    assert.throws(() => unpackRoots(packed.subarray(0, length)), (error: unknown) => error instanceof DecodeError);
  }
  assert.throws(
    () => unpackRoots(Uint8Array.of(1, 0x80, 7)),
    (error: unknown) => error instanceof DecodeError && /root 0\.subject: there is no piece 7/.test(error.message),
  );
  assert.throws(() => packedBytes("AAAA\nAA*A"), (error: unknown) => error instanceof InternalError);
  assert.equal(packedBytes("\nAQ\nID\n"), Uint8Array.of(1, 2, 3));
});

test.run();
