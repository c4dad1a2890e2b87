/**
 * What a server staples to its certificate: an OCSP response (RFC 6066 §8) and timestamps (RFC 6962 §3.3), present and
 * absent, asked for and not; handed to the verifier and told by the session, unread. On every wire, read by hand.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createTlsServer } from "../../lib/core.ts";
import type { Credential } from "../../lib/credential.ts";
import { CertificateError, TlsUsageError } from "../../lib/error.ts";
import type { CertificateVerification } from "../../lib/x509/verifier.ts";
import { clientConfig, credentialOf, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";
import { answer, openRequest } from "../support/requests.ts";
import { ticketKey, Visits } from "../support/visits.ts";
import { flowOf, helloOf, messageOf } from "../support/wire_by_hand.ts";

const test = suite("stapling");
const [statusRequest, timestamps] = [5, 18];
const ocspResponse = sampleBytes(700);
const signedCertificateTimestamps = [sampleBytes(3), sampleBytes(119)];
const stapled: Credential = { ...credentialOf.p256, ocspResponse, signedCertificateTimestamps };
const asksForBoth = { requestOcspResponse: true, requestSignedCertificateTimestamps: true };

function meet(client: Partial<ClientConfig>, credential: Credential, wire?: Wire): Pair {
  return new Pair(clientConfig("p256", client), serverConfig("p256", { credentials: [credential] }), wire).shake();
}

function connected({ client, server }: Pair): void {
  for (const end of [client, server]) assert.is(end.tls.state, "live.connected", String(end.error));
}

for (const wire of wires) {
  test(`gives a client what it asks for, wire ${wire}`, () => {
    const pair = meet(asksForBoth, stapled, wire);
    connected(pair);
    const hello = helloOf(pair.client.transmitted, "ClientHello").extensions;
    // RFC 6066 §8: ocsp, no responder IDs, no extensions. RFC 6962 §3.3.1: an empty extension.
    assert.equal(hello.get(statusRequest), Uint8Array.of(1, 0, 0, 0, 0));
    assert.equal(hello.get(timestamps), new Uint8Array(0));
    const answered = helloOf(pair.server.transmitted, "ServerHello").extensions;
    assert.equal(answered.get(statusRequest), new Uint8Array(0));
    assert.equal(
      answered.get(timestamps),
      Uint8Array.of(0, 126, 0, 3, ...sampleBytes(3), 0, 119, ...sampleBytes(119)),
    );
    assert.equal(flowOf(pair.server.transmitted).slice(0, 4), [
      ...["ServerHello", "Certificate", "CertificateStatus", "ServerKeyExchange"],
    ]);
    // RFC 6066 §8: status_type ocsp, then the response with a length of 3 bytes.
    const status = messageOf(pair.server.transmitted, "CertificateStatus");
    assert.equal(status, Uint8Array.of(1, 0, 2, 188, ...ocspResponse));
    assert.equal(pair.client.tls.session?.ocspResponse, ocspResponse);
    assert.equal(pair.client.tls.session?.signedCertificateTimestamps, signedCertificateTimestamps);
  });

  test(`lets a client go on when the server has nothing, wire ${wire}`, () => {
    const pair = meet(asksForBoth, credentialOf.p256, wire);
    connected(pair);
    const answered = helloOf(pair.server.transmitted, "ServerHello").extensions;
    assert.not(answered.has(statusRequest) || answered.has(timestamps));
    assert.equal(pair.client.tls.session?.ocspResponse, undefined);
    assert.equal(pair.client.tls.session?.signedCertificateTimestamps, []);
  });
}

test("sends nothing that wasn't asked for", () => {
  const pair = meet({}, stapled);
  connected(pair);
  const hello = helloOf(pair.client.transmitted, "ClientHello").extensions;
  const answered = helloOf(pair.server.transmitted, "ServerHello").extensions;
  for (const list of [hello, answered]) assert.not(list.has(statusRequest) || list.has(timestamps));
  assert.not(flowOf(pair.server.transmitted).includes("CertificateStatus"));
  const one = meet({ requestOcspResponse: true }, stapled);
  assert.equal(one.client.tls.session?.ocspResponse, ocspResponse);
  assert.equal(one.client.tls.session?.signedCertificateTimestamps, []);
});

test("is shown to the verifier, which decides: also by an alert of its own", () => {
  const seen: CertificateVerification[] = [];
  connected(meet({ ...asksForBoth, certificateVerifier: { verify: (asked) => void seen.push(asked) } }, stapled));
  assert.equal(seen.map((asked) => asked.ocspResponse), [ocspResponse]);
  assert.equal(seen[0]?.signedCertificateTimestamps, signedCertificateTimestamps);
  const unstapled: CertificateVerification[] = [];
  meet({ ...asksForBoth, certificateVerifier: { verify: (asked) => void unstapled.push(asked) } }, credentialOf.p256);
  assert.equal([unstapled[0]?.ocspResponse, unstapled[0]?.signedCertificateTimestamps], [undefined, []]);
  const verdict = new CertificateError("bad_certificate_status_response", "It says revoked", { check: "ocsp" });
  const refused = meet({
    ...asksForBoth,
    certificateVerifier: {
      verify: () => {
        throw verdict;
      },
    },
  }, stapled);
  assert.is(refused.client.error, verdict);
  assert.match(String(refused.server.error), /bad_certificate_status_response/);
  const later = meet({ ...asksForBoth, certificateVerifier: "request" }, stapled);
  assert.equal(openRequest(later.client, "verifyCertificate").ocspResponse, ocspResponse);
  answer(later, "client", "verifyCertificate", true);
  connected(later);
});

test("isn't sent again where a session is resumed, and the session still tells it", () => {
  for (
    const server of [{}, { ticketKeys: [ticketKey(1)], sessionCache: undefined }] satisfies Partial<ServerConfig>[]
  ) {
    const scene = new Visits(asksForBoth, { credentials: [stapled], ...server });
    connected(scene.visit());
    const pair = scene.visit();
    assert.is(pair.client.tls.session?.resumed, true);
    const answered = helloOf(pair.server.transmitted, "ServerHello").extensions;
    assert.not(answered.has(statusRequest) || answered.has(timestamps));
    assert.equal(pair.client.tls.session?.ocspResponse, ocspResponse);
    assert.equal(pair.client.tls.session?.signedCertificateTimestamps, signedCertificateTimestamps);
  }
});

test("is as long as it may be, and refused in a configuration where it is longer, empty or no bytes", () => {
  const refuses = (more: object, says: RegExp): void =>
    assert.throws(
      () => createTlsServer(serverConfig("p256", { credentials: [{ ...credentialOf.p256, ...more }] })),
      (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
    );
  for (const value of [new Uint8Array(0), "DER", null, [1], 5]) {
    refuses({ ocspResponse: value }, /ocspResponse must be a Uint8Array of 1 to 2\^24-1 bytes/);
    refuses({ signedCertificateTimestamps: [value] }, /must be a Uint8Array/);
  }
  for (const value of ["DER", Uint8Array.of(1), null, {}]) {
    refuses({ signedCertificateTimestamps: value }, /signedCertificateTimestamps must be a list/);
  }
  // RFC 6962 §3.3: the list has a length of 2 bytes, and so has each; the hello has room for less.
  refuses({ signedCertificateTimestamps: [new Uint8Array(2 ** 16 - 2)] }, /longer than 2\^16-1 bytes/);
  const long = meet(asksForBoth, {
    ...stapled,
    ocspResponse: sampleBytes(60_000),
    signedCertificateTimestamps: [sampleBytes(60_000)],
  });
  connected(long);
  assert.is(long.client.tls.session?.ocspResponse?.length, 60_000);
  assert.equal(long.client.tls.session?.signedCertificateTimestamps, [sampleBytes(60_000)]);
});

test("keeps copies of what it was configured with, and hands out copies", () => {
  const lent = sampleBytes(50);
  const server = serverConfig("p256", {
    credentials: [{ ...credentialOf.p256, ocspResponse: lent, signedCertificateTimestamps: [lent] }],
  });
  const pair = new Pair(clientConfig("p256", asksForBoth), server);
  lent.fill(0);
  pair.shake();
  assert.equal(pair.client.tls.session?.ocspResponse, sampleBytes(50));
  assert.equal(pair.client.tls.session?.signedCertificateTimestamps, [sampleBytes(50)]);
});

test.run();
