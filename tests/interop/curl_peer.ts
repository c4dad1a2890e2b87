/** curl, a client for HTTP: it uploads a file and downloads one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../harness.ts";
import { rootFile, serverNameOf } from "./certificates.ts";
import { Command, folder, missingOf, writeRunFile } from "./command.ts";
import { suiteOfOpenssl } from "./names.ts";
import { able, opensslGroupsOf, opensslSuitesOf } from "./openssl_words.ts";
import { latin1, payload, type Peer, type PeerClient, type PeerClientOptions, textOf } from "./peer.ts";
import type { Talk } from "./talk.ts";

let curlCount = 0;

function curlClient(options: PeerClientOptions): Promise<PeerClient> {
  const name = options.serverName ?? serverNameOf(options.kind);
  const [{ port, certificate }, number] = [options, ++curlCount];
  const upload = writeRunFile(`curl${number}.upload`, payload(options.length ?? 100));
  const download = join(folder, `curl${number}.download`);
  const command = new Command("curl", [
    "--verbose",
    "--silent",
    "--no-buffer",
    "--noproxy",
    "*",
    "--http1.1",
    "--tls-max",
    "1.2",
    "--resolve",
    `${name}:${port}:127.0.0.1`,
    "--cacert",
    options.trusts ?? rootFile,
    "--ciphers",
    opensslSuitesOf(options),
    "--curves",
    opensslGroupsOf(options),
    ...(options.alpnProtocols ? [] : ["--no-alpn"]),
    ...(certificate ? ["--cert", certificate.certificateFile, "--key", certificate.privateKeyFile] : []),
    ...(options.asksStatus ? ["--cert-status"] : []),
    "--header",
    "Expect:",
    "--data-binary",
    `@${upload}`,
    "--output",
    download,
    `https://${name}:${port}/`,
    ...(options.sessions === undefined ? [] : ["--output", download, `https://${name}:${port}/again`]),
  ]);
  return Promise.resolve({
    seen: async () => {
      const [, cipher] = await command.says(/SSL connection using TLSv1\.2 \/ (\S+)/);
      const alpn = /ALPN: server accepted (\S+)/.exec(command.said)?.[1];
      return { cipherSuite: suiteOfOpenssl(cipher), alpnProtocol: alpn ?? "" };
    },
    exchange: async (talk, length) => {
      const data = payload(length);
      await requestOf(talk, data);
      talk.send(latin1(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\nConnection: close\r\n\r\n`));
      talk.send(data);
      talk.close();
      if (options.sessions === undefined) assert.is(await command.ended(), 0, command.said.slice(-2000));
      else await talk.over();
      assert.ok(Buffer.compare(readFileSync(download), data) === 0, "curl got other data than we sent");
    },
    close: () => {},
    failed: async () => assert.is.not(await command.ended(), 0),
    stop: () => command.kill(),
  });
}

/** Waits for a POST with this body. */
async function requestOf(talk: Talk, body: Uint8Array): Promise<void> {
  await talk.until(() => talk.length > body.length && textOf(talk.data.subarray(0, 4096)).includes("\r\n\r\n"));
  const head = textOf(talk.data.subarray(0, 4096)).indexOf("\r\n\r\n") + 4;
  await talk.until(() => talk.length >= head + body.length);
  assert.ok(Buffer.compare(talk.data.subarray(head), body) === 0, "we got other data than curl sent");
}

export const curl: Peer = {
  name: "curl",
  missing: missingOf("curl"),
  ...able,
  resumesByItself: true,
  cannot: {
    "client:closesSecond": "curl has an answer to wait for",
    "client:tickets": "curl switches tickets off",
    "client:exporter": "curl has no word for it",
    "client:cbc": "curl always offers encrypt_then_mac",
    "client:recordSizeLimit": "OpenSSL 3.0 has no record_size_limit",
    "client:maxFragmentLength": "curl has no word for it",
  },
  startClient: curlClient,
};
