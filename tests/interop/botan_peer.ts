/** Botan by its command: tls_server sends lines back, tls_client writes what comes among what it says. */
import type { CipherSuiteName } from "../../lib/registry.ts";
import { rootFile, serverIdentity } from "./certificates.ts";
import { join } from "node:path";
import { accepting, Command, folder, freePort, missingOf, writeRunFile } from "./command.ts";
import { aeadSuites, cbcSuites } from "./names.ts";
import type { Peer, PeerClient, PeerClientOptions, PeerOptions, PeerServer, PeerServerOptions, Seen } from "./peer.ts";

const groups = ["x25519", "secp256r1", "secp384r1", "secp521r1"] as const;

function policyFile(options: PeerOptions): string {
  const { namedGroups = groups, cbc } = options;
  const text = [
    "allow_tls10 = false",
    "allow_tls11 = false",
    "allow_tls12 = true",
    `ciphers = ChaCha20Poly1305 AES-256/GCM AES-128/GCM${cbc === undefined ? "" : " AES-256 AES-128"}`,
    "macs = AEAD SHA-384 SHA-256 SHA-1",
    "signature_methods = ECDSA RSA",
    "key_exchange_methods = ECDH",
    `key_exchange_groups = ${namedGroups.join(" ")}`,
    "minimum_ecdh_group_size = 255",
    "require_cert_revocation_info = false",
    `negotiate_encrypt_then_mac = ${cbc !== "macThenEncrypt"}`,
    "",
  ];
  return writeRunFile(`botan-${cbc ?? "aead"}-${namedGroups.join("-")}.policy`, text.join("\n"));
}

function seenIn(said: string): Seen {
  const name = /Handshake complete, TLS v1\.2 using (\w+)/.exec(said)?.[1];
  return {
    cipherSuite: [...aeadSuites, ...cbcSuites].find((suite): suite is CipherSuiteName => suite === `TLS_${name}`),
  };
}

async function startServer(options: PeerServerOptions): Promise<PeerServer> {
  const port = await freePort();
  const { certificateFile, privateKeyFile } = serverIdentity(options.kind);
  const policy = policyFile(options);
  const parameters = ["tls_server", certificateFile, privateKeyFile, `--port=${port}`, `--policy=${policy}`];
  const command = new Command("stdbuf", ["-oL", "botan", ...parameters], { timeout: 120_000 });
  await command.says(/Listening for new connections/);
  await accepting(port); // it says so a little too early
  let from = 0;
  return {
    port,
    seen: async () => {
      const text = await command.saysAfter(from, /Handshake complete.*\n/);
      from = command.said.length;
      return seenIn(text);
    },
    toldAlert: async (alert) => void await command.says(new RegExp(`Alert: ${alert}|${alert}`)),
    stop: () => command.kill(),
  };
}

function startClient(options: PeerClientOptions): Promise<PeerClient> {
  const { alpnProtocols = [] } = options;
  const command = new Command("stdbuf", [
    "-oL",
    "botan",
    "tls_client",
    "localhost",
    `--port=${options.port}`,
    "--tls1.2",
    `--policy=${policyFile(options)}`,
    "--skip-system-cert-store",
    `--trusted-cas=${options.trusts ?? rootFile}`,
    ...(options.sessions === undefined
      ? []
      : [`--session-db=${join(folder, options.sessions)}.db`, "--session-db-pass=x"]),
    ...(alpnProtocols.length > 0 ? [`--next-protocols=${alpnProtocols.join(",")}`] : []),
  ]);
  // It writes data between lines about the session; those begin with a capital letter, unlike our data.
  let rest = "";
  command.child.stdout.on("data", (bytes: Buffer) => {
    const lines = (rest + bytes.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    const data = lines.filter((line) => !/^[A-Z]/.test(line));
    if (data.length > 0 && !command.child.stdin.writableEnded) command.child.stdin.write(`${data.join("\n")}\n`);
  });
  return Promise.resolve({
    seen: async () => seenIn((await command.says(/Handshake complete.*\n/))[0]),
    close: () => void command.child.stdin.end(),
    failed: async () => void await command.ended(),
    stop: () => command.kill(),
  });
}

export const botan: Peer = {
  name: "Botan",
  missing: missingOf("botan", "stdbuf"),
  kinds: ["p256", "p384", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: groups,
  clientAsksFor: "localhost",
  cannot: {
    "server:alpn": "tls_server has no word for ALPN",
    "server:closesFirst": "tls_server waits for the client to close",
    "server:tickets": "tls_server makes no tickets",
    "client:refuses": "tls_client says that it doesn't trust a certificate, and goes on",
    "client:clientCertificates": "tls_client has no word for a certificate",
    "server:clientCertificates": "tls_server has no word for a CA",
    "client:exporter": "the command has no word for it",
    "server:exporter": "the command has no word for it",
    "client:stapling": "tls_client has no word for it",
    "server:stapling": "tls_server has no word for it",
    "client:maxFragmentLength": "Botan 2 has no max_fragment_length",
    "server:maxFragmentLength": "Botan 2 has no max_fragment_length",
    "client:recordSizeLimit": "Botan 2 has no record_size_limit",
    "server:recordSizeLimit": "Botan 2 has no record_size_limit",
  },
  startServer,
  startClient,
};
