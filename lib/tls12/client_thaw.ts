/**
 * A frozen TLS 1.2 client: where it may stand, and how it goes on.
 * Enters: the parts of a frozen connection. Leaves: a machine with its open question, or TlsUsageError.
 * @module
 */

import { joined } from "../codec/bytes.ts";
import { createMachine } from "../endpoint.ts";
import { InternalError, TlsUsageError } from "../error.ts";
import type { FrozenParts, FrozenQuestion, ThawedMachine } from "../freeze.ts";
import type { Question } from "../request.ts";
import type { ClientSettings } from "../settings.ts";
import { clientParts, clientShapes } from "./client.ts";
import { checksOf } from "./client_commands.ts";
import { questionFor } from "./client_credential.ts";
import { sessionOf } from "./common_commands.ts";
import type { Known } from "./known.ts";
import { verificationOf } from "./peer_certificate.ts";
import { type Chapter, checkFacts, checkMachine, establishedStates, signQuestion, type States } from "./thaw.ts";

const agreed: readonly Chapter[] = ["offer", "negotiated"];
const met: readonly Chapter[] = [...agreed, "peer"];
const exchanged: readonly Chapter[] = [...met, "keyExchange"];
const requested: readonly Chapter[] = [...exchanged, "certificateRequest"];
const finishing: readonly Chapter[] = [...exchanged, "masterSecret", "writeKeys", "clientFinished"];
const ours: readonly Chapter[] = ["local", "clientSignatureScheme"];
const resuming: readonly Chapter[] = ["offer", "negotiated", "resumed", "masterSecret", "writeKeys"];
const verifying: readonly FrozenQuestion["type"][] = ["verifyCertificate", "issuerMissing"];

const hellos = "client_hello server_hello";
const certified = `${hellos} certificate certificate_status?`;
const asked = `${certified} server_key_exchange certificate_request`;
const done = `${asked} server_hello_done`;
const finished = `${certified} server_key_exchange certificate_request? server_hello_done ` +
  "certificate? client_key_exchange certificate_verify? finished";

const full: States = {
  "live.handshake.full.awaitCertificate": { transcript: hellos, knows: agreed },
  "live.handshake.full.awaitCertificateStatusOrServerKeyExchange": { transcript: `${hellos} certificate`, knows: met },
  "live.handshake.full.checkingCertificate": { transcript: certified, knows: met, asks: verifying },
  "live.handshake.full.checkingCertificateFirst": {
    transcript: `${hellos} certificate server_key_exchange`,
    knows: [...met, "readKeyExchange"],
    asks: verifying,
  },
  "live.handshake.full.awaitServerKeyExchange": { transcript: certified, knows: met },
  "live.handshake.full.awaitCertificateRequestOrServerHelloDone": {
    transcript: `${certified} server_key_exchange`,
    knows: exchanged,
  },
  "live.handshake.full.awaitServerHelloDone": { transcript: asked, knows: requested },
  "live.handshake.full.choosingCredential": { transcript: done, knows: requested, asks: ["chooseCredential"] },
  "live.handshake.full.signing": {
    transcript: `${done} certificate client_key_exchange`,
    knows: [...exchanged, "local", "masterSecret"],
    asks: ["sign"],
  },
  "live.handshake.full.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec": {
    transcript: finished,
    knows: finishing,
    mayKnow: ours,
    protects: "writing",
  },
  "live.handshake.full.serverFinishes.awaitChangeCipherSpec": {
    transcript: `${finished} new_session_ticket`,
    knows: [...finishing, "ticket"],
    mayKnow: ours,
    protects: "writing",
  },
  "live.handshake.full.serverFinishes.awaitFinished": {
    transcript: `${finished} new_session_ticket?`,
    knows: finishing,
    mayKnow: [...ours, "ticket"],
    protects: "both",
  },
  ...establishedStates(["peer", "keyExchange"], ours),
};

const abbreviated: States = {
  "live.handshake.abbreviated.awaitNewSessionTicketOrChangeCipherSpec": { transcript: hellos, knows: resuming },
  "live.handshake.abbreviated.awaitChangeCipherSpec": {
    transcript: `${hellos} new_session_ticket`,
    knows: [...resuming, "ticket"],
  },
  "live.handshake.abbreviated.awaitFinished": {
    transcript: `${hellos} new_session_ticket?`,
    knows: resuming,
    mayKnow: ["ticket"],
    protects: "reading",
  },
  ...establishedStates(["resumed"], []),
};

/** Every state in which a client may be frozen before its end, by the kind of its handshake. */
export const clientStates: { readonly full: States; readonly abbreviated: States } = { full, abbreviated };

/** A client that goes on where it stood. */
export function thawTls12Client(parts: FrozenParts, config: ClientSettings): ThawedMachine {
  const { state, question, transcript } = parts;
  const shapes = clientShapes(config);
  const context = shapes.context.thaw(parts.context, "frozen.context");
  const all = shapes.known.thaw(parts.known, "frozen.known");
  const itsParts = clientParts(config);
  checkFacts(context, itsParts.facts);
  checkOfferedName(all.offer.serverName, config);
  checkMachine(parts, all, clientStates, config);
  return {
    machine: createMachine({ ...itsParts, known: all, stands: { state, context } }),
    question: question && questionAgain(question, all, joined(transcript ?? []), config),
    session: transcript === undefined ? sessionOf(all) : undefined,
  };
}

/** Throws TlsUsageError where the server would be taken for another one. */
export function checkOfferedName(offered: string | undefined, { serverName }: ClientSettings): void {
  if (offered === serverName) return;
  throw new TlsUsageError(
    `Cannot thaw: the frozen connection is to ${offered ?? "no name"}, and this configuration's serverName is ${
      serverName ?? "none"
    }`,
  );
}

/** In the words in which it was asked. */
function questionAgain(
  question: FrozenQuestion,
  all: Known,
  transcript: Uint8Array<ArrayBuffer>,
  config: ClientSettings,
): Question {
  switch (question.type) {
    case "sign":
      return signQuestion(question.scheme, transcript, all, config);
    case "verifyCertificate":
      return { type: question.type, ...verificationOf(all, checksOf(config), question.now) };
    case "issuerMissing":
      return question;
    case "chooseCredential":
      return questionFor(all);
    case "loadSession":
    case "inspectClientHello":
      throw new InternalError(`Cannot ask ${question.type} again: no client asks it here`);
  }
}
