import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { createSigner } from "../../../lib/crypto/signer.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { assert, suite } from "../../harness.ts";
import {
  ed25519Key,
  ed448Key,
  hex,
  named,
  p256Key,
  p384Key,
  p521Key,
  repeatableRandom,
  rsa1024Key,
  rsa1025Key,
  rsa2048Key,
} from "./fixtures.ts";

const test = suite("createSigner");
const all = nobleProvider.signatureSchemes;
const random = repeatableRandom(1);
const message = hex("746c736368617274");

test("offers the schemes of the key's type, the one of its curve first", () => {
  const schemesOf = (key: Parameters<typeof createSigner>[0]) => createSigner(key, all, random).schemes;
  const [sha256, sha384, sha512] = ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512"];
  assert.equal(schemesOf(p256Key), [sha256, sha384, sha512]);
  assert.equal(schemesOf(p384Key), [sha384, sha256, sha512]);
  assert.equal(schemesOf(p521Key), [sha512, sha256, sha384]);
  assert.equal(schemesOf(ed25519Key), ["ed25519"]);
  assert.equal(schemesOf(ed448Key), ["ed448"]);
  assert.equal(schemesOf(rsa2048Key), [
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
  ]);
});

test("leaves out what the modulus has no room for", () => {
  const schemesOf = (modulus: Uint8Array) => createSigner({ ...rsa2048Key, modulus }, all, random).schemes;
  assert.not.ok(createSigner(rsa1024Key, all, random).schemes.includes("rsa_pss_rsae_sha512"));
  assert.ok(createSigner(rsa1024Key, all, random).schemes.includes("rsa_pss_rsae_sha384"));
  assert.ok(schemesOf(new Uint8Array(130).fill(255)).includes("rsa_pss_rsae_sha512"));
  assert.not.ok(schemesOf(new Uint8Array(129).fill(255)).includes("rsa_pss_rsae_sha512"));
  assert.equal(schemesOf(new Uint8Array(62).fill(255)), ["rsa_pkcs1_sha256"]);
  assert.not.ok(
    createSigner(rsa1025Key, all, random).schemes.some((name) => name.startsWith("rsa_pss")),
    "8n + 1 bits",
  );
});

test("signs with every scheme that it offers, so that the derived public key verifies", () => {
  for (const key of [p256Key, p384Key, p521Key, ed25519Key, ed448Key, rsa1024Key, rsa1025Key, rsa2048Key]) {
    const signer = createSigner(key, all, random);
    for (const name of signer.schemes) {
      assert.is(named(all, name).verify(signer.publicKey, message, signer.sign(name, message)), true, name);
    }
  }
});

test("refuses a scheme that it doesn't offer", () => {
  const signer = createSigner(p256Key, all, random);
  assert.throws(
    () => signer.sign("ed25519", message),
    (error: unknown) => error instanceof TlsUsageError && /ec, secp256r1.*can't sign ed25519/.test(error.message),
  );
});

test("refuses a key that no scheme fits", () => {
  const tooSmall = { ...rsa1024Key, modulus: new Uint8Array(61).fill(255) };
  for (const run of [() => createSigner(p256Key, [], random), () => createSigner(tooSmall, all, random)]) {
    assert.throws(run, (error: unknown) => error instanceof TlsUsageError && /No signature scheme/.test(error.message));
  }
});

test.run();
