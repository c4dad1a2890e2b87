/**
 * A chart as Mermaid text (stateDiagram-v2). What is ignored deliberately is not drawn.
 * @module
 */

import { type Anatomy, type Arrow, merged, type State } from "./anatomy.ts";

/** The diagram's text. `title` stands above it. */
export function mermaidOf({ initial, states, arrows }: Anatomy, title: string): string {
  const byPath = new Map(states.map((state) => [state.path, state]));
  const roots = states.filter(({ parents }) => parents.length === 0);
  const drawn = merged(arrows.filter(({ to, commands }) => to !== undefined || commands.length > 0));
  return [
    "---",
    `title: ${title}`,
    "---",
    "stateDiagram-v2",
    `  [*] --> ${idOf(initial)}`,
    ...roots.flatMap((state) => box(state, byPath, "  ")),
    ...drawn.map(({ from, to, ...rest }) => `  ${idOf(from)} --> ${idOf(to ?? from)}: ${labelOf(rest)}`),
    ...roots.filter(({ isFinal }) => isFinal).map(({ path }) => `  ${idOf(path)} --> [*]`),
    "",
  ].join("\n");
}

function box(state: State, states: ReadonlyMap<string, State>, indent: string): readonly string[] {
  const head = `${indent}state "${state.name}" as ${idOf(state.path)}`;
  if (state.children.length === 0) return [head];
  const inner = state.children.flatMap((path) => {
    const child = states.get(path);
    return child === undefined ? [] : box(child, states, `${indent}  `);
  });
  return [`${head} {`, ...inner, `${indent}}`];
}

function labelOf({ event, guard, commands }: Pick<Arrow, "event" | "guard" | "commands">): string {
  const condition = guard === undefined ? "" : ` [${guard}]`;
  return [`${event}${condition}${commands.length === 0 ? "" : " /"}`, ...commands].join("<br/>");
}

/** Mermaid takes a colon or a dot for something else. */
function idOf(path: string): string {
  return path.replaceAll(".", "_");
}
