/**
 * Whether an embedder's options are ones that there are. The connection would refuse unknown ones, too, but it knows only
 * its own names, and not how other libraries call things. Runtime-neutral.
 * @module
 */

import { clientConfigNames, serverConfigNames, TlsUsageError } from "../mod.ts";

/** What every adapter can be told of how to run a connection. */
const streamNames = ["signal", "handshakeTimeout", "idleTimeout", "onRequest", "sessionCache", "onKeyLog", "onTrace"];

/** `own`: the names of what one adapter can be told besides. Throws TlsUsageError. */
export function checkClientNames(options: object, own: readonly string[] = []): void {
  checkNames(options, [...own, ...clientConfigNames, ...streamNames]);
}

/** The same for a server. */
export function checkServerNames(options: object, own: readonly string[] = []): void {
  checkNames(options, [...own, ...serverConfigNames, ...streamNames, "tickets"]);
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
  // An adapter sees to keyLog, where there is onKeyLog; sessionCache is both the connection's and the stream's.
  const known = [...new Set(names)].filter((name) => name !== "keyLog");
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TlsUsageError(`Cannot begin: there is no option "${name}" (${hintFor(name, known)})`);
  }
}

function hintFor(name: string, known: readonly string[]): string {
  const meant = (otherWords[name] ?? []).find((word) => known.includes(word));
  if (meant !== undefined) return `${meant} is what it is called here`;
  const reason = withoutCounterpart[name];
  if (reason !== undefined) return reason;
  const nearest = nearestOf(name, known);
  return `${nearest === undefined ? "" : `is it ${nearest}? `}there are ${known.join(", ")}`;
}

/** For a slip of the fingers: at most two letters differ, in short names one; capitals don't count. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  // A name this long is no slip, and would take long to compare.
  if (name.length > 64) return undefined;
  const most = name.length < 6 ? 1 : 2;
  const distances = known.map((word) => ({ word, distance: distanceOf(name.toLowerCase(), word.toLowerCase()) }));
  distances.sort((one, other) => one.distance - other.distance);
  return distances.find(({ distance }) => distance <= most)?.word;
}

/** How many letters have to be put in, left out or replaced (Levenshtein), row by row. */
function distanceOf(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (const [column, against] of [...other].entries()) {
      const replaced = (above[column] ?? 0) + (letter === against ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}

/** How node:tls, Deno, Bun, Go and others call it, and what it is here: the first that there is. */
const otherWords: Readonly<Partial<Record<string, readonly string[]>>> = {
  host: ["hostname"],
  hostname: ["host"],
  ca: ["trustAnchors"],
  caCert: ["caCerts", "trustAnchors"],
  caCerts: ["trustAnchors"],
  caFile: ["trustAnchors"],
  trustAnchor: ["trustAnchors"],
  servername: ["serverName"],
  sni: ["serverName"],
  checkServerIdentity: ["certificateVerifier"],
  crl: ["certificateRules"],
  crls: ["certificateRules"],
  revocation: ["certificateRules"],
  requireRevocationStatus: ["certificateRules"],
  pin: ["certificateRules"],
  pins: ["certificateRules"],
  policy: ["certificateRules"],
  certificatePolicy: ["certificateRules"],
  certificatePolicies: ["certificateRules"],
  isPublicSuffix: ["certificateRules"],
  minRsaBits: ["certificateRules"],
  maxIntermediates: ["certificateRules"],
  verifyDepth: ["certificateRules"],
  rules: ["certificateRules"],
  allowPartialTrustChain: ["trustAnchors"],
  verifyPeerCertificate: ["certificateVerifier"],
  requestCert: ["clientAuthentication"],
  rejectUnauthorized: ["clientAuthentication", "certificateVerifier"],
  clientAuth: ["clientAuthentication"],
  cert: ["credentials"],
  key: ["credentials"],
  certFile: ["credentials"],
  keyFile: ["credentials"],
  pfx: ["credentials"],
  credential: ["credentials"],
  certificates: ["credentials"],
  SNICallback: ["credentials"],
  alpn: ["alpnProtocols"],
  ALPNProtocols: ["alpnProtocols"],
  ciphers: ["cipherSuites"],
  ecdhCurve: ["namedGroups"],
  groups: ["namedGroups"],
  curves: ["namedGroups"],
  sigalgs: ["signatureSchemes"],
  session: ["sessionCache"],
  sessionIdContext: ["sessionCache"],
  sessionTimeout: ["sessionLifetime"],
  sessionTickets: ["tickets"],
  ticketKey: ["ticketKeys"],
  requestOCSP: ["requestOcspResponse"],
  ocspResponse: ["requestOcspResponse", "credentials"],
  ocsp: ["requestOcspResponse"],
  maxSendFragment: ["maxFragmentLength", "recordSizeLimit"],
  timeout: ["handshakeTimeout"],
  keyLog: ["onKeyLog"],
  enableTrace: ["onTrace"],
};

/** What others have that is not to be chosen here, and why. */
const withoutCounterpart: Readonly<Partial<Record<string, string>>> = {
  minVersion: "TLS 1.2 is the only version",
  maxVersion: "TLS 1.2 is the only version",
  secureProtocol: "TLS 1.2 is the only version",
  honorCipherOrder: "a server always goes by its own order, that of cipherSuites",
  secureOptions: "each setting has an option of its own here",
  passphrase: "encrypted keys aren't read: decrypt it first, and give it as privateKey of one of the credentials",
  dhparam: "there is no DHE, only ECDHE",
  pskCallback: "there is no PSK",
};
