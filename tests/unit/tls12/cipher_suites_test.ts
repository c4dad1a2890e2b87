/** What a suite's name says, and what the key block is cut into for it. */
import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { CipherSuiteElement } from "../../../lib/crypto/provider.ts";
import { InternalError } from "../../../lib/error.ts";
import { CipherSuite, type CipherSuiteName } from "../../../lib/registry.ts";
import { keyLengths, traitsOf } from "../../../lib/tls12/cipher_suites.ts";

const test = suite("cipher suites");
const legacy = nobleProvider.legacyCipherSuites ?? [];
const all: readonly CipherSuiteElement[] = [...nobleProvider.cipherSuites, ...legacy];
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => error instanceof InternalError && why.test(error.message));

test("say who may authenticate and how records are protected", () => {
  assert.is(all.length, 14);
  for (const element of all) {
    const { authentication, records } = traitsOf(element);
    // RFC 8422 §2, §5.10: EdDSA goes with the ECDSA suites.
    assert.equal(authentication, element.name.includes("_RSA_") ? ["rsa"] : ["ec", "ed25519", "ed448"]);
    const gcm = element.name.includes("_GCM_") ? "explicitNonce" : "exclusiveOrNonce";
    assert.is(records, element.name.includes("_CBC_") ? "cbc" : gcm);
  }
});

test("say how many bytes of the key block each direction gets", () => {
  const lengths = (name: CipherSuiteName): readonly number[] => {
    const element = all.find((each) => each.name === name);
    if (element === undefined) throw new Error(`the provider has no ${name}`);
    const { mac, key, iv } = keyLengths(element);
    return [mac, key, iv];
  };
  for (const kind of ["ECDSA", "RSA"] as const) {
    // RFC 5288 §3, RFC 7905 §2; RFC 5246 appendix C for the others, whose IVs stand in the records (§6.2.3.2).
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_128_GCM_SHA256`), [0, 16, 4]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_256_GCM_SHA384`), [0, 32, 4]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_CHACHA20_POLY1305_SHA256`), [0, 32, 12]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_128_CBC_SHA`), [20, 16, 0]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_256_CBC_SHA`), [20, 32, 0]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_128_CBC_SHA256`), [32, 16, 0]);
    assert.equal(lengths(`TLS_ECDHE_${kind}_WITH_AES_256_CBC_SHA384`), [48, 32, 0]);
  }
});

// proves RFC 5246 appendix A.5: "TLS_NULL_WITH_NULL_NULL is"
// proves RFC 5246 appendix A.5: "These cipher suites MUST NOT"
test("refuse every name that is no ECDHE suite of TLS 1.2 with AES or ChaCha20", () => {
  for (const name of Object.keys(CipherSuite).filter((each) => !all.some((element) => element.name === each))) {
    for (const element of [all[0], legacy[0]]) {
      if (element === undefined) throw new Error("the provider has too few suites");
      refuses(() => traitsOf({ ...element, name: name as CipherSuiteName }), /it is no ECDHE suite of TLS 1.2/);
    }
  }
});

test("refuse a suite that comes with the wrong elements", () => {
  const [aead] = nobleProvider.cipherSuites;
  const [cbc] = legacy;
  if (aead === undefined || cbc === undefined) throw new Error("the provider has too few suites");
  refuses(() => traitsOf({ ...aead, name: cbc.name }), /AES_128_CBC_SHA256: the provider has CHACHA20_POLY1305 for it/);
  refuses(() => traitsOf({ ...cbc, name: aead.name }), /CHACHA20_POLY1305_SHA256: the provider has no AEAD for it/);
});

test.run();
