/**
 * The form of the page as a server: its certificate, how to reach it, who has come.
 * @module
 */

import { mint, type Minted } from "./credentials.ts";
import { h, show } from "./dom.ts";
import type { ExampleConfig } from "./example_config.ts";
import { dateText, type Fact } from "./facts.ts";
import { copyBox } from "./outcome_view.ts";
import type { Recording } from "./recording.ts";
import { listen } from "./server_role.ts";
import { form, labelled, textField } from "./setup_view.ts";
import { factList } from "./step_view.ts";
import type { Waiting } from "./waiting.ts";
import type { Words } from "./words.ts";

export interface ServerSetupEvents {
  /** Somebody wants to see this connection. */
  open(recording: Recording): void;
  changed(): void;
  failed(error: unknown): void;
  /** Something is tried anew: what was said about the last attempt is over. */
  tried(): void;
  /** The relay has ended the waiting, or never let the page wait. */
  relayEnded(relay: string, hasWaited: boolean): void;
}

const fileName = "tlschart_page_ca.pem";

export class ServerSetup {
  readonly #values: Record<string, string>;
  readonly #config: ExampleConfig;
  readonly #events: ServerSetupEvents;
  readonly #live: HTMLElement = h("div", { class: "server-live" });
  readonly #recordings: Recording[] = [];
  #minted: Minted;
  #listener: Waiting | undefined;

  constructor(config: ExampleConfig, events: ServerSetupEvents) {
    this.#config = config;
    this.#values = { names: "localhost, 127.0.0.1", relay: config.relay };
    this.#events = events;
    this.#minted = mint(["localhost", "127.0.0.1"]);
  }

  view(words: Words): HTMLElement {
    const { server } = words;
    const names = textField(this.#values, "names", { required: true });
    const element = form(
      "server",
      () => this.#toggle(),
      h("p", { class: "setup-about" }, server.about),
      h(
        "div",
        { class: "controls" },
        labelled(server.names, names),
        h("button", { type: "button", click: () => this.#mint() }, server.mint),
        labelled(server.relay, textField(this.#values, "relay", { required: true, class: "relay" })),
        h("button", { class: "primary listen", type: "submit" }),
      ),
      this.#live,
    );
    this.show(words, undefined, element);
    return element;
  }

  /** Brings the changing part up to date: the certificate, the state of waiting, the connections. */
  show(words: Words, opened: Recording | undefined, element: Element = document.body): void {
    const { server } = words;
    const button = element.querySelector(".listen");
    if (button !== null) button.textContent = this.#listener === undefined ? server.listen : server.stop;
    show(
      this.#live,
      h("div", { class: "server-certificate" }, factList(this.#certificateFacts(words))),
      h("div", { class: "server-reach" }, h("p", {}, this.#download(words), server.commands), this.#commands(words)),
      h("div", { class: "server-visits" }, this.#status(words), this.#connections(words, opened)),
    );
  }

  /** Opens a connection by its number, from 0. */
  choose(index: number): void {
    const recording = this.#recordings[index];
    if (recording !== undefined) this.#events.open(recording);
  }

  #certificateFacts({ server }: Words): readonly Fact[] {
    const { leaf, authority, names, fingerprint } = this.#minted;
    return [
      { label: server.certificate, values: [names.join(", ")], tone: "code" },
      { label: server.authority, values: [authority.subject.text], tone: "code" },
      { label: server.validUntil, values: [dateText(leaf.notAfter)], tone: "code" },
      { label: server.fingerprint, values: [fingerprint], tone: "code" },
    ];
  }

  #download({ server }: Words): HTMLElement {
    const href = `data:application/x-pem-file,${encodeURIComponent(this.#minted.authorityPem)}`;
    return h("a", { class: "download", download: fileName, href }, server.download);
  }

  #commands(words: Words): readonly HTMLElement[] {
    const port = this.#config.reversePort;
    const [name = "localhost"] = this.#minted.names;
    return [
      copyBox(
        `openssl s_client -connect 127.0.0.1:${port} -servername ${name} -CAfile ${fileName} -verify_return_error`,
        words,
      ),
      h("p", { class: "to-type" }, words.server.type),
      copyBox(`curl --cacert ${fileName} --resolve ${name}:${port}:127.0.0.1 https://${name}:${port}/`, words),
    ];
  }

  #status({ server }: Words): HTMLElement {
    const isWaiting = this.#listener !== undefined;
    return h(
      "p",
      { class: isWaiting ? "status waiting" : "status", role: "status" },
      isWaiting ? server.isWaiting : server.isStopped,
    );
  }

  #connections({ server }: Words, opened: Recording | undefined): HTMLElement {
    const buttons = this.#recordings.map((recording, index) =>
      h(
        "button",
        {
          type: "button",
          class: `visit ${recording.outcome?.type ?? "open"}`,
          "data-visit": index,
          "aria-pressed": recording === opened ? "true" : "false",
        },
        `#${index + 1}`,
      )
    );
    return h(
      "div",
      { class: "visits" },
      h("span", {}, server.connections),
      buttons.length === 0 ? h("span", { class: "quiet" }, server.noConnection) : buttons,
    );
  }

  #mint(): void {
    this.#events.tried();
    try {
      const names = (this.#values["names"] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");
      this.#minted = mint(names);
    } catch (error) {
      this.#events.failed(error);
    }
    this.#events.changed();
  }

  #toggle(): void {
    this.#events.tried();
    if (this.#listener === undefined) this.#listen();
    else this.#stop();
    this.#events.changed();
  }

  #stop(): void {
    this.#listener?.stop();
    this.#listener = undefined;
  }

  #listen(): void {
    try {
      const relay = (this.#values["relay"] ?? "").trim();
      const listener = listen(relay, () => this.#minted, {
        began: (recording) => {
          this.#recordings.push(recording);
          this.#events.open(recording);
        },
        ended: (hasWaited) => {
          if (this.#listener === listener) this.#listener = undefined;
          this.#events.relayEnded(relay, hasWaited);
        },
        changed: this.#events.changed,
      });
      this.#listener = listener;
    } catch (error) {
      this.#events.failed(error);
    }
  }
}
