import { type ByteTransport, type TlsStream, wrapServer } from "../adapters/streams.ts";
import { type Credential, ja3, ja4, PeerIncompatibleError } from "../mod.ts";

/** What is known of a client before it is answered. */
export interface Visit {
  readonly serverName: string | undefined;
  readonly alpnProtocols: readonly string[];
  readonly ja3: string;
  readonly ja4: string;
}

/** Serves everybody but clients whose JA4 is on a list; tells of each visit. */
export function serveUnlisted(
  transport: ByteTransport,
  credential: Credential,
  refused: ReadonlySet<string>,
  tell: (visit: Visit) => void,
): TlsStream {
  return wrapServer(transport, {
    credentials: [credential],
    onClientHello: "request",
    onRequest: (request) => {
      if (request.type !== "inspectClientHello") throw new Error(`There is no answer to ${request.type} here`);
      const { serverName, alpnProtocols } = request.clientHello;
      const visit = { serverName, alpnProtocols, ja3: ja3(request.clientHello), ja4: ja4(request.clientHello) };
      tell(visit);
      if (!refused.has(visit.ja4)) return true; // go on
      throw new PeerIncompatibleError("access_denied", `Clients with the fingerprint ${visit.ja4} are not served`);
    },
  });
}
