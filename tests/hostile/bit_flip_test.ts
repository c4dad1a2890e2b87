/**
 * Random changes to whole flights, some thousands, always the same ones: a flipped bit, a changed byte, bytes left out,
 * doubled, or moved. A connection that gets them says what is wrong, or waits; it never throws, never blames itself,
 * and is never established with facts that differ from the peer's.
 * Randomness is repeatable, so a recorded flight can be played to a new connection that makes the same choices.
 */
import { assert, suite } from "../harness.ts";
import { concat } from "../../lib/codec/bytes.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import { InternalError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import { clientConfig, dice, type KeyKind, sampleBytes, serverConfig } from "../support/fixtures.ts";
import { Pair } from "../support/pair.ts";

const test = suite("bit flips");

const makes = {
  client: (kind: KeyKind): TlsConnection => createTlsClient(clientConfig(kind, { alpnProtocols: ["h2", "http/1.1"] })),
  server: (kind: KeyKind): TlsConnection => createTlsServer(serverConfig(kind, { alpnProtocols: ["h2"] })),
};

/** What one side of a good conversation says, flight by flight, with data and close_notify at the end. */
function conversation(kind: KeyKind): {
  readonly pair: Pair;
  readonly client: readonly Uint8Array[];
  readonly server: readonly Uint8Array[];
} {
  const pair = new Pair(
    clientConfig(kind, { alpnProtocols: ["h2", "http/1.1"] }),
    serverConfig(kind, { alpnProtocols: ["h2"] }),
  ).shake();
  assert.is(pair.client.tls.state, "live.connected");
  pair.client.send(sampleBytes(50));
  pair.server.send(sampleBytes(60));
  pair.client.close();
  pair.server.close();
  return { pair, client: pair.client.transmitted, server: pair.server.transmitted };
}

/** One change, as the dice want it; where more than a byte is touched it is told so. */
function changed(bytes: Uint8Array, roll: (limit: number) => number): Uint8Array {
  const at = roll(bytes.length);
  const byte = bytes[at] ?? 0;
  switch (roll(10)) {
    case 0:
      return concat(bytes.subarray(0, at), bytes.subarray(at + 1));
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + roll(40)));
    case 2:
      return concat(bytes.subarray(0, at), Uint8Array.of(roll(256)), bytes.subarray(at));
    case 3:
      return concat(bytes.subarray(0, at), bytes.subarray(roll(at + 1)));
    case 4:
      return bytes.with(at, roll(256));
    case 5:
      return bytes.with(at, [0, 1, 127, 128, 255, byte + 1, byte + 255][roll(7)] ?? 0);
    default:
      return bytes.with(at, byte ^ (1 << roll(8)));
  }
}

for (const victim of ["client", "server"] as const) {
  for (const [kind, rounds] of [["p256", 1000], ["rsa", 300], ["ed25519", 300]] as const) {
    test(`never lead a ${victim} astray (${kind}, ${rounds} of them)`, () => {
      const { pair, ...said } = conversation(kind);
      const flights = victim === "client" ? said.server : said.client;
      const facts = pair[victim].tls.session;
      const story = pair[victim].outputs;
      assert.ok(story.length > 0);
      const roll = dice(victim === "client" ? 11 : 12);
      const seen = { failed: 0, waiting: 0, established: 0 };
      for (let round = 0; round < rounds; round++) {
        const which = roll(flights.length);
        const tls = makes[victim](kind);
        const outputs: Output[] = [...tls.start()];
        flights.forEach((flight, index) => {
          const bytes = index === which ? changed(flight, roll) : flight;
          const cut = roll(bytes.length);
          outputs.push(...tls.receive(bytes.subarray(0, cut)), ...tls.receive(bytes.subarray(cut)));
        });
        if (tls.session !== undefined) {
          assert.equal(tls.session, facts, `round ${round}`);
          seen.established++;
        }
        const last = outputs.at(-1);
        if (last?.type === "failed") {
          seen.failed++;
          assert.not(last.error instanceof InternalError, `round ${round}: ${last.error.message}`);
          assert.ok(last.error.state?.startsWith("live."), `round ${round}`);
        } else seen.waiting++;
        for (const output of outputs) {
          // What is delivered is what was sent, up to some point.
          if (output.type === "data") assert.equal(output.bytes, sampleBytes(victim === "client" ? 60 : 50));
        }
      }
      assert.ok(seen.failed > rounds * 0.8, JSON.stringify(seen));
      assert.ok(seen.established > rounds * 0.02, JSON.stringify(seen));
    });
  }

  test(`never lead a ${victim} astray when it gets nothing but noise`, () => {
    const roll = dice(13);
    for (let round = 0; round < 500; round++) {
      const tls = makes[victim]("p256");
      tls.start();
      const noise = Uint8Array.from({ length: roll(200) }, () => roll(256));
      // Every other time the noise is in a record, and every fourth time in a message too.
      const message = round % 4 === 0 ? concat(Uint8Array.of(roll(21), 0, 0, noise.length), noise) : noise;
      const record = round % 2 === 0 ? concat(Uint8Array.of(20 + roll(4), 3, 3, 0, message.length), message) : noise;
      for (const output of tls.receive(record)) {
        if (output.type === "failed") assert.not(output.error instanceof InternalError, output.error.message);
      }
      assert.is(tls.session, undefined);
    }
  });
}

test.run();
