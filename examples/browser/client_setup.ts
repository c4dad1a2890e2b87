/**
 * The form of the page as a client: where to go, and whom to trust.
 * @module
 */

import type { Visit } from "./client_role.ts";
import { strangersPem } from "./credentials.ts";
import { h } from "./dom.ts";
import type { ExampleConfig } from "./example_config.ts";
import { form, labelled, textField } from "./setup_view.ts";
import type { Words } from "./words.ts";

type Trust = "example" | "other" | "own";

export class ClientSetup {
  readonly #values: Record<string, string>;
  readonly #config: ExampleConfig;
  readonly #start: (visit: Visit) => void;
  readonly #fail: (message: string) => void;
  #trust: Trust = "example";

  /** `start` is called with what was asked for, `fail` with what is wrong with it. */
  constructor(config: ExampleConfig, start: (visit: Visit) => void, fail: (message: string) => void) {
    const { relay, target, path } = config;
    this.#config = config;
    this.#values = { relay, target, path, pem: "" };
    this.#start = start;
    this.#fail = fail;
  }

  view({ client }: Words): HTMLElement {
    const pem = h("textarea", {
      name: "pem",
      rows: 3,
      spellcheck: "false",
      placeholder: "-----BEGIN CERTIFICATE-----",
      input: () => void (this.#values["pem"] = pem.value),
    });
    pem.value = this.#values["pem"] ?? "";
    const pemField = labelled(client.pem, pem, true);
    pemField.hidden = this.#trust !== "own";
    return form(
      "client",
      () => this.#submit(client.badTarget),
      h("p", { class: "setup-about" }, client.about),
      h(
        "div",
        { class: "controls" },
        labelled(client.relay, textField(this.#values, "relay", { required: true, class: "relay" })),
        labelled(client.target, textField(this.#values, "target", { required: true })),
        labelled(client.path, textField(this.#values, "path", { required: true, class: "short" })),
        labelled(client.trust, this.#trustField(client, pemField)),
        h("button", { class: "primary", type: "submit" }, client.connect),
      ),
      pemField,
    );
  }

  #trustField(client: Words["client"], pemField: HTMLElement): HTMLSelectElement {
    const choices: Readonly<Record<Trust, string>> = {
      example: client.trustExample,
      other: client.trustOther,
      own: client.trustOwn,
    };
    const select = h(
      "select",
      {
        name: "trust",
        change: () => {
          this.#trust = select.value === "other" || select.value === "own" ? select.value : "example";
          pemField.hidden = this.#trust !== "own";
        },
      },
      Object.entries(choices).map(([value, text]) => h("option", { value, selected: value === this.#trust }, text)),
    );
    return select;
  }

  #submit(badTarget: string): void {
    const { relay = "", target = "", path = "", pem = "" } = this.#values;
    const [, bracketed, name, port = ""] = /^(?:\[([^\]]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(target.trim()) ?? [];
    const host = bracketed ?? name;
    if (host === undefined) return this.#fail(badTarget);
    const trustAnchors = this.#trust === "other"
      ? strangersPem()
      : this.#trust === "own"
      ? pem
      : this.#config.authority;
    this.#start({ relay: relay.trim(), host, port: Number(port), path: `/${path.replace(/^\//, "")}`, trustAnchors });
  }
}
