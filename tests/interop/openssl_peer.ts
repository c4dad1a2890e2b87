/** OpenSSL by its command: s_server, which sends lines back reversed, and s_client. */
import { assert } from "../harness.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootFile, serverIdentity, serverNameOf } from "./certificates.ts";
import { Command, folder, missingOf, writeRunFile } from "./command.ts";
import { groupOfOpenssl, suiteOfOpenssl } from "./names.ts";
import { able, opensslGroupsOf, opensslSuitesOf } from "./openssl_words.ts";
import type { Peer, PeerClient, PeerClientOptions, PeerOptions, PeerServer, PeerServerOptions, Seen } from "./peer.ts";

function opensslCommon(options: PeerOptions): readonly string[] {
  const { recordSizeLimit, cbc } = options;
  return [
    "-tls1_2",
    "-cipher",
    opensslSuitesOf(options),
    "-groups",
    opensslGroupsOf(options),
    ...(options.alpnProtocols ? ["-alpn", options.alpnProtocols.join(",")] : []),
    ...(options.tickets ? [] : ["-no_ticket"]),
    ...(cbc === "macThenEncrypt" ? ["-no_etm"] : []),
    ...(recordSizeLimit === undefined ? [] : ["-maxfraglen", `${recordSizeLimit}`]),
  ];
}

/** What the option -brief prints. */
function seenByOpenssl(said: string): Seen {
  const curve = /Server Temp Key: (?:ECDH, )?([\w-]+)/.exec(said)?.[1];
  return {
    cipherSuite: suiteOfOpenssl(/Ciphersuite: (\S+)/.exec(said)?.[1]),
    namedGroup: groupOfOpenssl(curve),
  };
}

async function opensslServer(options: PeerServerOptions): Promise<PeerServer> {
  const { certificateFile, privateKeyFile } = serverIdentity(options.kind);
  const { clientAuthentication = "none", ocspResponse } = options;
  const command = new Command("openssl", [
    "s_server",
    "-accept",
    "127.0.0.1:0",
    "-rev",
    "-cert",
    certificateFile,
    "-key",
    privateKeyFile,
    ...opensslCommon(options),
    ...(clientAuthentication === "none" ? [] : ["-CAfile", rootFile, "-verify_return_error"]),
    ...(clientAuthentication === "optional" ? ["-verify", "3"] : []),
    ...(clientAuthentication === "required" ? ["-Verify", "3"] : []),
    ...(options.tickets ? ["-no_cache"] : []),
    ...(ocspResponse ? ["-status_file", writeRunFile("status.der", ocspResponse)] : []),
  ], { timeout: 120_000 });
  const [, port] = await command.says(/ACCEPT 127\.0\.0\.1:(\d+)/);
  let from = 0;
  return {
    port: Number(port),
    seen: async () => {
      const text = await command.saysAfter(from, /CONNECTION CLOSED\n/);
      from = command.said.length;
      return { ...seenByOpenssl(text), peerCertificate: /Peer certificate:/.test(text) };
    },
    toldAlert: async (alert) => void await command.says(new RegExp(`alert ${alert.replaceAll("_", " ")}`)),
    stop: () => command.kill(),
  };
}

function opensslClient(options: PeerClientOptions): Promise<PeerClient> {
  const name = options.serverName ?? serverNameOf(options.kind);
  const session = options.sessions === undefined ? undefined : join(folder, `${options.sessions}.session`);
  const command = new Command("openssl", [
    "s_client",
    "-brief",
    "-connect",
    `127.0.0.1:${options.port}`,
    "-CAfile",
    options.trusts ?? rootFile,
    "-verify_return_error",
    "-nocommands",
    "-servername",
    name,
    "-verify_hostname",
    name,
    ...opensslCommon(options),
    ...(options.certificate
      ? ["-cert", options.certificate.certificateFile, "-key", options.certificate.privateKeyFile]
      : []),
    ...(session === undefined ? [] : ["-sess_out", session, ...(exists(session) ? ["-sess_in", session] : [])]),
    ...(options.asksStatus ? ["-status"] : []),
  ]);
  command.echo();
  return Promise.resolve({
    seen: async () => {
      await command.ended();
      return seenByOpenssl(command.said);
    },
    close: () => void command.child.stdin.end(),
    failed: async () => assert.is.not(await command.ended(), 0),
    stop: () => command.kill(),
  });
}

function exists(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

export const openssl: Peer = {
  name: "OpenSSL",
  missing: missingOf("openssl"),
  ...able,
  cannot: {
    "client:exporter": "s_client is silent about it with -brief",
    "server:exporter": "s_server is silent about it with -rev",
    "client:stapling": "s_client is silent about it with -brief; curl isn't",
    "server:recordSizeLimit": "OpenSSL 3.0 has no record_size_limit",
    "client:recordSizeLimit": "OpenSSL 3.0 has no record_size_limit",
  },
  startServer: opensslServer,
  startClient: opensslClient,
};
