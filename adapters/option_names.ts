/**
 * Whether an embedder's options are ones that there are. The connection would refuse unknown ones, too, but it knows only
 * its own names, and not how other libraries call things. Runtime-neutral.
 * @module
 */

import { clientConfigNames, serverConfigNames, TlsUsageError } from "../mod.ts";

/** What every adapter can be told of how to run a connection. */
const streamNames = ["signal", "handshakeTimeout", "idleTimeout", "onRequest", "onKeyLog", "onTrace"];

/** `own`: the names of what one adapter can be told besides. Throws TlsUsageError. */
export function checkClientNames(options: object, own: readonly string[] = []): void {
  checkNames(options, [...own, ...clientConfigNames, ...streamNames]);
}

/** The same for a server. */
export function checkServerNames(options: object, own: readonly string[] = []): void {
  checkNames(options, [...own, ...serverConfigNames, ...streamNames]);
}

/**
 * Where to connect, before anything else: without a host there is no serverName, and the complaint would be about that.
 * `name` is what the adapter calls the host.
 */
export function checkTarget(name: "host" | "hostname", host: unknown, port: unknown): void {
  if (typeof host !== "string" || host === "") {
    throw new TlsUsageError(`Cannot connect: ${name} is needed, a name or an address`);
  }
  if (typeof port === "number" && Number.isInteger(port) && port > 0 && port < 2 ** 16) return;
  const given = typeof port === "string" ? `the text "${port}"` : String(port);
  throw new TlsUsageError(`Cannot connect to ${host}: port must be a number from 1 to 65535, not ${given}`);
}

function checkNames(options: object, names: readonly string[]): void {
  const known = names.filter((name) => name !== "keyLog"); // an adapter sees to it, where there is onKeyLog
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = (otherWords[name] ?? []).find((word) => known.includes(word));
    const hint = meant === undefined ? `there are ${known.join(", ")}` : `${meant} is what it is called here`;
    throw new TlsUsageError(`Cannot begin: there is no option "${name}" (${hint})`);
  }
}

/** How node:tls, Deno and others call it, and what it is here. */
const otherWords: Readonly<Partial<Record<string, readonly string[]>>> = {
  host: ["hostname"],
  hostname: ["host"],
  ca: ["trustAnchors"],
  caCert: ["caCerts", "trustAnchors"],
  caCerts: ["trustAnchors"],
  trustAnchor: ["trustAnchors"],
  servername: ["serverName"],
  sni: ["serverName"],
  rejectUnauthorized: ["certificateVerifier"],
  cert: ["credentials"],
  key: ["credentials"],
  credential: ["credentials"],
  alpn: ["alpnProtocols"],
  ALPNProtocols: ["alpnProtocols"],
  ciphers: ["cipherSuites"],
  timeout: ["handshakeTimeout"],
  keyLog: ["onKeyLog"],
};
