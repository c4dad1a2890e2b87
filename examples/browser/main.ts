/**
 * The page: joins the forms, the recordings and what shows them. Data flows one way: something happens, a recording
 * grows, everything that is seen is made again from it.
 * @module
 */

import { type Side, sides } from "../../adapters/cli/step.ts";
import { shakeHands } from "./both_roles.ts";
import { ChartView } from "./chart_view.ts";
import { type Visit, visit } from "./client_role.ts";
import { ClientSetup } from "./client_setup.ts";
import { byId, h, show } from "./dom.ts";
import { type ExampleConfig, loadConfig } from "./example_config.ts";
import { failureOf } from "./failure.ts";
import { listenToLadder, showLadder } from "./ladder_view.ts";
import { showOutcome } from "./outcome_view.ts";
import { Player } from "./player_view.ts";
import type { Recording } from "./recording.ts";
import { ServerSetup } from "./server_setup.ts";
import { type Role, Settings } from "./settings.ts";
import { form, labelled, textField } from "./setup_view.ts";
import { showStep } from "./step_view.ts";
import { Viewer } from "./viewer.ts";

class Page {
  readonly #settings = new Settings(new URL(location.href), navigator.language);
  readonly #viewers: Readonly<Record<Role, Viewer>>;
  readonly #charts: Readonly<Record<Side, ChartView>> = {
    client: new ChartView("client"),
    server: new ChartView("server"),
  };
  readonly #player: Player;
  readonly #clientSetup: ClientSetup;
  readonly #serverSetup: ServerSetup;
  readonly #bothValues: Record<string, string> = { name: "localhost" };
  #problem = "";
  #isStale = false;
  /** Whether somebody has asked for a connection and not yet seen how it came out. */
  #isAwaited = false;

  constructor(config: ExampleConfig) {
    const change = (): void => this.#change();
    this.#viewers = { client: new Viewer(change), server: new Viewer(change), both: new Viewer(change) };
    this.#player = new Player(() => this.#viewer);
    this.#clientSetup = new ClientSetup(config, (order) => this.#visit(order), (message) => this.#fail(message));
    this.#serverSetup = new ServerSetup(config, {
      open: (recording) => this.#viewers.server.open(recording),
      changed: change,
      failed: (error) => this.#fail(failureOf(error).says),
      tried: () => this.#fail(""),
      relayEnded: (relay, hasWaited) => {
        const { noRelay, relayLeft } = this.#settings.words.server;
        this.#fail(hasWaited ? relayLeft(relay) : noRelay(relay));
      },
    });
    this.#listen();
    this.#showFrame();
  }

  get #viewer(): Viewer {
    return this.#viewers[this.#settings.role];
  }

  /** One listener for each kind of thing that comes and goes. */
  #listen(): void {
    listenToLadder(byId("ladder"), () => this.#viewer);
    byId("language").addEventListener("click", () => this.#set(() => this.#settings.switchLanguage()));
    byId("theme").addEventListener("click", () => this.#set(() => this.#settings.switchTheme()));
    for (const role of ["client", "server", "both"] as const) {
      byId(`role-${role}`).addEventListener("click", () => this.#set(() => this.#settings.switchRole(role)));
    }
    document.addEventListener("click", ({ target }) => {
      if (target instanceof Element) this.#clicked(target);
    });
  }

  #clicked(target: Element): void {
    if (target.closest("[data-step], [data-visit]") !== null) this.#reveal();
    const key = target.getAttribute("data-expand");
    if (key !== null) {
      const { expanded } = this.#viewer;
      if (!expanded.delete(key)) expanded.add(key);
      this.#change();
    }
    const visitNumber = target.getAttribute("data-visit");
    if (visitNumber !== null) this.#serverSetup.choose(Number(visitNumber));
    const copied = target.getAttribute("data-copy");
    if (copied !== null) void this.#copy(target, copied);
  }

  async #copy(button: Element, text: string): Promise<void> {
    await navigator.clipboard.writeText(text).catch(() => {});
    button.textContent = this.#settings.words.copied;
    setTimeout(() => void (button.textContent = this.#settings.words.copy), 1_500);
  }

  #set(change: () => void): void {
    this.#viewer.pause();
    change();
    this.#problem = "";
    this.#showFrame();
  }

  #visit(order: Visit): void {
    this.#attempt(() => this.#viewers.client.open(visit(order, () => this.#change())));
  }

  #shakeHands(): void {
    const open = (recording: Recording): void => this.#viewers.both.open(recording);
    this.#attempt(() => open(shakeHands(this.#bothValues["name"] ?? "", () => this.#change())));
  }

  #attempt(begin: () => void): void {
    this.#problem = "";
    try {
      begin();
      this.#isAwaited = true;
      this.#reveal();
    } catch (error) {
      this.#fail(failureOf(error).says);
    }
  }

  /** An empty message takes the last one away. */
  #fail(message: string): void {
    this.#problem = message;
    this.#change();
  }

  /** Where all stands in one column, what was asked for is far below. */
  #reveal(): void {
    this.#change();
    if (!matchMedia("(max-width: 760px)").matches) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    requestAnimationFrame(() => byId("detail").scrollIntoView({ block: "start", behavior }));
  }

  /** Everything that happens within one frame is shown at once. */
  #change(): void {
    if (this.#isStale) return;
    this.#isStale = true;
    requestAnimationFrame(() => {
      this.#isStale = false;
      this.#show();
    });
  }

  /** What changes with the language, the theme and the role only. */
  #showFrame(): void {
    const { words, role, theme } = this.#settings;
    byId("title").textContent = words.title;
    byId("subtitle").textContent = words.subtitle;
    byId("language").textContent = words.otherLanguage;
    byId("theme").textContent = `${words.theme}: ${words.themes[theme]}`;
    byId("ladder").setAttribute("aria-label", words.step.list);
    byId("player").setAttribute("aria-label", words.player.label);
    for (const one of ["client", "server", "both"] as const) {
      byId(`role-${one}`).textContent = words.roles[one];
      byId(`role-${one}`).setAttribute("aria-pressed", String(one === role));
    }
    byId("setup").replaceChildren(this.#setup());
    byId("charts").replaceChildren(...this.#watched().map((side) => this.#charts[side].element));
    document.body.dataset["role"] = role;
    this.#show();
  }

  #setup(): HTMLElement {
    const { words, role } = this.#settings;
    switch (role) {
      case "client":
        return this.#clientSetup.view(words);
      case "server":
        return this.#serverSetup.view(words);
      case "both":
        return form(
          "both",
          () => this.#shakeHands(),
          h("p", { class: "setup-about" }, words.both.about),
          h(
            "div",
            { class: "controls" },
            labelled(words.both.names, textField(this.#bothValues, "name", { required: true })),
            h("button", { class: "primary", type: "submit" }, words.both.run),
          ),
        );
    }
  }

  #watched(): readonly Side[] {
    const { role } = this.#settings;
    return role === "both" ? sides : [role];
  }

  #show(): void {
    const { words, role } = this.#settings;
    const viewer = this.#viewer;
    const exchange = viewer.exchange();
    show(byId("problem"), this.#problem === "" ? undefined : h("p", { role: "alert" }, this.#problem));
    this.#player.show(viewer, exchange, words);
    showLadder(byId("ladder"), viewer, exchange, words);
    const outcome = viewer.recording?.outcome;
    const failedIn = outcome?.type === "failed" ? failureOf(outcome.error).state : undefined;
    for (const side of this.#watched()) {
      // The error is that of the side which runs in the page itself.
      const own = role === "client" ? "client" : "server";
      this.#charts[side].show(exchange?.states[side] ?? ["live.start"], words, side === own ? failedIn : undefined);
    }
    if (role === "server") this.#serverSetup.show(words, viewer.recording);
    const detail = byId("detail");
    const shown = viewer.showsOutcome ? "result" : String(exchange?.step ?? 0);
    if (detail.dataset["shown"] !== shown) detail.scrollTop = 0;
    detail.dataset["shown"] = shown;
    if (exchange === undefined) show(detail, h("p", { class: "empty" }, words.step.empty));
    else if (viewer.position === 0) {
      show(detail, h("p", { class: "empty" }, words.player.beginning));
    } else if (viewer.showsOutcome) showOutcome(detail, exchange, words);
    else showStep(detail, exchange, exchange.step, viewer.expanded, words);
    if (this.#isAwaited && viewer.showsOutcome) {
      this.#isAwaited = false;
      // The page may have been too short to scroll so far.
      this.#reveal();
    }
  }
}

new Page(await loadConfig());
