/**
 * OpenSSL's own commands, and two programs that link it: nginx, as a TLS server in front of an echo and as a TLS client
 * behind one, and curl.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { assert } from "../harness.ts";
import { rootFile, serverIdentity, serverNameOf } from "./certificates.ts";
import { Command, eventually, folder, freePort, missingOf, writeRunFile } from "./command.ts";
import { aeadSuites, cbcSuites, groupOfOpenssl, suiteOfOpenssl, toOpenssl } from "./names.ts";
import {
  latin1,
  payload,
  type Peer,
  type PeerClient,
  type PeerClientOptions,
  type PeerOptions,
  type PeerServer,
  type PeerServerOptions,
  type Seen,
  textOf,
} from "./peer.ts";
import { portOf, type Talk } from "./talk.ts";

const able = {
  kinds: ["p256", "p384", "ed25519", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"],
} as const;

/* The openssl command */

const curvesOf = (options: PeerOptions): readonly string[] => options.namedGroups ?? able.namedGroups;
const opensslCurve = (name: string): string =>
  ({ x25519: "X25519", x448: "X448", secp256r1: "P-256", secp384r1: "P-384", secp521r1: "P-521" })[name] ?? name;

function opensslCommon(options: PeerOptions): readonly string[] {
  const { recordSizeLimit, cbc } = options;
  const suites = options.cipherSuites ?? [...aeadSuites, ...(cbc === undefined ? [] : cbcSuites)];
  return [
    "-tls1_2",
    "-cipher",
    toOpenssl(suites),
    "-groups",
    curvesOf(options).map(opensslCurve).join(":"),
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

/* nginx */

const logFormat = "'$ssl_protocol|$ssl_cipher|$ssl_curve|$ssl_alpn_protocol|$ssl_server_name|$ssl_session_reused" +
  "|$ssl_client_verify|'";
const modules = ["/usr/lib/nginx/modules", "/usr/share/nginx/modules"];

/** nginx with one `server { … }` of its stream module. */
async function startNginx(name: string, server: string): Promise<{ readonly log: () => string; stop(): void }> {
  const module = modules.map((at) => join(at, "ngx_stream_module.so")).find(exists);
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
  const ready = await eventually(() => exists(`${folder}/${name}.pid`) || undefined);
  if (ready === undefined) throw new Error(`nginx doesn't start: ${command.said} ${readFileSync(errors, "latin1")}`);
  assert.ok(port > 0);
  return {
    log: () => readFileSync(log, "latin1") + readFileSync(errors, "latin1"),
    stop: () => command.kill(),
  };
}

let nginxCount = 0;

const nginxTls = (prefix: "ssl" | "proxy_ssl", options: PeerOptions): string => {
  const suites = options.cipherSuites ?? [...aeadSuites, ...(options.cbc === undefined ? [] : cbcSuites)];
  const etm = options.cbc === "macThenEncrypt" ? `${prefix}_conf_command Options -EncryptThenMac;` : "";
  return `${prefix}_protocols TLSv1.2; ${prefix}_ciphers ${toOpenssl(suites)}; ${etm}`;
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
ssl_ecdh_curve ${curvesOf(options).map(opensslCurve).join(":")}; ${nginxTls("ssl", options)}
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
    (modules.some((at) => exists(join(at, "ngx_stream_module.so"))) ? undefined : "nginx has no stream module"),
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

/* curl */

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
    toOpenssl(options.cipherSuites ?? [...aeadSuites, ...(options.cbc === undefined ? [] : cbcSuites)]),
    "--curves",
    curvesOf(options).map(opensslCurve).join(":"),
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
