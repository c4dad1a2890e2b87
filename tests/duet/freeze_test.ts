/**
 * A connection that is frozen after each single byte, carried as text and thawed, does what one does that nobody froze:
 * the same bytes, outputs, states, session and request, in both roles, in every kind of conversation.
 */
import {
  createTlsClient,
  createTlsServer,
  type FrozenConnection,
  thawTlsClient,
  thawTlsServer,
  type TlsConnection,
} from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { clientOpeningStands } from "../../lib/opening/client_thaw.ts";
import { serverOpeningStands } from "../../lib/opening/server_thaw.ts";
import type { Output } from "../../lib/output.ts";
import { clientStates } from "../../lib/tls12/client_thaw.ts";
import { serverStates } from "../../lib/tls12/server_thaw.ts";
import { assert, suite } from "../harness.ts";
import { asking, scenes } from "../support/freeze_plays.ts";
import { Conversation, freezing, plainClient, plainServer, plainText, sides } from "../support/freezing.ts";

const test = suite("a connection that is frozen");

/** By role and state: how long the longest JSON was. */
const lengths = new Map<string, number>();

function see({ role, state }: FrozenConnection, json: string): void {
  lengths.set(`${role} ${state}`, Math.max(json.length, lengths.get(`${role} ${state}`) ?? 0));
}

for (const { title, play, kept, every = 1 } of scenes) {
  const when = every === 1 ? "byte" : `state and ${every}th byte`;
  test(`at every ${when} goes on as if nothing had been, ${title}`, () => {
    const expected = new Conversation(play(), undefined, kept?.()).run();
    const got = new Conversation(play(), freezing(see, every), kept?.()).run();
    for (const side of sides) same(got[side], expected[side]);
  });
}

test("has stood in every state in which it can be frozen, and had so many bytes as JSON", () => {
  const tables = [
    ["client", clientOpeningStands.states, clientStates.full, clientStates.abbreviated],
    ["server", serverOpeningStands.states, serverStates.full, serverStates.abbreviated],
  ] as const;
  const states = tables.flatMap(([role, ...table]) =>
    [...new Set([...table.flatMap(Object.keys), "closed", "failed"])].map((state) => `${role} ${state}`)
  );
  assert.equal(states.filter((state) => !lengths.has(state)), []);
  assert.equal([...lengths.keys()].filter((state) => !states.includes(state)), []);
  console.log("  JSON, characters at most:");
  for (const state of states) console.log(`  ${String(lengths.get(state)).padStart(8)}  ${state}`);
});

test("in the middle of anything is closed, ended and answered late like any other", () => {
  const ends: readonly ((tls: TlsConnection) => readonly Output[])[] = [
    (tls) => [...tls.close(), ...tls.close()],
    (tls) => [...tls.receiveEnd(), ...tls.close()],
    (tls) => [...tls.receiveEnd(), ...(tls.request ? tls.answer(tls.request.id, new Error("too late")) : [])],
    (tls) => [...tries(() => tls.receive(Uint8Array.of(99, 1, 1, 1, 1))), ...(tls.request ? tls.close() : [])],
  ];
  for (const [number, end] of ends.entries()) {
    for (let calls = 2, goesOn = true; goesOn; calls += 83) {
      const [expected = [], got = []] = [false, true].map((isFrozen) => {
        const freeze = freezing();
        let isStopped = false;
        const talk = new Conversation(asking(), (...args) => isFrozen && isStopped ? freeze(...args) : args[0]);
        goesOn = talk.stopsAfter(calls);
        isStopped = true;
        for (const side of sides) talk.call(side, () => []);
        for (const side of sides) talk.call(side, end);
        return [...talk.ends.client.log, ...talk.ends.server.log];
      });
      same(got, expected, `${calls} calls, end ${number}`);
    }
  }
});

test("refuses every call afterwards, and changes nothing", () => {
  const talk = new Conversation({ client: plainClient(), server: plainServer(), steps: [] });
  talk.run();
  const { tls } = talk.ends.client;
  const { state, session } = tls;
  const json = JSON.stringify(tls.freeze());
  const calls: readonly (() => unknown)[] = [
    () => tls.start(),
    () => tls.receive(Uint8Array.of(1)),
    () => tls.receiveEnd(),
    () => tls.send(Uint8Array.of(1)),
    () => tls.answer(1, true),
    () => tls.exportKeyingMaterial("EXPORTER test", undefined, 20),
    () => tls.channelBinding("tls-unique"),
    () => tls.close(),
    () => tls.freeze(),
  ];
  for (const call of calls) refuses(call, /^Cannot .*: the connection was frozen, and goes on where it is thawed$/);
  assert.is(tls.state, state);
  assert.is(tls.session, session);
  const thawed = thawTlsClient(JSON.parse(json), plainClient());
  assert.is(thawed.state, "live.connected");
  assert.is(plainText(thawed.session), plainText(session));
  assert.is(JSON.stringify(thawed.freeze()), json);
});

test("is a JSON value: a copy of it is as good, and it holds nothing that changes later", () => {
  const server = createTlsServer(plainServer());
  server.start();
  const frozen = server.freeze();
  assert.equal(JSON.parse(JSON.stringify(frozen)), frozen);
  const copy = structuredClone(frozen);
  thawTlsServer(frozen, plainServer()).close();
  assert.equal(frozen, copy);
  assert.is(thawTlsServer(copy, plainServer()).state, "live.awaitClientHello");
});

test("isn't frozen from within a call: by a callback of the configuration", () => {
  let caught: unknown;
  const client: TlsConnection = createTlsClient(plainClient({
    random: (length) => {
      try {
        client.freeze();
      } catch (error) {
        caught = error;
      }
      return new Uint8Array(length);
    },
  }));
  client.start();
  assert.instance(caught, TlsUsageError);
  assert.match(String(caught), /Cannot freeze: a call on the connection is going on/);
  assert.is(thawTlsClient(client.freeze(), plainClient()).state, "live.awaitServerHello");
});

test("shows its open request, which is answered once", () => {
  const talk = new Conversation(asking(), freezing());
  talk.stopsAfter(2);
  const { tls } = talk.ends.client;
  const { request } = tls;
  assert.equal(request, { type: "loadSession", key: "client server.example", id: 1 });
  refuses(() => tls.answer(2, undefined), /Cannot answer request 2: request 1 is open/);
  refuses(() => tls.answer(1, true), /loadSession is answered with/);
  assert.is(tls.request, request);
  assert.is(tls.answer(1, undefined).length, 1);
  assert.is(tls.request, undefined);
  refuses(() => tls.answer(1, undefined), /Cannot answer request 1: no request is open/);
});

test.run();

function same(got: readonly string[], expected: readonly string[], where = ""): void {
  const index = expected.findIndex((line, at) => line !== got[at]);
  const cut = (line = "nothing"): string => line.slice(0, 500);
  if (index >= 0) assert.unreachable(`${where} ${index}: ${cut(got[index])}\ninstead of ${cut(expected[index])}`);
  assert.is(got.length, expected.length);
}

/** What a call gave, or how it was refused. */
function tries(call: () => readonly Output[]): readonly Output[] {
  try {
    return call();
  } catch (error) {
    return [{ type: "keyLog", line: String(error) }];
  }
}

function refuses(call: () => unknown, says: RegExp): void {
  assert.throws(call, (error: unknown) => error instanceof TlsUsageError && says.test(error.message));
}
