import type { AsyncSessionCache } from "../adapters/streams.ts";

/** What a database has to be able to do; Redis, Deno KV and others do. */
export interface Database {
  get(key: string): Promise<Uint8Array | null | undefined>;
  set(key: string, value: Uint8Array, lifetimeInMs: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/**
 * Keeps sessions where all servers of a group find them, sealed with a key (AES-GCM) that the database doesn't have: who
 * reads a session can decrypt its connections. A database that is gone for a while costs full handshakes, nothing else.
 */
export function databaseCache(database: Database, key: CryptoKey, report: (error: unknown) => void): AsyncSessionCache {
  const encoded = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  return {
    load: async (name) => {
      try {
        const row = await database.get(name);
        if (!row) return undefined;
        // Under another name it doesn't open: nobody can exchange two rows.
        const algorithm = { name: "AES-GCM", iv: row.slice(0, 12), additionalData: encoded(name) };
        return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, row.slice(12)));
      } catch (error) {
        report(error);
        return undefined; // a full handshake
      }
    },
    store: async (name, session, expiresAt) => {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const algorithm = { name: "AES-GCM", iv, additionalData: encoded(name) };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, session));
      const row = new Uint8Array([...iv, ...sealed]);
      await database.set(name, row, expiresAt - Date.now()).catch(report);
    },
    // What is thrown here ends the connection, which has failed already.
    remove: (name) => database.delete(name),
  };
}
