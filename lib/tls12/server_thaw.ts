/**
 * A frozen TLS 1.2 server: where it may stand, and how it goes on.
 * Enters: the parts of a frozen connection. Leaves: a machine with its open question, or TlsUsageError.
 * @module
 */

import { createMachine } from "../endpoint.ts";
import { InternalError } from "../error.ts";
import type { FrozenParts, FrozenQuestion, ThawedMachine } from "../freeze.ts";
import type { Question } from "../request.ts";
import type { ServerSettings } from "../settings.ts";
import { sessionOf } from "./common_commands.ts";
import type { Known } from "./known.ts";
import { verificationOf } from "./peer_certificate.ts";
import { serverParts, serverShapes } from "./server.ts";
import { checksOf, credentialQuestion, signedExchange } from "./server_commands.ts";
import { serverSessionKey } from "./server_session.ts";
import { type Chapter, checkFacts, checkMachine, establishedStates, signQuestion, type States } from "./thaw.ts";

const wished: readonly Chapter[] = ["offer", "wishes"];
const shown: readonly Chapter[] = ["offer", "negotiated", "local", "keyExchange"];
const offered: readonly Chapter[] = [...shown, "serverPrivateKey"];
const met: readonly Chapter[] = [...offered, "peer"];
const finishing: readonly Chapter[] = [...shown, "masterSecret", "writeKeys"];
const theirs: readonly Chapter[] = ["peer", "clientSignatureScheme"];
const resuming: readonly Chapter[] = ["offer", "negotiated", "resumed", "masterSecret", "writeKeys", "serverFinished"];

const certified = "client_hello server_hello certificate certificate_status?";
const asked = `${certified} server_key_exchange certificate_request server_hello_done`;
const anonymous = `${certified} server_key_exchange certificate_request? server_hello_done certificate?`;
const exchanged = `${anonymous} client_key_exchange certificate_verify?`;
const resumed = "client_hello server_hello new_session_ticket? finished";

const full: States = {
  "live.handshake.loadingSession": { transcript: "client_hello", knows: wished, asks: ["loadSession"] },
  "live.handshake.choosingCredential": { transcript: "client_hello", knows: wished, asks: ["chooseCredential"] },
  "live.handshake.full.signing": { transcript: certified, knows: offered, asks: ["sign"] },
  "live.handshake.full.awaitCertificate": { transcript: asked, knows: offered },
  "live.handshake.full.checkingCertificate": {
    transcript: `${asked} certificate`,
    knows: met,
    asks: ["verifyCertificate", "issuerMissing"],
  },
  "live.handshake.full.authenticated.awaitClientKeyExchange": { transcript: `${asked} certificate`, knows: met },
  "live.handshake.full.authenticated.awaitCertificateVerify": {
    transcript: `${asked} certificate client_key_exchange`,
    knows: [...shown, "peer", "masterSecret"],
  },
  "live.handshake.full.anonymous.awaitClientKeyExchange": { transcript: anonymous, knows: offered },
  "live.handshake.full.clientFinishes.awaitChangeCipherSpec": {
    transcript: exchanged,
    knows: finishing,
    mayKnow: theirs,
  },
  "live.handshake.full.clientFinishes.awaitFinished": {
    transcript: exchanged,
    knows: finishing,
    mayKnow: theirs,
    protects: "reading",
  },
  ...establishedStates(["local", "keyExchange"], theirs),
};

const abbreviated: States = {
  "live.handshake.abbreviated.awaitChangeCipherSpec": { transcript: resumed, knows: resuming, protects: "writing" },
  "live.handshake.abbreviated.awaitFinished": { transcript: resumed, knows: resuming, protects: "both" },
  ...establishedStates(["resumed"], []),
};

/** Every state in which a server may be frozen before its end, by the kind of its handshake. */
export const serverStates: { readonly full: States; readonly abbreviated: States } = { full, abbreviated };

/** A server that goes on where it stood. */
export function thawTls12Server(parts: FrozenParts, config: ServerSettings): ThawedMachine {
  const { state, question, transcript } = parts;
  const shapes = serverShapes(config);
  const context = shapes.context.thaw(parts.context, "frozen.context");
  const all = shapes.known.thaw(parts.known, "frozen.known");
  const itsParts = serverParts(config);
  checkFacts(context, itsParts.facts);
  checkMachine(parts, all, serverStates, config);
  return {
    machine: createMachine({ ...itsParts, known: all, stands: { state, context } }),
    question: question && questionAgain(question, all, config),
    session: transcript === undefined ? sessionOf(all) : undefined,
  };
}

/** In the words in which it was asked. */
function questionAgain(question: FrozenQuestion, all: Known, config: ServerSettings): Question {
  switch (question.type) {
    case "sign":
      return signQuestion(question.scheme, signedExchange(all), all, config);
    case "verifyCertificate":
      return { type: question.type, ...verificationOf(all, checksOf(config), question.now) };
    case "issuerMissing":
      return question;
    case "chooseCredential":
      return credentialQuestion(all);
    case "loadSession":
      return { type: question.type, key: serverSessionKey(all.offer.sessionId) };
    case "inspectClientHello":
      throw new InternalError(`Cannot ask ${question.type} again: no server asks it here`);
  }
}
