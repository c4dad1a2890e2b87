/**
 * Conversations that together stand in every state in which a connection can be frozen: see freeze_test.ts.
 */
import { concat } from "../../lib/codec/bytes.ts";
import type { TicketKey } from "../../lib/session/ticket.ts";
import { CertificateError } from "../../lib/error.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { fixedNow, sampleBytes, seededRandom } from "./fixtures.ts";
import {
  askingClient,
  askingServer,
  clientRoot,
  Conversation,
  credential,
  plainClient,
  plainServer,
  type Play,
  type Side,
  type Step,
} from "./freezing.ts";

/** A conversation, made anew for each run, with the sessions that were kept before it. */
export interface Scene {
  readonly title: string;
  readonly play: () => Play;
  readonly kept?: () => Map<string, Uint8Array>;
  /** After how many calls an end is frozen; default: after each one. */
  readonly every?: number;
}

/** What an established connection is for. */
const talk: readonly Step[] = [
  (it) => it.note("client", (tls) => tls.exportKeyingMaterial("EXPORTER test", sampleBytes(3), 20)),
  (it) =>
    it.note("server", (tls) => [
      tls.exportKeyingMaterial("EXPORTER test", sampleBytes(3), 20),
      tls.channelBinding("tls-unique"),
    ]),
  (it) => it.call("client", (tls) => tls.send(sampleBytes(100))),
  (it) => it.call("server", (tls) => tls.send(sampleBytes(70))),
  (it) => it.call("server", (tls) => tls.send(new Uint8Array(0))),
];

const close = (side: Side): Step => (it) => it.call(side, (tls) => tls.close());
const end = (side: Side): Step => (it) => it.call(side, (tls) => tls.receiveEnd());

/** RFC 5246 §7.2.1: what comes after a close_notify is ignored; before the peer's, it is looked at. */
const rubbish = (side: Side): Step => (it) => it.call(side, (tls) => tls.receive(Uint8Array.of(99, 3, 3, 0, 1, 0)));

/** One end closes; the other one, which is told, has more to say. */
const halfClosed: readonly Step[] = [
  close("client"),
  rubbish("server"),
  (it) => it.call("server", (tls) => tls.send(sampleBytes(9))),
  end("server"),
  close("server"),
  (it) => it.note("server", (tls) => tls.exportKeyingMaterial("EXPORTER test", undefined, 20)),
  close("server"),
  end("client"),
];

const plain = (
  client: Partial<ClientConfig> = {},
  server: Partial<ServerConfig> = {},
  more: Partial<Play> = {},
): Play => ({
  client: plainClient(client),
  server: plainServer(server),
  steps: [...talk, close("server"), end("client")],
  ...more,
});

/** All is asked. */
export const asking = (
  client: Partial<ClientConfig> = {},
  server: Partial<ServerConfig> = {},
  more: Partial<Play> = {},
): Play => ({
  client: askingClient(client),
  server: askingServer(server),
  steps: [...talk, ...halfClosed],
  ...more,
});

/** What an earlier conversation left behind. */
const keptBy = (play: () => Play) => (): Map<string, Uint8Array> => {
  const kept = new Map<string, Uint8Array>();
  new Conversation(play(), undefined, kept).run();
  return kept;
};

const key = (number: number): TicketKey => ({ name: sampleBytes(16).fill(number), key: sampleBytes(32) });
const later = (seed = 31) => ({ random: seededRandom(seed), now: () => fixedNow() + 1000 });
const refusal = new CertificateError("certificate_revoked", "The list says so", { index: 0, check: "revocation" });
const shortRecords = { recordSizeLimit: 64 };
const byId = { ticketKeys: undefined };
const cbc = { legacyCbc: true, cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"] } as const;
const gcm = { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"], namedGroups: ["secp256r1"] } as const;
const forgotten = (): undefined => undefined;
const silent = (): Uint8Array<ArrayBuffer> => new Uint8Array(0);

/** The server's CertificateStatus, which it may leave out (RFC 6066 §8), is left out. The handshake can't end well. */
const withoutStatus = (side: Side, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  if (side === "client") return bytes;
  const records: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const stop = start + 5 + ((bytes[start + 3] ?? 0) << 8) + (bytes[start + 4] ?? 0);
    if (bytes[start] !== 22 || bytes[start + 5] !== 22) records.push(bytes.subarray(start, stop));
    start = stop;
  }
  return concat(...records);
};

/** One byte of what a side transmits after its first flight is another one. */
const garbled = (side: Side) => {
  let flights = 0;
  return (from: Side, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    if (from !== side || ++flights < 2) return bytes;
    return bytes.map((byte, index) => index === bytes.length - 1 ? byte ^ 1 : byte);
  };
};

/** Six warnings in a row, of which four may come: the client waits for the server. */
const warnings: Step = (it) => {
  for (let count = 0; count < 6; count++) {
    it.call("client", (tls) => tls.receive(Uint8Array.of(21, 3, 3, 0, 2, 1, 90)));
  }
};

export const scenes: readonly Scene[] = [
  { title: "with everything on, everything asked, both ends proved", play: () => asking() },
  {
    title: "resumed by ID, asked for",
    play: () => asking(later(), { ...byId, ...later(32) }),
    kept: keptBy(() => asking({}, byId)),
  },
  { title: "resumed by ticket", play: () => asking(later(), later(32)), kept: keptBy(() => asking()) },
  {
    title: "resumed by ticket, which is renewed",
    play: () => asking(later(), { ...later(32), ticketKeys: [key(9), key(1)] }),
    kept: keptBy(() => asking({}, { ticketKeys: [key(1)] })),
  },
  {
    title: "resumed by ID, with a wrong Finished of the client's",
    every: 13,
    play: () => asking(later(), { ...byId, ...later(32) }, { tamper: garbled("client"), steps: [] }),
    kept: keptBy(() => asking({}, byId)),
  },
  {
    title: "whose session isn't there any more",
    play: () => asking(later(), { ...later(32), ...byId }, { answers: { loadSession: forgotten } }),
    kept: keptBy(() => asking({}, byId)),
  },
  { title: "with nothing on", play: () => plain() },
  { title: "with short records", play: () => plain(shortRecords, shortRecords) },
  { title: "with max_fragment_length, AES-GCM and P-256", play: () => plain({ maxFragmentLength: 512, ...gcm }) },
  { title: "with CBC", play: () => plain(cbc, cbc) },
  {
    title: "with a client that has no certificate, and needs none",
    every: 13,
    play: () => plain({}, { clientAuthentication: "optional", trustAnchors: clientRoot.certificate }),
  },
  {
    title: "with a client that signs at once",
    every: 13,
    play: () =>
      plain({ credentials: [credential("client")] }, {
        clientAuthentication: "required",
        trustAnchors: clientRoot.certificate,
      }),
  },
  {
    title: "with intermediate certificates that are missing on both sides",
    play: () =>
      plain({ onMissingIssuer: "request", credentials: [credential("client", 1)] }, {
        onMissingIssuer: "request",
        credentials: [credential("server", 1)],
        certificateAuthorities: [],
        clientAuthentication: "required",
        trustAnchors: clientRoot.certificate,
      }),
  },
  {
    title: "with an intermediate certificate that isn't to be had",
    every: 13,
    play: () =>
      plain({ onMissingIssuer: "request" }, { credentials: [credential("server", 1)] }, {
        answers: { issuerMissing: () => undefined },
        steps: [],
      }),
  },
  {
    title: "without the CertificateStatus that was announced",
    every: 13,
    play: () => asking({}, {}, { tamper: withoutStatus, steps: [] }),
  },
  {
    title: "without the CertificateStatus, the certificate refused",
    every: 13,
    play: () => asking({}, {}, { tamper: withoutStatus, steps: [], answers: { verifyCertificate: () => refusal } }),
  },
  {
    title: "with a wrong Finished of the client's",
    every: 13,
    play: () => plain({}, {}, { tamper: garbled("client"), steps: [] }),
  },
  {
    title: "with a wrong Finished of the server's",
    every: 13,
    play: () => plain({}, {}, { tamper: garbled("server"), steps: [] }),
  },
  {
    title: "closed before it is started",
    play: () => plain({}, {}, { starts: false, steps: [close("client"), close("server")] }),
  },
  { title: "with more warnings than may come", play: () => plain({}, {}, { tamper: silent, steps: [warnings] }) },
  {
    title: "closed by the server, while the client has more to say",
    every: 13,
    play: () => plain({ halfClose: true }, {}, { steps: [close("server"), talk[2] ?? end("client"), close("client")] }),
  },
  {
    title: "closed by the client, which then hears rubbish and says no more",
    every: 13,
    play: () =>
      plain({}, {}, {
        steps: [(it) => {
          close("client")(it);
          rubbish("client")(it);
        }],
      }),
  },
  {
    title: "closed by the client",
    every: 13,
    play: () => plain({}, {}, { steps: [...talk, close("client"), close("client")] }),
  },
  {
    title: "whose transport ends",
    every: 13,
    play: () => plain({}, {}, { steps: [...talk, end("client"), close("client")] }),
  },
];
