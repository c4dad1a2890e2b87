/**
 * TLS through the relay is end to end: everything that passes it is recorded, and is no more than TLS records that only
 * the key log opens. Decrypted here with node:crypto, from RFC 5246 and RFC 5288. Who changes a byte, or answers himself,
 * is found out.
 */
import { createDecipheriv, createHmac } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { connectTls, TransportError } from "../../adapters/websocket.ts";
import {
  AlertReceivedError,
  CertificateError,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  PeerMisbehavedError,
} from "../../mod.ts";
import { nobleProvider, TlsError } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { errorOf, isError, otherAuthority, pem, random, readText, trusting, write } from "./fixtures.ts";
import { inWorld, type World } from "./relay_support.ts";

const test = suite("TLS through the relay");

const question = "a question that nobody else may read";
const answer = "an answer that nobody else may read";

interface Passing {
  readonly toServer: Buffer[];
  readonly toClient: Buffer[];
}

type Change = (bytes: Buffer, direction: keyof Passing) => Buffer;

/** A server of node:tls that answers, a wiretap before it, and the relay before that; the relay's URL for it. */
async function wiretapped(world: World, passing: Passing, change: Change = (bytes) => bytes): Promise<string> {
  const tls = createTlsServer({ ...pem, maxVersion: "TLSv1.2" }, answering);
  tls.on("tlsClientError", () => {});
  const port = await world.tcpServer((socket) => tls.emit("connection", socket));
  const tap = await world.tcpServer((from) => {
    const to = connectTcp(port, "127.0.0.1").on("error", () => from.destroy());
    const pass = (one: Socket, other: Socket, direction: keyof Passing): void =>
      void one.on("data", (bytes) => {
        const changed = change(bytes, direction);
        passing[direction].push(changed);
        other.write(changed);
      }).on("end", () => other.end()).on("close", () => other.destroy());
    pass(from, to, "toServer");
    pass(to, from, "toClient");
  });
  const relay = await world.relay({ allow: [`127.0.0.1:${tap}`] });
  return relay.url(`127.0.0.1:${tap}`);
}

function answering(socket: TLSSocket): void {
  socket.on("error", () => {}).on("data", (bytes) => {
    if (String(bytes) === question) socket.end(answer);
  });
}

test("shows the relay no more than records that only the key log opens", () =>
  inWorld(async (world) => {
    const passing: Passing = { toServer: [], toClient: [] };
    const said: Uint8Array[] = [];
    const keyLog: string[] = [];
    const web = world.dial(await wiretapped(world, passing));
    const send = web.send.bind(web);
    web.send = (bytes: Uint8Array) => {
      said.push(bytes);
      send(bytes);
    };
    const cipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] as const;
    const client = connectTls(web, { ...trusting, cipherSuites, onKeyLog: (line) => void keyLog.push(line) });
    await write(client.writable, question);
    assert.is(await readText(client.readable), answer);
    await client.close();

    const [toServer, toClient] = [Buffer.concat(passing.toServer), Buffer.concat(passing.toClient)];
    assert.ok(toServer.equals(Buffer.concat(said)), "the relay passes on what it gets, and nothing else");
    const [, clientRandomHex = "", masterSecretHex = ""] = /^CLIENT_RANDOM (\w+) (\w+)/.exec(keyLog[0] ?? "") ?? [];
    const masterSecret = Buffer.from(masterSecretHex, "hex");
    const clientRandom = Buffer.from(clientRandomHex, "hex");
    const [serverHello] = recordsIn(toClient);
    const serverRandom = serverHello?.fragment.subarray(6, 38) ?? Buffer.alloc(0);
    const keys = keysOf(masterSecret, clientRandom, serverRandom);
    const opened = {
      toServer: protectedIn(toServer).map((record, index) => decrypt(record, index, keys.client)),
      toClient: protectedIn(toClient).map((record, index) => decrypt(record, index, keys.server)),
    };
    const dataIn = (direction: keyof Passing): string =>
      opened[direction].filter(({ type }) => type === 23).map(({ plain }) => String(plain)).join("");
    assert.is(dataIn("toServer"), question);
    assert.is(dataIn("toClient"), answer);

    const everything = Buffer.concat([toServer, toClient]);
    const finished = [opened.toServer[0], opened.toClient[0]].map((record) => record?.plain ?? Buffer.alloc(0));
    for (const one of finished) assert.equal([...one.subarray(0, 4)], [20, 0, 0, 12]);
    for (
      const secret of [
        question,
        answer,
        masterSecret,
        masterSecretHex,
        ...finished,
        ...Object.values(keys).map(({ key }) => key),
      ]
    ) {
      assert.is(everything.indexOf(secret), -1);
    }
    const wrong = keysOf(Buffer.from(masterSecret).fill(0, 0, 1), clientRandom, serverRandom);
    const [first] = protectedIn(toServer);
    assert.throws(() => first === undefined || decrypt(first, 0, wrong.client), /authenticate/);
  }));

test("finds out a relay that changes one byte, of the handshake or of data", () =>
  inWorld(async (world) => {
    const failureWith = async (
      flips: (record: RecordSeen, direction: keyof Passing) => boolean,
    ): Promise<Error> => {
      const change: Change = (bytes, direction) => {
        const copy = Buffer.from(bytes);
        const record = recordsIn(copy).find((one) => flips(one, direction));
        const last = record?.fragment.length ?? 0;
        if (record !== undefined) record.fragment.writeUInt8(record.fragment.readUInt8(last - 1) ^ 1, last - 1);
        return copy;
      };
      const web = world.dial(await wiretapped(world, { toServer: [], toClient: [] }, change));
      const client = connectTls(web, trusting);
      write(client.writable, question).catch(() => {});
      return await errorOf(readText(client.readable));
    };
    const keyExchange = await failureWith(({ type, fragment }, direction) =>
      direction === "toClient" && type === 22 && fragment[0] === 2
    );
    assert.instance(keyExchange, TlsError);
    const data = await failureWith(({ type }, direction) => direction === "toClient" && type === 23);
    isError(data, PeerMisbehavedError, /./);
    if (data instanceof TlsError) assert.is(data.alert, "bad_record_mac");
    const toServer = await failureWith(({ type }, direction) => direction === "toServer" && type === 23);
    isError(toServer, AlertReceivedError, /bad_record_mac/);
  }));

test("refuses a relay that answers with a certificate of its own", () =>
  inWorld(async (world) => {
    const own = issueCertificate({
      provider: nobleProvider,
      random,
      now: Date.now(),
      issuer: otherAuthority,
      names: ["localhost"],
    });
    const heard: string[] = [];
    const tls = createTlsServer({
      cert: own.chain.map((der) => encodePem("CERTIFICATE", der)).join(""),
      key: encodePem("PRIVATE KEY", encodePrivateKey(own.privateKey)),
      maxVersion: "TLSv1.2",
    }, (socket) => socket.on("data", (bytes) => heard.push(String(bytes))));
    const alert = new Promise((resolve) => tls.on("tlsClientError", resolve));
    const port = await world.tcpServer((socket) => tls.emit("connection", socket));
    const relay = await world.relay({ allow: [`127.0.0.1:${port}`] });
    const client = connectTls(world.dial(relay.url(`127.0.0.1:${port}`)), trusting);
    write(client.writable, question).catch(() => {});
    isError(await errorOf(client.opened), CertificateError, /./);
    assert.match(String(await alert), /unknown ca/i);
    assert.equal(heard, []);
  }));

test("tells why the relay closed the WebSocket", () =>
  inWorld(async (world) => {
    const relay = await world.relay({ allow: ["127.0.0.1:9"] });
    const client = connectTls(world.dial(relay.url("127.0.0.1:9")), trusting);
    isError(
      await errorOf(client.opened),
      TransportError,
      /Cannot connect to 127\.0\.0\.1:9: connection refused .*1011/,
    );
    const refused = connectTls(world.dial(relay.url("elsewhere.example:443")), trusting);
    isError(
      await errorOf(refused.opened),
      TransportError,
      /Cannot connect to ws:\/\/127.*elsewhere.example:443: .*403/,
    );
  }));

interface RecordSeen {
  readonly type: number;
  readonly fragment: Buffer;
}

/** RFC 5246 §6.2.1. Whatever isn't a whole record of TLS 1.2 throws. */
function recordsIn(bytes: Buffer): readonly RecordSeen[] {
  const records: RecordSeen[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [type, length] = [bytes.readUInt8(offset), bytes.readUInt16BE(offset + 3)];
    assert.ok(type >= 20 && type <= 23 && bytes[offset + 1] === 3, `no record at ${offset}`);
    assert.ok(offset + 5 + length <= bytes.length, "a record is cut");
    records.push({ type, fragment: bytes.subarray(offset + 5, offset += 5 + length) });
  }
  return records;
}

/** Those after ChangeCipherSpec. */
function protectedIn(bytes: Buffer): readonly RecordSeen[] {
  const records = recordsIn(bytes);
  return records.slice(records.findIndex(({ type }) => type === 20) + 1);
}

interface Keys {
  readonly key: Buffer;
  readonly iv: Buffer;
}

/** RFC 5246 §6.3, for AES_128_GCM. */
function keysOf(
  masterSecret: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): { readonly client: Keys; readonly server: Keys } {
  const seed = Buffer.concat([Buffer.from("key expansion"), serverRandom, clientRandom]);
  const hmac = (data: Buffer): Buffer => createHmac("sha256", masterSecret).update(data).digest();
  let block = Buffer.alloc(0);
  for (let a = hmac(seed); block.length < 40; a = hmac(a)) {
    block = Buffer.concat([block, hmac(Buffer.concat([a, seed]))]);
  }
  return {
    client: { key: block.subarray(0, 16), iv: block.subarray(32, 36) },
    server: { key: block.subarray(16, 32), iv: block.subarray(36, 40) },
  };
}

/** RFC 5288 §3. Throws when it isn't authentic. */
function decrypt(
  { type, fragment }: RecordSeen,
  sequence: number,
  { key, iv }: Keys,
): { readonly type: number; readonly plain: Buffer } {
  const decipher = createDecipheriv("aes-128-gcm", key, Buffer.concat([iv, fragment.subarray(0, 8)]));
  const length = fragment.length - 24;
  const additional = Buffer.alloc(13);
  additional.writeBigUInt64BE(BigInt(sequence));
  additional.set([type, 3, 3, length >> 8, length & 255], 8);
  decipher.setAAD(additional);
  decipher.setAuthTag(fragment.subarray(8 + length));
  return { type, plain: Buffer.concat([decipher.update(fragment.subarray(8, 8 + length)), decipher.final()]) };
}

test.run();
