/**
 * What every chart has in common: how a connection ends, whatever it was doing. The fragments are spread into the
 * charts, so that the same arrows stand in each of them; the functions carry out their commands.
 * RFC 5246 §7.2.
 * @module
 */

import type { Effect, Scene } from "./endpoint.ts";
import { InternalError, PeerMisbehavedError, type TlsError } from "./error.ts";
import { eventText, type PeerEvent, type TlsEvent } from "./event.ts";

export interface LifecycleCommands {
  /** The end, with the error's alert where it has one. */
  fail: { readonly error: TlsError };
  /** The end: this may not come now. */
  refuse: { readonly event: TlsEvent };
  /** The end: an event that the chart doesn't know at this point; never the peer's fault. */
  failInternally: { readonly event: string };
  sendCloseNotify: undefined;
  sendUserCanceled: undefined;
  reportPeerClosed: undefined;
  reportClosed: undefined;
}

type ItsError = (args: { event: { error: TlsError } }) => { error: TlsError };
type It = (args: { event: PeerEvent }) => { event: TlsEvent };
type ItsType = (args: { event: { type: string } }) => { event: string };
type Arrow<Target extends string, Actions> = { readonly target: Target; readonly actions: Actions };
type Fail = { readonly type: "fail"; readonly params: ItsError };

const itsError: ItsError = ({ event }) => ({ error: event.error });
const it: It = ({ event }) => ({ event });
const itsType: ItsType = ({ event }) => ({ event: event.type });

/** On `live`: what ends a connection from every state, and the default, which is refusal. */
export const endings: {
  readonly "fault": Arrow<"#failed", Fail>;
  readonly "peer.fatal": Arrow<"#failed", Fail>;
  readonly "peer.end": Arrow<"#failed", Fail>;
  readonly "peer.warning": Readonly<Record<never, never>>;
  readonly "peer.*": Arrow<"#failed", { readonly type: "refuse"; readonly params: It }>;
  readonly "*": Arrow<"#failed", { readonly type: "failInternally"; readonly params: ItsType }>;
} = {
  "fault": { target: "#failed", actions: { type: "fail", params: itsError } },
  "peer.fatal": { target: "#failed", actions: { type: "fail", params: itsError } },
  "peer.end": { target: "#failed", actions: { type: "fail", params: itsError } },
  "peer.warning": {},
  "peer.*": { target: "#failed", actions: { type: "refuse", params: it } },
  "*": { target: "#failed", actions: { type: "failInternally", params: itsType } },
};

/** On `handshake`: an orderly end that comes too early. */
export const earlyEndings: {
  readonly "peer.closeNotify": Arrow<"#failed", readonly ["sendCloseNotify", Fail]>;
  readonly "app.close": Arrow<"#closed", readonly ["sendUserCanceled", "sendCloseNotify", "reportClosed"]>;
} = {
  "peer.closeNotify": { target: "#failed", actions: ["sendCloseNotify", { type: "fail", params: itsError }] },
  "app.close": { target: "#closed", actions: ["sendUserCanceled", "sendCloseNotify", "reportClosed"] },
};

// RFC 5246 §7.2.1 DEVIATION: with the option halfClose, a close_notify is not answered at once but when the embedder
// closes, though "The other party MUST respond with a close_notify alert of its own and close down the connection
// immediately", because protocols that end each direction by itself would lose data otherwise; by default it is answered.
/** On `connected`: the orderly end. With `halfClose` the embedder may go on sending after the peer's close_notify. */
export const orderlyEndings: {
  readonly "peer.closeNotify": readonly [
    { readonly guard: "halfClose"; readonly target: "peerClosed"; readonly actions: "reportPeerClosed" },
    Arrow<"#closed", readonly ["sendCloseNotify", "reportPeerClosed", "reportClosed"]>,
  ];
  readonly "app.close": Arrow<"closing", "sendCloseNotify">;
} = {
  "peer.closeNotify": [
    { guard: "halfClose", target: "peerClosed", actions: "reportPeerClosed" },
    // RFC 5246 §7.2.1 MUST: "The other party MUST respond with a close_notify alert of its own and close down the connection immediately, discarding any pending writes."
    { target: "#closed", actions: ["sendCloseNotify", "reportPeerClosed", "reportClosed"] },
  ],
  "app.close": { target: "closing", actions: "sendCloseNotify" },
};

/**
 * On `peerClosed`: the peer has said close_notify, we have not.
 * RFC 5246 §7.2.1 MUST: "Any data received after a closure alert is ignored."
 */
export const peerClosedArrows: {
  readonly "peer.*": Readonly<Record<never, never>>;
  readonly "app.close": Arrow<"#closed", readonly ["sendCloseNotify", "reportClosed"]>;
} = {
  "peer.*": {},
  "app.close": { target: "#closed", actions: ["sendCloseNotify", "reportClosed"] },
};

/** On `closing`: we have said close_notify, the peer has not. */
export const closingArrows: {
  readonly "peer.closeNotify": Arrow<"#closed", readonly ["reportPeerClosed", "reportClosed"]>;
  readonly "app.close": Readonly<Record<never, never>>;
} = {
  "peer.closeNotify": { target: "#closed", actions: ["reportPeerClosed", "reportClosed"] },
  "app.close": {},
};

/** Beside `live`. */
export const ends: {
  readonly closed: { readonly id: "closed"; readonly type: "final" };
  readonly failed: { readonly id: "failed"; readonly type: "final" };
} = { closed: { id: "closed", type: "final" }, failed: { id: "failed", type: "final" } };

export const lifecycleCommands: {
  readonly [Name in keyof LifecycleCommands]: (
    known: unknown,
    params: LifecycleCommands[Name],
    scene: Pick<Scene<unknown>, "state">,
  ) => Effect;
} = {
  fail: (_, { error }) => ({ fail: error }),

  refuse: (_, { event }, { state }) => ({
    // RFC 5246 §7.2.2: unexpected_message, "An inappropriate message was received. This alert is always fatal".
    fail: new PeerMisbehavedError("unexpected_message", `Cannot accept ${eventText(event)} in state ${state}`),
  }),

  failInternally: (_, { event }, { state }) => ({
    fail: new InternalError(`Cannot take the event ${event} in state ${state}`),
  }),

  // RFC 5246 §7.2.1 MUST: "Unless some other fatal alert has been transmitted, each party is required to send a close_notify alert before closing the write side of the connection."
  sendCloseNotify: () => ({ send: { content: "alert", level: "warning", description: "close_notify" } }),

  // RFC 5246 §7.2.2: user_canceled "should be followed by a close_notify".
  sendUserCanceled: () => ({ send: { content: "alert", level: "warning", description: "user_canceled" } }),

  reportPeerClosed: () => ({ output: { type: "peerClosed" } }),

  reportClosed: () => ({ output: { type: "closed" } }),
};
