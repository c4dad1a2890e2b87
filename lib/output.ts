/**
 * What a call on a connection hands back, in the order in which it is to be carried out.
 * @module
 */

import type { TlsError } from "./error.ts";
import type { TlsRequest } from "./request.ts";
import type { TlsSession } from "./session.ts";
import type { TraceEvent } from "./trace.ts";

/** Something that the embedder is to carry out, or to know. */
export type Output =
  /** Send these bytes to the peer. */
  | { readonly type: "transmit"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The handshake is over and proved: `send` works now. */
  | { readonly type: "established"; readonly session: TlsSession }
  /** Application data from the peer; never empty. */
  | { readonly type: "data"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The peer will send no more data (close_notify). With `halfClose`, `send` still works. */
  | { readonly type: "peerClosed" }
  /** The connection ended in good order. Close the transport. */
  | { readonly type: "closed" }
  /** The connection ended. The alert, if one goes out, is in the `transmit` before. Close the transport. */
  | { readonly type: "failed"; readonly error: TlsError }
  /** Answer this, now or later, by `answer(request.id, value)`. Until then nothing that arrives is read. */
  | { readonly type: "request"; readonly request: TlsRequest }
  /** The connection ended before this request was answered: nobody waits for it any more. */
  | { readonly type: "requestCanceled"; readonly id: number }
  /**
   * Keep these bytes under this key until `expiresAt` (ms since 1970), for `loadSession`. SECRET: they let others decrypt
   * and impersonate. Only with `sessionCache: "request"`.
   */
  | {
    readonly type: "storeSession";
    readonly key: string;
    readonly session: Uint8Array<ArrayBuffer>;
    readonly expiresAt: number;
  }
  /** Throw away what is kept under this key: its connection failed. Only with `sessionCache: "request"`. */
  | { readonly type: "forgetSession"; readonly key: string }
  /** A line for a key log file in NSS format, without its line end. Only with `keyLog`. It lets others decrypt. */
  | { readonly type: "keyLog"; readonly line: string }
  /** Something worth seeing. Only with `trace`. */
  | { readonly type: "trace"; readonly event: TraceEvent };
