/**
 * The exporter with node:tls as the oracle: client and server of OpenSSL talk in memory, both export, and we export from
 * the master secret in their key log and the randoms on their wire. RFC 5705 §4; RFC 9266 §2.
 */
import { once } from "node:events";
import { Duplex } from "node:stream";
import { connect, TLSSocket } from "node:tls";
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { sha256, sha384 } from "../../../lib/crypto/noble_hashes.ts";
import { tlsExporter } from "../../../lib/tls12/channel_binding.ts";
import { exportKeyingMaterial } from "../../../lib/tls12/exporter.ts";
import { nameOfKind, sampleBytes } from "../../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../../support/x509_fixtures.ts";

const test = suite("exporter against node:tls");

/** Two ends of a pipe; `sent` is what went into each. */
function pipe() {
  const sent: [Buffer[], Buffer[]] = [[], []];
  const end = (own: 0 | 1): Duplex =>
    new Duplex({
      read: () => {},
      write: (bytes: Buffer, _, done) => {
        sent[own].push(bytes);
        ends[own === 0 ? 1 : 0]?.push(bytes);
        done();
      },
      final: (done) => {
        ends[own === 0 ? 1 : 0]?.push(null);
        done();
      },
    });
  const ends: readonly [Duplex, Duplex] = [end(0), end(1)];
  return { ends, sent };
}

/** A handshake of OpenSSL with itself, and its secrets. */
async function connected(ciphers: string) {
  const { ends, sent } = pipe();
  const server = new TLSSocket(ends[1], {
    isServer: true,
    cert: certificatePem.p256,
    key: privateKeyPem.p256Pkcs8,
    ciphers,
  });
  const client = connect({
    socket: ends[0],
    servername: nameOfKind("p256"),
    ca: certificatePem.p256,
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
    maxVersion: "TLSv1.2",
    ciphers,
  });
  const keyLog: string[] = [];
  client.on("keylog", (line: Buffer) => keyLog.push(line.toString("latin1").trim()));
  await once(client, "secureConnect");
  const [, clientRandom, masterSecret] = /^CLIENT_RANDOM (\w{64}) (\w{96})$/.exec(keyLog[0] ?? "") ?? [];
  // Record header, handshake header, version: then the random.
  const [fromClient, fromServer] = sent.map((pieces) => Buffer.concat(pieces).subarray(11, 43));
  assert.is(fromClient?.toString("hex"), clientRandom);
  return {
    client,
    server,
    masterSecret: Buffer.from(masterSecret ?? "", "hex"),
    clientRandom: Buffer.from(clientRandom ?? "", "hex"),
    serverRandom: Buffer.from(fromServer ?? ""),
    end: () => [client, server].forEach((socket) => socket.destroy()),
  };
}

for (
  const [ciphers, hash] of [
    ["ECDHE-ECDSA-AES128-GCM-SHA256", sha256],
    ["ECDHE-ECDSA-AES256-GCM-SHA384", sha384],
    ["ECDHE-ECDSA-CHACHA20-POLY1305", sha256],
  ] as const
) {
  test(`gives what both ends of node:tls export with ${ciphers}`, async () => {
    const { client, server, masterSecret, clientRandom, serverRandom, end } = await connected(ciphers);
    try {
      assert.is(client.getCipher().name, ciphers);
      const ours = (label: string, context: Uint8Array | undefined, length: number): string =>
        toHex(exportKeyingMaterial(hash, masterSecret, clientRandom, serverRandom, label, context, length));
      for (const label of ["EXPORTER-test", "l", "client EAP encryption"]) {
        // OpenSSL's PRF takes no more than 1024 bytes of label and seed.
        for (
          const context of [undefined, 0, 1, 300, 900].map((size) => size === undefined ? size : sampleBytes(size))
        ) {
          for (const length of [1, 32, 100, 1000]) {
            const theirs = [client, server].map((socket) =>
              context === undefined
                // The types want a context; without one it isn't the same as with an empty one.
                ? socket.exportKeyingMaterial(length, label, undefined as unknown as Buffer)
                : socket.exportKeyingMaterial(length, label, Buffer.from(context))
            );
            const text = ours(label, context, length);
            assert.equal(theirs.map((bytes) => bytes.toString("hex")), [text, text], `${label} ${context?.length}`);
          }
        }
      }
      assert.is.not(ours("EXPORTER-test", undefined, 32), ours("EXPORTER-test", new Uint8Array(0), 32));
      assert.is(
        toHex(tlsExporter(hash, masterSecret, clientRandom, serverRandom)),
        client.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)).toString("hex"),
      );
    } finally {
      end();
    }
  });
}

test.run();
