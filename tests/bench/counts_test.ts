import { nobleProvider, type Output } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { watchCharts } from "./charts.ts";
import { countingProvider } from "./counting_provider.ts";
import {
  bulkLength,
  carry,
  clientConfig,
  type Duel,
  leaf,
  newPair,
  privateKey,
  serverConfig,
  shakeHands,
  transcriptLength,
} from "./scene.ts";

const test = suite("counts");
const duel: Duel = { suite: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", group: "x25519" };

test("show no chart transition for application data, however much of it", () => {
  const pair = newPair(clientConfig(duel), serverConfig(duel));
  shakeHands(pair);
  const watch = watchCharts();
  const data = new Uint8Array(3 * bulkLength + 1);
  for (let turn = 0; turn < 5; turn++) assert.is(carry(pair, data), data.length);
  assert.is(watch.events, 0);
  pair.client.close();
  watch.end();
  assert.is(watch.events, 1, "the watch is blind");
});

test("show one event for each message, ChangeCipherSpec, answer and hand-over of a handshake, and no more", () => {
  const watch = watchCharts();
  shakeHands(newPair(clientConfig(duel), serverConfig(duel)));
  watch.end();
  // 2 starts; 2 hellos, each taken by the opening and by the version; 4 other messages to the client and 2 to the
  // server; 2 ChangeCipherSpecs; 5 answers to the client (no session, ServerHello, certificate, ServerKeyExchange,
  // Finished) and 6 to the server (inspected, no session, credentials, signed, ClientKeyExchange, Finished).
  assert.is(watch.events, 2 + 2 * 2 + 4 + 2 + 2 + 5 + 6);
});

test("show no cryptography in a full handshake beside what TLS 1.2 asks for", () => {
  const { provider, counts } = countingProvider();
  const client = { ...clientConfig(duel), provider, trace: "messages" } as const;
  const length = transcriptLength(newPair(client, { ...serverConfig(duel), provider }));
  assert.equal(counts, {
    generateKeyPair: 2,
    sharedSecret: 2,
    verify: 2, // the certificate's signature and ServerKeyExchange's; the signer of the scene has its own provider
    digest: 6, // on each end: the session hash and both Finished
    "digested bytes": 2 * (length + length + length + 16),
    hmac: 28, // on each end: 2 blocks of master secret, 3 of key block, 1 of each Finished; two HMACs for a block
    seal: 2,
    open: 2,
  });
});

test("show one AEAD operation at each end for a record", () => {
  const { provider, counts } = countingProvider();
  const pair = newPair({ ...clientConfig(duel), provider }, { ...serverConfig(duel), provider });
  shakeHands(pair);
  const before = { ...counts };
  carry(pair, new Uint8Array(4 * bulkLength));
  assert.is((counts["seal"] ?? 0) - (before["seal"] ?? 0), 4);
  assert.is((counts["open"] ?? 0) - (before["open"] ?? 0), 4);
  assert.equal({ ...counts, seal: 0, open: 0 }, { ...before, seal: 0, open: 0 });
});

test("show each certificate of the peer taken apart twice in a handshake: when it comes, and when it is verified", () => {
  let copies = 0;
  // Taking a certificate apart begins with a copy of its DER: the only copies of that length that are made in this way.
  const { Uint8Array: original } = globalThis;
  globalThis.Uint8Array = new Proxy(original, {
    construct: (target, [source, ...others]: readonly unknown[], newTarget) => {
      if (source instanceof original && source.length === leaf.der.length) copies++;
      return Reflect.construct(target, [source, ...others], newTarget);
    },
  });
  try {
    shakeHands(newPair(clientConfig(duel), serverConfig(duel)));
  } finally {
    globalThis.Uint8Array = original;
  }
  assert.is(copies, 2);
});

test("show a private key given as such, and its public half computed once for each connection", () => {
  const { provider, counts } = countingProvider();
  const given = { ...serverConfig(duel), provider, credentials: [{ certificateChain: [leaf], privateKey }] };
  shakeHands(newPair(clientConfig(duel), given));
  assert.equal([counts["publicKeyOf"], counts["sign"]], [1, 1]);
});

test("show one transmit for each flight", () => {
  const { client, server } = newPair(clientConfig(duel), serverConfig(duel));
  server.start();
  let waiting: readonly Output[] = client.start();
  const flights: number[] = [];
  for (let end = server; waiting.some(({ type }) => type === "transmit"); end = end === server ? client : server) {
    const bytes = waiting.flatMap((output) => output.type === "transmit" ? [output.bytes] : []);
    flights.push(bytes.length);
    const receiver = end;
    waiting = bytes.flatMap((piece) => receiver.receive(piece));
  }
  assert.equal(flights, [1, 1, 1, 1]);
});

test("show ChaCha20-Poly1305 before AES-GCM in noble's list: it is more than twice as fast there", () => {
  const [first, second, third] = nobleProvider.cipherSuites.map(({ aead }) => aead.name);
  assert.equal([first, second, third], ["CHACHA20_POLY1305", "CHACHA20_POLY1305", "AES_128_GCM"]);
});

test.run();
