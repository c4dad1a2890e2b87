/**
 * What a cache of the embedder's hands back, looked at before it is believed.
 * @module
 */

import { InternalError } from "../error.ts";
import type { SessionCache } from "./session_cache.ts";

/** The session's bytes, or `undefined` for none. Throws InternalError for anything else, such as a promise. */
export function loaded(cache: SessionCache, key: string): Uint8Array | undefined {
  const session: unknown = cache.load(key);
  if (session === undefined || session === null) return undefined;
  if (session instanceof Uint8Array) return session;
  throw new InternalError(
    "Cannot load a session: sessionCache.load must return bytes, or nothing, at once " +
      '(sessionCache: "request" lets you answer later)',
  );
}
