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

export type Facts = { readonly halfClose?: boolean };

export interface AnyEvent {
  readonly type: string;
  /** Of application data, in bytes. */
  readonly length?: number;
  readonly error?: { readonly alert: AlertDescriptionName | undefined };
}

export interface AnyCommand {
  readonly type: string;
  readonly params: { readonly message?: unknown; readonly error?: AnyEvent["error"] } | undefined;
}

/** A chart whose vocabulary has been forgotten, so that one model fits all of them. */
export type AnyChart = Chart<Facts, AnyEvent, Record<string, AnyCommand["params"]>, Tag>;

export type PartName = "opening" | "tls12";
export type Charts = { readonly [Part in PartName]: AnyChart };

const forgetful = (chart: unknown): AnyChart => chart as AnyChart;

export const charts: { readonly [Name in Role]: Charts } = {
  client: { opening: forgetful(clientOpeningChart), tls12: forgetful(clientChart) },
  server: { opening: forgetful(serverOpeningChart), tls12: forgetful(serverChart) },
};

/** Where a role stands. `status` is there for xstate/graph. */
export interface Moment {
  readonly part: PartName;
  readonly snapshot: Snapshot<Facts, Tag>;
  readonly status: string;
  readonly facts: Facts;
}

/** Which answer each check waits for. Beside these, only the hand-over leaves a pending state. */
export const answers: Readonly<Record<string, string>> = {
  checkServerHello: "answer.serverHelloAccepted",
  checkCertificate: "answer.certificateTrusted",
  checkServerKeyExchange: "answer.serverKeyExchangeVerified",
  checkClientHello: "answer.clientHelloAccepted",
  signServerKeyExchange: "answer.signed",
  checkClientKeyExchange: "answer.clientKeyExchangeAccepted",
  checkFinished: "answer.finishedVerified",
};

export function begin(role: Charts, facts: Facts = {}): Moment {
  return momentOf("opening", role.opening.begin(), facts);
}

/** One event, without answers: pending states rest. The hand-over brings the message to the TLS 1.2 chart. */
export function step(role: Charts, moment: Moment, event: AnyEvent): readonly [Moment, readonly AnyCommand[]] {
  const [snapshot, asked] = role[moment.part].next(moment.snapshot, event);
  const reached = momentOf(moment.part, snapshot, moment.facts);
  if (!asked.some(({ type }) => type === "handOver")) return [reached, asked];
  const [further, askedFurther] = step(role, handedOver(role, moment.facts), event);
  return [further, [...asked, ...askedFurther]];
}

export function handedOver(role: Charts, facts: Facts): Moment {
  return momentOf("tls12", role.tls12.begin(facts), facts);
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
  readonly steps: readonly (readonly [Moment, AnyEvent])[];
}

/** Takes an event as a connection does whose checks answer at once. */
export function drive(role: Charts, from: Moment, event: AnyEvent, refusal?: Refusal): Driven {
  if (!reachesChart(from, event)) {
    const isData = event.type === "peer.applicationData" && event.length !== 0 && mayReceive(from);
    return { moment: from, seen: isData ? ["data"] : [], failure: undefined, steps: [] };
  }
  const [snapshot, asked] = role[from.part].next(from.snapshot, event);
  const moment = momentOf(from.part, snapshot, from.facts);
  const effects: string[] = [];
  const steps = [[from, event]] as const;
  let next: { readonly moment: Moment; readonly event: AnyEvent } | undefined;
  for (const command of asked) {
    if (refusal?.by === command.type) {
      next = { moment, event: { type: "fault", error: { alert: refusal.alert } } };
      break;
    }
    effects.push(...effectOf(command));
    const answer = answers[command.type];
    if (answer !== undefined) next = { moment, event: { type: answer } };
    if (command.type === "handOver") next = { moment: handedOver(role, from.facts), event };
  }
  const alert = effects.find((effect) => effect.startsWith("fatal "))?.slice("fatal ".length);
  const failure = effects.includes("failed") ? { state: textOf(from), alert } : undefined;
  // RFC 5246 §7.2.1: close_notify says that nothing more will be sent.
  const seen = textOf(from) === "live.closing" ? effects.filter((effect) => effect !== `fatal ${alert}`) : effects;
  if (next === undefined) return { moment, seen, failure, steps };
  const rest = drive(role, next.moment, next.event, refusal);
  return { ...rest, seen: [...seen, ...rest.seen], steps: [...steps, ...rest.steps] };
}

/** Two things pass a chart by: data where it is welcome, and all that a peer says after its close_notify (§7.2.1). */
function reachesChart(from: Moment, { type }: AnyEvent): boolean {
  if (textOf(from) === "live.peerClosed") return type.startsWith("app.") || type === "peer.end";
  return !(type === "peer.applicationData" && mayReceive(from));
}

function mayReceive({ snapshot }: Moment): boolean {
  return snapshot.hasTag("applicationData");
}

/** What each command is for those who look from outside. By hand; a command that isn't listed can't be seen. */
const visible: Readonly<Record<string, readonly string[]>> = {
  sendClientHello: ["ClientHello"],
  sendServerHello: ["ServerHello"],
  sendCertificate: ["Certificate"],
  sendEmptyCertificate: ["Certificate"],
  sendServerKeyExchange: ["ServerKeyExchange"],
  sendServerHelloDone: ["ServerHelloDone"],
  sendClientKeyExchange: ["ClientKeyExchange"],
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

export function effectOf({ type, params }: AnyCommand): readonly string[] {
  if (type !== "fail") return visible[type] ?? [];
  const alert = params?.error?.alert;
  return alert === undefined ? ["failed"] : [`fatal ${alert}`, "failed"];
}

export function textOf({ snapshot }: Moment): string {
  return stateText(snapshot.value);
}

/** Everything that a guard reads is in it, so that two moments with the same key behave alike. */
export function keyOf(moment: Moment): string {
  return `${moment.part} ${textOf(moment)} ${JSON.stringify({ ...moment.facts, ...moment.snapshot.context })}`;
}

function momentOf(part: PartName, snapshot: Snapshot<Facts, Tag>, facts: Facts): Moment {
  // Only the TLS 1.2 chart's end is the end: the opening's `selectingVersion` is left by the hand-over.
  return { part, snapshot, status: snapshot.status, facts };
}
