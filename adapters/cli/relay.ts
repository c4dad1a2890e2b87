/**
 * The command `relay`: a way from WebSockets to the TCP servers that are named, and back. One line on stderr for each
 * connection when it has ended, or was refused.
 * @module
 */

import { type Relay, type RelayEvent, startRelay } from "../relay.ts";
import type { RelayCommandOptions } from "./options.ts";
import { CliError, type ExitCode, systemReason } from "./failures.ts";
import type { Streams } from "./streams.ts";
import { byteCount, printable } from "./terminal.ts";

/** Relays until it is stopped. Throws what keeps it from beginning. */
export async function runRelay(options: RelayCommandOptions, streams: Streams): Promise<ExitCode> {
  let count = 0;
  const note = (event: RelayEvent): void => streams.note(printable(eventLine(event, () => ++count)));
  const relay = await begun(options, note);
  for (const line of whereItListens(relay, options)) streams.note(line);
  await streams.stopped();
  await relay.close();
  return 0;
}

/**
 * An event in one line, which isn't printable yet:
 * `#1 127.0.0.1:50000 → example.com:443: 517 bytes out, 4,096 bytes back; example.com:443 ended`.
 * `number` gives a connection that has ended its number.
 *
 * @example
 * const line = printable(eventLine(event, () => ++count));
 */
export function eventLine(event: RelayEvent, number: () => number): string {
  switch (event.type) {
    case "ended": {
      const { from, to, sent, received, how } = event;
      return `#${number()} ${from} → ${to}: ${byteCount(sent)} out, ${byteCount(received)} back; ${how}`;
    }
    case "refused":
      return `#${number()} ${event.from} refused with ${event.status}: ${event.reason}`;
    case "error":
      return `cannot accept a connection: ${event.reason}`;
  }
}

/** Throws CliError. */
async function begun(options: RelayCommandOptions, onEvent: (event: RelayEvent) => void): Promise<Relay> {
  try {
    return await startRelay({ ...options, onEvent });
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new CliError(`cannot listen on ${at(options.host, options.port)}: ${reason}`);
  }
}

function whereItListens(
  { port, reversePort }: Relay,
  { host, allow, origins }: RelayCommandOptions,
): readonly string[] {
  const address = at(host, port);
  const ways = allow.map((target) => `ws://${address}/${target}`);
  const lines = [`listening on ${address} (a relay; Ctrl-C ends it)`, ...ways.map((way) => `  ${way}`)];
  if (reversePort !== undefined) {
    lines.push(`TCP connections to ${at(host, reversePort)} go to who waits at ws://${address}/reverse`);
  }
  if (!/^(127\.|localhost$|::1$)/.test(host)) {
    lines.push(`--host ${host}: whoever reaches this address can use this relay; there is no password`);
  }
  if (origins.includes("*")) {
    lines.push("--origin '*': every page that this machine's browsers show can use this relay");
  }
  return lines;
}

function at(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
