/** Published key agreements, as a suite that any provider can run. */
import type { CryptoProvider } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import { hex, named } from "../unit/crypto/fixtures.ts";

export function keyAgreementVectors(name: string, provider: CryptoProvider): void {
  const test = suite(`${name} key agreement vectors`);

  for (const { source, group, privateKey, peerPublicKey, secret } of agreements) {
    test(`of ${source} give the shared secret`, () => {
      const element = named(provider.namedGroups, group);
      assert.equal(element.sharedSecret(hex(privateKey), hex(peerPublicKey)), hex(secret));
    });
  }

  test("of RFC 7748 §5.2 hold after a thousand rounds", () => {
    const x25519 = named(provider.namedGroups, "x25519");
    let scalar = hex("0900000000000000000000000000000000000000000000000000000000000000");
    let point = scalar;
    for (let round = 0; round < 1000; round++) {
      const result = Uint8Array.from(x25519.sharedSecret(scalar, point) ?? []);
      [scalar, point] = [result, scalar];
    }
    assert.equal(scalar, hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
  });

  test.run();
}

const p256Initiator = `04
  dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180
  5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3`;
const p256Responder = `04
  d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63
  56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab`;
const p256Secret = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
const p384Initiator = `04
  667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa
  9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c`;
const p384Responder = `04
  e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571
  dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c`;
const p384Secret = `
  11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746`;

const agreements = [
  {
    source: "RFC 7748 §5.2 (first)",
    group: "x25519",
    privateKey: "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
    peerPublicKey: "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    secret: "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  },
  {
    source: "RFC 7748 §5.2 (second)",
    group: "x25519",
    privateKey: "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
    peerPublicKey: "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    secret: "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
  },
  {
    source: "RFC 7748 §6.1 (Alice)",
    group: "x25519",
    privateKey: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    peerPublicKey: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    secret: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  },
  {
    source: "RFC 7748 §6.1 (Bob)",
    group: "x25519",
    privateKey: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    peerPublicKey: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    secret: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  },
  {
    source: "RFC 5903 §8.1 (initiator)",
    group: "secp256r1",
    privateKey: "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
    peerPublicKey: p256Responder,
    secret: p256Secret,
  },
  {
    source: "RFC 5903 §8.1 (responder)",
    group: "secp256r1",
    privateKey: "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
    peerPublicKey: p256Initiator,
    secret: p256Secret,
  },
  {
    source: "RFC 5903 §8.2 (initiator)",
    group: "secp384r1",
    privateKey: "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
    peerPublicKey: p384Responder,
    secret: p384Secret,
  },
  {
    source: "RFC 5903 §8.2 (responder)",
    group: "secp384r1",
    privateKey: "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc",
    peerPublicKey: p384Initiator,
    secret: p384Secret,
  },
] as const;
