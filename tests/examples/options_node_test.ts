/** docs/options.md has every option and every limit that there is, no others, and their defaults as the code has them. */
import { takeApart } from "../../adapters/adapter_options.ts";
import { prepareClient, prepareServer } from "../../adapters/endpoints.ts";
import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import {
  clientConfigNames,
  createSessionCache,
  createTicketKeyRing,
  defaultLimits,
  insecureAcceptAnyCertificate,
  nobleProvider,
  serverConfigNames,
} from "../../mod.ts";
import { credential } from "../adapters/fixtures.ts";
import { assert, suite } from "../harness.ts";
import { textOf } from "../layout/source.ts";

const test = suite("docs/options.md");
const [connection = "", adapters = "", limits = ""] = textOf("docs/options.md").split(/^## /m).slice(1);

/** The cells of each row, the first one without its backticks. */
function rowsOf(section: string): readonly (readonly string[])[] {
  return [...section.matchAll(/^\| `(\w+)` +\|(.*)\|$/gm)].map(([, name = "", rest = ""]) => [
    name,
    ...rest.split("|").map((cell) => cell.trim()),
  ]);
}

const options = rowsOf(connection);
const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();
const namesFor = (rows: typeof options, role: string): readonly string[] =>
  sorted(rows.filter(([, whom]) => whom === role || whom === "both").map(([name = ""]) => name));

test("names every option of a connection once, for the roles that have it", () => {
  assert.equal(namesFor(options, "client"), sorted(clientConfigNames));
  assert.equal(namesFor(options, "server"), sorted(serverConfigNames));
});

test("names every option that adapters have besides", () => {
  for (
    const [role, prepare, own] of [["client", prepareClient, clientConfigNames], [
      "server",
      prepareServer,
      serverConfigNames,
    ]] as const
  ) {
    let message = "";
    try {
      prepare({ "no such option": 1 } as never);
    } catch (error) {
      message = String(error);
    }
    const [, list = ""] = /\(there are (.*)\)/.exec(message) ?? [];
    const others = list.split(", ").filter((name) => !own.some((known) => known === name));
    assert.equal(namesFor(rowsOf(adapters), role), sorted(others), role);
  }
});

const common = {
  now: Date.now,
  random: (length: number) => new Uint8Array(length),
  provider: nobleProvider,
  sessionCache: createSessionCache({ now: Date.now }),
};
const client = clientSettings({
  ...common,
  certificateVerifier: insecureAcceptAnyCertificate,
  sessionKey: "needed without a serverName",
});
const server = serverSettings({ ...common, credentials: [credential] });
const { stream } = takeApart({});

/** What the code has for each default that is a value; `undefined` where the page says none. */
const values: Readonly<Record<string, readonly unknown[]>> = {
  halfClose: [client.halfClose, server.halfClose],
  sessionLifetime: [client.sessions?.lifetime, server.sessions?.lifetime],
  requireExtendedMasterSecret: [client.requireExtendedMasterSecret, server.requireExtendedMasterSecret],
  requireSecureRenegotiation: [client.requireSecureRenegotiation, server.requireSecureRenegotiation],
  recordSizeLimit: [client.recordSizeLimit, server.recordSizeLimit],
  legacyCbc: [client, server].map(({ cipherSuites }) => cipherSuites.some(({ aead }) => aead === undefined)),
  keyLog: [client.keyLog, server.keyLog],
  trace: [client.trace, server.trace],
  onMissingIssuer: [client.asksForMissingIssuers ? "request" : undefined],
  serverName: [client.serverName],
  requestOcspResponse: [client.requestsOcspResponse],
  requestSignedCertificateTimestamps: [client.requestsSignedCertificateTimestamps],
  maxFragmentLength: [client.maxFragmentLength],
  onHelloRequest: [client.onHelloRequest],
  fallbackScsv: [client.fallbackScsv],
  clientAuthentication: [server.clientAuthentication === undefined ? "none" : "other"],
  ticketKeys: [server.ticketKeys],
  unknownServerName: [server.unknownServerName],
  onClientHello: [server.inspectsClientHello ? "request" : undefined],
  handshakeTimeout: [stream.handshakeTimeout],
  idleTimeout: [stream.idleTimeout],
  signal: [stream.signal],
  onRequest: [stream.onRequest],
  onKeyLog: [stream.onKeyLog],
  onTrace: [stream.onTrace],
  tickets: [client.requestsTickets],
};

test("says the defaults that the code has", () => {
  for (const [name = "", , text = ""] of [...options, ...rowsOf(adapters)]) {
    for (const value of values[name] ?? []) assert.equal(text, cellOf(value), name);
    // A default that is a value has to be one that is compared.
    if (text.startsWith("`")) assert.ok(name in values, name);
  }
});

function cellOf(value: unknown): string {
  if (value === undefined) return "none";
  return value === Infinity ? "Infinity" : `\`${JSON.stringify(value)}\``;
}

test("names every limit with its default", () => {
  const { maxRecordsPerKey, ...others } = defaultLimits;
  const expected = Object.entries({ ...others, ...maxRecordsPerKey }).map(([name, value]) => [name, numberText(value)]);
  assert.equal(rowsOf(limits).map(([name, text]) => [name, text]), expected);
});

test("names what a session cache and a ring of ticket keys can be told", () => {
  const makers = { createSessionCache, createTicketKeyRing } as const;
  for (const [name, make] of Object.entries(makers)) {
    const table = textOf("docs/options.md").split(`| \`${name}\``)[1]?.split("\n\n")[0] ?? "";
    const told = [...table.matchAll(/^\| ([^|]*)\|/gm)].flatMap(([, cell = ""]) => cell.match(/\w+/g) ?? []);
    assert.throws(
      () => make({ "no such option": 1 } as never),
      (error: Error) => {
        const [, list = ""] = /\(there are (.*)\)/.exec(error.message) ?? [];
        assert.equal(sorted(told), sorted(list.split(", ")), name);
        return true;
      },
    );
  }
});

function numberText(value: number): string {
  return value === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}

test.run();
