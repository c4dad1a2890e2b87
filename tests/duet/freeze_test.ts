/**
 * A connection that is frozen after each single byte, carried as text and thawed, does what one does that nobody froze: the
 * same bytes, outputs, states, session and request, in both roles, in every kind of conversation.
 */
import { assert, suite } from "../harness.ts";
import { scenes } from "../support/freeze_plays.ts";
import { Conversation, freezing, sides } from "../support/freezing.ts";

const test = suite("a connection frozen at every byte");

/** By role and state: how long the longest JSON was. */
const lengths = new Map<string, number>();

for (const { title, play, kept } of scenes) {
  test(`goes on as if nothing had been, ${title}`, () => {
    const expected = new Conversation(play(), undefined, kept?.()).run();
    const see = (json: string): void => {
      const { role, state } = JSON.parse(json);
      lengths.set(`${role} ${state}`, Math.max(json.length, lengths.get(`${role} ${state}`) ?? 0));
    };
    const t = Date.now();
    const got = new Conversation(play(), freezing(see), kept?.()).run();
    console.log(title, Date.now() - t, expected.client.length, expected.client.at(-1)?.slice(0,30), expected.server.at(-1)?.slice(0,30), expected.client.filter(l=>/failed|Error/.test(l)).map(l=>l.slice(0,200)), expected.server.filter(l=>/failed|Error/.test(l)).map(l=>l.slice(0,200)));
    for (const side of sides) same(got[side], expected[side]);
  });
}

test("z", () => console.log(lengths));

function same(got: readonly string[], expected: readonly string[]): void {
  const index = expected.findIndex((line, at) => line !== got[at]);
  if (index >= 0) assert.unreachable(`${index}: ${got[index]?.slice(0, 500)}\ninstead of ${expected[index]?.slice(0, 500)}`);
  assert.is(got.length, expected.length);
}

test.run();
