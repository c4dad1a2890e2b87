/**
 * Pending states as seen from outside. With a synchronous provider they never rest; here a check answers nothing, so
 * that a connection sleeps in one: it reads no further record, and can still be closed, cut off and overrun.
 * What pending charts do with each event is compared in roads_test.ts, without a connection.
 * @module
 */

import { clientSettings } from "../../lib/check_config.ts";
import { createConnection, type TlsConnection } from "../../lib/connection.ts";
import { createMachine, type Machine } from "../../lib/endpoint.ts";
import { messageEvent } from "../../lib/event.ts";
import { HandshakeReader } from "../../lib/messages/handshake_reader.ts";
import { recordHeaderLength } from "../../lib/record/record.ts";
import { ExtensionType } from "../../lib/registry.ts";
import { clientChart } from "../../lib/tls12/client_chart.ts";
import { clientCommands } from "../../lib/tls12/client_commands.ts";
import { describe } from "../../lib/tls12/describe.ts";
import { knownFrom } from "../../lib/tls12/known.ts";
import { assert, suite } from "../harness.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { clientConfig } from "../support/scripted_scene.ts";

const test = suite("pending states");
const sleeping = "live.handshake.full.checkingCertificate";

test("read no further record, not even one that is wrong", () => {
  const { tls, peer } = sleeper();
  assert.equal(tls.receive(peer.say("ServerKeyExchange")), []);
  assert.equal(tls.receive(peer.say("fatal handshake_failure")), []);
  assert.equal(tls.receive(peer.say("record of content type 24")), []);
  assert.is(tls.state, sleeping);
});

test("can be closed by the application", () => {
  const { tls, peer } = sleeper();
  const [transmit, closed] = tls.close();
  assert.equal(transmit?.type === "transmit" && peer.hear(transmit.bytes), [
    "warning user_canceled",
    "warning close_notify",
  ]);
  assert.is(closed?.type, "closed");
  assert.is(tls.state, "closed");
});

test("let the end of the transport wait like everything else", () => {
  const { tls } = sleeper();
  assert.equal(tls.receiveEnd(), []);
  assert.is(tls.state, sleeping);
  assert.equal(tls.close().at(-1)?.type, "closed");
});

test("hold no more than so many bytes that wait", () => {
  const { tls } = sleeper();
  assert.equal(tls.receive(new Uint8Array(2 ** 17)), []);
  assert.is(tls.state, sleeping);
  const outputs = tls.receive(Uint8Array.of(1));
  assert.equal(outputs.map(({ type }) => type), ["transmit", "failed"]);
  assert.is(tls.state, "failed");
});

test.run();

/** A client that never learns whether the server's certificate is trusted. */
function sleeper(): { readonly tls: TlsConnection; readonly peer: ScriptedPeer } {
  const config = clientSettings(clientConfig());
  const { renegotiation_info, ec_point_formats } = ExtensionType;
  const machine = createMachine({
    chart: clientChart,
    commands: { ...clientCommands, checkCertificate: () => ({}) },
    describe,
    config,
    known: knownFrom({ clientRandom: new Uint8Array(32), extensionTypes: [renegotiation_info, ec_point_formats] }),
  });
  const peer = new ScriptedPeer({ role: "server" });
  const tls = createConnection(handingOver(machine, peer.say("ServerHello")), config);
  assert.equal(tls.start(), []);
  assert.equal(tls.receive(peer.say("Certificate")), []);
  assert.is(tls.state, sleeping);
  return { tls, peer };
}

/** In place of the opening: hands over at once, with the ServerHello of this record. */
function handingOver(machine: Machine, record: Uint8Array): Machine {
  const reader = new HandshakeReader(2 ** 14);
  reader.push(record.subarray(recordHeaderLength));
  const message = reader.next();
  if (message === undefined) throw new Error("the record holds no message");
  return {
    state: "start",
    done: false,
    hasTag: () => false,
    describe,
    answer: () => {},
    take: (_, __, apply) => apply({ handOver: { machine, event: messageEvent(message) } }),
  };
}
