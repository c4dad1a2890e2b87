/** The PRF against the test vectors of the IETF TLS mailing list ("TLS 1.2 PRF test vectors", J. Vähä-Herttua, 2009). */
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { sha256, sha384 } from "../../../lib/crypto/noble_hashes.ts";
import { prf } from "../../../lib/tls12/prf.ts";
import { hex } from "../crypto/fixtures.ts";

const test = suite("prf");

test("gives the published output with SHA-256", () => {
  const output = prf(
    sha256,
    hex("9bbe436ba940f017b17652849a71db35"),
    "test label",
    hex("a0ba9f936cda311827a6f796ffd5198c"),
    100,
  );
  assert.is(
    toHex(output),
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17" +
      "abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
  );
});

test("gives the published output with SHA-384", () => {
  const output = prf(
    sha384,
    hex("b80b733d6ceefcdc71566ea48e5567df"),
    "test label",
    hex("cd665cf6a8447dd6ff8b27555edb7465"),
    148,
  );
  assert.is(
    toHex(output),
    "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700" +
      "884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a2" +
      "6066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f",
  );
});

test("gives any length, each a beginning of the longer one", () => {
  const [secret, seed] = [hex("01"), hex("02")];
  const longest = prf(sha256, secret, "label", seed, 100);
  for (let length = 0; length <= 100; length++) {
    assert.equal(prf(sha256, secret, "label", seed, length), longest.slice(0, length));
  }
});

test("depends on the secret, the label and the seed", () => {
  const outputs = [
    prf(sha256, hex("01"), "label", hex("02"), 16),
    prf(sha256, hex("03"), "label", hex("02"), 16),
    prf(sha256, hex("01"), "labels", hex("02"), 16),
    prf(sha256, hex("01"), "label", hex("04"), 16),
    prf(sha384, hex("01"), "label", hex("02"), 16),
  ];
  assert.is(new Set(outputs.map(toHex)).size, outputs.length);
});

test.run();
