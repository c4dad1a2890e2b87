/**
 * The page of facts that `serve --www` answers with.
 * @module
 */

import { page } from "../../adapters/cli/page.ts";
import { assert, suite } from "../harness.ts";

const test = suite("cli page");

test("escapes whatever comes from outside", () => {
  const text = page({
    info: {
      version: "TLSv1.2",
      cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      namedGroup: "x25519",
      signatureScheme: "ed25519",
      alpnProtocol: "<alpn>",
      alpn: "<alpn>",
      serverName: "\"'&",
      peerCertificates: [],
      extendedMasterSecret: true,
      secureRenegotiation: false,
      clientRandom: new Uint8Array(32),
      serverRandom: new Uint8Array(32),
    },
    state: "live.connected",
    requestLine: "GET /<script>alert(1)</script> HTTP/1.1",
    rawHeaders: ["Host", "<b>"],
  });
  assert.not.match(text, /<script|<alpn|<b>/);
  assert.match(text, /GET \/&#60;script&#62;/);
  assert.match(text, /<td>&#34;&#39;&#38;<\/td>/);
});

test.run();
