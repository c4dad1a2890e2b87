import { assert, suite } from "../../harness.ts";
import { asciiBytes } from "../../../lib/codec/bytes.ts";
import type { SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { CertificateError, DecodeError } from "../../../lib/error.ts";
import {
  encodeAuthorityKeyIdentifier,
  encodeExtension,
  encodeSubjectKeyIdentifier,
} from "../../../lib/x509/certificate_writer.ts";
import { derConstructed, derImplicit, derSequence } from "../../../lib/x509/der_writer.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { policies } from "../../../lib/x509/policy.ts";
import {
  bytes,
  day,
  ecdsaSha256,
  type Made,
  make,
  makeAuthority,
  makeLeaf,
  now,
  pathOf,
  refusesCertificate,
  signatureSchemes,
  testKey,
} from "./builder.ts";

const test = suite("path");
const find = pathOf;
const subjects = (path: readonly Certificate[]): readonly string[] =>
  path.map(({ subject }) => subject.text.replace("CN=", ""));
const same = (path: readonly Certificate[], made: readonly Made[]): void =>
  assert.ok(
    path.length === made.length && path.every((certificate, index) => certificate.der === made[index]?.certificate.der),
    subjects(path).join(),
  );

const root = makeAuthority({ name: "root" });
const upper = makeAuthority({ name: "upper", issuer: root });
const lower = makeAuthority({ name: "lower", issuer: upper });
const leaf = makeLeaf({ name: "leaf", issuer: lower });
const other = makeAuthority({ name: "other root" });

// proves RFC 5280 §4.1.2.4: "Certificate users MUST be prepared"
// proves RFC 5280 §6: "Conforming implementations of this specification"
// proves RFC 5280 §6.1: "A conforming implementation MUST include"
// proves RFC 5280 §6: "Conforming implementations of this specification"
// proves RFC 5280 §6.1: "A conforming implementation MUST include"
test("goes from the leaf to a trust anchor, whatever the order of the chain", () => {
  for (
    const chain of [[leaf, lower, upper], [leaf, upper, lower], [leaf, root, upper, lower], [
      leaf,
      other,
      upper,
      lower,
      lower,
      leaf,
    ]]
  ) {
    same(find(chain, [root]), [leaf, lower, upper, root]);
    same(find(chain, [other, root]), [leaf, lower, upper, root]);
  }
});

test("ends at the first trust anchor that it meets", () => {
  same(find([leaf, lower, upper], [root, lower]), [leaf, lower]);
  same(find([leaf], [lower]), [leaf, lower]);
});

test("is the leaf alone when that is a trust anchor, even a CA", () => {
  const selfSigned = makeLeaf({ name: "self" });
  same(find([selfSigned], [selfSigned]), [selfSigned]);
  const authority = make({ name: "ca", extensions: [] });
  same(find([authority], [authority]), [authority]);
  same(find([leaf], [leaf]), [leaf]);
});

test("refuses a peer without a certificate", () => {
  refusesCertificate(() => find([], [root]), {
    alert: "bad_certificate",
    check: "path",
    code: undefined,
    index: undefined,
    message: /it sent no certificate/,
  });
});

test("names the issuer that is missing", () => {
  const unknown = { alert: "unknown_ca", check: "path" } as const;
  refusesCertificate(() => find([leaf], [root]), {
    ...unknown,
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    index: 0,
    message:
      /^Cannot accept the certificate "CN=leaf": its issuer "CN=lower" is neither a trust anchor nor in the chain/,
  });
  refusesCertificate(() => find([leaf, lower], [root]), {
    ...unknown,
    code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    index: 1,
    message: /"CN=lower" \(number 1 of the chain\): its issuer "CN=upper"/,
  });
  refusesCertificate(() => find([leaf, upper, lower], []), {
    ...unknown,
    code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    index: 1,
    message: /"CN=upper" \(number 1 of the chain\): its issuer "CN=root"/,
  });
});

test("says that a certificate is self-signed and not trusted", () => {
  const selfSigned = makeLeaf({ name: "self" });
  refusesCertificate(() => find([selfSigned], [root]), {
    alert: "unknown_ca",
    check: "path",
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    index: 0,
    message: /"CN=self": it is self-signed and not a trust anchor/,
  });
  refusesCertificate(() => find([leaf, lower, upper, root], [other]), {
    alert: "unknown_ca",
    check: "path",
    code: "SELF_SIGNED_CERT_IN_CHAIN",
    index: 3,
    message: /"CN=root" \(number 3 of the chain\): it is self-signed/,
  });
});

// proves RFC 5280 §6.1.3: "The certificate MUST satisfy each"
test("doesn't trust a certificate that only has the name of a trust anchor", () => {
  const impostor = makeAuthority({ name: "root", key: testKey(900) });
  const fake = makeLeaf({ name: "fake", issuer: impostor });
  refusesCertificate(() => find([fake, impostor], [root]), {
    alert: "bad_certificate",
    check: "signature",
    code: "CERT_SIGNATURE_FAILURE",
    index: 1,
    message:
      /"CN=root" .*: its signature \(ecdsa-with-SHA256 .*\) was not made by the key \(EC secp256r1\) of its issuer "CN=root"/,
  });
});

test("tries every candidate of a name, and takes the one whose key fits", () => {
  const wrong = [1, 2, 3].map((number) => makeAuthority({ name: "lower", issuer: upper, key: testKey(910 + number) }));
  same(find([leaf, ...wrong, lower, upper], [root]), [leaf, lower, upper, root]);
  const oldRoot = makeAuthority({ name: "root", key: testKey(920) });
  same(find([leaf, lower, upper], [oldRoot, root]), [leaf, lower, upper, root]);
});

test("goes back from a way that ends nowhere, is expired, or may not be gone", () => {
  const key = testKey(930);
  const expired = makeAuthority({ name: "cross", issuer: root, key, notAfter: now - day });
  const noCa = make({ name: "cross", issuer: root, key, extensions: [encodeSubjectKeyIdentifier(bytes(1))] });
  const nowhere = makeAuthority({ name: "cross", issuer: other, key });
  const good = makeAuthority({ name: "cross", issuer: upper, key });
  const below = makeLeaf({ name: "below", issuer: good });
  same(find([below, expired, noCa, nowhere, good, upper], [root]), [below, good, upper, root]);
});

test("tries the issuer with the right key identifier first, and one with a wrong one last but still", () => {
  const ski = (value: number): Uint8Array => encodeSubjectKeyIdentifier(bytes(value));
  const key = testKey(940);
  const first = makeAuthority({ name: "ca", issuer: root, key, extensions: [ski(1)] });
  const second = makeAuthority({ name: "ca", issuer: root, key, extensions: [ski(2)], serial: 77 });
  const wanting = (value: number): Made =>
    makeLeaf({ name: "x", issuer: first, extensions: [encodeAuthorityKeyIdentifier(bytes(value))] });
  const one = wanting(1);
  const two = wanting(2);
  const three = wanting(3);
  same(find([one, second, first], [root]), [one, first, root]);
  same(find([two, first, second], [root]), [two, second, root]);
  same(find([three, first], [root]), [three, first, root]);
});

test("calls the issuer unknown when the only one of its name has another key identifier and doesn't fit", () => {
  const ski = encodeSubjectKeyIdentifier(bytes(1));
  const renewed = makeAuthority({ name: "ca", issuer: root, key: testKey(951), extensions: [ski] });
  const old = makeAuthority({ name: "ca", issuer: root, key: testKey(952) });
  const below = makeLeaf({ name: "x", issuer: old, extensions: [encodeAuthorityKeyIdentifier(bytes(2))] });
  refusesCertificate(() => find([below, renewed], [root]), {
    alert: "unknown_ca",
    check: "path",
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    index: 0,
    message: /its issuer "CN=ca" is neither/,
  });
});

test("counts a certificate that comes many times, or is also a trust anchor, once", () => {
  const wrong = makeAuthority({ name: "lower", issuer: upper, key: testKey(925) });
  const crowd = Array.from({ length: 100 }, () => wrong);
  same(find([leaf, ...crowd, lower, upper], [root]), [leaf, lower, upper, root]);
  same(find([leaf, lower, upper, ...crowd], [...crowd, root]), [leaf, lower, upper, root]);
});

test("gives the place of a trust anchor that the peer sent too, and tries it once", () => {
  let checks = 0;
  const counting = signatureSchemes.map((scheme): SignatureSchemeElement => ({
    ...scheme,
    verify: (...parameters) => ++checks > 0 && scheme.verify(...parameters),
  }));
  const expired = makeAuthority({ name: "expired", notAfter: now - day });
  const below = makeLeaf({ name: "x", issuer: expired });
  refusesCertificate(() => find([below, upper, expired], [expired], { signatureSchemes: counting }), {
    alert: "certificate_expired",
    check: "validity",
    code: "CERT_HAS_EXPIRED",
    index: 2,
    message: /the trust anchor "CN=expired": it was valid until/,
  });
  assert.is(checks, 1);
});

// proves RFC 5280 §6.1: "A certificate MUST NOT appear more than once"
test("doesn't go in circles when authorities sign each other", () => {
  const [a, b] = [testKey(961), testKey(962)];
  const rootA = makeAuthority({ name: "A", key: a });
  const rootB = makeAuthority({ name: "B", key: b });
  const aByB = makeAuthority({ name: "A", key: a, issuer: rootB });
  const bByA = makeAuthority({ name: "B", key: b, issuer: rootA });
  const below = makeLeaf({ name: "x", issuer: rootA });
  same(find([below, aByB, bByA], [rootB]), [below, aByB, rootB]);
  same(find([below, aByB, bByA], [rootA]), [below, rootA]);
  refusesCertificate(() => find([below, aByB, bByA], [other]), {
    alert: "unknown_ca",
    check: "path",
    code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    index: 2,
    message: /"CN=B" .*: its issuer "CN=A" is neither/,
  });
});

test("accepts a leaf made with the key and name of a trust anchor", () => {
  const renewed = makeLeaf({ name: "root", key: root.key });
  same(find([renewed], [root]), [renewed, root]);
});

function ladder(count: number): readonly Made[] {
  const chain = [makeAuthority({ name: "step 0", key: testKey(1000) })];
  for (let step = 1; step <= count; step++) {
    chain.push(makeAuthority({ name: `step ${step}`, issuer: chain[step - 1], key: testKey(1000 + step) }));
  }
  return chain;
}

test("has at most eight intermediates", () => {
  const authorities = ladder(9);
  const chainOf = (count: number): readonly Made[] => [
    makeLeaf({ name: "x", issuer: authorities[count] }),
    ...authorities.slice(1, count + 1).toReversed(),
  ];
  assert.is(find(chainOf(8), authorities.slice(0, 1)).length, 10);
  refusesCertificate(() => find(chainOf(9), authorities.slice(0, 1)), {
    alert: "bad_certificate",
    check: "path",
    code: "CERT_CHAIN_TOO_LONG",
    index: 8,
    message: /the path from "CN=x" has more than 8 intermediates/,
  });
  assert.is(find(chainOf(9), authorities.slice(0, 1), { limits: { maxIntermediates: 9 } }).length, 11);
});

test("stops after 16 signature checks, however many paths there are", () => {
  let checks = 0;
  const counting = signatureSchemes.map((scheme): SignatureSchemeElement => ({
    ...scheme,
    verify: () => ++checks > 0,
  }));
  const levels = [0, 1, 2, 3, 4, 5, 6].flatMap((level) =>
    [0, 1, 2, 3].map((number) =>
      makeAuthority({
        name: `level ${level}`,
        key: testKey(2000 + level * 4 + number),
        issuer: makeAuthority({ name: `level ${level + 1}`, key: testKey(3000) }),
      })
    )
  );
  const below = makeLeaf({ name: "x", issuer: levels[0] });
  refusesCertificate(() => find([below, ...levels], [root], { signatureSchemes: counting }), {
    alert: "bad_certificate",
    check: "effort",
    code: undefined,
    index: 0,
    message: /no path to a trust anchor was found within 16 signature checks/,
  });
  assert.is(checks, 16);
});

test("stops after too many comparisons with name constraints", () => {
  const subtrees = Array.from({ length: 100 }, (_, index) => derSequence(derImplicit(2, bytes(0x61 + index % 26))));
  const value = derSequence(derConstructed(1, ...subtrees));
  const authority = makeAuthority({
    name: "ca",
    issuer: root,
    extensions: [encodeExtension(ExtensionId.nameConstraints, true, value)],
  });
  const names = Array.from({ length: 100 }, (_, index) => `n${index}.example`);
  const below = makeLeaf({ name: "x", issuer: authority, names });
  assert.is(find([below, authority], [root]).length, 3);
  assert.is(find([below, authority], [root], { limits: { maxNameComparisons: 10_101 } }).length, 3);
  refusesCertificate(() => find([below, authority], [root], { limits: { maxNameComparisons: 10_000 } }), {
    alert: "bad_certificate",
    check: "effort",
    code: undefined,
    index: 0,
    message: /within 10000 comparisons with name constraints/,
  });
});

test("compares names with name constraints only where a path has reached a trust anchor, and goes on after a fault", () => {
  const key = testKey(980);
  const subtree = derSequence(derImplicit(2, bytes(0x62)));
  const value = derSequence(derConstructed(0, subtree));
  const extensions = [encodeExtension(ExtensionId.nameConstraints, true, value)];
  const narrow = makeAuthority({ name: "ca", key, issuer: root, extensions });
  const wide = makeAuthority({ name: "ca", key: testKey(981), issuer: narrow });
  const astray = makeAuthority({ name: "ca", key, issuer: other, extensions });
  const below = makeLeaf({ name: "x", issuer: narrow });
  const free = makeAuthority({ name: "ca", key: testKey(982), issuer: root });
  refusesCertificate(() => find([below, astray], [root], { limits: { maxNameComparisons: 0 } }), {
    alert: "unknown_ca",
    check: "path",
    code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    index: 1,
    message: /its issuer "CN=other root" is neither/,
  });
  refusesCertificate(() => find([below, narrow, free], [root]), {
    alert: "bad_certificate",
    check: "nameConstraints",
    code: undefined,
    index: 0,
    message: /is not within the permitted/,
  });
  const crossKey = testKey(983);
  const lowerNarrow = makeAuthority({ name: "cross", key: crossKey, issuer: narrow });
  const lowerFree = makeAuthority({ name: "cross", key: crossKey, issuer: upper });
  const crossed = makeLeaf({ name: "crossed", issuer: lowerNarrow });
  same(find([crossed, lowerNarrow, narrow, lowerFree, upper, wide], [root]), [crossed, lowerFree, upper, root]);
});

test("gives up on a certificate made to keep us busy with names before it compares any", () => {
  const long = (index: number): string => `${String(index).padStart(5, "n")}.${"a.".repeat(123)}b`;
  const names = Array.from({ length: 480 }, (_, index) => long(index));
  const bases = Array.from({ length: 480 }, (_, index) => derSequence(derImplicit(2, asciiBytes(long(index + 1000)))));
  const value = derSequence(derConstructed(1, ...bases));
  const hostile = makeAuthority({
    name: "hostile",
    issuer: root,
    extensions: [encodeExtension(ExtensionId.nameConstraints, true, value)],
  });
  const below = makeLeaf({ name: "x", issuer: hostile, names });
  refusesCertificate(() => find([below, hostile], [root]), {
    alert: "bad_certificate",
    check: "effort",
    code: undefined,
    index: 0,
    message: /within 20000 comparisons with name constraints/,
  });
});

test("gives the weightier reason: a trust anchor that is expired before one that is unknown", () => {
  const expired = makeAuthority({ name: "anchor", key: testKey(970), notAfter: now - day });
  const below = makeLeaf({ name: "x", issuer: expired });
  const crossed = makeAuthority({ name: "anchor", key: testKey(970), issuer: other });
  refusesCertificate(() => find([below, crossed], [expired]), {
    alert: "certificate_expired",
    check: "validity",
    code: "CERT_HAS_EXPIRED",
    index: undefined,
    message:
      /^Cannot accept the trust anchor "CN=anchor": it was valid until 2030-06-14T12:00:00\.000Z, and it is 2030-06-15T12:00:00\.000Z/,
  });
  same(
    find([below], [expired], {
      policy: { ...policies.compatible, checksTrustAnchorValidity: false },
    }),
    [below, expired],
  );
});

test("gives the same answer every time", () => {
  const messages = [1, 2, 3].map(() => {
    try {
      find([leaf, lower, upper], [other]);
    } catch (error) {
      return String(error);
    }
    return "accepted";
  });
  assert.is(new Set(messages).size, 1);
  assert.is(ecdsaSha256.algorithm, "ecdsa_sha256");
});

test("never accepts a chain in which any byte of a certificate was changed", () => {
  const authority = makeAuthority({ name: "ca", issuer: root });
  const below = makeLeaf({ name: "x", issuer: authority });
  assert.is(find([below, authority], [root]).length, 3);
  let decoded = 0;
  for (const [position, { certificate: { der } }] of [below, authority].entries()) {
    for (let index = 0; index < der.length; index += 3) {
      const flipped = der.slice();
      flipped[index] = (flipped[index] ?? 0) ^ 1 << index % 8;
      const changed = decodedOrUndefined(flipped);
      if (changed === undefined) continue;
      decoded++;
      const chain = [below, authority].map((made, at) => at === position ? { ...made, certificate: changed } : made);
      let accepted = false;
      try {
        find(chain, [root]);
        accepted = true;
      } catch (error) {
        if (!(error instanceof CertificateError)) throw error;
      }
      assert.not(accepted, `byte ${index} of certificate ${position}`);
    }
  }
  assert.ok(decoded > 100);
});

function decodedOrUndefined(der: Uint8Array): Certificate | undefined {
  try {
    return decodeCertificate(der);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

test.run();
