/** The loop itself: what a call hands back and in what order, traces, and what is kept and what isn't. */
import { assert, suite } from "../harness.ts";
import { concat, toHex } from "../../lib/codec/bytes.ts";
import { createTlsClient } from "../../lib/core.ts";
import { clientConfig, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";

const test = suite("connection");

test("hands back everything that a call produced, in order: bytes before what they lead to", () => {
  const pair = new Pair(clientConfig("p256", { keyLog: true }), serverConfig("p256", { keyLog: true }));
  const kinds = (outputs: readonly { type: string }[]): readonly string[] => outputs.map(({ type }) => type);
  pair.server.take(pair.server.tls.start());
  assert.equal(kinds(pair.server.outputs), []);
  pair.shakeStarted();
  assert.equal(kinds(pair.client.outputs), ["transmit", "keyLog", "transmit", "established"]);
  assert.equal(kinds(pair.server.outputs), ["transmit", "keyLog", "transmit", "established"]);
});

test("gives its session when the handshake is over, not before, and the same to all", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256"));
  assert.is(pair.client.tls.session, undefined);
  pair.shake();
  const established = pair.client.outputs.find(({ type }) => type === "established");
  assert.is(established?.type === "established" && established.session, pair.client.tls.session);
});

test("hands out bytes in buffers of their own", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256")).shake();
  const data = sampleBytes(100);
  pair.client.send(data);
  data.fill(0);
  pair.deliver();
  assert.equal(pair.server.data, sampleBytes(100));
  const received = pair.server.outputs.find(({ type }) => type === "data");
  if (received?.type !== "data") throw new Error("no data");
  pair.client.send(sampleBytes(100).reverse());
  pair.deliver();
  assert.equal(received.bytes, sampleBytes(100));
});

test("keeps nothing of the bytes that it was given", () => {
  const pair = new Pair(clientConfig("p256"), serverConfig("p256"));
  pair.server.take(pair.server.tls.start());
  pair.client.take(pair.client.tls.start());
  for (let round = 0; round < 3; round++) {
    for (const [from, to] of [[pair.client, pair.server], [pair.server, pair.client]] as const) {
      for (const bytes of from.outbox.splice(0)) {
        const lent = bytes.slice();
        to.take(to.tls.receive(lent));
        lent.fill(0xee);
      }
    }
  }
  assert.is(pair.client.tls.state, "live.connected");
  assert.not.equal(toHex(pair.server.tls.session?.clientRandom ?? new Uint8Array(0)).slice(0, 6), "eeeeee");
  assert.equal(pair.server.tls.session?.clientRandom, pair.client.tls.session?.clientRandom);
  assert.equal(pair.client.tls.session?.serverRandom, pair.server.tls.session?.serverRandom);
  const [certificate] = pair.client.tls.session?.peerCertificates ?? [];
  assert.is(certificate?.[0], 0x30);
});

test("traces every record, message, alert and change of state when asked for, and no secrets unless by name", () => {
  const traced = (trace: "off" | "messages" | "secrets") => {
    const pair = new Pair(clientConfig("p256", { trace }), serverConfig("p256")).shake();
    pair.client.close();
    pair.deliver();
    return pair.client.outputs.flatMap((output) => output.type === "trace" ? [output.event] : []);
  };
  assert.equal(traced("off"), []);
  const events = traced("messages");
  assert.equal(events.flatMap((event) => event.type === "message" ? [`${event.direction} ${event.name}`] : []), [
    "sent client_hello",
    "received server_hello",
    "received certificate",
    "received server_key_exchange",
    "received server_hello_done",
    "sent client_key_exchange",
    "sent finished",
    "received finished",
  ]);
  assert.equal(events.flatMap((event) => event.type === "changeCipherSpec" ? [event.direction] : []), [
    "sent",
    "received",
  ]);
  assert.equal(events.flatMap((event) => event.type === "alert" ? [`${event.direction} ${event.description}`] : []), [
    "sent close_notify",
    "received close_notify",
  ]);
  assert.is(events.filter(({ type }) => type === "secret").length, 0);
  const states = events.flatMap((event) => event.type === "state" ? [event] : []);
  assert.is(states.at(-1)?.to, "closed");
  for (const [index, { to }] of states.slice(0, -1).entries()) {
    const next = states[index + 1]?.from;
    assert.ok(next === to || next === "live.handshake.awaitServerHello", `${to}, then ${next}`);
  }
  const secrets = traced("secrets").flatMap((event) => event.type === "secret" ? [event.name] : []);
  assert.equal(secrets, [
    "pre_master_secret",
    "master_secret",
    "client_write_key",
    "server_write_key",
    "client_write_IV",
    "server_write_IV",
  ]);
});

test("counts in its traced records what goes over the wire", () => {
  const pair = new Pair(clientConfig("p256", { trace: "messages" }), serverConfig("p256")).shake();
  pair.client.send(sampleBytes(20_000));
  pair.server.send(sampleBytes(5));
  pair.deliver();
  const lengthOf = (direction: string): number =>
    pair.client.outputs.reduce(
      (sum, output) =>
        output.type === "trace" && output.event.type === "record" && output.event.direction === direction
          ? sum + output.event.length
          : sum,
      0,
    );
  assert.is(lengthOf("sent"), concat(...pair.client.transmitted).length);
  assert.is(lengthOf("received"), concat(...pair.server.transmitted).length);
});

test("shows no secrets when a connection is printed", () => {
  const pair = new Pair(clientConfig("p256", { trace: "secrets" }), serverConfig("p256")).shake();
  const printed = JSON.stringify(pair.client.tls) + String(pair.client.tls) + Object.keys(pair.client.tls).join();
  for (const output of pair.client.outputs) {
    if (output.type !== "trace" || output.event.type !== "secret") continue;
    assert.not(printed.includes(toHex(output.event.bytes)));
  }
  assert.is(JSON.stringify(pair.client.tls), "{}");
});

test("names its state in text", () => {
  const client = createTlsClient(clientConfig("p256"));
  assert.is(client.state, "live.start");
  client.start();
  assert.is(client.state, "live.awaitServerHello");
});

test("accepts no verdict but silence from a verifier: a promise or false is none", () => {
  const never = { then: () => {} };
  for (const verdict of [false, true, never]) {
    const certificateVerifier = { verify: () => verdict as unknown as void };
    const pair = new Pair(clientConfig("p256", { trustAnchors: undefined, certificateVerifier }), serverConfig("p256"));
    pair.server.take(pair.server.tls.start());
    pair.shakeStarted();
    assert.is(pair.client.tls.state, "failed");
  }
});

test("lets nobody change a handshake through what a trace shows", () => {
  const pair = new Pair(clientConfig("p256", { trace: "messages" }), serverConfig("p256"));
  pair.server.take(pair.server.tls.start());
  const outputs = pair.client.tls.start();
  for (const output of outputs) {
    if (output.type === "trace" && output.event.type === "message") output.event.bytes.fill(0);
  }
  pair.client.take(outputs);
  pair.deliver();
  assert.is(pair.client.tls.state, "live.connected");
});

test.run();
