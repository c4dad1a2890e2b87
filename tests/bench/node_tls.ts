/**
 * node:tls with both ends in memory, over a pair of streams: the same certificate, suite and group, TLS 1.2, no resumption.
 * @module
 */

import { constants } from "node:crypto";
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import { bulkLength, caPem, type Duel, keyPem, leafPem, random, serverName } from "./scene.ts";

const cipherNames = {
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
} as const;
const groupNames = { x25519: "X25519:prime256v1", secp256r1: "prime256v1" } as const;

/** One full handshake. */
export function nodeHandshake(duel: Duel): () => Promise<void> {
  const contexts = contextsOf(duel);
  return async () => {
    const { client, server } = await connect(contexts);
    client.destroy();
    server.destroy();
  };
}

/** One full record's worth of data over a connection that is there; end it with `close`. */
export async function nodeBulk(duel: Duel): Promise<{ readonly run: () => Promise<void>; readonly close: () => void }> {
  const { client, server } = await connect(contextsOf(duel));
  const data = random(bulkLength);
  let arrived = 0;
  let done = (): void => {};
  server.on("data", (bytes: Uint8Array) => {
    arrived += bytes.length;
    if (arrived < bulkLength) return;
    arrived = 0;
    done();
  });
  const run = (): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
      client.write(data);
    });
  const close = (): void => {
    client.destroy();
    server.destroy();
  };
  return { run, close };
}

interface Contexts {
  readonly client: tls.SecureContext;
  readonly server: tls.SecureContext;
}

function contextsOf({ suite, group }: Duel): Contexts {
  const common = {
    ciphers: cipherNames[suite],
    ecdhCurve: groupNames[group],
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
  return {
    client: tls.createSecureContext({ ...common, ca: caPem }),
    server: tls.createSecureContext({ ...common, cert: leafPem, key: keyPem }),
  };
}

async function connect(
  contexts: Contexts,
): Promise<{ readonly client: tls.TLSSocket; readonly server: tls.TLSSocket }> {
  const [one, other] = duplexPair();
  const server = new tls.TLSSocket(one, { isServer: true, secureContext: contexts.server });
  const client = tls.connect({ socket: other, servername: serverName, secureContext: contexts.client });
  const serverDone = new Promise<void>((resolve, reject) => server.once("secure", resolve).once("error", reject));
  const clientDone = new Promise<void>((resolve, reject) =>
    client.once("secureConnect", resolve).once("error", reject)
  );
  await Promise.all([serverDone, clientDone]);
  return { client, server };
}

/** What is written to one can be read from the other. */
function duplexPair(): readonly [Duplex, Duplex] {
  const make = (peer: () => Duplex): Duplex =>
    new Duplex({
      read: () => {},
      write: (chunk, _, done) => {
        peer().push(chunk);
        done();
      },
      final: (done) => {
        peer().push(null);
        done();
      },
    });
  const first: Duplex = make(() => second);
  const second: Duplex = make(() => first);
  return [first, second];
}
