/**
 * tshark decrypts what our client and our server said to each other, with our key log, for every suite: who reads
 * along with the keys reads what was sent, and finds nothing malformed.
 */
import { assert, suite } from "../harness.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { TlsConnection } from "../../lib/tls_connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/default_provider.ts";
import type { Output } from "../../lib/output.ts";
import { createSessionCache } from "../../lib/session/session_cache.ts";
import { encodeCapture, type Recorded } from "./capture.ts";
import { rootPem, serverNameOf } from "./certificates.ts";
import { missingOf, run, writeRunFile } from "./command.ts";
import { aeadSuites, cbcSuites } from "./names.ts";
import { latin1 } from "./peer.ts";
import { credentialOfPeer } from "./promises.ts";
import { random } from "./talk.ts";

/** A connection in memory, with what went over the wire and the key log of one side. */
function talkOf(
  clientConfig: Partial<ClientConfig>,
  serverConfig: Partial<ServerConfig>,
  logger: Recorded["from"],
): { readonly recorded: readonly Recorded[]; readonly keyLog: string; readonly resumed: boolean | undefined } {
  const common = { now: Date.now, random, keyLog: true };
  const kind = (clientConfig.cipherSuites ?? [])[0]?.includes("_RSA_") ? "rsa" : "p256";
  const client = createTlsClient({ ...common, serverName: serverNameOf(kind), trustAnchors: rootPem, ...clientConfig });
  const server = createTlsServer({ ...common, credentials: [credentialOfPeer(kind)], ...serverConfig });
  const recorded: Recorded[] = [];
  const keyLog: string[] = [];
  const ends: Readonly<Record<Recorded["from"], TlsConnection>> = { client, server };
  const take = (from: Recorded["from"], outputs: readonly Output[]): void => {
    for (const output of outputs) {
      if (output.type === "failed") throw output.error;
      if (output.type === "keyLog" && from === logger) keyLog.push(output.line);
      if (output.type !== "transmit") continue;
      recorded.push({ from, bytes: output.bytes });
      const to = from === "client" ? "server" : "client";
      take(to, ends[to].receive(output.bytes));
    }
  };
  take("server", server.start());
  take("client", client.start());
  const resumed = client.session?.resumed;
  take("client", client.send(latin1(requestText)));
  take("server", server.send(latin1(`HTTP/1.1 200 OK\r\nContent-Length: ${answerText.length}\r\n\r\n${answerText}`)));
  take("client", client.close());
  return { recorded, keyLog: `${keyLog.join("\n")}\n`, resumed };
}

const requestText = "GET /what-the-client-asks HTTP/1.1\r\nHost: peer.example\r\n\r\n";
const answerText = `what the server answers ${"0123456789".repeat(200)} and its end`;

/** What tshark reads, as fields of each packet. */
async function readBy(name: string, { recorded, keyLog }: ReturnType<typeof talkOf>): Promise<string> {
  const capture = writeRunFile(`${name}.pcap`, encodeCapture(recorded));
  const keys = writeRunFile(`${name}.keys`, keyLog);
  const fields = [
    "http.request.uri",
    "http.file_data",
    "_ws.malformed",
    "tls.alert_message.desc",
    "tls.handshake.type",
  ];
  const options = ["-o", `tls.keylog_file:${keys}`, "-T", "fields", ...fields.flatMap((field) => ["-e", field])];
  return await run("tshark", ["-r", capture, ...options]);
}

const test = suite("tshark");
const missing = missingOf("tshark");
const add = (title: string, body: () => Promise<void>): void =>
  missing === undefined ? test(title, body) : test.skip(title, missing);

for (const cipherSuite of [...aeadSuites, ...cbcSuites]) {
  const isCbc = cbcSuites.includes(cipherSuite);
  add(`decrypts a connection under ${cipherSuite} with our key log`, async () => {
    const config = { cipherSuites: [cipherSuite], legacyCbc: isCbc };
    for (const logger of ["client", "server"] as const) {
      const read = await readBy(`${cipherSuite}-${logger}`, talkOf(config, { legacyCbc: isCbc }, logger));
      assert.ok(read.includes("/what-the-client-asks"), read);
      assert.ok(
        read.includes("what the server answers") || read.includes(Buffer.from(answerText).toString("hex")),
        read,
      );
      assert.match(read, /Close Notify|\t0\b/);
    }
  });
}

add("reads nothing without the key log", async () => {
  const talk = talkOf({ cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] }, {}, "client");
  const read = await readBy("no-keys", { ...talk, keyLog: "\n" });
  assert.not.ok(read.includes("/what-the-client-asks"));
});

add("decrypts resumed connections, by ticket and by ID", async () => {
  for (const tickets of [true, false]) {
    const client = { sessionCache: createSessionCache({ now: Date.now }), tickets, serverName: serverNameOf("p256") };
    const server = tickets
      ? { ticketKeys: [{ name: random(16), key: random(32) }] }
      : { sessionCache: createSessionCache({ now: Date.now }) };
    talkOf(client, server, "client");
    const talk = talkOf(client, server, "client");
    assert.is(talk.resumed, true);
    assert.ok((await readBy(`resumed-${tickets}`, talk)).includes("/what-the-client-asks"));
  }
});

test.run();
