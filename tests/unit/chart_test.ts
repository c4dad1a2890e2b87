import { setup } from "xstate";
import { type Chart, chart, type CommandOf, commands, stateText } from "../../lib/chart.ts";
import { assert, suite } from "../harness.ts";

const test = suite("chart");

interface Commands {
  open: undefined;
  pay: { readonly coins: number };
}
type Event = { readonly type: "coin"; readonly coins: number } | { readonly type: "push" } | { readonly type: "break" };
type Context = { readonly isFree: boolean };
type Turnstile = Chart<Context, Event, Commands, "shut">;

const turnstile = setup({
  types: {} as { context: Context; events: Event; tags: "shut" },
  actions: commands<Commands>(),
  guards: { isFree: ({ context }) => context.isFree },
});

const machine = turnstile.createMachine({
  id: "turnstile",
  context: { isFree: false },
  initial: "works",
  states: {
    works: {
      initial: "locked",
      on: { "break": "broken" },
      states: {
        locked: {
          tags: "shut",
          on: {
            "coin": {
              target: "unlocked",
              actions: [{ type: "pay", params: ({ event }) => ({ coins: event.coins }) }, "open"],
            },
            "push": { guard: "isFree", target: "unlocked" },
          },
        },
        unlocked: { on: { "push": "locked" } },
      },
    },
    broken: { type: "final" },
  },
  on: { "coin": { actions: "open" } }, // on the root, where a chart of ours may have none
});
const turnstileChart: Turnstile = chart(machine);

test("begins in the initial state, with the facts that it is told", () => {
  const begun = turnstileChart.begin();
  assert.is(stateText(begun.value), "works.locked");
  assert.equal(begun.context, { isFree: false });
  assert.equal(turnstileChart.begin({ isFree: true }).context, { isFree: true });
  assert.equal(turnstileChart.begin().context, { isFree: false }, "the facts of one don't become those of the next");
});

test("answers an event with the next snapshot and the commands in order, with their parameters", () => {
  const begun = turnstileChart.begin();
  const [next, asked] = turnstileChart.next(begun, { type: "coin", coins: 2 });
  assert.is(stateText(next.value), "works.unlocked");
  const expected: readonly CommandOf<Commands>[] = [
    { type: "pay", params: { coins: 2 } },
    { type: "open", params: undefined },
  ];
  assert.equal(asked, expected);
  assert.is(stateText(begun.value), "works.locked", "the snapshot that it came from stays");
});

test("reads the facts in its guards", () => {
  const push: Event = { type: "push" };
  assert.is(stateText(turnstileChart.next(turnstileChart.begin(), push)[0].value), "works.locked");
  assert.is(stateText(turnstileChart.next(turnstileChart.begin({ isFree: true }), push)[0].value), "works.unlocked");
});

test("knows the tags of a state", () => {
  const begun = turnstileChart.begin();
  assert.ok(begun.hasTag("shut"));
  assert.not(turnstileChart.next(begun, { type: "coin", coins: 1 })[0].hasTag("shut"));
});

test("takes no event once it has ended, though xstate would", () => {
  const [broken] = turnstileChart.next(turnstileChart.begin(), { type: "break" });
  assert.is(broken.status, "done");
  const [after, asked] = turnstileChart.next(broken, { type: "coin", coins: 1 });
  assert.is(after, broken);
  assert.equal(asked, []);
});

test("refuses to begin with a command, which nobody would carry out", () => {
  const eager = setup({ actions: commands<Commands>() })
    .createMachine({ id: "eager", initial: "first", states: { first: { entry: "open" } } });
  const eagerChart: Chart<Record<never, never>, Event, Commands, never> = chart(eager);
  assert.throws(() => eagerChart.begin(), /may not ask for open/);
});

test("writes a state value as text, whatever its depth", () => {
  assert.is(stateText("closed"), "closed");
  assert.is(stateText({ live: { handshake: "awaitFinished" } }), "live.handshake.awaitFinished");
});

test.run();
