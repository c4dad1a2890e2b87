import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { derInteger, derNull, derSequence } from "../../../lib/x509/der_writer.ts";
import { ExtensionId } from "../../../lib/x509/oids.ts";
import { mustStaple, tlsFeatureFault, tlsFeatures } from "../../../lib/x509/tls_feature.ts";
import { bytes, makeLeaf, refusesToDecode } from "./builder.ts";

const test = suite("TLS features");

function withValue(value: Uint8Array, critical = false): Certificate {
  return makeLeaf({ extensions: [encodeExtension("1.3.6.1.5.5.7.1.24", critical, value)] }).certificate;
}

const withFeatures = (...features: readonly number[]): Certificate =>
  withValue(derSequence(...features.map((feature) => derInteger(feature))));

test("are what a certificate lists, known ones and others, and none without the extension", () => {
  for (const features of [[], [5], [5, 17], [17], [0, 65535], [65281, 5, 5]]) {
    assert.equal(tlsFeatures(withFeatures(...features)), features);
  }
  assert.equal(tlsFeatures(makeLeaf().certificate), []);
  assert.equal(tlsFeatures(withValue(derSequence(derInteger(5)), true)), [5]);
});

test("with status_request mean that the server must staple", () => {
  assert.ok(mustStaple(withFeatures(5)) && mustStaple(withFeatures(17, 5)));
  for (const features of [[], [17], [0, 1, 18, 261]]) assert.not(mustStaple(withFeatures(...features)));
  assert.not(mustStaple(makeLeaf().certificate));
});

test("that are malformed are refused, and never overlooked", () => {
  const wrong: readonly (readonly [Uint8Array, RegExp])[] = [
    [bytes(), /tlsFeature at byte 0: SEQUENCE expected, the end found/],
    [derInteger(5), /tlsFeature at byte 0: SEQUENCE expected, INTEGER found/],
    [bytes(...derSequence(derInteger(5)), 5, 0), /tlsFeature at byte 5: 2 bytes too many/],
    [derSequence(derInteger(5), derNull()), /tlsFeature at byte 5: INTEGER expected, NULL found/],
    [derSequence(derInteger(65536)), /tlsFeature at byte 2: 65536 is larger than any number of a TLS extension/],
    [derSequence(bytes(2, 1, 0xff)), /tlsFeature at byte 2: the INTEGER is negative/],
    [derSequence(bytes(2, 2, 0, 5)), /tlsFeature at byte 2: the INTEGER is not in its shortest form/],
    [bytes(0x30, 4, 2, 1, 5), /tlsFeature at byte 0: its length is 4, but only 3 bytes are left/],
  ];
  for (const [value, why] of wrong) {
    refusesToDecode(() => tlsFeatures(withValue(value)), why);
    refusesToDecode(() => mustStaple(withValue(value)), why);
    assert.match(tlsFeatureFault(withValue(value), withFeatures()) ?? "", why);
    assert.match(tlsFeatureFault(withFeatures(), withValue(value)) ?? "", why);
  }
});

test("that can't be checked are refused where they are critical", () => {
  const critical = (...features: readonly number[]): Certificate => {
    const extensions = [
      encodeExtension(ExtensionId.tlsFeature, true, derSequence(...features.map((one) => derInteger(one)))),
    ];
    return makeLeaf({ extensions }).certificate;
  };
  assert.is(tlsFeatureFault(critical(5), undefined), undefined);
  assert.match(
    tlsFeatureFault(critical(5, 23), undefined) ?? "",
    /is critical and has extended_master_secret, which isn't/,
  );
});

test("of a CA are those of all certificates that it issues, which may have more", () => {
  const plain = makeLeaf().certificate;
  for (
    const [certificate, issuer] of [
      [plain, plain],
      [plain, withFeatures()],
      [withFeatures(5), plain],
      [withFeatures(5), withFeatures(5)],
      [withFeatures(17, 5), withFeatures(5)],
      [withFeatures(17, 5), withFeatures(5, 17)],
    ] as const
  ) assert.is(tlsFeatureFault(certificate, issuer), undefined);
  const fault = (certificate: Certificate, issuer: Certificate): string => tlsFeatureFault(certificate, issuer) ?? "";
  assert.is(
    fault(plain, withFeatures(5)),
    "its tlsFeature has nothing, and that of its issuer also status_request",
  );
  assert.is(
    fault(withFeatures(17), withFeatures(17, 5, 99)),
    "its tlsFeature has 17, and that of its issuer also status_request, 99",
  );
  const many = withFeatures(...Array.from({ length: 300 }, (_, index) => index + 1000));
  assert.match(fault(plain, many), /^.{20,100} 1007, 292 more$/);
});

test.run();
