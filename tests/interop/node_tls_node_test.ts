/**
 * Our client and server with node:tls, over sockets on loopback, in both directions.
 */
import { constants } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { ConnectionOptions, Server, TlsOptions } from "node:tls";
import { assert, suite } from "../harness.ts";
import { AlertReceivedError, CertificateError, PeerIncompatibleError, PeerMisbehavedError } from "../../lib/error.ts";
import { credentialOf, type KeyKind, nameOfKind, sampleBytes, schemesOf } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { kinds, opensslGroups, opensslSchemes, suitesFor } from "./names.ts";
import { ourClient, type OurServer, ourServer, portOf, type Talk } from "./talk.ts";

const test = suite("node:tls");
const equalBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

interface NodeServer {
  readonly port: number;
  readonly sockets: TLSSocket[];
  readonly keyLog: string[];
  readonly errors: (Error & { code?: string })[];
}

async function withNodeServer(
  kind: KeyKind,
  options: TlsOptions,
  body: (server: NodeServer) => Promise<void>,
): Promise<void> {
  const server: Server = createTlsServer({
    key: privateKeyPem[`${kind}Pkcs8`],
    cert: certificatePem[kind],
    maxVersion: "TLSv1.2",
    ...options,
  });
  const [sockets, keyLog, errors]: [TLSSocket[], string[], Error[]] = [[], [], []];
  server.on("secureConnection", (socket) => {
    sockets.push(socket);
    socket.on("error", (error) => errors.push(error));
  });
  server.on("keylog", (line: Buffer) => keyLog.push(line.toString("latin1").trim()));
  server.on("tlsClientError", (error) => errors.push(error));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await body({ port: portOf(server), sockets, keyLog, errors });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

async function withOurServer(
  kind: KeyKind,
  config: Parameters<typeof ourServer>[1],
  body: (server: OurServer) => Promise<void>,
  cut?: number,
): Promise<void> {
  const server = await ourServer(kind, config, cut);
  try {
    await body(server);
  } finally {
    server.close();
  }
}

function nodeClient(port: number, kind: KeyKind, options: ConnectionOptions = {}): TLSSocket {
  const socket = connectTls({
    port,
    host: "127.0.0.1",
    servername: nameOfKind(kind),
    ca: certificatePem[kind],
    ...options,
  });
  socket.on("error", () => {});
  return socket;
}

/** Reads so many bytes from a socket of Node's. */
async function read(socket: TLSSocket, length: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for (let count = 0; count < length;) {
    const [piece]: Buffer[] = await once(socket, "data");
    if (piece === undefined) break;
    pieces.push(piece);
    count += piece.length;
  }
  return Buffer.concat(pieces);
}

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !holds(); round++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), "nothing came of it");
}

for (const kind of kinds) {
  test(`as a server takes our client under every suite and group (${kind})`, () =>
    withNodeServer(kind, {}, async ({ port, sockets }) => {
      for (const [cipherSuite, standardName] of suitesFor(kind)) {
        for (const [namedGroup] of opensslGroups) {
          if (kind === "p256" && namedGroup === "secp384r1") continue; // the curve of the key must be offered
          const needed = kind === "p256" || kind === "p384"
            ? [namedGroup, kind === "p256" ? "secp256r1" : "secp384r1"]
            : [namedGroup];
          const namedGroups = [...new Set(needed)] as (typeof namedGroup)[];
          const talk = await ourClient(port, kind, { cipherSuites: [cipherSuite], namedGroups }).established();
          await until(() => sockets.length > 0);
          const socket = sockets.shift();
          assert.is(socket?.getCipher().name, standardName);
          assert.is(socket?.getProtocol(), "TLSv1.2");
          assert.is(talk.tls.session?.cipherSuite, cipherSuite);
          assert.is(talk.tls.session?.extendedMasterSecret, true);
          assert.is(talk.tls.session?.secureRenegotiation, true);
          talk.send(sampleBytes(20));
          if (socket === undefined) continue;
          assert.ok(equalBytes(await read(socket, 20), sampleBytes(20)));
          socket.end(sampleBytes(30));
          await talk.over();
          assert.ok(equalBytes(talk.data, sampleBytes(30)));
          socket.destroy();
        }
      }
    }));

  test(`as a client takes our server under every suite and group (${kind})`, () =>
    withOurServer(kind, { alpnProtocols: ["h2"] }, async (server) => {
      for (const [cipherSuite, opensslName] of suitesFor(kind)) {
        for (const [namedGroup, curve] of opensslGroups) {
          const own = kind === "p384" ? ":P-384" : kind === "p256" ? ":P-256" : "";
          const ecdhCurve = own === `:${curve}` ? curve : curve + own;
          const socket = nodeClient(server.port, kind, { ciphers: opensslName, ecdhCurve, ALPNProtocols: ["h2"] });
          const talk = await server.next();
          await once(socket, "secureConnect");
          await talk.established();
          assert.is(socket.getProtocol(), "TLSv1.2");
          assert.is(socket.getCipher().standardName, cipherSuite);
          const { name } = socket.getEphemeralKeyInfo() as { name: string };
          const agreed = talk.tls.session?.namedGroup;
          assert.is(
            name,
            {
              x25519: "X25519",
              secp256r1: "prime256v1",
              secp384r1: "secp384r1",
            }[agreed === "x25519" || agreed === "secp256r1" || agreed === "secp384r1" ? agreed : "x25519"],
          );
          if (own === "") assert.is(agreed, namedGroup);
          assert.is(socket.alpnProtocol, "h2");
          assert.is(talk.tls.session?.alpnProtocol, "h2");
          assert.is(talk.tls.session?.serverName, nameOfKind(kind));
          assert.is(talk.tls.session?.cipherSuite, cipherSuite);
          socket.write(sampleBytes(20));
          await talk.until(() => talk.length === 20);
          talk.send(sampleBytes(30));
          assert.ok(equalBytes(await read(socket, 30), sampleBytes(30)));
          talk.close();
          await once(socket, "end");
          await talk.over();
        }
      }
    }));

  test(`agrees with us on every signature scheme, in both directions (${kind})`, async () => {
    for (const scheme of schemesOf[kind]) {
      const sigalgs = opensslSchemes[scheme] ?? "";
      await withNodeServer(kind, {}, async ({ port }) => {
        const talk = await ourClient(port, kind, { signatureSchemes: [scheme] }).established();
        assert.is(talk.tls.session?.signatureScheme, scheme);
        talk.drop();
      });
      await withOurServer(kind, {}, async (server) => {
        const socket = nodeClient(server.port, kind, { sigalgs, maxVersion: "TLSv1.2" });
        const talk = await (await server.next()).established();
        assert.is(talk.tls.session?.signatureScheme, scheme);
        socket.destroy();
      });
    }
  });
}

for (const [what, cut] of [["whole", undefined], ["in single bytes", 1]] as const) {
  test(`carries the handshake and data ${what}, both ways`, async () => {
    await withNodeServer("p256", {}, async ({ port, sockets }) => {
      const talk = await ourClient(port, "p256", {}, cut).established();
      await until(() => sockets.length === 1);
      const [socket] = sockets;
      if (socket === undefined) return;
      socket.write(sampleBytes(5000));
      talk.send(sampleBytes(3000));
      assert.ok(equalBytes(await read(socket, 3000), sampleBytes(3000)));
      await talk.until(() => talk.length === 5000);
      assert.ok(equalBytes(talk.data, sampleBytes(5000)));
    });
    await withOurServer("p256", {}, async (server) => {
      const socket = nodeClient(server.port, "p256");
      const talk = await (await server.next()).established();
      socket.write(sampleBytes(5000));
      talk.send(sampleBytes(3000));
      assert.ok(equalBytes(await read(socket, 3000), sampleBytes(3000)));
      await talk.until(() => talk.length === 5000);
      socket.destroy();
    }, cut);
  });
}

const megabyte = sampleBytes(2 ** 20);

test("carries a megabyte both ways at once, in both directions", async () => {
  for (const [cipherSuite] of suitesFor("p256")) {
    await withNodeServer("p256", {}, async ({ port, sockets }) => {
      const talk = await ourClient(port, "p256", { cipherSuites: [cipherSuite] }).established();
      await until(() => sockets.length === 1);
      const [socket] = sockets;
      if (socket === undefined) return;
      const reading = read(socket, megabyte.length);
      socket.write(megabyte);
      talk.send(megabyte);
      assert.ok(equalBytes(await reading, megabyte));
      await talk.until(() => talk.length === megabyte.length);
      assert.ok(equalBytes(talk.data, megabyte));
    });
  }
  await withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256");
    const talk = await (await server.next()).established();
    const reading = read(socket, megabyte.length);
    socket.write(megabyte);
    talk.send(megabyte);
    assert.ok(equalBytes(await reading, megabyte));
    await talk.until(() => talk.length === megabyte.length);
    socket.destroy();
  });
});

test("closes in good order, whoever begins, in both directions", async () => {
  for (const first of ["ours", "node's"]) {
    const closes = async (talk: Talk, socket: TLSSocket): Promise<void> => {
      const ended = once(socket, "end");
      socket.resume();
      if (first === "ours") talk.close();
      else socket.end();
      await talk.over();
      await ended;
      assert.equal(talk.outputs.slice(-2).map(({ type }) => type), ["peerClosed", "closed"]);
    };
    await withNodeServer("p256", {}, async ({ port, sockets, errors }) => {
      const talk = await ourClient(port, "p256").established();
      await until(() => sockets.length === 1);
      const [socket] = sockets;
      if (socket) await closes(talk, socket);
      assert.equal(errors, []);
    });
    await withOurServer("p256", {}, async (server) => {
      const socket = nodeClient(server.port, "p256");
      await once(socket, "secureConnect");
      await closes(await (await server.next()).established(), socket);
    });
  }
});

test("agrees on the ALPN protocol, and tells when there is none in common", async () => {
  await withNodeServer("p256", { ALPNProtocols: ["http/1.1", "h2"] }, async ({ port, sockets }) => {
    const talk = await ourClient(port, "p256", { alpnProtocols: ["h2", "http/1.1"] }).established();
    await until(() => sockets.length === 1);
    assert.is(talk.tls.session?.alpnProtocol, sockets[0]?.alpnProtocol);
  });
  await withOurServer("p256", { alpnProtocols: ["h2"] }, async (server) => {
    const socket = nodeClient(server.port, "p256", { ALPNProtocols: ["http/1.1"] });
    const failed = once(socket, "error");
    const error = await (await server.next()).failure();
    assert.instance(error, PeerIncompatibleError);
    assert.match(error.message, /ALPN.*we offered h2; the peer offered http\/1\.1/);
    assert.match(String(await failed), /no application protocol/);
  });
});

test("chooses the certificate by server_name, in both directions", async () => {
  const { createSecureContext } = await import("node:tls");
  const asked: string[] = [];
  const SNICallback: TlsOptions["SNICallback"] = (name, done) => {
    asked.push(name);
    const kind = name.startsWith("rsa") ? "rsa" : "p256";
    done(null, createSecureContext({ key: privateKeyPem[`${kind}Pkcs8`], cert: certificatePem[kind] }));
  };
  await withNodeServer("p256", { SNICallback }, async ({ port }) => {
    const talk = await ourClient(port, "rsa").established();
    assert.is(talk.tls.session?.signatureScheme.startsWith("rsa"), true);
    talk.drop();
  });
  assert.equal(asked, ["rsa.fixture.example"]);
  await withOurServer("p256", { credentials: [credentialOf.p256, credentialOf.rsa] }, async (server) => {
    const socket = nodeClient(server.port, "rsa");
    const talk = await (await server.next()).established();
    await once(socket, "secureConnect").catch(() => {});
    assert.match(String(socket.getPeerCertificate().subject.CN), /^rsa\./);
    assert.is(talk.tls.session?.serverName, "rsa.fixture.example");
    socket.destroy();
  });
});

test("has an empty Certificate for a server that asks for one, and gets through unless it is needed", async () => {
  await withNodeServer("p256", { requestCert: true, rejectUnauthorized: false }, async ({ port, sockets }) => {
    const talk = await ourClient(port, "p256").established();
    await until(() => sockets.length === 1);
    assert.equal(sockets[0]?.getPeerCertificate(), {});
    talk.send(sampleBytes(3));
    if (sockets[0]) assert.ok(equalBytes(await read(sockets[0], 3), sampleBytes(3)));
  });
});

test("has no suite in common with us: both sides say so", async () => {
  await withNodeServer("p256", { ciphers: "ECDHE-ECDSA-AES256-SHA" }, async ({ port, errors }) => {
    const error = await ourClient(port, "p256").failure();
    assert.instance(error, AlertReceivedError);
    assert.match(
      error.message,
      /^The peer sent the fatal alert handshake_failure \(40\) in state live\.awaitServerHello: .* we know TLS_/,
    );
    await until(() => errors.length === 1);
    assert.is(errors[0]?.code, "ERR_SSL_NO_SHARED_CIPHER");
  });
  await withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256", {
      ciphers: "AES128-SHA:ECDHE-RSA-AES128-SHA",
      maxVersion: "TLSv1.2",
    });
    const failed = once(socket, "error");
    const error = await (await server.next()).failure();
    assert.instance(error, PeerIncompatibleError);
    assert.match(
      error.message,
      /Cannot agree on a cipher suite.*\(we offered TLS_ECDHE.*the peer offered.*TLS_RSA_WITH_AES_128_CBC_SHA/,
    );
    assert.match(String(await failed), /handshake failure/);
  });
});

test("speaks TLS 1.3 only: protocol_version, both ways", async () => {
  await withNodeServer("p256", { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }, async ({ port }) => {
    const error = await ourClient(port, "p256").failure();
    assert.match(error.message, /fatal alert protocol_version \(70\)/);
  });
  await withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256", { minVersion: "TLSv1.3" });
    const failed = once(socket, "error");
    const error = await (await server.next()).failure();
    assert.match(error.message, /Cannot agree on a version \(we offered TLSv1\.2; the peer offered TLSv1\.3\)/);
    assert.match(String(await failed), /protocol version/);
  });
});

test("does without extended_master_secret when the peer does, in both directions", async () => {
  // Bit 0 of OpenSSL's options: SSL_OP_NO_EXTENDED_MASTER_SECRET, which Node doesn't name.
  const secureOptions = 1 | constants.SSL_OP_NO_TICKET;
  await withNodeServer("p256", { secureOptions }, async ({ port, sockets, keyLog }) => {
    const talk = await ourClient(port, "p256", { keyLog: true }).established();
    assert.is(talk.tls.session?.extendedMasterSecret, false);
    await until(() => sockets.length === 1);
    assert.equal(talk.outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : []), keyLog);
  });
  await withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256", { secureOptions });
    const talk = await (await server.next()).established();
    assert.is(talk.tls.session?.extendedMasterSecret, false);
    socket.destroy();
  });
});

test("logs the same keys as we do, in both directions", async () => {
  const lines = (talk: Talk): readonly string[] =>
    talk.outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : []);
  await withNodeServer("ed25519", {}, async ({ port, sockets, keyLog }) => {
    const talk = await ourClient(port, "ed25519", { keyLog: true }).established();
    await until(() => sockets.length === 1);
    assert.is(lines(talk).length, 1);
    assert.equal(lines(talk), keyLog);
  });
  await withOurServer("ed25519", { keyLog: true }, async (server) => {
    const socket = nodeClient(server.port, "ed25519", { maxVersion: "TLSv1.2" });
    const logged: string[] = [];
    socket.on("keylog", (line: Buffer) => logged.push(line.toString("latin1").trim()));
    const talk = await (await server.next()).established();
    await once(socket, "secureConnect");
    assert.equal(lines(talk), logged);
    socket.destroy();
  });
});

test("distrusts and is distrusted", async () => {
  await withNodeServer("p256", {}, async ({ port }) => {
    const unknown = await ourClient(port, "p256", { trustAnchors: certificatePem.ed25519 }).failure();
    assert.instance(unknown, CertificateError);
    assert.is(unknown.alert, "unknown_ca");
    const misnamed = await ourClient(port, "p256", { serverName: "other.example" }).failure();
    assert.is(misnamed.alert, "bad_certificate");
  });
  await withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256", { ca: certificatePem.ed25519 });
    const failed = once(socket, "error");
    const talk = await server.next();
    assert.match(String(await failed), /self-signed|unable to verify/);
    talk.drop();
  });
});

test("asks for a renegotiation: our server refuses it, and says so", () =>
  withOurServer("p256", {}, async (server) => {
    const socket = nodeClient(server.port, "p256", { maxVersion: "TLSv1.2" });
    const talk = await (await server.next()).established();
    await once(socket, "secureConnect");
    socket.renegotiate({}, () => {});
    const error = await talk.failure();
    assert.instance(error, PeerMisbehavedError);
    assert.is(error.alert, "no_renegotiation");
    socket.destroy();
  }));

test("drops its connection: we report a truncation", () =>
  withOurServer("p256", {}, async (server) => {
    const { connect } = await import("node:net");
    const raw = connect(server.port, "127.0.0.1");
    const socket = connectTls({ socket: raw, servername: nameOfKind("p256"), ca: certificatePem.p256 });
    socket.on("error", () => {});
    const talk = await (await server.next()).established();
    await once(socket, "secureConnect");
    raw.end();
    assert.match((await talk.failure()).message, /The transport ended without close_notify, in state live\.connected/);
    socket.destroy();
  }));

test("talks plain HTTP to our server: we say that it isn't TLS", () =>
  withOurServer("p256", {}, async (server) => {
    const { connect } = await import("node:net");
    const raw = connect(server.port, "127.0.0.1");
    raw.on("error", () => {});
    raw.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match((await (await server.next()).failure()).message, /the peer doesn't speak TLS, it says "GET \/ HTTP/);
    raw.destroy();
  }));

test.run();
