/**
 * What a chart consists of, for those who draw it: states and arrows by name, as xstate has resolved them.
 * @module
 */

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from "xstate";

export interface State {
  /** `live.handshake.full.awaitCertificate` */
  readonly path: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** The innermost first. */
  readonly parents: readonly string[];
  readonly children: readonly string[];
  readonly isFinal: boolean;
}

export interface Arrow {
  readonly from: string;
  /** The state that is reached in the end; `undefined` when nobody moves. */
  readonly to: string | undefined;
  readonly event: string;
  readonly guard: string | undefined;
  readonly commands: readonly string[];
}

export interface Anatomy {
  readonly initial: string;
  readonly states: readonly State[];
  readonly arrows: readonly Arrow[];
}

export function anatomyOf(machine: AnyStateMachine): Anatomy {
  const nodes = descendants(machine.root);
  return { initial: pathOf(leafOf(machine.root)), states: nodes.map(stateOf), arrows: nodes.flatMap(arrowsOf) };
}

/** Arrows that lead the same way with the same commands, as one: their events become a list. */
export function merged(arrows: readonly Arrow[]): readonly Arrow[] {
  const kinds = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const kind = JSON.stringify([arrow.from, arrow.to, arrow.guard, arrow.commands]);
    const known = kinds.get(kind);
    kinds.set(kind, known === undefined ? arrow : { ...known, event: `${known.event}, ${arrow.event}` });
  }
  return [...kinds.values()];
}

function stateOf(node: AnyStateNode): State {
  return {
    path: pathOf(node),
    name: node.key,
    tags: [...node.tags].sort(),
    parents: node.path.slice(0, -1).map((_, at) => node.path.slice(0, at + 1).join(".")).reverse(),
    children: Object.values(node.states).map(pathOf),
    isFinal: node.type === "final",
  };
}

function arrowsOf(node: AnyStateNode): readonly Arrow[] {
  return [...node.transitions.values()].flat().map((transition: AnyTransitionDefinition) => {
    const [target] = transition.target ?? [];
    return {
      from: pathOf(node),
      to: target && pathOf(leafOf(target)),
      event: transition.eventType,
      guard: transition.guard === undefined ? undefined : nameOf(transition.guard),
      commands: transition.actions.map(nameOf),
    };
  });
}

function descendants(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)]);
}

function leafOf(node: AnyStateNode): AnyStateNode {
  const [child] = node.initial?.target ?? [];
  return child === undefined ? node : leafOf(child);
}

function pathOf({ path }: AnyStateNode): string {
  return path.join(".");
}

function nameOf(named: unknown): string {
  if (typeof named === "string") return named;
  if (typeof named === "object" && named !== null && "type" in named) return String(named.type);
  throw new TypeError("Cannot draw a function without a name");
}
