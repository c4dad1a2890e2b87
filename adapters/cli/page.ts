/**
 * The page that `serve --www` answers with: what is known of the connection that asks. Everything in it that comes from
 * outside is escaped.
 * @module
 */

import type { TlsStreamInfo } from "../node.ts";
import { certificateName } from "./session_text.ts";
import { hex } from "./terminal.ts";

export interface PageFacts {
  readonly info: TlsStreamInfo;
  /** The server's chart, as text. */
  readonly state: string;
  /** `GET / HTTP/1.1`. */
  readonly requestLine: string;
  /** Names and values in turn, as node:http has them. */
  readonly rawHeaders: readonly string[];
}

/** A whole HTML document. */
export function page({ info, state, requestLine, rawHeaders }: PageFacts): string {
  const connection: readonly Row[] = [
    ["Version", info.version],
    ["Cipher suite", info.cipherSuite],
    ["Key exchange", info.namedGroup],
    ["Signature", info.signatureScheme],
    ["Server name asked for", info.serverName ?? "none"],
    ["Application protocol (ALPN)", info.alpnProtocol ?? "none"],
    ["Resumed", yesNo(info.resumed)],
    ["Your certificate", certificateName(info.peerCertificates) ?? "none"],
    ["Extended master secret", yesNo(info.extendedMasterSecret)],
    ["Encrypt-then-MAC", yesNo(info.encryptThenMac)],
    ["Secure renegotiation", yesNo(info.secureRenegotiation)],
    ["Client random", hex(info.clientRandom)],
    ["Server random", hex(info.serverRandom)],
    ["State of the server's chart", state],
    ["You", info.remoteAddress ?? "unknown"],
    ["This server", info.localAddress ?? "unknown"],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>tlschart: this connection</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #8884; }
th { font-weight: normal; white-space: nowrap; opacity: .7; }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>This connection</h1>
${table(connection)}
<h1>Your request</h1>
${table([["Request", requestLine], ...pairs(rawHeaders)])}
<p>Served by tlschart: TLS 1.2 as a statechart.</p>
</body>
</html>
`;
}

type Row = readonly [name: string, value: string];

function table(rows: readonly Row[]): string {
  const lines = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<table>\n${lines.join("\n")}\n</table>`;
}

function pairs(rawHeaders: readonly string[]): readonly Row[] {
  return rawHeaders.flatMap((name, index) => index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : []);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
