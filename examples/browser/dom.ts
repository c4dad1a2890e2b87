/**
 * Elements in one expression. Text only ever becomes a text node, so that nothing a peer says can be markup.
 * @module
 */

export type Child = Node | string | undefined | readonly Child[];

export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/**
 * `h("p", { class: "note" }, "text", h("b", {}, "bold"))`. An attribute that is a function listens to the event of that
 * name; `false` and `undefined` leave an attribute out, `true` sets it empty.
 */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...nodesOf(children));
  return element;
}

/** The element of the page with this id; the page and its script belong together, so its absence is a defect. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element "${id}"`);
  return element;
}

/** Replaces what is in an element, unless it would look the same: then selection and focus in it survive. */
export function show(element: Element, ...children: readonly Child[]): void {
  const next = document.createElement(element.tagName);
  next.append(...nodesOf(children));
  if (next.innerHTML === element.innerHTML) return;
  element.replaceChildren(...next.childNodes);
}

/** Text that may be broken between its parts. */
export function breakable(parts: readonly string[]): readonly Child[] {
  return parts.flatMap((part, index) => index === 0 ? [part] : [document.createElement("wbr"), part]);
}

function nodesOf(children: readonly Child[]): readonly (Node | string)[] {
  return children.flatMap((child) => {
    if (child === undefined) return [];
    return typeof child === "string" || child instanceof Node ? [child] : nodesOf(child);
  });
}
