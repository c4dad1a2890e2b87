/** The reverse way of the relay: TCP connections are given to WebSockets that wait. */
import { once } from "node:events";
import { assert, suite } from "../harness.ts";
import { utf8 } from "./fixtures.ts";
import { closing, heardBy, inWorld, type Relaying, type World } from "./relay_support.ts";
import type { WebSocket } from "ws";

const test = suite("the relay's reverse way");

/** A WebSocket that waits, once the relay has taken it. */
async function waiting(world: World, relay: Relaying): Promise<WebSocket> {
  const web = world.dial(relay.url("reverse"));
  await once(web, "open");
  return web;
}

const portOf = ({ reversePort = 0 }: Relaying): number => reversePort;
const textOf = async (web: WebSocket): Promise<string> => String((await once(web, "message"))[0]);

test("gives connections to those that wait, first come, first served", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const [first, second] = [await waiting(world, relay), await waiting(world, relay)];
    const heard = [textOf(first), textOf(second)];
    const one = world.tcp(portOf(relay));
    one.write("one");
    assert.is(await heard[0], "one");
    const two = world.tcp(portOf(relay));
    two.write("two");
    assert.is(await heard[1], "two");
    const answer = once(one, "data");
    first.send(utf8("hello one"));
    assert.is(String(await answer), "hello one");
    const ended = once(one.resume(), "end");
    first.close();
    await ended;
    one.end();
    const event = await relay.event();
    assert.match(JSON.stringify(event), /"to":"\/reverse \(127\.0\.0\.1:\d+\)","sent":3,"received":9/);
  }));

test("lets connections wait for somebody to come, in their order, with what they have said", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    for (const name of ["one", "two"]) {
      const tcp = world.tcp(portOf(relay));
      await once(tcp, "connect");
      tcp.write(name);
    }
    assert.is(await textOf(world.dial(relay.url("reverse"))), "one");
    assert.is(await textOf(world.dial(relay.url("reverse"))), "two");
  }));

test("gives nobody to a WebSocket that is on its way out, nor one that has left to anybody", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const ghost = world.tcp(portOf(relay));
    ghost.write("a ClientHello, perhaps");
    await new Promise((resolve) => setTimeout(resolve, 50));
    ghost.destroy();
    assert.match((await relay.event()).type === "ended" ? "ended" : "", /ended/);
    const bad = await waiting(world, relay);
    const good = await waiting(world, relay);
    bad.send(utf8("too early"));
    bad.pause(); // and it won't answer the close
    await new Promise((resolve) => setTimeout(resolve, 50));
    world.tcp(portOf(relay)).write("hello");
    assert.is(await textOf(good), "hello");
    bad.terminate();
  }));

test("closes a connection for which nobody comes in time, and those that are too many", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0, reverseTimeout: 200, maxWaiting: 1 });
    const one = world.tcp(portOf(relay));
    await once(one, "connect");
    const two = world.tcp(portOf(relay));
    assert.is(await heardBy(two), "");
    assert.match(JSON.stringify(await relay.event()), /more than 1 connections are waiting/);
    assert.is(await heardBy(one), "");
    assert.match(JSON.stringify(await relay.event()), /nobody was waiting at \/reverse within 0\.2 s/);
  }));

test("forgets who went away while waiting", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    for (const leave of ["close", "terminate"] as const) {
      const gone = await waiting(world, relay);
      gone[leave]();
      assert.match(JSON.stringify(await relay.event()), /the WebSocket went away while it waited/);
    }
    const staying = await waiting(world, relay);
    const heard = textOf(staying);
    world.tcp(portOf(relay)).write("for who stays");
    assert.is(await heard, "for who stays");
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const tcp = world.tcp(portOf(relay));
      await once(tcp, "connect");
      tcp[leave]();
      assert.match(JSON.stringify(await relay.event()), /the connection went away while it waited/);
    }
    const next = textOf(await waiting(world, relay));
    world.tcp(portOf(relay)).write("next");
    assert.is(await next, "next");
  }));

test("wants no word from who waits", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const web = await waiting(world, relay);
    web.send(utf8("too early"));
    assert.is(await closing(web), "1008 wait until somebody has connected");
  }));

test("is no way to a target, and sends who waits away when it is closed", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const web = await waiting(world, relay);
    const refused = world.dial(relay.url("127.0.0.1:22"));
    const [, response] = await once(refused, "unexpected-response");
    assert.is(response.statusCode, 403);
    refused.terminate();
    const closed = closing(web);
    await relay.close();
    assert.is(await closed, "1001 the relay was stopped");
  }));

test("closes connections that wait when it is closed", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ reverse: 0 });
    const tcp = world.tcp(portOf(relay));
    await once(tcp, "connect");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const heard = heardBy(tcp);
    await relay.close();
    assert.is(await heard, "");
  }));

test.run();
