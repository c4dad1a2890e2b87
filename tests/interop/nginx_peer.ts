/** nginx by its stream module: as a TLS server in front of an echo, and as a TLS client behind one. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { assert } from "../harness.ts";
import { rootFile, serverIdentity, serverNameOf } from "./certificates.ts";
import { Command, eventually, folder, freePort, missingOf, writeRunFile } from "./command.ts";
import { groupOfOpenssl, suiteOfOpenssl } from "./names.ts";
import { able, opensslGroupsOf, opensslSuitesOf } from "./openssl_words.ts";
import type { Peer, PeerClient, PeerClientOptions, PeerOptions, PeerServer, PeerServerOptions, Seen } from "./peer.ts";
import { portOf } from "./talk.ts";

const logFormat = "'$ssl_protocol|$ssl_cipher|$ssl_curve|$ssl_alpn_protocol|$ssl_server_name|$ssl_session_reused" +
  "|$ssl_client_verify|'";
const modules = ["/usr/lib/nginx/modules", "/usr/share/nginx/modules"];

/** nginx with one `server { … }` of its stream module. */
async function startNginx(name: string, server: string): Promise<{ readonly log: () => string; stop(): void }> {
  const module = modules.map((at) => join(at, "ngx_stream_module.so")).find(existsSync);
  const log = writeRunFile(`${name}.log`, "");
  const errors = writeRunFile(`${name}.errors`, "");
  const configuration = writeRunFile(
    `${name}.conf`,
    `${
      module === undefined ? "" : `load_module ${module};\n`
    }daemon off;\nmaster_process off;\npid ${folder}/${name}.pid;
error_log ${errors} info;
events {}
stream { log_format seen ${logFormat}; access_log ${log} seen; server { ${server} } }
`,
  );
  const command = new Command("nginx", ["-c", configuration, "-e", errors, "-p", folder], { timeout: 120_000 });
  const port = Number(/listen 127\.0\.0\.1:(\d+)/.exec(server)?.[1]);
  const ready = await eventually(() => existsSync(`${folder}/${name}.pid`) || undefined);
  if (ready === undefined) throw new Error(`nginx doesn't start: ${command.said} ${readFileSync(errors, "latin1")}`);
  assert.ok(port > 0);
  return {
    log: () => readFileSync(log, "latin1") + readFileSync(errors, "latin1"),
    stop: () => command.kill(),
  };
}

let nginxCount = 0;

const nginxTls = (prefix: "ssl" | "proxy_ssl", options: PeerOptions): string => {
  const etm = options.cbc === "macThenEncrypt" ? `${prefix}_conf_command Options -EncryptThenMac;` : "";
  return `${prefix}_protocols TLSv1.2; ${prefix}_ciphers ${opensslSuitesOf(options)}; ${etm}`;
};

async function nginxServer(options: PeerServerOptions): Promise<PeerServer> {
  const { certificateFile, privateKeyFile } = serverIdentity(options.kind);
  const behind = createServer((socket) => void echoes(socket));
  behind.listen(0, "127.0.0.1");
  await once(behind, "listening");
  const port = await freePort();
  const verify = { none: "", optional: "on", required: "on" }[options.clientAuthentication ?? "none"];
  const asks = options.clientAuthentication === "optional" ? "optional" : verify;
  const name = `nginx${++nginxCount}`;
  const nginx = await startNginx(
    name,
    `listen 127.0.0.1:${port} ssl; proxy_pass 127.0.0.1:${portOf(behind)};
ssl_certificate ${certificateFile}; ssl_certificate_key ${privateKeyFile};
ssl_ecdh_curve ${opensslGroupsOf(options)}; ${nginxTls("ssl", options)}
ssl_session_tickets ${options.tickets ? "on" : "off"}; ssl_session_cache ${
      options.tickets ? "off" : `shared:${name}:1m`
    };
${options.alpnProtocols ? `ssl_alpn ${options.alpnProtocols.join(" ")};` : ""}
${asks === "" ? "" : `ssl_verify_client ${asks}; ssl_client_certificate ${rootFile};`}`,
  );
  let lines = 0;
  return {
    port,
    seen: async () => {
      const logged = await eventually(() => nginx.log().split("\n").filter((line) => /^TLS.*\|$/.test(line))[lines]);
      assert.ok(logged !== undefined, nginx.log());
      lines++;
      return seenByNginx(logged ?? "");
    },
    toldAlert: async (alert) => {
      const wanted = `alert ${alert.replaceAll("_", " ")}`;
      assert.ok(await eventually(() => nginx.log().includes(wanted) || undefined), nginx.log());
    },
    stop: () => {
      nginx.stop();
      behind.close();
    },
  };
}

function seenByNginx(line: string): Seen {
  const [, cipher, curve, alpn, name, reused, verified] = line.split("|");
  return {
    cipherSuite: suiteOfOpenssl(cipher),
    namedGroup: groupOfOpenssl(curve),
    alpnProtocol: alpn === "-" ? "" : alpn,
    serverName: name === "-" ? "" : name,
    resumed: reused === "r",
    peerCertificate: verified === "SUCCESS",
  };
}

/** Sends back what it gets; closes after the line "CLOSE". */
function echoes(socket: Socket): void {
  socket.on("error", () => {});
  socket.on("data", (bytes: Buffer) => {
    if (bytes.toString("latin1") === "CLOSE\n") socket.end();
    else socket.write(bytes);
  });
}

interface NginxClient {
  readonly port: number;
  stop(): void;
  log(): string;
}
const nginxClients = new Map<string, Promise<NginxClient>>();

async function nginxClient(options: PeerClientOptions): Promise<PeerClient> {
  const name = options.serverName ?? serverNameOf(options.kind);
  const { certificate } = options;
  const server = `proxy_pass 127.0.0.1:${options.port}; proxy_ssl on; proxy_ssl_server_name on; proxy_ssl_name ${name};
proxy_ssl_verify on; proxy_ssl_trusted_certificate ${options.trusts ?? rootFile}; ${nginxTls("proxy_ssl", options)}
proxy_ssl_session_reuse ${options.sessions === undefined ? "off" : "on"};
${options.sessions !== undefined && !options.tickets ? "proxy_ssl_conf_command Options -SessionTicket;" : ""}
${
    certificate
      ? `proxy_ssl_certificate ${certificate.certificateFile}; proxy_ssl_certificate_key ${certificate.privateKeyFile};`
      : ""
  }`;
  const known = nginxClients.get(server) ?? (async () => {
    const port = await freePort();
    return { port, ...await startNginx(`nginx${++nginxCount}`, `listen 127.0.0.1:${port}; ${server}`) };
  })();
  nginxClients.set(server, known);
  const nginx = await known;
  const socket = connect(nginx.port, "127.0.0.1");
  echoes(socket);
  return {
    seen: () => Promise.resolve({}),
    close: () => void socket.end(),
    failed: async () => {
      assert.ok(await eventually(() => socket.destroyed || socket.readableEnded || undefined));
      assert.match(nginx.log(), /SSL_do_handshake\(\) failed|upstream SSL certificate (?:verify error|does not match)/);
    },
    stop: () => socket.destroy(),
  };
}

export const nginx: Peer = {
  name: "nginx",
  missing: missingOf("nginx") ??
    (modules.some((at) => existsSync(join(at, "ngx_stream_module.so"))) ? undefined : "nginx has no stream module"),
  ...able,
  judgesClientsLate: true,
  cannot: {
    "server:closesSecond": "nginx doesn't answer close_notify",
    "client:closesSecond": "nginx doesn't answer close_notify",
    "client:refuses": "nginx judges the certificate after the handshake, and ends the connection without a word",
    "client:alpn": "nginx's stream module offers no ALPN to its upstream",
    "client:exporter": "nginx logs no exported values",
    "server:exporter": "nginx logs no exported values",
    "client:stapling": "nginx doesn't ask its upstream for a status",
    "server:stapling": "nginx's stream module staples nothing",
    "client:recordSizeLimit": "OpenSSL 3.0 has no record_size_limit",
    "server:recordSizeLimit": "OpenSSL 3.0 has no record_size_limit",
    "client:maxFragmentLength": "nginx has no word for it",
  },
  startServer: nginxServer,
  startClient: nginxClient,
};
