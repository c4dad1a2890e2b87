/** The two examples of transports of one's own do what they say: TLS over a MessageChannel, TLS inside packets. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type Hear, overPort } from "../../examples/message_channel.ts";
import { inPackets } from "../../examples/packets.ts";
import { createTlsClient, createTlsServer, type Output, type TlsError, TruncationError } from "../../mod.ts";
import { credential, otherAuthority, pattern, random, trusting, utf8 } from "../adapters/fixtures.ts";
import { portOfListening } from "../adapters/node_runtime.ts";
import { assert, suite } from "../harness.ts";

const test = suite("examples of custom transports");
const common = { now: Date.now, random };
const newClient = (options: { readonly trustAnchors?: Uint8Array } = {}): ReturnType<typeof createTlsClient> =>
  createTlsClient({ ...common, ...trusting, ...options });
const newServer = (): ReturnType<typeof createTlsServer> => createTlsServer({ ...common, credentials: [credential] });

test("message_channel.ts carries a question and an answer, and ends on both sides", async () => {
  const { port1, port2 } = new MessageChannel();
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    const [server, client] = [newServer(), newClient()];
    overPort(port2, server, (output, carryOut) => {
      if (output.type === "data") carryOut(server.send(utf8(`you said ${text(output)}`)));
      if (output.type === "closed") said.push("server closed");
    });
    overPort(port1, client, (output, carryOut) => {
      if (output.type === "established") carryOut(client.send(utf8("hello")));
      if (output.type === "data") said.push(text(output));
      if (output.type === "data") carryOut(client.close());
      if (output.type === "closed") resolve();
    });
  });
  assert.equal(said, ["you said hello", "server closed"]);
});

test("message_channel.ts tells both sides why a handshake failed", async () => {
  const { port1, port2 } = new MessageChannel();
  const errors = await Promise.all([
    failureOf((hear) => overPort(port1, newClient({ trustAnchors: otherAuthority.certificate }), hear)),
    failureOf((hear) => overPort(port2, newServer(), hear)),
  ]);
  assert.match(errors.map(({ message }) => message).join("; "), /issuer.*unknown_ca/);
});

test("message_channel.ts takes an end without close_notify for a truncation", async () => {
  const { port1, port2 } = new MessageChannel();
  const failing = failureOf((hear) => overPort(port1, newClient(), hear));
  port2.onmessage = () => port2.postMessage(null);
  assert.instance(await failing, TruncationError);
  port2.close();
});

for (const pieces of [undefined, 1, 7] as const) {
  const how = pieces === undefined ? "as they come" : `cut into pieces of ${pieces}`;
  test(`packets.ts carries 100,000 bytes both ways, with packets ${how}`, async () => {
    const data = pattern(100_000);
    const serverSaid: Uint8Array[] = [];
    await overLoopback(async (socket) => {
      const tls = newServer();
      await inPackets(cut(socket, pieces), tls, (output, carryOut) => {
        if (output.type === "data") carryOut(tls.send(output.bytes));
      });
    }, async (socket) => {
      const tls = newClient();
      let heard = 0;
      await inPackets(cut(socket, pieces), tls, (output, carryOut) => {
        if (output.type === "established") carryOut(tls.send(data));
        if (output.type !== "data") return;
        serverSaid.push(output.bytes);
        heard += output.bytes.length;
        if (heard === data.length) carryOut(tls.close());
      });
    });
    assert.equal(new Uint8Array(Buffer.concat(serverSaid)), data);
  });
}

test("packets.ts puts every byte into packets, and nothing but TLS into them", async () => {
  const onWire: Uint8Array[] = [];
  await overLoopback(async (socket) => {
    for await (const bytes of socket) {
      onWire.push(bytes);
      socket.end();
    }
  }, async (socket) => {
    await failureOf((hear) => void inPackets(socket, newClient(), hear));
  });
  const [length, type, version] = [Buffer.concat(onWire).readUInt32BE(0), onWire[0]?.[4], onWire[0]?.[5]];
  assert.equal([length, type, version], [Buffer.concat(onWire).length - 4, 22, 3]);
});

test.run();

function text(output: Output & { type: "data" }): string {
  return new TextDecoder().decode(output.bytes);
}

/** The error of the output `failed`. */
function failureOf(begin: (hear: Hear) => unknown): Promise<TlsError> {
  return new Promise((resolve) => begin((output) => output.type === "failed" && resolve(output.error)));
}

function cut(socket: Socket, length: number | undefined): Parameters<typeof inPackets>[0] {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const bytes of socket) {
      for (let offset = 0; offset < bytes.length; offset += length ?? bytes.length) {
        yield bytes.subarray(offset, offset + (length ?? bytes.length));
      }
    }
  }
  return { [Symbol.asyncIterator]: pieces, write: (bytes) => socket.write(bytes), end: () => socket.end() };
}

async function overLoopback(
  serve: (socket: Socket) => Promise<void>,
  ask: (socket: Socket) => Promise<void>,
): Promise<void> {
  const server = createServer();
  const port = await portOfListening(server);
  const accepted = once(server, "connection");
  const socket = connect(port, "127.0.0.1");
  const [peer] = await accepted as [Socket];
  await Promise.all([serve(peer), ask(socket)]);
  for (const one of [peer, socket]) one.destroy();
  server.close();
}
