/**
 * Connections whose checks answer late: with noble every check answers at once, so that most pending states never rest.
 * Here each answer of a TLS 1.2 chart is kept back behind a request, and given when that is answered, with any value.
 * @module
 */

import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { createConnection, type TlsConnection } from "../../lib/connection.ts";
import { createMachine, type Effect, type Machine } from "../../lib/endpoint.ts";
import { type ClientHello, decodeClientHello } from "../../lib/messages/client_hello.ts";
import { clientOpening } from "../../lib/opening/client_opening.ts";
import { serverOpening } from "../../lib/opening/server_opening.ts";
import type { Question } from "../../lib/request.ts";
import { decodeSession } from "../../lib/session/resumable_session.ts";
import { clientParts } from "../../lib/tls12/client.ts";
import { knownFrom, type Offer } from "../../lib/tls12/known.ts";
import { serverParts } from "../../lib/tls12/server.ts";

/** What a kept answer hides behind; no connection asks for such a key. */
function lateQuestion({ type }: { readonly type: string }): Question {
  return { type: "loadSession", key: `kept back: ${type}` };
}

/** `answer.certificateTrusted`: what a request hides; `undefined` for a real one. */
export function keptAnswer(question: Question): string | undefined {
  return question.type === "loadSession" ? /^kept back: (.*)$/.exec(question.key)?.[1] : undefined;
}

export function lateClient(config: ClientConfig): TlsConnection {
  const settings = clientSettings(config);
  const session = settings.sessions?.cache === "request" ? undefined : settings.sessions?.cache?.load("");
  const opening = handingOver(clientOpening(settings), (hello) => {
    const { serverName } = settings;
    const offer = { ...offerOf(hello), serverName, session: session && decodeSession(session) };
    return createMachine(keepingBack({ ...clientParts(settings), known: knownFrom(offer) }));
  });
  return createConnection(opening, settings, (_, value) => value);
}

export function lateServer(config: ServerConfig): TlsConnection {
  const settings = serverSettings(config);
  const opening = handingOver(serverOpening(settings), (hello) => {
    const offer = { ...offerOf(hello), serverName: undefined, session: undefined };
    return createMachine(keepingBack({ ...serverParts(settings), known: knownFrom(offer) }));
  });
  return createConnection(opening, settings, (_, value) => value);
}

function offerOf({ random, sessionId, extensions = [] }: ClientHello): Omit<Offer, "serverName" | "session"> {
  const extensionTypes = extensions.map(({ type }) => type);
  return { clientRandom: random.slice(), sessionId: sessionId.slice(), extensionTypes };
}

/** The opening as it is, but it hands over to this machine. */
function handingOver(opening: Machine, make: (hello: ClientHello) => Machine): Machine {
  let hello: ClientHello | undefined;
  const noticing = (apply: (effect: Effect) => void) => (effect: Effect): void => {
    const { send, handOver } = effect;
    if (send?.content === "handshake") hello = decodeClientHello(send.message.body);
    if (handOver?.event.type === "peer.clientHello") hello = decodeClientHello(handOver.event.message.body);
    if (handOver === undefined || hello === undefined) return apply(effect);
    apply({ ...effect, handOver: { ...handOver, machine: make(hello) } });
  };
  return {
    get state() {
      return opening.state;
    },
    get done() {
      return opening.done;
    },
    exporter: undefined,
    hasTag: (tag) => opening.hasTag(tag),
    describe: opening.describe,
    recordCipher: opening.recordCipher,
    freeze: opening.freeze,
    take: (event, transcript, apply) => opening.take(event, transcript, noticing(apply)),
    answer: (question, value, transcript, apply) => opening.answer(question, value, transcript, noticing(apply)),
  };
}

interface Answering<Answer> {
  readonly commands: Readonly<Record<string, unknown>>;
  readonly answered?: (question: Question, value: unknown) => Answer | undefined;
}

/** The same parts, but whatever a command answers is kept until the request that it becomes is answered. */
function keepingBack<Answer extends { readonly type: string }, Parts extends Answering<Answer>>(
  parts: Parts & Answering<Answer>,
): Parts {
  let kept: Answer | undefined;
  type Run = (...args: readonly unknown[]) => { readonly answer?: Answer } & Effect;
  const commands = Object.entries(parts.commands as Record<string, Run>).map(([name, run]): [string, Run] => [
    name,
    (...args) => {
      const { answer, ...outcome } = run(...args);
      kept = answer ?? kept;
      return answer === undefined ? outcome as Effect : { ...outcome, question: lateQuestion(answer) };
    },
  ]);
  const answered = (question: Question, value: unknown): Answer | undefined =>
    keptAnswer(question) === undefined ? parts.answered?.(question, value) : kept;
  return { ...parts, commands: Object.fromEntries(commands), answered };
}
