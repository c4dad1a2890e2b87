/**
 * One role's charts as one model: the opening, the hand-over, the TLS 1.2 chart, as `connection.ts` and `endpoint.ts`
 * join them. `step` takes one event and shows each command; `drive` also answers, with a stub in place of cryptography.
 * A model runs any charts, also broken ones (mutants.ts).
 * @module
 */

import { type Chart, type Snapshot, stateText } from "../../lib/chart.ts";
import type { Tag } from "../../lib/endpoint.ts";
import { clientOpeningChart } from "../../lib/opening/client_opening_chart.ts";
import { serverOpeningChart } from "../../lib/opening/server_opening_chart.ts";
import type { AlertDescriptionName } from "../../lib/registry.ts";
import { clientChart } from "../../lib/tls12/client_chart.ts";
import { serverChart } from "../../lib/tls12/server_chart.ts";
import type { Role } from "../support/scripted_phrases.ts";
import { answers } from "./vocabulary.ts";

/** What a configuration tells a chart. */
export interface Facts {
  readonly halfClose?: boolean;
  readonly declinesRenegotiation?: boolean;
  readonly asksForCertificate?: boolean;
}

/** And what a ServerHello tells it on the way. */
export interface Context extends Facts {
  readonly announcesCertificateStatus?: boolean;
  readonly announcesTicket?: boolean;
}

/** An event whose vocabulary has been forgotten: what kinds of content there are is in vocabulary.ts. */
export interface AnyEvent extends Context {
  readonly type: string;
  /** Of application data, in bytes. */
  readonly length?: number;
  readonly message?: unknown;
  readonly error?: { readonly alert: AlertDescriptionName | undefined };
}

export interface AnyCommand {
  readonly type: string;
  readonly params: { readonly message?: unknown; readonly error?: AnyEvent["error"] } | undefined;
}

/** A chart whose vocabulary has been forgotten, so that one model fits all of them. */
export type AnyChart = Chart<Context, AnyEvent, Record<string, AnyCommand["params"]>, Tag>;

export type PartName = "opening" | "tls12";
export type Charts = { readonly role: Role } & { readonly [Part in PartName]: AnyChart };

const forgetful = (chart: unknown): AnyChart => chart as AnyChart;

export const charts: { readonly [Name in Role]: Charts } = {
  client: { role: "client", opening: forgetful(clientOpeningChart), tls12: forgetful(clientChart) },
  server: { role: "server", opening: forgetful(serverOpeningChart), tls12: forgetful(serverChart) },
};

export const roles: readonly Role[] = ["client", "server"];
export const parts: readonly PartName[] = ["opening", "tls12"];

/** Each choice of the facts that a configuration can tell a role's chart. */
export const everyFact: { readonly [Name in Role]: readonly Facts[] } = {
  client: pairsOf((halfClose, declinesRenegotiation) => ({ halfClose, declinesRenegotiation })),
  server: pairsOf((halfClose, asksForCertificate) => ({ halfClose, asksForCertificate })),
};

/** Where a role stands. `status` is there for xstate/graph. */
export interface Moment {
  readonly part: PartName;
  readonly snapshot: Snapshot<Context, Tag>;
  readonly status: string;
  readonly facts: Facts;
  /** The message that a server's opening keeps for the chart that it hands over to. */
  readonly kept: unknown;
  /** What has been said, and will matter to commands that come later. */
  readonly said: Said;
}

/** What the content of messages makes of commands; the others are content, answer first what they can, and show all. */
export type Said = Readonly<Record<string, Verdict>>;

/** A check refuses, or answers; another command shows this to the peer. */
export type Verdict =
  | { readonly refuses: AlertDescriptionName }
  | { readonly answers: AnyEvent }
  | { readonly shows: readonly string[] };

export function begin(role: Charts, facts: Facts = {}, said: Said = {}): Moment {
  return momentOf("opening", role.opening.begin(), { facts, kept: undefined, said });
}

/** What one event makes of a role that answers nothing: pending states rest. */
export interface Step {
  readonly reached: Moment;
  readonly asked: readonly AnyCommand[];
  /** What the charts took: the event; after a hand-over also the hello, which it brings to the TLS 1.2 chart. */
  readonly taken: readonly [Taken, ...Taken[]];
}

type Taken = readonly [Moment, AnyEvent];

export function step(role: Charts, moment: Moment, event: AnyEvent): Step {
  const [snapshot, asked] = role[moment.part].next(moment.snapshot, event);
  const reached = momentOf(moment.part, snapshot, { ...moment, kept: keptOf(moment, asked) });
  const handOver = asked.find(({ type }) => type === "handOver");
  if (handOver === undefined) return { reached, asked, taken: [[moment, event]] };
  const further = step(role, handedOver(role, reached), helloFor(role, reached, handOver));
  return { ...further, asked: [...asked, ...further.asked], taken: [[moment, event], ...further.taken] };
}

export function handedOver(role: Charts, moment: Pick<Moment, "facts" | "kept" | "said">): Moment {
  return momentOf("tls12", role.tls12.begin(moment.facts), moment);
}

function keptOf({ kept }: Moment, asked: readonly AnyCommand[]): unknown {
  return asked.find(({ type }) => type === "inspectClientHello")?.params?.message ?? kept;
}

/** The first event of the chart that is in charge from now on: a client's command is told it, a server has kept it. */
function helloFor({ role }: Charts, { kept }: Moment, { params }: AnyCommand): AnyEvent {
  return role === "client"
    ? { type: "peer.serverHello", message: params?.message }
    : { type: "peer.clientHello", message: kept };
}

/** What the peer reads and what the embedder gets, in order; the same words as in scripted_peer.ts. */
export interface Driven {
  readonly moment: Moment;
  readonly seen: readonly string[];
  /** In which state the connection failed, and with which alert, sent or not. */
  readonly failure: { readonly state: string; readonly alert: string | undefined } | undefined;
  /** What the charts took on the way, answers and all. */
  readonly steps: readonly Taken[];
}

/** Takes an event as a connection does whose checks answer at once; `said` by the content that comes with the event. */
export function drive(role: Charts, from: Moment, event: AnyEvent, said: Said = {}): Driven {
  if (!reachesChart(from, event)) {
    const isData = event.type === "peer.applicationData" && event.length !== 0 && mayReceive(from);
    return { moment: from, seen: isData ? ["data"] : [], failure: undefined, steps: [] };
  }
  const [snapshot, asked] = role[from.part].next(from.snapshot, event);
  const heard = { ...from.said, ...said };
  const isIgnored = asked.length === 0 && stateText(snapshot.value) === textOf(from);
  const left = isIgnored ? from.said : without(heard, asked.map(({ type }) => type));
  const moment = momentOf(from.part, snapshot, { ...from, kept: keptOf(from, asked), said: left });
  const effects: string[] = [];
  const steps = [[from, event]] as const;
  let next: { readonly moment: Moment; readonly event: AnyEvent } | undefined;
  for (const command of asked) {
    const verdict = heard[command.type];
    if (verdict !== undefined && "refuses" in verdict) {
      next = { moment, event: { type: "fault", error: { alert: verdict.refuses } } };
      break;
    }
    effects.push(...effectOf(command, verdict));
    const answer = answerTo(role, command, verdict);
    if (answer !== undefined) next = { moment, event: answer };
    if (command.type === "handOver") {
      next = { moment: handedOver(role, moment), event: helloFor(role, moment, command) };
    }
  }
  const alert = effects.find((effect) => effect.startsWith("fatal "))?.slice("fatal ".length);
  const failure = effects.includes("failed") ? { state: textOf(from), alert } : undefined;
  // RFC 5246 §7.2.1: close_notify says that nothing more will be sent.
  const seen = textOf(from) === "live.closing" ? effects.filter((effect) => effect !== `fatal ${alert}`) : effects;
  if (next === undefined) return { moment, seen, failure, steps };
  const further = drive(role, next.moment, next.event);
  return { ...further, seen: [...seen, ...further.seen], steps: [...steps, ...further.steps] };
}

function without(said: Said, commands: readonly string[]): Said {
  return Object.fromEntries(Object.entries(said).filter(([command]) => !commands.includes(command)));
}

/** Two things pass a chart by: data where it is welcome, and all that a peer says after its close_notify (§7.2.1). */
export function reachesChart(from: Moment, { type }: AnyEvent): boolean {
  if (textOf(from) === "live.peerClosed") return type.startsWith("app.") || type === "peer.end";
  return !(type === "peer.applicationData" && mayReceive(from));
}

function mayReceive({ snapshot }: Moment): boolean {
  return snapshot.hasTag("applicationData");
}

function answerTo({ role }: Charts, { type }: AnyCommand, verdict: Verdict | undefined): AnyEvent | undefined {
  return verdict !== undefined && "answers" in verdict ? verdict.answers : answers[role][type]?.[0];
}

/**
 * What each command is for those who look from outside. By hand; a command that isn't listed can't be seen, and one that
 * sends something IfAgreed doesn't, if nothing else was said.
 */
const visible: Readonly<Record<string, readonly string[]>> = {
  sendClientHello: ["ClientHello"],
  sendServerHello: ["ServerHello"],
  sendCertificate: ["Certificate"],
  sendEmptyCertificate: ["Certificate without certificates"],
  sendServerKeyExchange: ["ServerKeyExchange"],
  sendCertificateRequest: ["CertificateRequest"],
  sendServerHelloDone: ["ServerHelloDone"],
  sendClientKeyExchange: ["ClientKeyExchange"],
  sendCertificateVerify: ["CertificateVerify"],
  sendChangeCipherSpec: ["ChangeCipherSpec"],
  sendFinished: ["Finished"],
  sendCloseNotify: ["warning close_notify"],
  sendUserCanceled: ["warning user_canceled"],
  declineRenegotiation: ["warning no_renegotiation"],
  refuseRenegotiation: ["fatal no_renegotiation", "failed"],
  refuse: ["fatal unexpected_message", "failed"],
  failInternally: ["fatal internal_error", "failed"],
  reportEstablished: ["established"],
  reportPeerClosed: ["peerClosed"],
  reportClosed: ["closed"],
};

function effectOf({ type, params }: AnyCommand, verdict: Verdict | undefined): readonly string[] {
  if (verdict !== undefined && "shows" in verdict) return verdict.shows;
  if (type !== "fail") return visible[type] ?? [];
  const alert = params?.error?.alert;
  return alert === undefined ? ["failed"] : [`fatal ${alert}`, "failed"];
}

export function textOf({ snapshot }: Moment): string {
  return stateText(snapshot.value);
}

/** Everything that a guard reads is in it, so that two moments with the same key behave alike. */
export function keyOf({ part, snapshot, facts, said }: Moment): string {
  const heard = Object.entries(said).sort().map(([command, verdict]) => `${command} ${verdictText(verdict)}`);
  return `${part} ${stateText(snapshot.value)} ${JSON.stringify([facts, snapshot.context, heard])}`;
}

function verdictText(verdict: Verdict): string {
  if ("answers" in verdict) return verdict.answers.type;
  return "refuses" in verdict ? verdict.refuses : verdict.shows.join();
}

function momentOf(
  part: PartName,
  snapshot: Snapshot<Context, Tag>,
  { facts, kept, said }: Pick<Moment, "facts" | "kept" | "said">,
): Moment {
  // Only the TLS 1.2 chart's end is the end: the opening's `selectingVersion` is left by the hand-over.
  return { part, snapshot, status: snapshot.status, facts, kept, said };
}

function pairsOf<Pair>(make: (one: boolean, other: boolean) => Pair): readonly Pair[] {
  return [make(false, false), make(false, true), make(true, false), make(true, true)];
}
