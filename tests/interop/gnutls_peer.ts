/** GnuTLS by its commands gnutls-serv and gnutls-cli. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../harness.ts";
import type { CipherSuiteName, NamedGroupName } from "../../lib/registry.ts";
import { rootFile, serverIdentity, serverNameOf } from "./certificates.ts";
import { Command, eventually, folder, freePort, missingOf, writeRunFile } from "./command.ts";
import { aeadSuites, cbcSuites } from "./names.ts";
import type { Peer, PeerClient, PeerClientOptions, PeerOptions, PeerServer, PeerServerOptions, Seen } from "./peer.ts";

const groups = ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"] as const;
const aeads = ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"];
const cbcs = ["AES-128-CBC", "AES-256-CBC"];
const macs = ["AEAD", "SHA1", "SHA256", "SHA384"];

function priority(options: PeerOptions): string {
  const { cbc, namedGroups = groups } = options;
  const ciphers = cbc === undefined ? aeads : [...cbcs, ...aeads];
  const words = [
    "NORMAL",
    "-VERS-ALL",
    "+VERS-TLS1.2",
    "-CIPHER-ALL",
    ...ciphers.map((name) => `+${name}`),
    "-KX-ALL",
    "+ECDHE-ECDSA",
    "+ECDHE-RSA",
    "-MAC-ALL",
    ...macs.map((name) => `+${name}`),
    "-GROUP-ALL",
    ...namedGroups.map((name) => `+GROUP-${name.toUpperCase()}`),
    "+SIGN-EDDSA-ED448",
    ...(cbc === "macThenEncrypt" ? ["%NO_ETM"] : []),
  ];
  return words.join(":");
}

function common(options: PeerOptions): readonly string[] {
  const { alpnProtocols = [], recordSizeLimit } = options;
  return [
    "--priority",
    priority(options),
    ...alpnProtocols.flatMap((name) => ["--alpn", name]),
    ...(options.tickets ? [] : ["--noticket"]),
    ...(recordSizeLimit === undefined ? [] : ["--recordsize", `${recordSizeLimit}`]),
    "--keymatexport",
    "EXPORTER-interop",
    "--keymatexportsize",
    "32",
  ];
}

function seenIn(said: string): Seen {
  const description = /Description: \(TLS1\.2-X\.509\)-\(ECDHE-(\w+)\)-\(([\w-]+)\)-\(([\w-]+)\)(?:-\((\w+)\))?/;
  const [, curve = "", signature = "", cipher = "", mac = ""] = description.exec(said) ?? [];
  return {
    cipherSuite: suiteOf(signature, cipher, mac),
    namedGroup: groups.find((name): name is (typeof groups)[number] & NamedGroupName => name === curve.toLowerCase()),
    alpnProtocol: /Application protocol: (\S+)/.exec(said)?.[1] ?? "",
    extendedMasterSecret: /Options:.*extended master secret/.test(said),
    encryptThenMac: /Options:.*EtM/.test(said),
    exported: /Key material: ([0-9a-f:]+)/i.exec(said)?.[1]?.replaceAll(":", "").toLowerCase(),
    unique: /'tls-unique': ([0-9a-f]+)/.exec(said)?.[1],
    resumed: /This is a resumed session/.test(said),
  };
}

function suiteOf(signature: string, cipher: string, mac: string): CipherSuiteName | undefined {
  const key = signature.startsWith("RSA") ? "RSA" : "ECDSA";
  const hash = mac !== "" ? mac.replace("SHA1", "SHA") : cipher.startsWith("AES-256") ? "SHA384" : "SHA256";
  const name = `TLS_ECDHE_${key}_WITH_${cipher.replaceAll("-", "_")}_${hash}`;
  return [...aeadSuites, ...cbcSuites].find((known) => known === name);
}

async function startServer(options: PeerServerOptions): Promise<PeerServer> {
  const { certificateFile, privateKeyFile } = serverIdentity(options.kind);
  const { clientAuthentication = "none", ocspResponse } = options;
  const port = await freePort();
  const command = new Command("gnutls-serv", [
    "--echo",
    "--port",
    `${port}`,
    "--x509certfile",
    certificateFile,
    "--x509keyfile",
    privateKeyFile,
    "--x509cafile",
    rootFile,
    ...common(options),
    ...(clientAuthentication === "none" ? ["--disable-client-cert"] : ["--verify-client-cert"]),
    ...(clientAuthentication === "required" ? ["--require-client-cert"] : []),
    ...(options.tickets ? ["--nodb"] : []),
    ...(ocspResponse
      ? ["--ocsp-response", writeRunFile("gnutls.ocsp", ocspResponse), "--ignore-ocsp-response-errors"]
      : []),
  ], { timeout: 120_000 });
  await command.says(/listening on IPv4 0\.0\.0\.0 port \d+\.\.\.done/);
  let from = 0;
  return {
    port,
    seen: async () => {
      const text = await command.saysAfter(from, /Key material: .*\n/);
      from = command.said.length;
      return {
        ...seenIn(text),
        serverName: /Given server name\[1\]: (\S+)/.exec(text)?.[1] ?? "",
        peerCertificate: /Got a certificate list of/.test(text),
      };
    },
    // It doesn't say which.
    toldAlert: async () => void await command.says(/A TLS fatal alert has been received/),
    stop: () => command.kill(),
  };
}

let count = 0;

function startClient(options: PeerClientOptions): Promise<PeerClient> {
  const name = options.serverName ?? serverNameOf(options.kind);
  const logFile = join(folder, `gnutls${++count}.log`);
  const { certificate } = options;
  const command = new Command("gnutls-cli", [
    "--port",
    `${options.port}`,
    "--logfile",
    logFile,
    "--x509cafile",
    options.trusts ?? rootFile,
    "--sni-hostname",
    name,
    "--verify-hostname",
    name,
    ...common(options),
    ...(certificate
      ? ["--x509certfile", certificate.certificateFile, "--x509keyfile", certificate.privateKeyFile]
      : []),
    ...(options.sessions === undefined ? [] : ["--resume"]),
    ...(options.asksStatus ? ["--save-ocsp", `${logFile}.ocsp`] : []),
    "127.0.0.1",
  ]);
  command.echo();
  const log = (): string => readFileSync(logFile, "latin1");
  return Promise.resolve({
    seen: async () => {
      await eventually(() => /Simple Client Mode/.test(log()) || undefined, () => command.child.exitCode !== null);
      const text = log().slice(Math.max(0, log().lastIndexOf("trying to resume")));
      return {
        ...seenIn(text),
        ...(options.asksStatus ? { stapled: readFileSync(`${logFile}.ocsp`).length > 0 } : {}),
      };
    },
    close: () => void command.child.stdin.end(),
    failed: async () => assert.is.not(await command.ended(), 0),
    stop: () => command.kill(),
  });
}

export const gnutls: Peer = {
  name: "GnuTLS",
  missing: missingOf("gnutls-serv", "gnutls-cli"),
  kinds: ["p256", "p384", "ed25519", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: groups,
  resumesByItself: true,
  cannot: {
    "server:closesFirst": "gnutls-serv's echo waits for the client to close",
    "client:recordSizeLimit": "gnutls-cli loses what doesn't fit into one of its records",
    "client:maxFragmentLength": "gnutls-cli has no word for it any more",
    "client:closesSecond": "gnutls-cli doesn't answer close_notify",
  },
  startServer,
  startClient,
};
