/**
 * What the demo says before, in and after the eleven steps.
 * @module
 */

import { decodeCertificate } from "../../mod.ts";
import type { Exchange, Stage } from "./demo_stage.ts";
import { type Side, stepNumbers } from "./step.ts";
import {
  byteCount,
  type Fact,
  fact,
  factLines,
  hex,
  hexLines,
  lineWidth,
  milliseconds,
  type Palette,
  printable,
} from "./terminal.ts";
import { commandWith } from "./usage.ts";
import type { TappedRecord } from "./wiretap.ts";

/** Who takes part. */
export function demoIntroduction(stage: Stage, palette: Palette): readonly string[] {
  const { wiretap, serverPort, authority, leaf, issuingTime } = stage;
  const { subject, subjectAltName } = decodeCertificate(leaf);
  return [
    palette.strong("tlschart: a TLS 1.2 handshake, step by step"),
    palette.faint("─".repeat(lineWidth)),
    ...factLines([
      fact("Client", `connects to 127.0.0.1:${wiretap.port} and trusts one CA`, palette.client),
      fact("Wiretap", `TCP port ${wiretap.port}: passes every byte on, and keeps a copy`),
      fact(
        "Server",
        `TCP port ${serverPort}, with a certificate for ${subjectAltName?.dnsNames.join(", ")}`,
        palette.server,
      ),
      fact("CA", `${decodeCertificate(authority).subject.text}, made on the spot, issued ${subject.text}`),
      fact("", `(two keys, two signatures: ${milliseconds(issuingTime)}, not counted below)`),
    ], palette),
  ];
}

/** The request and the response: as they are, and as they cross the wire. */
export function exchangeFacts({ plaintext, wiretap }: Stage): readonly Fact[] {
  return (["client", "server"] as const).flatMap((side) => [
    fact(side === "client" ? "the request" : "the response", messageLines(plaintext[side])),
    ...wiretap.records(side).filter(({ type }) => type === applicationDataType).slice(0, maxShownRecords)
      .flatMap(recordFacts),
  ]);
}

/** RFC 5246 §6.2.1. */
const applicationDataType = 23;
const maxShownRecords = 2;

/** HTTP in lines; the empty one between header and body stays. */
function messageLines(chunks: readonly Uint8Array[]): readonly string[] {
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  return text.replace(/[\r\n]+$/, "").split(/\r?\n/).map(printable);
}

function recordFacts({ header, fragment }: TappedRecord): readonly Fact[] {
  const shown = fragment.subarray(0, shownLength);
  const more = fragment.length > shown.length ? [`… ${byteCount(fragment.length)} in all`] : [];
  return [
    fact("  on the wire", `${hex(header)}: application_data, TLS 1.2, ${byteCount(fragment.length)} follow`),
    fact("", [...hexLines(shown), ...more]),
  ];
}

/** In bytes: two lines. */
const shownLength = 64;

/** What came of it. */
export function demoSummary(stage: Stage, exchange: Exchange, palette: Palette): readonly string[] {
  const { story, wiretap, options } = stage;
  const { session, status, body, handshakeTime, wholeTime } = exchange;
  const handshakeBytes = story.steps.slice(0, 10).reduce((sum, { wireBytes }) => sum + wireBytes, 0);
  const slowest =
    stepNumbers.slice(0, 10).map((number) => ({ number, duration: story.steps[number - 1]?.duration ?? 0 }))
      .sort((one, other) => other.duration - one.duration)[0];
  const end = (side: Side): string => `${side} ${story.stateOf(side)}`;
  return [
    "",
    palette.faint("─".repeat(lineWidth)),
    palette.strong("Summary"),
    ...factLines([
      fact("agreed", `${session.version}, ${session.cipherSuite}`),
      fact("", [
        `${session.namedGroup}, ${session.signatureScheme}, ALPN ${session.alpnProtocol ?? "none"}, ` +
        `extended master secret ${session.extendedMasterSecret ? "yes" : "no"}`,
      ]),
      fact("HTTP", `${status}, ${JSON.stringify(body)}`),
      fact("wire", [
        `handshake ${byteCount(handshakeBytes)}; in all client ${byteCount(wiretap.length("client"))}, ` +
        `server ${byteCount(wiretap.length("server"))}`,
      ]),
      fact("time", [
        `handshake ${milliseconds(handshakeTime)}, until the end ${milliseconds(wholeTime)}; ` +
        `most of it in step ${slowest?.number ?? 0}`,
      ]),
      fact("", "a step's time: its cryptography, and the wire for the first of a flight"),
      fact("", "the first handshake is slow: tables are built, code is compiled"),
      fact("end", `${end("client")}, ${end("server")}`, palette.good),
      fact(
        "secrets",
        options.showsSecrets
          ? "shown whole: they decrypt this connection"
          : `shortened; ${commandWith("--secrets")} shows them whole`,
      ),
      fact("next", commandWith("connect example.com --get / --steps")),
    ], palette),
  ];
}
