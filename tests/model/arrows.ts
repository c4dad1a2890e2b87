/**
 * A chart's arrows, as xstate has resolved them.
 * @module
 */

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from "xstate";
import { getStateNodes } from "xstate/graph";
import type { AnyChart, AnyEvent, Moment } from "./role_model.ts";

export type Arrow = AnyTransitionDefinition;

/** All nodes, the root first. */
export function nodesOf(machine: AnyStateMachine): readonly AnyStateNode[] {
  return [machine.root, ...getStateNodes(machine)];
}

/** All arrows of a chart, in its order. */
export function arrowsOf({ machine }: AnyChart): readonly Arrow[] {
  return nodesOf(machine).flatMap((node) => [...node.transitions.values()].flat());
}

/** The arrow that an event takes; none when there is none, or the chart has ended. */
export function arrowsTaken(chart: AnyChart, { snapshot }: Moment, event: AnyEvent): readonly Arrow[] {
  if (snapshot.status !== "active") return [];
  return chart.machine.getTransitionData(snapshot as Parameters<AnyStateMachine["getTransitionData"]>[0], event) ?? [];
}

/** `live.connected: peer.closeNotify` */
export function arrowText({ source, eventType }: Arrow): string {
  return `${source.path.join(".")}: ${eventType}`;
}
