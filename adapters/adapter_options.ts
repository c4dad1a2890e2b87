/**
 * Takes apart what an adapter was told: what the pump needs, checked, and what the connection needs, completed.
 * The clock and randomness are those of the Web, which every runtime has.
 * @module
 */

import { type TlsConfig, TlsUsageError } from "../mod.ts";
import type { TlsStreamOptions } from "./tls_stream.ts";

/** What an adapter fills in of a configuration; callbacks ask for the outputs `keyLog` and `trace`. */
export type Completed = Pick<TlsConfig, "now" | "random" | "keyLog" | "trace">;

/** What an embedder tells an adapter: a configuration, of which less is needed, and how to run the connection. */
export type AdapterOptions<Config extends TlsConfig> =
  & Omit<Config, "now" | "random" | "keyLog">
  & Partial<Pick<TlsConfig, "now" | "random">>
  & TlsStreamOptions;

/** What the pump is told: the options with their defaults, checked. */
export type CheckedStreamOptions = TlsStreamOptions & {
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
};

/** Throws TlsUsageError for an option that can't work; the connection checks the rest. */
export function takeApart<Options extends TlsStreamOptions & Partial<Completed>>(
  options: Options,
): { readonly stream: CheckedStreamOptions; readonly config: Omit<Options, keyof TlsStreamOptions> & Completed } {
  const { signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, onRequest, ...config } = options;
  const { now = Date.now, random = webRandom, trace = onTrace === undefined ? "off" : "messages" } = options;
  return {
    stream: checked({ signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, onRequest }),
    config: { ...config, now, random, trace, keyLog: onKeyLog !== undefined },
  };
}

/** Fills in the defaults. Throws TlsUsageError for an option that can't work. */
export function checked(options: TlsStreamOptions): CheckedStreamOptions {
  const { handshakeTimeout = 30_000, idleTimeout = Infinity } = options;
  for (const ms of [handshakeTimeout, idleTimeout]) {
    if (typeof ms !== "number" || !(ms > 0)) {
      throw new TlsUsageError(`Cannot use a timeout of ${ms}: it is a positive number of milliseconds, or Infinity`);
    }
  }
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TlsUsageError("Cannot use signal: it must be an AbortSignal");
  }
  for (const name of ["onKeyLog", "onTrace", "onRequest"] as const) {
    if (!["function", "undefined"].includes(typeof options[name])) {
      throw new TlsUsageError(`Cannot use ${name}: it must be a function, not ${typeof options[name]}`);
    }
  }
  return { ...options, handshakeTimeout, idleTimeout };
}

function webRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
