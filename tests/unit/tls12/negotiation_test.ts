/** How a server chooses, without a wire: every combination of what a client may wish for. */
import { assert, suite } from "../../harness.ts";
import { serverSettings } from "../../../lib/check_config.ts";
import { PeerIncompatibleError } from "../../../lib/error.ts";
import { CipherSuite, NamedGroup, SignatureScheme } from "../../../lib/registry.ts";
import type { LoadedCredential } from "../../../lib/settings.ts";
import { type Agreement, negotiate } from "../../../lib/tls12/negotiation.ts";
import type { Wishes } from "../../../lib/tls12/wishes.ts";
import { credentialOf, type KeyKind, serverConfig } from "../../support/fixtures.ts";

const test = suite("negotiation");
const all: Wishes = {
  cipherSuites: Object.values(CipherSuite),
  groups: Object.values(NamedGroup),
  signatureSchemes: Object.values(SignatureScheme),
  serverName: undefined,
  alpnProtocols: undefined,
  extendedMasterSecret: true,
  encryptThenMac: false,
  secureRenegotiation: true,
  ocspResponse: false,
  signedCertificateTimestamps: false,
  ticket: undefined,
  recordSizeLimit: undefined,
  maxFragmentLength: undefined,
};
const kinds: readonly KeyKind[] = ["p256", "p384", "ed25519", "rsa"];
const settings = serverSettings(serverConfig("p256", { credentials: kinds.map((kind) => credentialOf[kind]) }));
const credentials: readonly LoadedCredential[] = settings.credentials === "request" ? [] : settings.credentials;
const kindOf = ({ credential }: Agreement): KeyKind | undefined => kinds[credentials.indexOf(credential)];

test("takes the server's first suite, group and credential that fit", () => {
  const { suite: chosen, group, scheme, serverNameUsed, ...rest } = negotiate(all, credentials, settings);
  assert.equal([chosen.name, group.name, scheme, serverNameUsed], [
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "x25519",
    "ecdsa_secp256r1_sha256",
    false,
  ]);
  assert.is(kindOf({ suite: chosen, group, scheme, serverNameUsed, ...rest }), "p256");
});

test("finds the credential that fits the suite, the schemes, the groups and the name", () => {
  const cases: readonly (readonly [Partial<Wishes>, KeyKind])[] = [
    [{ cipherSuites: [CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384] }, "rsa"],
    [{ signatureSchemes: [SignatureScheme.ed25519] }, "ed25519"],
    [{ signatureSchemes: [SignatureScheme.rsa_pkcs1_sha512] }, "rsa"],
    [{ groups: [NamedGroup.secp384r1] }, "p384"],
    [{ groups: [NamedGroup.x25519] }, "ed25519"],
    [{ serverName: "rsa.fixture.example" }, "rsa"],
    [{ serverName: "p384.fixture.example" }, "p384"],
    // A name that fits comes before a suite that is better, but not before one that works.
    [{ serverName: "rsa.fixture.example", signatureSchemes: [SignatureScheme.ed25519] }, "ed25519"],
    [{ serverName: "nobody.example" }, "p256"],
  ];
  for (const [wishes, kind] of cases) {
    const agreed = negotiate({ ...all, ...wishes }, credentials, settings);
    assert.is(kindOf(agreed), kind, JSON.stringify(wishes));
    assert.is(agreed.serverNameUsed, wishes.serverName === `${kind}.fixture.example`);
  }
});

test("says what was offered when nothing fits", () => {
  const refuses = (wishes: Partial<Wishes>, why: RegExp): void =>
    assert.throws(
      () => negotiate({ ...all, ...wishes }, credentials, settings),
      (error: unknown) =>
        error instanceof PeerIncompatibleError && error.alert === "handshake_failure" && why.test(error.message),
    );
  refuses({ cipherSuites: [CipherSuite.TLS_AES_128_GCM_SHA256] }, /Cannot agree on a cipher suite \(we offered/);
  refuses({ groups: [NamedGroup.secp256k1] }, /Cannot agree on a group .*the peer offered secp256k1/);
  refuses(
    { signatureSchemes: [SignatureScheme.rsa_pkcs1_sha1] },
    /Cannot agree on a signature scheme that a certificate of ours fits .*rsa_pkcs1_sha1/,
  );
  refuses({
    cipherSuites: [CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256],
    signatureSchemes: [SignatureScheme.ed25519],
  }, /that a certificate of ours fits/);
});

test("agrees for every pair of a suite and a scheme that a key of ours fits, and for no other", () => {
  for (const { name } of settings.cipherSuites) {
    for (const scheme of settings.signatureSchemes.filter((each) => each.name !== "ed448")) {
      const fits = name.includes("_RSA_") === scheme.name.startsWith("rsa");
      const wishes = { ...all, cipherSuites: [CipherSuite[name]], signatureSchemes: [SignatureScheme[scheme.name]] };
      if (!fits) {
        assert.throws(
          () => negotiate(wishes, credentials, settings),
          (error: unknown) => error instanceof PeerIncompatibleError,
        );
        continue;
      }
      const agreed = negotiate(wishes, credentials, settings);
      assert.equal([agreed.suite.name, agreed.scheme], [name, scheme.name]);
    }
  }
});

test.run();
