/**
 * Takes apart what an adapter was told: what the pump needs, checked, and what the connection needs, completed.
 * The clock and randomness are those of the Web, which every runtime has.
 * @module
 */

import { type TlsConfig, TlsUsageError } from "../mod.ts";
import type { TlsStreamOptions } from "./tls_stream.ts";

/** What an adapter fills in of a configuration; callbacks and a cache ask for the outputs that belong to them. */
export type Completed = Pick<TlsConfig, "now" | "random" | "keyLog" | "trace" | "sessionCache">;

/** What an embedder tells an adapter: a configuration, of which less is needed, and how to run the connection. */
export type AdapterOptions<Config extends TlsConfig> =
  & Omit<Config, "now" | "random" | "keyLog" | "sessionCache">
  & Partial<Pick<TlsConfig, "now" | "random">>
  & TlsStreamOptions;

/** What the pump is told: the options with their defaults, checked. */
export type CheckedStreamOptions = TlsStreamOptions & {
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
};

/** Throws TlsUsageError for an option that can't work; the connection checks the rest. */
export function takeApart<Options extends TlsStreamOptions & Partial<Omit<Completed, "sessionCache">>>(
  options: Options,
): { readonly stream: CheckedStreamOptions; readonly config: Omit<Options, keyof TlsStreamOptions> & Completed } {
  const { signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, onRequest, sessionCache, ...config } = options;
  const { now = Date.now, random = webRandom, trace = onTrace === undefined ? "off" : "messages" } = options;
  return {
    stream: checked({ signal, handshakeTimeout, idleTimeout, onKeyLog, onTrace, onRequest, sessionCache }),
    config: {
      ...config,
      now,
      random,
      trace,
      keyLog: onKeyLog !== undefined,
      // Whether its functions return promises isn't known before they are called: the connection asks in any case.
      sessionCache: sessionCache === undefined ? undefined : "request",
    },
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
  checkSessionCache(options.sessionCache);
  return { ...options, handshakeTimeout, idleTimeout };
}

function checkSessionCache(cache: unknown): void {
  const hasFunctions = cache === undefined || (typeof cache === "object" && cache !== null &&
    ["load", "store", "remove"].every((name) => typeof Reflect.get(cache, name) === "function"));
  if (hasFunctions) return;
  throw new TlsUsageError(
    "Cannot use sessionCache: it must be an object with functions load, store and remove, which may return promises",
  );
}

function webRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
