/**
 * What the commands of the server's opening do: choose the version, and hand over to it.
 * RFC 5246 appendix E.1; RFC 8446 §4.2.1.
 * @module
 */

import { bytes, mapped, maybe, record, type Shape } from "../codec/shape.ts";
import { type CommandTable, createMachine, type Machine, type MachineParts } from "../endpoint.ts";
import { InternalError, PeerIncompatibleError } from "../error.ts";
import { findExtension } from "../extensions/extension.ts";
import { supportedVersions } from "../extensions/supported_versions.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { type ClientHello, decodeClientHello } from "../messages/client_hello.ts";
import { clientHelloFacts } from "../messages/client_hello_facts.ts";
import { describeHello } from "../messages/describe_hello.ts";
import { handshakeHeaderLength, type HandshakeMessage } from "../messages/handshake.ts";
import { CipherSuite, nameOf, ProtocolVersion } from "../registry.ts";
import { serverVersions } from "../server_versions.ts";
import type { ServerSettings } from "../settings.ts";
import { type ServerOpeningAnswer, serverOpeningChart, type ServerOpeningCommands } from "./server_opening_chart.ts";

type ServerOpeningParts = MachineParts<
  Record<never, never>,
  ServerOpeningAnswer,
  ServerOpeningCommands,
  ServerOpeningKnown,
  ServerSettings
>;

/** A server at its very beginning, or where it stood. */
export function serverOpening(
  config: ServerSettings,
  goesOn: Pick<ServerOpeningParts, "known" | "stands"> = { known: { message: undefined } },
): Machine {
  return createMachine({
    name: "serverOpening",
    chart: serverOpeningChart,
    commands: openingCommands,
    answered: ({ type }) => type === "inspectClientHello" ? { type: "answer.clientHelloInspected" } : undefined,
    describe: describeHello,
    config,
    shapes: serverOpeningShapes,
    ...goesOn,
  });
}

/** How it is written down. */
export const serverOpeningShapes: NonNullable<ServerOpeningParts["shapes"]> = () => ({
  context: record<Record<never, never>>({}),
  known: record<ServerOpeningKnown>({ message: maybe(messageShape) }),
});

const messageShape: Shape<HandshakeMessage> = mapped<HandshakeMessage, Uint8Array<ArrayBuffer>>(
  bytes(handshakeHeaderLength, 2 ** 24 + 3),
  {
    freeze: ({ bytes: whole }) => whole,
    thaw: (whole) => ({ type: whole[0] ?? 0, body: whole.subarray(handshakeHeaderLength), bytes: whole }),
  },
);

/** What a server knows at its very beginning: the ClientHello, once it is there. */
export interface ServerOpeningKnown {
  readonly message: HandshakeMessage | undefined;
}

const openingCommands: CommandTable<ServerOpeningCommands, ServerOpeningKnown, ServerSettings, ServerOpeningAnswer> = {
  ...lifecycleCommands,

  inspectClientHello: (_, { message }, { config }) => ({
    learned: { message },
    ...(config.inspectsClientHello
      ? { question: { type: "inspectClientHello", clientHello: clientHelloFacts(message.bytes) } }
      : { answer: { type: "answer.clientHelloInspected" } }),
  }),

  handOver: ({ message }, _, { config }) => {
    if (message === undefined) throw new InternalError("Cannot hand over: there is no ClientHello");
    const hello = decodeClientHello(message.body, config.limits);
    for (const [version, endpoint] of serverVersions) {
      if (!offersVersion(hello, version)) continue;
      const offer = {
        clientRandom: hello.random.slice(),
        sessionId: hello.sessionId.slice(),
        extensionTypes: (hello.extensions ?? []).map(({ type }) => type),
        serverName: undefined,
        session: undefined,
      };
      return { handOver: { machine: endpoint(offer, config), event: { type: "peer.clientHello", message } } };
    }
    checkFallback(hello);
    // RFC 5246 appendix E.1 MUST: "If server supports (or is willing to use) only versions greater than client_version, it MUST send a "protocol_version" alert message and close the connection."
    throw new PeerIncompatibleError("protocol_version", "Cannot agree on a version", {
      ours: [...serverVersions.keys()].map((version) => nameOf(ProtocolVersion, version)),
      theirs: (listedVersions(hello) ?? [hello.clientVersion]).map((version) => nameOf(ProtocolVersion, version)),
    });
  },
};

/** RFC 7507 §3: a client that has tried a higher version before, and failed, says so; we could have spoken it. */
function checkFallback({ cipherSuites, clientVersion }: ClientHello): void {
  const highest = Math.max(...serverVersions.keys());
  // RFC 7507 §3 MUST: "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version supported by the server is higher than the version indicated in ClientHello.client_version, the server MUST respond with a fatal inappropriate_fallback alert"
  if (!cipherSuites.includes(CipherSuite.TLS_FALLBACK_SCSV) || highest <= clientVersion) return;
  throw new PeerIncompatibleError(
    "inappropriate_fallback",
    `Cannot accept ClientHello: the client fell back to ${
      nameOf(ProtocolVersion, clientVersion)
    }, lower than it had to (TLS_FALLBACK_SCSV)`,
  );
}

/** RFC 8446 §4.2.1: a client that lists its versions means just those; else client_version is the highest of them. */
function offersVersion(hello: ClientHello, version: number): boolean {
  // RFC 5246 appendix E.1 MUST: "If a TLS server receives a ClientHello containing a version number greater than the highest version supported by the server, it MUST reply according to the highest version supported by the server."
  // RFC 5746 §3.6 MUST: "they MUST accept version numbers higher than their highest version number and negotiate the highest common version."
  return listedVersions(hello)?.includes(version) ?? hello.clientVersion >= version;
}

function listedVersions({ extensions }: ClientHello): readonly number[] | undefined {
  return findExtension(extensions, "supported_versions", supportedVersions);
}
