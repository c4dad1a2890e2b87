import { type ByteTransport, type TlsStream, wrapServer } from "../adapters/streams.ts";
import { type Credential, PeerIncompatibleError } from "../mod.ts";

/** Serves any number of names: a certificate is looked up when a client asks for its name. */
export function serveNames(transport: ByteTransport, find: FindCredential): TlsStream {
  return wrapServer(transport, {
    credentials: "request",
    onRequest: async (request, signal) => {
      if (request.type !== "chooseCredential") throw new Error(`There is no answer to ${request.type} here`);
      // The signal aborts when the client has gone meanwhile. Hand back the same object for the same certificate: it is
      // read once, not for each connection.
      const credential = await find(request.serverName ?? "default.example", signal);
      if (credential !== undefined) return credential;
      throw new PeerIncompatibleError("unrecognized_name", `There is no certificate for ${request.serverName}`);
    },
  });
}

/** A database, a file, an ACME client … */
export type FindCredential = (name: string, signal: AbortSignal) => Promise<Credential | undefined>;
