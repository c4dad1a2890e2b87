import { setup } from "xstate";
import { type Chart, chart, commands } from "../../lib/chart.ts";
import { type CommandTable, createMachine, type Effect, type Machine, type Tag } from "../../lib/endpoint.ts";
import { InternalError } from "../../lib/error.ts";
import type { TlsEvent } from "../../lib/event.ts";
import { Transcript } from "../../lib/transcript.ts";
import { assert, suite } from "../harness.ts";

const test = suite("endpoint");

interface Commands {
  greet: undefined;
  check: { readonly type: string };
  report: undefined;
}
type Answer = { readonly type: "answer.fine" };
interface Known {
  readonly greetings: number;
}
interface Config {
  readonly answers: boolean;
  readonly seen: string[];
}
type TestChart = Chart<Record<never, never>, TlsEvent | Answer, Commands, Tag>;

const words = setup({
  types: {} as { context: Record<never, never>; events: TlsEvent | Answer; tags: Tag },
  actions: commands<Commands>(),
});
const testChart: TestChart = chart(words.createMachine({
  id: "test",
  context: {},
  initial: "start",
  states: {
    start: {
      on: {
        "app.start": {
          target: "checking",
          actions: ["greet", "greet", { type: "check", params: ({ event }) => ({ type: event.type }) }],
        },
      },
    },
    checking: { tags: "pending", on: { "answer.fine": { target: "over", actions: "report" } } },
    over: { type: "final" },
  },
}));

const table: CommandTable<Commands, Known, Config, Answer> = {
  greet: ({ greetings }) => ({
    learned: { greetings: greetings + 1 },
    send: { content: "alert", level: "warning", description: "user_canceled" },
  }),
  check: ({ greetings }, { type }, { config, state }) => {
    config.seen.push(`${greetings} greetings, then ${type} in ${state}`);
    return config.answers ? { answer: { type: "answer.fine" } } : {};
  },
  report: (_, __, { config, state }) => {
    config.seen.push(`report in ${state}`);
    return { output: { type: "closed" } };
  },
};

function machineWith(
  config: Config,
  commands: CommandTable<Commands, Known, Config, Answer> = table,
): { readonly machine: Machine; readonly effects: Effect[]; take(event: TlsEvent): void } {
  const parts = {
    name: "clientOpening" as const,
    chart: testChart,
    commands,
    describe: () => undefined,
    config,
    known: { greetings: 0 },
  };
  const machine = createMachine(parts);
  const effects: Effect[] = [];
  const transcript = new Transcript();
  return { machine, effects, take: (event) => machine.take(event, transcript, (effect) => void effects.push(effect)) };
}

test("carries out commands in the chart's order, each knowing what the one before learned", () => {
  const seen: string[] = [];
  const { effects, take } = machineWith({ answers: true, seen });
  take({ type: "app.start" });
  assert.is(seen[0], "2 greetings, then app.start in start");
  const send = { content: "alert", level: "warning", description: "user_canceled" } as const;
  assert.equal(effects, [{ send }, { send }, {}, { output: { type: "closed" } }]);
});

test("feeds a check's answer back to the chart within the same call, until nothing is left to answer", () => {
  const seen: string[] = [];
  const { machine, take } = machineWith({ answers: true, seen });
  assert.is(machine.state, "start");
  take({ type: "app.start" });
  assert.is(machine.state, "over");
  assert.ok(machine.done);
  assert.is(seen[1], "report in checking");
});

test("rests in a pending state when a check doesn't answer", () => {
  const { machine, take } = machineWith({ answers: false, seen: [] });
  take({ type: "app.start" });
  assert.is(machine.state, "checking");
  assert.ok(machine.hasTag("pending"));
  assert.not(machine.done);
});

test("lets an effect be applied before the next command is carried out", () => {
  const order: string[] = [];
  const { machine } = machineWith({ answers: false, seen: [] }, {
    ...table,
    greet: () => {
      order.push("greet");
      return { version: 1 };
    },
  });
  machine.take({ type: "app.start" }, new Transcript(), ({ version }) => version && order.push("applied"));
  assert.equal(order, ["greet", "applied", "greet", "applied"]);
});

test("throws what a command throws, having moved on and carried out no further command", () => {
  const error = new InternalError("Cannot check");
  const { machine, effects, take } = machineWith({ answers: true, seen: [] }, {
    ...table,
    check: () => {
      throw error;
    },
  });
  assert.throws(() => take({ type: "app.start" }), (thrown: unknown) => thrown === error);
  assert.is(machine.state, "checking");
  assert.is(effects.length, 2);
});

test("keeps what a command learned and what it answered out of its effect", () => {
  const { effects, take } = machineWith({ answers: true, seen: [] });
  take({ type: "app.start" });
  for (const effect of effects) assert.not("learned" in effect || "answer" in effect);
});

test("takes no event once it is done", () => {
  const { machine, effects, take } = machineWith({ answers: true, seen: [] });
  take({ type: "app.start" });
  const before = effects.length;
  take({ type: "app.start" });
  assert.is(machine.state, "over");
  assert.is(effects.length, before);
});

test.run();
