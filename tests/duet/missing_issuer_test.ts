/**
 * Certificates that a peer should have sent, asked for by `issuerMissing`, in both roles: found, the wrong one, none, and
 * never more than four times. What is given is proved like what was sent. RFC 5280 §4.2.2.1, §6.
 */
import { assert, suite } from "../harness.ts";
import { CertificateError, InternalError } from "../../lib/error.ts";
import { concat } from "../../lib/codec/bytes.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import {
  type CertificateAuthority,
  issueCertificate,
  issueCertificateAuthority,
  issueSelfSigned,
} from "../../lib/x509/issue.ts";
import {
  clientConfig,
  credentialOf,
  fixedNow,
  rememberingProvider,
  sampleBytes,
  seededRandom,
  serverConfig,
} from "../support/fixtures.ts";
import { Pair, type Wire, wires } from "../support/pair.ts";
import { answer, countRequests, isClosed, openRequest, refusesAnswers } from "../support/requests.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("missing issuers");
const serverName = "server.example";
const issuing = { provider: rememberingProvider, random: seededRandom(11), now: fixedNow() };
const root = issueCertificateAuthority({ ...issuing, name: "Root" });
const line: readonly CertificateAuthority[] = ["One", "Two", "Three", "Four", "Five"].reduce<
  readonly CertificateAuthority[]
>(
  (above, name) => [...above, issueCertificateAuthority({ ...issuing, name, issuer: above.at(-1) ?? root })],
  [],
);
const [one] = line;
const leaves = line.map((issuer) => issueCertificate({ ...issuing, issuer, names: [serverName] }));

type Side = "client" | "server";
const sides: readonly Side[] = ["client", "server"];

/** `side` verifies; the other shows a leaf below so many intermediates, and nothing else. */
function meet(side: Side, depth: number, wire?: Wire, asks = true): Pair {
  const { chain: [leaf], privateKey } = leaves[depth - 1] ?? issueSelfSigned({ ...issuing, names: [serverName] });
  const credentials = [{ certificateChain: leaf, privateKey }];
  const trusts = { trustAnchors: root.certificate, ...asks ? { onMissingIssuer: "request" as const } : {} };
  return side === "client"
    ? new Pair(clientConfig("p256", { serverName, ...trusts }), serverConfig("p256", { credentials }), wire).shake()
    : new Pair(
      clientConfig("p256", { credentials }),
      serverConfig("p256", { ...trusts, clientAuthentication: "required", certificateAuthorities: [] }),
      wire,
    ).shake();
}

const other = (side: Side): Side => side === "client" ? "server" : "client";

for (const side of sides) {
  for (const wire of wires) {
    test(`are asked for one after the other by a ${side}, up to four, wire ${wire}`, () => {
      const pair = meet(side, 4, wire);
      for (const name of ["Four", "Three", "Two", "One"]) {
        assert.is(pair[side].tls.state, "live.handshake.full.checkingCertificate");
        const asked = openRequest(pair[side], "issuerMissing");
        assert.match(asked.issuerText, new RegExp(`${name}$`));
        const { certificate } = line.find(({ certificate }) =>
          decodeCertificate(certificate).subject.text.endsWith(name)
        ) ?? root;
        assert.equal(asked.issuer, decodeCertificate(certificate).subject.der);
        assert.equal(asked.keyIdentifier, decodeCertificate(certificate).subjectKeyIdentifier);
        assert.equal(asked.urls, []);
        answer(pair, side, "issuerMissing", certificate);
        isClosed(pair[side], asked.id);
      }
      for (const end of [pair.client, pair.server]) assert.is(end.tls.state, "live.connected", String(end.error));
      assert.is(countRequests(pair[side], "issuerMissing"), 4);
      // What the peer sent is what it showed; what was given isn't.
      assert.is(pair[side].tls.session?.peerCertificates.length, 1);
      pair[side].send(sampleBytes(10));
      pair.deliver();
      assert.equal(pair[other(side)].data, sampleBytes(10));
    });
  }

  test(`aren't asked for a fifth time by a ${side}`, () => {
    const pair = meet(side, 5);
    for (const { certificate } of line.slice(1).reverse()) answer(pair, side, "issuerMissing", certificate);
    unknownAuthority(pair, side);
    assert.is(countRequests(pair[side], "issuerMissing"), 4);
  });

  test(`may be given at once to a ${side}: as a list, as PEM, loaded, in any order`, () => {
    const ders = line.slice(0, 3).map(({ certificate }) => certificate);
    const pem = ders.map(pemOf).join("\n");
    for (
      const value of [ders, ders.toReversed(), pem, ders.map(pemOf), ders.map(decodeCertificate), [
        pem,
        certificatePem.p384,
      ]]
    ) {
      const pair = meet(side, 3);
      answer(pair, side, "issuerMissing", value);
      assert.is(pair[side].tls.state, "live.connected", String(pair[side].error));
      assert.is(countRequests(pair[side], "issuerMissing"), 1);
    }
  });

  test(`that aren't certificates are no answer to a ${side}, whatever they say they are`, () => {
    const real = one && decodeCertificate(one.certificate);
    const another = decodeCertificate(root.certificate);
    const pair = meet(side, 1);
    const wrong: readonly unknown[] = [
      { der: sampleBytes(50) },
      { ...real, der: sampleBytes(50) },
      { ...real, der: new Uint8Array(0) },
      { ...real, der: one?.certificate.subarray(1) },
      { ...real, der: "text" },
      { ...real, der: undefined },
      [one?.certificate, { der: Uint8Array.of(0x30, 0) }],
      sampleBytes(50),
      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
      {
        get der(): never {
          throw new RangeError("a trap");
        },
      },
    ];
    refusesAnswers(pair[side], "issuerMissing", wrong, /^Cannot /);
    // One that shows another's bytes under its own fields is that other one.
    answer(pair, side, "issuerMissing", { ...another, ...real, der: another.der } as typeof another);
    assert.is(countRequests(pair[side], "issuerMissing"), 2);
    answer(pair, side, "issuerMissing", { der: one?.certificate } as typeof another);
    assert.is(pair[side].tls.state, "live.connected", String(pair[side].error));
  });

  test(`that are wrong help a ${side} nothing: it asks again, and gives up after the fourth`, () => {
    const stranger = issueCertificateAuthority({ ...issuing, name: "One" });
    for (const wrong of [certificatePem.p384, stranger.certificate, root.certificate]) {
      const pair = meet(side, 1);
      for (let count = 1; count <= 4; count++) {
        assert.is(countRequests(pair[side], "issuerMissing"), count);
        answer(pair, side, "issuerMissing", wrong);
        if (pair[side].error !== undefined) break;
      }
      assert.instance(pair[side].error, CertificateError);
      assert.not(pair[other(side)].story.includes("data"));
      assert.not(pair[side].story.includes("established"));
    }
    const late = meet(side, 1);
    answer(late, side, "issuerMissing", certificatePem.p384);
    answer(late, side, "issuerMissing", one?.certificate);
    assert.is(late[side].tls.state, "live.connected");
  });

  test(`that aren't to be had end the handshake of a ${side} with what was wrong at first`, () => {
    for (const value of [undefined, []]) {
      const pair = meet(side, 1);
      answer(pair, side, "issuerMissing", value);
      unknownAuthority(pair, side);
      assert.is(countRequests(pair[side], "issuerMissing"), 1);
    }
  });

  test(`are only asked for by a ${side} that was told to`, () => {
    unknownAuthority(meet(side, 1, "whole", false), side);
  });

  test(`aren't trusted by a ${side} because they are given: a root of one's own, or an issuer that has expired`, () => {
    const expired = issueCertificateAuthority({
      ...issuing,
      name: "One",
      now: fixedNow() - 9 * 86_400_000,
      days: 1,
      issuer: root,
    });
    const pair = meet(side, 1);
    answer(pair, side, "issuerMissing", { ...decodeCertificate(expired.certificate) });
    assert.not(pair[side].story.includes("established"));
  });

  test(`take no other answer from a ${side}'s embedder, and fail with its error`, () => {
    const pair = meet(side, 1);
    const wrong: readonly unknown[] = [
      true,
      5,
      null,
      {},
      [5],
      [null],
      [{}],
      [undefined],
      Promise.resolve([]),
      "no PEM",
      Uint8Array.of(1, 2),
    ];
    refusesAnswers(pair[side], "issuerMissing", wrong, /Cannot|PEM/);
    answer(pair, side, "issuerMissing", one?.certificate);
    assert.is(pair[side].tls.state, "live.connected");
    const failing = meet(side, 1);
    answer(failing, side, "issuerMissing", new RangeError("no network"));
    assert.instance(failing[side].error, InternalError);
    assert.match(String(failing[side].error), /issuerMissing was answered with an error: no network/);
    const verdict = new CertificateError("certificate_unknown", "I have no idea", { check: "path" });
    const refused = meet(side, 1);
    answer(refused, side, "issuerMissing", verdict);
    assert.is(refused[side].error, verdict);
    assert.match(String(refused[other(side)].error), /certificate_unknown/);
  });
}

test("aren't asked for where something else is wrong, or nothing", () => {
  const options = { onMissingIssuer: "request" } as const;
  const right = new Pair(clientConfig("p256", options), serverConfig("p256")).shake();
  assert.equal(right.client.story, ["established"]);
  const unnamed = new Pair(clientConfig("p256", { ...options, serverName: "other.example" }), serverConfig("p256"))
    .shake();
  assert.equal(unnamed.client.story, ["failed"]);
  const selfSigned = new Pair(
    clientConfig("p256", { ...options, trustAnchors: certificatePem.p384 }),
    serverConfig("p256", { credentials: [credentialOf.p256] }),
  ).shake();
  assert.equal(selfSigned.client.story, ["failed"]);
});

test.run();

function unknownAuthority(pair: Pair, side: Side): void {
  const { error } = pair[side];
  assert.instance(error, CertificateError, String(error));
  assert.is(error instanceof CertificateError && error.alert, "unknown_ca");
  assert.match(String(pair[other(side)].error), /unknown_ca/);
  assert.not(pair[side].story.includes("established"));
}

function pemOf(der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...concat(der)));
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
