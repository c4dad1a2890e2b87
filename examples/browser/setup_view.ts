/**
 * The forms, one for each role: made once for a language, so that what was typed stays.
 * @module
 */

import { type Child, h } from "./dom.ts";

/** A field with its label above it. */
export function labelled(label: string, control: HTMLElement, wide = false): HTMLElement {
  return h("label", { class: wide ? "control wide" : "control" }, h("span", {}, label), control);
}

/** A text field that keeps its text in `values`, under this name. */
export function textField(
  values: Record<string, string>,
  name: string,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
): HTMLInputElement {
  const field: HTMLInputElement = h("input", {
    name,
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    ...attributes,
    input: () => void (values[name] = field.value),
  });
  field.value = values[name] ?? "";
  return field;
}

/** A form that does something when it is submitted, and nothing else. */
export function form(name: string, submit: () => void, ...children: readonly Child[]): HTMLFormElement {
  return h("form", {
    class: "setup-form",
    "data-form": name,
    submit: (event) => {
      event.preventDefault();
      submit();
    },
  }, ...children);
}
