/**
 * Certificates and keys of x509-limbo with random changes; and bytes, DER and extensions that fast-check makes up: each is
 * decoded, or refused by the error that is for it. The vectors are read from the folder beside the tree, where there is one.
 */
import fc from "fast-check";
import { existsSync, readFileSync } from "node:fs";
import { assert, suite } from "../harness.ts";
import { latin1Text } from "../../lib/codec/bytes.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { encodeCertificate } from "../../lib/x509/certificate_writer.ts";
import { Tag } from "../../lib/x509/der.ts";
import { derElement, derObjectIdentifier, derSequence, derSet } from "../../lib/x509/der_writer.ts";
import { encodeExtension } from "../../lib/x509/extension_writer.ts";
import { decodeOcspResponse } from "../../lib/x509/ocsp_response.ts";
import { AttributeType, ExtensionId } from "../../lib/x509/oids.ts";
import { decodePem } from "../../lib/x509/pem.ts";
import { encodeSubjectPublicKeyInfo } from "../../lib/x509/spki.ts";
import {
  decodeCertificate,
  decodeCertificateRevocationList,
  decodeTimestampList,
  encodePem,
  loadCertificates,
  loadPrivateKey,
  nobleCertificates,
  verifyCertificate,
} from "../../lib/x509.ts";
import { dice } from "../support/fixtures.ts";
import { countingRandom, day, now, testKey } from "../unit/x509/builder.ts";
import { askEverything, cheapScheme, decodedOrRefused, elementsRead } from "./certificate_scene.ts";
import { cut, flipped } from "./der_mutations.ts";

const test = suite("hostile certificates of others");
const path = new URL("../../../shared/vectors/limbo-consensus.json", import.meta.url);

interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly peer_certificate_key: string | null;
  readonly crls: readonly string[];
  readonly validation_time: string | null;
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly expected_peer_name: { readonly value: string } | null;
}

if (existsSync(path)) limboTests(JSON.parse(readFileSync(path, "utf8")).testcases);
else test.skip("survive the certificates of x509-limbo", `${path.pathname} is missing`);

function limboTests(cases: readonly LimboCase[]): void {
  const unique = (pems: readonly string[]): readonly Uint8Array[] =>
    [...new Set(pems)].flatMap((pem) => decodePem(pem).map(({ bytes }) => bytes));
  const certificates = unique(
    cases.flatMap((each) => [each.peer_certificate, ...each.untrusted_intermediates, ...each.trusted_certs]),
  );
  const crls = unique(cases.flatMap((each) => each.crls));
  const keys = unique(cases.flatMap((each) => each.peer_certificate_key ?? []));

  test("are decoded or refused with a byte changed here and there, and cut", () => {
    const roll = dice(8);
    assert.ok(certificates.length > 300);
    for (const [index, bytes] of certificates.entries()) {
      // Some have thousands of names.
      const step = Math.ceil(bytes.length / 25);
      const start = roll(step);
      const changes = flipped(bytes, (byte, at) => at % step === start ? [byte ^ (1 << roll(8))] : []);
      for (const changed of index % 60 === 0 && bytes.length < 2000 ? [...changes, ...cut(bytes)] : changes) {
        const certificate = decodedOrRefused(() => decodeCertificate(changed));
        if (certificate !== undefined && roll(8) === 0) askEverything(certificate);
      }
    }
    for (const bytes of crls) {
      for (const changed of flipped(bytes, (byte) => [byte ^ 1, 0, 0xff])) {
        decodedOrRefused(() => decodeCertificateRevocationList(changed));
      }
    }
  });

  test("and keys are loaded or refused with any byte changed", () => {
    assert.ok(keys.length > 50);
    for (const bytes of keys) {
      for (const changed of flipped(bytes, (byte, at) => [byte ^ (1 << (at % 7))])) {
        try {
          loadPrivateKey(changed);
        } catch (error) {
          if (!(error instanceof TlsUsageError)) throw error;
          assert.not.match(error.message, new RegExp(Buffer.from(bytes.subarray(-40)).toString("hex")));
        }
      }
    }
  });

  test("in chains that are right are accepted, and with a byte changed they aren't", () => {
    const right = cases.filter(({ expected_result, crls, expected_peer_name }) =>
      expected_result === "SUCCESS" && crls.length === 0 && expected_peer_name !== null
    );
    const roll = dice(9);
    let accepted = 0;
    for (const each of right) {
      const verdict = (chain: readonly Uint8Array[]): boolean | undefined =>
        decodedOrRefused(() =>
          verifyCertificate({
            chain: chain.map(decodeCertificate),
            trustAnchors: each.trusted_certs.flatMap(loadCertificates),
            provider: nobleCertificates,
            serverName: each.expected_peer_name?.value,
            now: Date.parse(each.validation_time ?? "2030-01-01T00:00:00Z"),
          }).accepted
        );
      const [leaf, ...others] = unique([each.peer_certificate, ...each.untrusted_intermediates]);
      if (leaf === undefined || verdict([leaf, ...others]) !== true) continue;
      accepted++;
      for (let round = 0; round < 3; round++) {
        const at = round === 0 ? leaf.length - 1 - roll(40) : roll(leaf.length);
        const changed = leaf.with(at, (leaf[at] ?? 0) ^ (1 << roll(8)));
        // A leaf that is itself trusted is so whatever its signature is, but a changed one isn't that leaf.
        assert.not(verdict([changed, ...others]) === true, `${each.id} at ${at}`);
      }
    }
    assert.ok(accepted > 20, `${accepted} of ${right.length}`);
  });
}

const decoders = [decodeCertificate, decodeCertificateRevocationList, decodeOcspResponse, decodeTimestampList] as const;
const seed = 20_300_615;

const tag = fc.oneof(
  fc.constantFrom(...Object.values(Tag), 0x80, 0x81, 0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa3, 0xa4),
  fc.nat(255),
);
const constructed = fc.constantFrom(Tag.SEQUENCE, Tag.SEQUENCE, Tag.SEQUENCE, Tag.SET, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4);
const { tree } = fc.letrec<{ tree: Uint8Array }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    fc.tuple(tag, fc.uint8Array({ maxLength: 24 })).map(([type, content]) => derElement(type, content)),
    fc.tuple(constructed, fc.array(tie("tree"), { maxLength: 6 })).map(([type, parts]) => derElement(type, ...parts)),
  ),
}));
const oid = fc.oneof(
  fc.constantFrom(...Object.values(ExtensionId), ...Object.values(AttributeType)),
  fc.array(fc.nat(2 ** 30), { maxLength: 5 }).map((arcs) => ["1", "3", ...arcs].join(".")),
);

test("that are any bytes, or any DER, are refused, or decoded", () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), tree);
  fc.assert(
    fc.property(bytes, (input) => {
      for (const decode of decoders) decodedOrRefused<unknown>(() => decode(input));
      decodedOrRefused(() => decodePem(latin1Text(input)));
      for (const load of [loadCertificates, loadPrivateKey]) {
        try {
          load(input);
        } catch (error) {
          if (!(error instanceof TlsUsageError)) throw error;
        }
      }
    }),
    { seed, numRuns: 2000 },
  );
});

/** A certificate of which two things are made up. */
function certificateWith(subject: Uint8Array, extensions: readonly Uint8Array[]): Uint8Array {
  const privateKey = testKey(1);
  return encodeCertificate({
    serialNumber: Uint8Array.of(1),
    issuer: derSequence(derSet(derSequence(derObjectIdentifier(AttributeType.CN), derElement(Tag.UTF8String)))),
    subject,
    notBefore: now - day,
    notAfter: now + day,
    spki: encodeSubjectPublicKeyInfo(cheapScheme.publicKeyOf(privateKey)),
    extensions,
  }, { privateKey, scheme: cheapScheme, random: countingRandom() });
}

test("whose extensions are any DER are refused, or decoded, and then answer every question", () => {
  const extension = fc.tuple(
    fc.constantFrom(...Object.values(ExtensionId)),
    fc.boolean(),
    fc.oneof(tree, likelyValue()),
  );
  let decoded = 0;
  fc.assert(
    fc.property(fc.uniqueArray(extension, { selector: ([id]) => id, maxLength: 5 }), (list) => {
      const input = certificateWith(
        derSequence(),
        list.map(([id, critical, value]) => encodeExtension(id, critical, value)),
      );
      const read = elementsRead(() => {
        const certificate = decodedOrRefused(() => decodeCertificate(input));
        if (certificate === undefined) return;
        decoded++;
        askEverything(certificate);
      });
      assert.ok(read < input.length * 4);
    }),
    { seed, numRuns: 800 },
  );
  assert.ok(decoded > 80, `${decoded} were decoded`);
});

/** DER of the shape that extensions have, with strange things at the ends of it. */
function likelyValue(): fc.Arbitrary<Uint8Array> {
  const leaf = fc.oneof(
    fc.tuple(fc.constantFrom(0x80, 0x81, 0x82, 0x86, 0x87, 0x88), fc.uint8Array({ maxLength: 20 })).map(
      ([type, content]) => derElement(type, content),
    ),
    fc.tuple(fc.constantFrom(0x81, 0x82, 0x86), fc.string({ maxLength: 20, unit: "grapheme-ascii" })).map(
      ([type, text]) => derElement(type, new TextEncoder().encode(text)),
    ),
    oid.map(derObjectIdentifier),
    fc.boolean().map((value) => derElement(Tag.BOOLEAN, Uint8Array.of(value ? 0xff : 0))),
    fc.nat(127).map((value) => derElement(Tag.INTEGER, Uint8Array.of(value))),
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((content) => derElement(Tag["OCTET STRING"], content)),
    fc.uint8Array({ maxLength: 3 }).map((content) => derElement(Tag["BIT STRING"], Uint8Array.of(0), content)),
  );
  const list = (inner: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
    fc.tuple(fc.constantFrom(Tag.SEQUENCE, Tag.SEQUENCE, 0xa0, 0xa1), fc.array(inner, { maxLength: 4 })).map(
      ([type, parts]) => derElement(type, ...parts),
    );
  return fc.oneof(leaf, list(leaf), list(list(leaf)), list(list(list(leaf))));
}

test("whose subject is any text have a text without control characters, of limited length", () => {
  const text = fc.string({ maxLength: 200, unit: "binary" });
  const attribute = fc.tuple(
    oid,
    fc.constantFrom(Tag.UTF8String, Tag.PrintableString, Tag.IA5String, Tag.BMPString),
    text,
  );
  fc.assert(
    fc.property(fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), (rdns) => {
      const subject = derSequence(
        ...rdns.map((rdn) =>
          derSet(
            ...rdn.map(([type, form, value]) =>
              derSequence(derObjectIdentifier(type), derElement(form, new TextEncoder().encode(value)))
            ),
          )
        ),
      );
      const certificate = decodedOrRefused(() => decodeCertificate(certificateWith(subject, [])));
      if (certificate === undefined) return;
      assert.not.match(certificate.subject.text, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.ok(certificate.subject.text.length < 1000);
      const again = decodeCertificate(certificateWith(subject, [])).subject;
      assert.equal(again.keys, certificate.subject.keys);
    }),
    { seed, numRuns: 300 },
  );
});

test("in PEM of any lines are loaded, or refused by a TlsUsageError; and what was written is read", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "-----BEGIN CERTIFICATE-----",
      "-----END CERTIFICATE-----",
      "-----BEGIN -----",
      "-----",
      "",
      "AAAA",
    ),
    fc.constantFrom("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", "MAA=", "MA"),
    fc.base64String({ maxLength: 80 }),
    fc.string({ maxLength: 20, unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.uint8Array({ minLength: 1 }), (lines, bytes) => {
      for (const load of [loadCertificates, loadPrivateKey]) {
        try {
          load(lines.join("\n"));
        } catch (error) {
          if (!(error instanceof TlsUsageError)) throw error;
        }
      }
      assert.equal(decodePem(encodePem("ANY THING", bytes)).map((block) => block.bytes), [new Uint8Array(bytes)]);
    }),
    { seed, numRuns: 1000 },
  );
});

test.run();
