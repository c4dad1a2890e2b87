import { assert, suite } from "../../harness.ts";
import type { SignatureAlgorithm } from "../../../lib/crypto/provider.ts";
import {
  decodeAlgorithmIdentifier,
  encodeSignatureAlgorithm,
  type NamedSignatureAlgorithm,
  namedSignatureAlgorithm,
} from "../../../lib/x509/algorithm.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derConstructed, derInteger, derNull, derObjectIdentifier, derSequence } from "../../../lib/x509/der_writer.ts";
import { HashAlgorithm, maskGenerationFunction1, SignatureId } from "../../../lib/x509/oids.ts";
import { refusesToDecode } from "./builder.ts";

const test = suite("algorithm");
const named = (der: Uint8Array): NamedSignatureAlgorithm =>
  namedSignatureAlgorithm(decodeAlgorithmIdentifier(new DerReader(der), "algorithm"));
const identifier = (oid: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
  derSequence(derObjectIdentifier(oid), ...parameters);
const all: readonly SignatureAlgorithm[] = [
  "ecdsa_sha256",
  "ecdsa_sha384",
  "ecdsa_sha512",
  "ed25519",
  "ed448",
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha512",
  "rsa_pss_sha256",
  "rsa_pss_sha384",
  "rsa_pss_sha512",
];

test("reads back every algorithm that it writes", () => {
  for (const algorithm of all) assert.is(named(encodeSignatureAlgorithm(algorithm)).algorithm, algorithm);
});

test("names what isn't supported", () => {
  assert.equal(named(identifier(SignatureId.sha1WithRSAEncryption, derNull())), {
    algorithm: undefined,
    text: "sha1WithRSAEncryption (1.2.840.113549.1.1.5)",
  });
  assert.is(named(identifier("1.2.3")).text, "1.2.3");
  assert.is(named(identifier(SignatureId["ecdsa-with-SHA1"])).algorithm, undefined);
});

// proves RFC 5280 §1: "However, conforming implementations that use"
test("accepts the parameters that the RFCs say, and no others", () => {
  assert.is(named(identifier(SignatureId.sha256WithRSAEncryption)).algorithm, "rsa_pkcs1_sha256");
  for (
    const [oid, parameters] of [
      [SignatureId["ecdsa-with-SHA256"], derNull()],
      [SignatureId["id-Ed25519"], derNull()],
      [SignatureId["id-Ed448"], derNull()],
      [SignatureId.sha256WithRSAEncryption, derInteger(1)],
    ] as const
  ) {
    assert.is(named(identifier(oid, parameters)).algorithm, undefined);
    assert.match(named(identifier(oid, parameters)).text, /with wrong parameters/);
  }
});

test("takes RSASSA-PSS only with the hash of the mask, and a salt as long as the hash", () => {
  const pss = (hash: string, maskHash: string, salt: number, withNull = true): Uint8Array => {
    const algorithm = (oid: string): Uint8Array => identifier(oid, ...withNull ? [derNull()] : []);
    const mask = identifier(maskGenerationFunction1, algorithm(maskHash));
    const fields = [derConstructed(0, algorithm(hash)), derConstructed(1, mask), derConstructed(2, derInteger(salt))];
    return identifier(SignatureId["id-RSASSA-PSS"], derSequence(...fields));
  };
  const { "id-sha1": sha1, "id-sha256": sha256, "id-sha384": sha384 } = HashAlgorithm;
  assert.is(named(pss(sha256, sha256, 32)).algorithm, "rsa_pss_sha256");
  assert.is(named(pss(sha384, sha384, 48, false)).algorithm, "rsa_pss_sha384");
  for (
    const wrong of [
      pss(sha256, sha1, 32),
      pss(sha256, sha384, 32),
      pss(sha256, sha256, 20),
      pss(sha384, sha384, 32),
      pss(sha1, sha1, 20),
    ]
  ) {
    assert.is(named(wrong).algorithm, undefined);
    assert.match(named(wrong).text, /id-RSASSA-PSS .* whose hash, mask and salt are not/);
  }
  assert.match(named(identifier(SignatureId["id-RSASSA-PSS"])).text, /without parameters/);
});

test("refuses what isn't an AlgorithmIdentifier", () => {
  refusesToDecode(() => named(derSequence()), /algorithm\.algorithm .* OBJECT IDENTIFIER expected, the end found/);
  refusesToDecode(() => named(identifier("1.2.3", derNull(), derNull())), /2 bytes too many/);
});

test.run();
