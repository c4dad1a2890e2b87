/**
 * JSON that pretends to be a frozen connection: every leaf of real ones replaced, removed, of another type, cut.
 * Whatever it is, thawing gives TlsUsageError, or a connection that is exactly what the JSON says, and works.
 */
import type { FrozenConnection, Json } from "../../lib/core.ts";
import { thawTlsClient, thawTlsServer, type TlsConnection } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import { assert, suite } from "../harness.ts";
import { scenes } from "../support/freeze_plays.ts";
import { Conversation, freezing, type Play, sides } from "../support/freezing.ts";

const test = suite("JSON of a frozen connection");

/** One for each role and state. */
interface Sample {
  readonly json: string;
  readonly play: Play;
}

const samples = new Map<string, Sample>();
for (const { title, play, kept } of scenes.filter(({ title }) => !title.includes("wrong Finished"))) {
  for (const side of sides) {
    const freeze = freezing();
    let [calls, last] = [0, ""];
    // Real ones from the middle of a state are enough: the first of each, and a later one.
    new Conversation(play(), (tls, its, itsPlay) => {
      if (its !== side) return tls;
      const isNew = tls.state !== last;
      last = tls.state;
      calls = isNew ? 0 : calls + 1;
      const name = `${side} ${tls.state}${tls.session?.resumed === true ? " resumed" : ""}`;
      if ((isNew && !samples.has(name)) || calls === 7) {
        const thawed = freeze(tls, its, itsPlay);
        const json = JSON.stringify(thawed.freeze());
        samples.set(name, { json, play: itsPlay });
        return thaw(JSON.parse(json), itsPlay);
      }
      return tls;
    }, kept?.()).run();
    void title;
  }
}

const swaps: readonly ((leaf: Json) => Json | undefined)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => 0,
  () => 1,
  () => -1,
  () => 1.5,
  () => 2 ** 53,
  () => 1e300,
  () => "",
  () => "AAAA",
  () => "toString",
  () => "\\ud800",
  () => [],
  () => ({}),
  () => [[]],
  (leaf) => typeof leaf === "number" ? leaf + 1 : `${String(leaf)}A`,
  (leaf) => typeof leaf === "string" ? leaf.slice(0, -1) : [leaf],
  (leaf) => typeof leaf === "string" ? leaf.slice(4) : { leaf },
  (leaf) => typeof leaf === "string" ? `A${leaf.slice(1)}` : String(leaf),
  (leaf) => typeof leaf === "string" ? leaf + leaf : -2,
  (leaf) => typeof leaf === "string" ? leaf.toLowerCase() : [leaf, leaf],
];

test("is refused with TlsUsageError, or goes on, whatever one leaf of it is", () => {
  let [count, accepted, turn] = [0, 0, 0];
  for (const { json, play } of samples.values()) {
    for (const path of paths(JSON.parse(json))) {
      for (let number = turn++ % 4; number < swaps.length; number += 4) {
        const changed: Json = JSON.parse(json);
        swapAt(changed, path, swaps[number] ?? ((leaf) => leaf));
        if (JSON.stringify(changed) === json) continue;
        count++;
        if (goesOn(changed, play, path.join("."))) accepted++;
      }
    }
  }
  console.log(`  ${samples.size} samples, ${count} changes, ${accepted} of them accepted as another connection`);
  assert.ok(accepted > 0 && accepted < count / 4);
});

test.run();

/**
 * Where something stands: at the root, in every object and list (of lists with many elements the first, one and the
 * last).
 */
function paths(json: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof json !== "object" || json === null) return [path];
  const keys = Array.isArray(json)
    ? [...json.keys()].filter((index) => index === 0 || index === 5 || index === json.length - 1)
    : Object.keys(json);
  const inner = keys.flatMap((key) => paths(Reflect.get(json, key), [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function swapAt(json: Json, path: readonly (string | number)[], swap: (leaf: Json) => Json | undefined): void {
  const last = path.at(-1) ?? "";
  const holder = path.slice(0, -1).reduce<Json>((inner, key) => Reflect.get(Object(inner), key), json);
  const value = swap(Reflect.get(Object(holder), last));
  if (value !== undefined) Reflect.set(Object(holder), last, value);
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else Reflect.deleteProperty(Object(holder), last);
}

/** Whether it is accepted: then it must freeze to the same again, and do what it is told without throwing. */
function goesOn(json: Json, play: Play, where: string): boolean {
  const text = JSON.stringify(json);
  let tls: TlsConnection;
  try {
    tls = thaw(json, play);
  } catch (error) {
    if (error instanceof TlsUsageError) return false;
    throw new Error(`${where}: thawing threw ${String(error)}`, { cause: error });
  }
  assert.equal(JSON.parse(JSON.stringify(tls.freeze())), JSON.parse(text), where);
  const again = thaw(JSON.parse(text), play);
  const { request } = again;
  const calls: readonly (() => readonly Output[])[] = [
    () => again.start(),
    () => again.send(Uint8Array.of(1, 2, 3)),
    () => again.receive(Uint8Array.of(22, 3, 3, 0, 4, 0, 0, 0, 0)),
    () => request === undefined ? [] : again.answer(request.id, new Error("no")),
    () => again.receiveEnd(),
    () => again.close(),
  ];
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      if (!(error instanceof TlsUsageError)) {
        throw new Error(`${where}: a call threw ${String(error)}`, { cause: error });
      }
    }
  }
  return true;
}

function thaw(json: Json, play: Play): TlsConnection {
  const frozen = json as FrozenConnection; // as it comes from anywhere
  return JSON.stringify(json).includes('"role":"client"')
    ? thawTlsClient(frozen, play.client)
    : thawTlsServer(frozen, play.server);
}
