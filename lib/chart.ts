/**
 * The narrow door to xstate: begin a chart, feed it one event, get the next snapshot and the commands it asks for.
 * A command is the name of an action in the chart with that action's parameters; xstate runs no code of ours.
 * Knows no TLS.
 * @module
 */

import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  type StateValue,
} from "xstate";

export type { StateValue } from "xstate";

/** Where a chart stands. Holds control facts only: no bytes and no secrets. */
export interface Snapshot<Context, Tag extends string> {
  readonly value: StateValue;
  readonly context: Context;
  readonly status: "active" | "done" | "error" | "stopped";
  hasTag(tag: Tag): boolean;
}

/** One command of a vocabulary `{ name: parameters }`. */
export type CommandOf<Commands> = {
  readonly [Name in keyof Commands & string]: { readonly type: Name; readonly params: Commands[Name] };
}[keyof Commands & string];

export interface Chart<Context, Event, Commands, Tag extends string> {
  /** For diagrams and path generation only; run a chart with `begin` and `next`. */
  readonly machine: AnyStateMachine;
  /** The first snapshot; `facts` are what the configuration says of the context. */
  begin(facts?: Partial<Context>): Snapshot<Context, Tag>;
  /** The snapshot of a chart that stood there: `state` as `stateText` says it. Throws for what is no state of this chart. */
  thaw(state: string, context: Context): Snapshot<Context, Tag>;
  /** The snapshot after the event, and what the chart asks for, in order. */
  next(
    snapshot: Snapshot<Context, Tag>,
    event: Event,
  ): readonly [Snapshot<Context, Tag>, readonly CommandOf<Commands>[]];
}

/** Declares commands as actions without a body: xstate names them, orders them, fills in their parameters. */
export const commands = <Commands>(): { [Name in keyof Commands]: (_: unknown, params: Commands[Name]) => void } =>
  ({}) as never;

/** Wraps an xstate machine. The caller annotates the result, so that declarations stay small. */
export function chart<Context, Event, Commands, Tag extends string>(
  machine: AnyStateMachine,
): Chart<Context, Event, Commands, Tag> {
  let initial: Pick<AnyMachineSnapshot, "value" | "context"> | undefined;
  return {
    machine,
    begin: (facts) => {
      const { value, context } = initial ??= initialSnapshot(machine);
      return machine.resolveState({ value, context: { ...context, ...facts } });
    },
    thaw: (state, context) => {
      const snapshot = machine.resolveState({ value: stateValue(state), context: context as never });
      // xstate takes a parent for its first state, and what no state is called for the first of all.
      if (stateText(snapshot.value) !== state) throw new TypeError(`Cannot thaw the chart: nobody stands in ${state}`);
      return snapshot;
    },
    next: (snapshot, event) => {
      // xstate would take a transition of the root even in a machine that is done.
      if (snapshot.status !== "active") return [snapshot, []];
      const asked: CommandOf<Commands>[] = [];
      const executor: AnyActorScope["actionExecutor"] = ({ type, params }) => {
        if (!type.startsWith("xstate.")) asked.push({ type, params } as CommandOf<Commands>);
      };
      const next = machine.transition(snapshot as never, event as never, inertScope(executor));
      return [next as Snapshot<Context, Tag>, asked];
    },
  };
}

/** A state value as text: `live.handshake.full.awaitCertificate`. */
export function stateText(value: StateValue): string {
  if (typeof value === "string") return value;
  return Object.entries(value)
    .map(([name, inner]) => (inner === undefined ? name : `${name}.${stateText(inner)}`))
    .join("|");
}

/** The other way round; our charts have no parallel states. */
function stateValue(text: string): StateValue {
  const [last = "", ...outer] = text.split(".").reverse();
  return outer.reduce<StateValue>((inner, name) => ({ [name]: inner }), last);
}

// xstate's own transition() builds an actor and a fresh initial snapshot on every call; one inert actor serves all.
const actor = createEmptyActor();
const ignore = (): void => {};

function inertScope(actionExecutor: AnyActorScope["actionExecutor"]): AnyActorScope {
  return {
    self: actor,
    system: actor.system,
    id: "",
    sessionId: "",
    logger: ignore,
    defer: ignore,
    stopChild: ignore,
    emit: ignore,
    actionExecutor,
  };
}

function initialSnapshot(machine: AnyStateMachine): AnyMachineSnapshot {
  const snapshot = machine.getInitialSnapshot(inertScope(refuseEarlyCommand));
  // xstate doesn't let through what is thrown here.
  if (snapshot.status === "error") throw snapshot.error;
  return snapshot;
}

function refuseEarlyCommand({ type }: { readonly type: string }): never {
  throw new TypeError(`Cannot begin the chart: its initial state may not ask for ${type}`);
}
