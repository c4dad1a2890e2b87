import { assert, suite } from "../harness.ts";
import * as registry from "../../lib/registry.ts";

const test = suite("registry");
const { AlertDescription, CipherSuite, ContentType, HandshakeType, nameOf, registeredName, SignatureScheme } = registry;

test("gives each number one name, and each name one number", () => {
  for (const [what, table] of Object.entries(registry)) {
    if (typeof table === "function") continue;
    const names: Readonly<Record<string, number>> = table;
    const numbers = Object.values(names);
    assert.is(new Set(numbers).size, numbers.length, what);
    for (const [name, number] of Object.entries(names)) {
      assert.is(registeredName(names, number), name);
      assert.is(nameOf(names, number), name);
    }
  }
});

test("writes what has no name in hexadecimal, and knows GREASE", () => {
  assert.is(nameOf(CipherSuite, 0xabcd), "0xabcd");
  assert.is(nameOf(ContentType, 99), "0x0063");
  for (let index = 0; index < 16; index++) assert.is(nameOf(CipherSuite, 0x0a0a + index * 0x1010), "GREASE");
  for (const close of [0x0a1a, 0x0b0b, 0x0a0b, 0x1a0a]) assert.not.equal(nameOf(CipherSuite, close), "GREASE");
  assert.is(registeredName(CipherSuite, 0xabcd), undefined);
});

test("has the numbers that the RFCs print", () => {
  // RFC 5246 §7.4 and appendix A.3, A.4; RFC 5289 §3; RFC 7905 §2; RFC 8446 §4.2.3.
  assert.equal(
    [HandshakeType.client_hello, HandshakeType.server_hello_done, HandshakeType.finished, ContentType.application_data],
    [1, 14, 20, 23],
  );
  assert.equal(
    [AlertDescription.bad_record_mac, AlertDescription.decrypt_error, AlertDescription.no_application_protocol],
    [20, 51, 120],
  );
  assert.equal([
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
  ], [0xc02b, 0xc030, 0xcca9]);
  assert.equal([SignatureScheme.ed25519, SignatureScheme.rsa_pss_rsae_sha256], [0x0807, 0x0804]);
});

test.run();
