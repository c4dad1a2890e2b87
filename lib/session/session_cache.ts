/**
 * Where sessions wait until a later connection resumes them: the interface, and a default that keeps them in memory.
 * Enters: encoded sessions under a key. Leaves: copies of them, until they expire, are removed or make room.
 * RFC 5246 §7.4.1.2, F.1.4. Knows nothing of what it keeps, and has no clock but the one that it is given.
 * @module
 */

import { TlsUsageError } from "../error.ts";

/** Keeps sessions. What it holds is SECRET: whoever reads it can read and impersonate. */
export interface SessionCache {
  /** The session stored under this key; `undefined` when there is none, or none any more. */
  load(key: string): Uint8Array | undefined;
  /** Keeps a session, instead of an older one under the same key. `expiresAt` in ms since 1970. */
  store(key: string, session: Uint8Array, expiresAt: number): void;
  /** Forgets a session; nothing happens when there is none. */
  remove(key: string): void;
}

/** What the default cache is told. */
export interface SessionCacheOptions {
  /** The time, in milliseconds since 1970: `Date.now` will do. */
  readonly now: () => number;
  /** How many sessions at most; default: 1000. For very many (ten thousands) bring a SessionCache of your own. */
  readonly maxEntries?: number | undefined;
  /**
   * How many bytes at most, of sessions and keys (2 for each character) together; default: 16 MiB. A client's
   * certificates are part of a server's session, so that sessions may be long.
   */
  readonly maxBytes?: number | undefined;
}

/**
 * A SessionCache in memory. When it is full, what wasn't stored or loaded for the longest time goes first. A session
 * that has expired is never handed out again. Throws TlsUsageError for options that make no sense.
 *
 * @example
 * const sessionCache = createSessionCache({ now: Date.now, maxEntries: 5000 });
 */
export function createSessionCache(options: SessionCacheOptions): SessionCache {
  const { now, maxEntries, maxBytes } = checkedOptions(options);
  /** In the order of their last use. */
  const entries = new Map<string, Entry>();
  let totalBytes = 0;
  /** No entry expires before: as long as it isn't then, nobody needs to look at them all. */
  let firstExpiry = Infinity;

  function drop(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    totalBytes -= sizeOf(key, entry);
    return entry;
  }

  function keep(key: string, entry: Entry): void {
    entries.set(key, entry);
    totalBytes += sizeOf(key, entry);
    firstExpiry = Math.min(firstExpiry, entry.expiresAt);
  }

  function dropExpired(): void {
    const time = now();
    if (time < firstExpiry) return;
    firstExpiry = Infinity;
    for (const [key, entry] of entries) {
      if (!isAlive(entry, time)) drop(key);
      else firstExpiry = Math.min(firstExpiry, entry.expiresAt);
    }
  }

  return {
    load(key) {
      const entry = drop(key);
      if (entry === undefined || !isAlive(entry, now())) return undefined;
      keep(key, entry);
      return new Uint8Array(entry.session);
    },
    store(key, session, expiresAt) {
      drop(key);
      dropExpired();
      // Not slice(): that of Node's Buffer is a view.
      const entry: Entry = { session: new Uint8Array(session), expiresAt };
      if (!isAlive(entry, now()) || sizeOf(key, entry) > maxBytes) return;
      keep(key, entry);
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && totalBytes <= maxBytes) return;
        drop(oldest);
      }
    },
    remove(key) {
      drop(key);
    },
  };
}

type Filled<Options> = { readonly [Name in keyof Options]-?: NonNullable<Options[Name]> };

interface Entry {
  readonly session: Uint8Array;
  readonly expiresAt: number;
}

/** So written that times which are no numbers are over. */
function isAlive({ expiresAt }: Entry, time: number): boolean {
  return time < expiresAt;
}

function sizeOf(key: string, { session }: Entry): number {
  return 2 * key.length + session.length;
}

function checkedOptions(options: SessionCacheOptions): Filled<SessionCacheOptions> {
  if (typeof options !== "object" || options === null) {
    throw new TlsUsageError("Cannot create a session cache: it needs options, at least { now: Date.now }");
  }
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    throw new TlsUsageError(
      `Cannot create a session cache: there is no option "${name}" (there are ${optionNames.join(", ")})`,
    );
  }
  const { now, maxEntries = 1000, maxBytes = 2 ** 24 } = options;
  if (typeof now !== "function") {
    throw new TlsUsageError("Cannot create a session cache: now must be a function that tells ms since 1970: Date.now");
  }
  for (const [name, value] of Object.entries({ maxEntries, maxBytes })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new TlsUsageError(
      `Cannot create a session cache: ${name} must be a whole number from 1, not ${String(value)}`,
    );
  }
  return { now, maxEntries, maxBytes };
}

const optionNames: readonly string[] = ["now", "maxEntries", "maxBytes"];
