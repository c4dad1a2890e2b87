/**
 * Our client and server with the openssl command, over sockets on loopback, in both directions.
 */
import { readFileSync } from "node:fs";
import { assert, suite } from "../harness.ts";
import { AlertReceivedError, CertificateError, PeerIncompatibleError, PeerMisbehavedError } from "../../lib/error.ts";
import type { TlsSession } from "../../lib/session.ts";
import { credentialOf, type KeyKind, nameOfKind, schemesOf } from "../support/fixtures.ts";
import { kinds, opensslGroups, opensslSchemes, suitesFor } from "./names.ts";
import {
  file,
  type Openssl,
  opensslClient,
  opensslServer,
  opensslVersion,
  ourClient,
  type OurServer,
  ourServer,
  type Talk,
  withoutExtendedMasterSecret,
} from "./talk.ts";

const inner = suite("openssl");
const test = (title: string, body: () => Promise<void>): void =>
  opensslVersion === undefined ? inner.skip(title, "there is no openssl command") : inner(title, body);

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const keyLogOf = ({ outputs }: Talk): readonly string[] =>
  outputs.flatMap((output) => output.type === "keyLog" ? [output.line] : []);
const keyLogIn = (path: string): readonly string[] =>
  readFileSync(path, "latin1").split("\n").filter((line) => line.startsWith("CLIENT_RANDOM"));
/** An IP address in every fixture's certificate would do as well; the name is what people use. */
const named = (
  kind: KeyKind,
): readonly string[] => ["-servername", nameOfKind(kind), "-verify_hostname", nameOfKind(kind)];

async function withServer(
  kind: KeyKind,
  parameters: readonly string[],
  body: (port: number, openssl: Openssl) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { openssl, port } = await opensslServer(kind, parameters, env);
  try {
    await body(port, openssl);
  } finally {
    openssl.kill();
  }
}

async function withOurs(
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

const groupText = {
  x25519: "X25519, 253 bits",
  secp256r1: "ECDH, prime256v1, 256 bits",
  secp384r1: "ECDH, secp384r1, 384 bits",
};
const hashText = (session: TlsSession): string => /sha\d+$/.exec(session.signatureScheme)?.[0].toUpperCase() ?? "UNDEF";

for (const kind of kinds) {
  test(`as a server takes our client under every suite, group and scheme (${kind})`, () =>
    withServer(kind, ["-rev"], async (port) => {
      for (const [cipherSuite] of suitesFor(kind)) {
        for (const [namedGroup] of opensslGroups) {
          if (kind === "p256" && namedGroup === "secp384r1") continue; // the curve of the key must be offered
          const own = kind === "p256" ? ["secp256r1" as const] : kind === "p384" ? ["secp384r1" as const] : [];
          const namedGroups = [...new Set([namedGroup, ...own])];
          const talk = await ourClient(port, kind, { cipherSuites: [cipherSuite], namedGroups }).established();
          assert.is(talk.tls.session?.cipherSuite, cipherSuite);
          if (own.length === 0) assert.is(talk.tls.session?.namedGroup, namedGroup);
          talk.send(bytes("tlschart\n"));
          await talk.until(() => talk.length === 9);
          assert.is(text(talk.data), "trahcslt\n");
          talk.close();
          await talk.over();
        }
      }
      for (const scheme of schemesOf[kind]) {
        const talk = await ourClient(port, kind, { signatureSchemes: [scheme] }).established();
        assert.is(talk.tls.session?.signatureScheme, scheme);
        talk.close();
        await talk.over();
      }
    }));

  test(`as a client takes our server under every suite and group, and sees what we see (${kind})`, () =>
    withOurs(kind, {}, async (server) => {
      for (const [cipherSuite, cipher] of suitesFor(kind)) {
        for (const [, group] of opensslGroups) {
          const own = kind === "p256" ? "P-256" : kind === "p384" ? "P-384" : group;
          const groups = own === group ? group : `${group}:${own}`;
          const openssl = opensslClient(server.port, kind, [
            "-brief",
            "-cipher",
            cipher,
            "-groups",
            groups,
            ...named(kind),
          ]);
          try {
            const talk = await (await server.next()).established();
            const { session } = talk.tls;
            if (session === undefined) throw new Error("no session");
            openssl.process.stdin.write("hello, server\n");
            await talk.until(() => talk.length === 14);
            talk.send(bytes("hello, client\n"));
            await openssl.says(/hello, client/);
            openssl.process.stdin.end();
            await talk.over();
            assert.is(await openssl.ended(), 0);
            const said = openssl.stdout + openssl.stderr;
            assert.match(said, /Protocol version: TLSv1\.2/);
            assert.ok(said.includes(`Ciphersuite: ${cipher}`), said);
            assert.match(said, /Verification: OK/);
            assert.match(said, new RegExp(`Verified peername: ${nameOfKind(kind)}`));
            const { namedGroup } = session;
            assert.ok(namedGroup === "x25519" || namedGroup === "secp256r1" || namedGroup === "secp384r1");
            if (namedGroup === "x25519" || namedGroup === "secp256r1" || namedGroup === "secp384r1") {
              assert.ok(said.includes(`Server Temp Key: ${groupText[namedGroup]}`), said);
            }
            assert.ok(said.includes(`Hash used: ${hashText(session)}`), said);
            assert.is(session.cipherSuite, cipherSuite);
            assert.is(session.serverName, nameOfKind(kind));
          } finally {
            openssl.kill();
          }
        }
      }
    }));

  test(`as a client takes our signature in every scheme (${kind})`, () =>
    withOurs(kind, {}, async (server) => {
      for (const scheme of schemesOf[kind]) {
        const openssl = opensslClient(server.port, kind, [
          "-brief",
          "-tls1_2",
          "-sigalgs",
          opensslSchemes[scheme] ?? "",
        ]);
        try {
          const talk = await (await server.next()).established();
          assert.is(talk.tls.session?.signatureScheme, scheme);
          openssl.process.stdin.end();
          await talk.over();
          assert.is(await openssl.ended(), 0);
        } finally {
          openssl.kill();
        }
      }
    }));
}

test("carries the handshake in single bytes, in both directions", async () => {
  await withServer("p256", ["-rev"], async (port) => {
    const talk = await ourClient(port, "p256", {}, 1).established();
    talk.send(bytes("abcdef\n"));
    await talk.until(() => talk.length === 7);
    assert.is(text(talk.data), "fedcba\n");
    talk.close();
    await talk.over();
  });
  await withOurs("p256", {}, async (server) => {
    const openssl = opensslClient(server.port, "p256", ["-quiet"]);
    try {
      const talk = await (await server.next()).established();
      openssl.process.stdin.write("abc\n");
      await talk.until(() => talk.length === 4);
      talk.send(bytes("defghi\n"));
      await openssl.says(/defghi/);
    } finally {
      openssl.kill();
    }
  }, 1);
});

const line = `${"0123456789abcdef".repeat(63)}\n`;
const megabyte = line.repeat(1040);

test("carries a megabyte both ways, in both directions", async () => {
  await withServer("p256", [], async (port, openssl) => {
    const talk = await ourClient(port, "p256").established();
    talk.send(bytes(megabyte));
    openssl.process.stdin.write(megabyte);
    await talk.until(() => talk.length === megabyte.length);
    assert.ok(text(talk.data) === megabyte);
    // Among the data it prints what it thinks of the connection.
    await talk.until(() => openssl.stdout.split(line).length > 1000 && openssl.stdout.length >= megabyte.length);
    talk.close();
  });
  await withOurs("p256", {}, async (server) => {
    const openssl = opensslClient(server.port, "p256", ["-quiet"]);
    try {
      const talk = await (await server.next()).established();
      talk.send(bytes(megabyte));
      openssl.process.stdin.write(megabyte);
      await talk.until(() => talk.length === megabyte.length && openssl.stdout.length === megabyte.length);
      assert.ok(text(talk.data) === megabyte && openssl.stdout === megabyte);
    } finally {
      openssl.kill();
    }
  });
});

test("logs the same keys as we do, with and without extended_master_secret, in both directions", async () => {
  for (const [env, extendedMasterSecret] of [[{}, true], [withoutExtendedMasterSecret(), false]] as const) {
    const path = file(`server-${extendedMasterSecret}.keys`, "");
    await withServer("p256", ["-rev", "-keylogfile", path], async (port) => {
      const talk = await ourClient(port, "p256", { keyLog: true }).established();
      assert.is(talk.tls.session?.extendedMasterSecret, extendedMasterSecret);
      assert.is(keyLogOf(talk).length, 1);
      assert.equal(keyLogOf(talk), keyLogIn(path));
      talk.close();
      await talk.over();
    }, env);
    await withOurs("p256", { keyLog: true }, async (server) => {
      const log = file(`client-${extendedMasterSecret}.keys`, "");
      const openssl = opensslClient(server.port, "p256", ["-keylogfile", log], env);
      try {
        const talk = await (await server.next()).established();
        assert.is(talk.tls.session?.extendedMasterSecret, extendedMasterSecret);
        await openssl.says(/Verify return code: 0/);
        assert.match(openssl.stdout, new RegExp(`Extended master secret: ${extendedMasterSecret ? "yes" : "no"}`));
        assert.equal(keyLogOf(talk), keyLogIn(log));
      } finally {
        openssl.kill();
      }
    });
  }
});

test("agrees on ALPN and server_name, in both directions", async () => {
  await withServer("p256", ["-rev", "-alpn", "h2,http/1.1"], async (port) => {
    const talk = await ourClient(port, "p256", { alpnProtocols: ["http/1.1", "h2"] }).established();
    assert.is(talk.tls.session?.alpnProtocol, "h2");
    talk.close();
    await talk.over();
  });
  const credentials = [credentialOf.p256, credentialOf.rsa];
  await withOurs("p256", { alpnProtocols: ["h2"], credentials }, async (server) => {
    const openssl = opensslClient(server.port, "rsa", ["-alpn", "http/1.1,h2", ...named("rsa")]);
    try {
      const talk = await (await server.next()).established();
      assert.is(talk.tls.session?.alpnProtocol, "h2");
      await openssl.says(/ALPN protocol: h2/);
      await openssl.says(/Verified peername: rsa\.fixture\.example/);
    } finally {
      openssl.kill();
    }
  });
});

test("asks for a client certificate: ours is an empty one, which does unless it is needed", async () => {
  await withServer("p256", ["-rev", "-verify", "1", "-tls1_2"], async (port) => {
    const talk = await ourClient(port, "p256").established();
    talk.send(bytes("xyz\n"));
    await talk.until(() => talk.length === 4);
    talk.close();
    await talk.over();
  });
  await withServer("p256", ["-rev", "-Verify", "1", "-tls1_2"], async (port) => {
    const error = await ourClient(port, "p256").failure();
    assert.instance(error, AlertReceivedError);
    assert.match(
      error.message,
      /fatal alert handshake_failure \(40\) in state live\.handshake\.full\.serverFinishes\.awaitNewSessionTicketOrChangeCipherSpec/,
    );
  });
});

test("has no suite, group or scheme in common with us: both sides say so", async () => {
  for (
    const parameters of [
      ["-cipher", "ECDHE-ECDSA-AES128-SHA"],
      ["-groups", "brainpoolP256r1"],
      ["-sigalgs", "RSA+SHA256"],
    ]
  ) {
    await withServer("p256", ["-rev", "-tls1_2", ...parameters], async (port) => {
      const error = await ourClient(port, "p256").failure();
      assert.instance(error, AlertReceivedError, error.message);
      assert.match(error.message, /fatal alert handshake_failure/);
    });
    await withOurs("p256", {}, async (server) => {
      const openssl = opensslClient(server.port, "p256", ["-tls1_2", ...parameters]);
      try {
        const error = await (await server.next()).failure();
        assert.instance(error, PeerIncompatibleError);
        assert.match(error.message, /Cannot agree on a .*\(we offered .*; the peer offered .*\)$/);
        await openssl.says(/alert handshake failure/);
      } finally {
        openssl.kill();
      }
    });
  }
});

test("speaks TLS 1.3, 1.1 or 1.0 only: protocol_version, both ways", async () => {
  await withServer("p256", ["-rev", "-tls1_3"], async (port) => {
    const error = await ourClient(port, "p256").failure();
    assert.match(error.message, /fatal alert protocol_version \(70\) in state live\.awaitServerHello/);
  });
  for (const [parameter, version] of [["-tls1_3", "TLSv1.3"], ["-tls1_1", "TLSv1.1"], ["-tls1", "TLSv1"]] as const) {
    await withOurs("p256", {}, async (server) => {
      const openssl = opensslClient(server.port, "p256", [parameter, "-cipher", "ALL:@SECLEVEL=0"]);
      try {
        const error = await (await server.next()).failure();
        assert.ok(error.message.endsWith(`(we offered TLSv1.2; the peer offered ${version})`), error.message);
        await openssl.says(/alert protocol version/);
      } finally {
        openssl.kill();
      }
    });
  }
});

test("distrusts and is distrusted", async () => {
  await withServer("p256", ["-rev"], async (port, openssl) => {
    const error = await ourClient(port, "p256", { serverName: "other.example" }).failure();
    assert.instance(error, CertificateError);
    await openssl.says(/alert bad certificate/);
  });
  await withOurs("p256", {}, async (server) => {
    const openssl = opensslClient(server.port, "rsa", []);
    try {
      const error = await (await server.next()).failure();
      assert.instance(error, AlertReceivedError);
      assert.match(error.message, /fatal alert (unknown_ca|bad_certificate|decrypt_error)/);
    } finally {
      openssl.kill();
    }
  });
});

test("asks for a renegotiation: our client declines, our server refuses", async () => {
  await withServer("p256", ["-tls1_2"], async (port, openssl) => {
    const talk = await ourClient(port, "p256").established();
    await openssl.says(/CIPHER is/);
    openssl.process.stdin.write("r\n");
    // A server of OpenSSL's gives up when its wish is declined (SSL_R_NO_RENEGOTIATION).
    const error = await talk.failure();
    assert.match(error.message, /fatal alert handshake_failure \(40\) in state live\.connected/);
    await openssl.says(/no renegotiation/);
  });
  await withOurs("p256", {}, async (server) => {
    const openssl = opensslClient(server.port, "p256", ["-tls1_2"], {}, true);
    try {
      const talk = await (await server.next()).established();
      await openssl.says(/Verify return code: 0/);
      openssl.process.stdin.write("R\n");
      const error = await talk.failure();
      assert.instance(error, PeerMisbehavedError);
      assert.is(error.alert, "no_renegotiation");
      await openssl.says(/no renegotiation/);
    } finally {
      openssl.kill();
    }
  });
});

test("closes in good order, whoever begins, in both directions", async () => {
  for (const first of ["ours", "openssl"]) {
    // A server with -www answers a request and closes.
    await withServer("p256", ["-www"], async (port) => {
      const talk = await ourClient(port, "p256").established();
      if (first === "ours") talk.close();
      else talk.send(bytes("GET / HTTP/1.0\r\n\r\n"));
      await talk.over();
      assert.ok(talk.outputs.some(({ type }) => type === "peerClosed"));
      if (first === "openssl") assert.match(text(talk.data), /^HTTP\/1\.0 200 ok[^]*<\/html>\s*$/i);
    });
    await withOurs("p256", {}, async (server) => {
      const openssl = opensslClient(server.port, "p256", ["-quiet", "-no_ign_eof"]);
      try {
        const talk = await (await server.next()).established();
        if (first === "ours") talk.close();
        else openssl.process.stdin.end();
        await talk.over();
        await openssl.ended();
      } finally {
        openssl.kill();
      }
    });
  }
});

inner.run();
