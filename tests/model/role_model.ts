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
import type { Role } from "../support/scripted_peer.ts";
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

/** What the content of messages makes of a command: what a check answers, what others let the peer see. */
export type Said = Readonly<Record<string, AnyEvent | readonly string[]>>;

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

/** The content of a message: which command refuses it, with which alert. Without, every check finds it right. */
export interface Refusal {
  readonly by: string;
  readonly alert: AlertDescriptionName;
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

/** Takes an event as a connection does whose checks answer at once. */
export function drive(role: Charts, from: Moment, event: AnyEvent, refusal?: Refusal): Driven {
  if (!reachesChart(from, event)) {
    const isData = event.type === "peer.applicationData" && event.length !== 0 && mayReceive(from);
    return { moment: from, seen: isData ? ["data"] : [], failure: undefined, steps: [] };
  }
  const [snapshot, asked] = role[from.part].next(from.snapshot, event);
  const rest = { ...from.said };
  for (const { type } of asked) delete rest[type]; // said once, and now heeded
  const moment = momentOf(from.part, snapshot, { ...from, kept: keptOf(from, asked), said: rest });
  const effects: string[] = [];
  const steps = [[from, event]] as const;
  let next: { readonly moment: Moment; readonly event: AnyEvent } | undefined;
  for (const command of asked) {
    if (refusal?.by === command.type) {
      next = { moment, event: { type: "fault", error: { alert: refusal.alert } } };
      break;
    }
    effects.push(...effectOf(command, from.said));
    const answer = answerTo(role, command, from.said);
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
  const further = drive(role, next.moment, next.event, refusal);
  return { ...further, seen: [...seen, ...further.seen], steps: [...steps, ...further.steps] };
}

/** Two things pass a chart by: data where it is welcome, and all that a peer says after its close_notify (§7.2.1). */
export function reachesChart(from: Moment, { type }: AnyEvent): boolean {
  if (textOf(from) === "live.peerClosed") return type.startsWith("app.") || type === "peer.end";
  return !(type === "peer.applicationData" && mayReceive(from));
}

function mayReceive({ snapshot }: Moment): boolean {
  return snapshot.hasTag("applicationData");
}

function answerTo({ role }: Charts, { type }: AnyCommand, said: Said): AnyEvent | undefined {
  const told = said[type];
  return told !== undefined && "type" in told ? told : answers[role][type]?.[0];
}

/** What each command is for those who look from outside. By hand; a command that isn't listed can't be seen. */
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

function effectOf({ type, params }: AnyCommand, said: Said): readonly string[] {
  const told = said[type];
  if (told !== undefined && !("type" in told)) return told;
  if (type !== "fail") return visible[type] ?? [];
  const alert = params?.error?.alert;
  return alert === undefined ? ["failed"] : [`fatal ${alert}`, "failed"];
}

export function textOf({ snapshot }: Moment): string {
  return stateText(snapshot.value);
}

/** Everything that a guard reads is in it, so that two moments with the same key behave alike. */
export function keyOf({ part, snapshot, facts, said }: Moment): string {
  const heeded = Object.entries(said).sort().map(([name, what]) => [name, "type" in what ? what.type : what]);
  return `${part} ${stateText(snapshot.value)} ${JSON.stringify([facts, snapshot.context, heeded])}`;
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
