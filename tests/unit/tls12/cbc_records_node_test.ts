/**
 * CBC records with node:crypto as the oracle, written here from the RFCs, and with OpenSSL, whose conversations our
 * ciphers read from the wire with nothing but the master secret.
 * RFC 5246 §6.2.3.1, §6.2.3.2, §6.3; RFC 7366 §3.
 */
import { constants, createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { connect, createSecureContext, TLSSocket } from "node:tls";
import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { CbcSuiteElement } from "../../../lib/crypto/provider.ts";
import { keyLengths } from "../../../lib/tls12/cipher_suites.ts";
import { deriveWriteKeys, type DirectionKeys, recordKeysOf } from "../../../lib/tls12/key_schedule.ts";
import { recordCipher } from "../../../lib/tls12/record_protection.ts";
import { certificatePem, privateKeyPem } from "../../support/x509_fixtures.ts";
import { sampleBytes, seededRandom } from "../../support/fixtures.ts";
import { prfOracle } from "./oracle.ts";

const test = suite("CBC records with oracles");
const random = seededRandom(31);
const suites = (nobleProvider.legacyCipherSuites ?? []).filter(({ name }) => name.includes("ECDSA"));

/** What a suite's name says, apart from the provider: the names of OpenSSL, lengths in bytes. */
const facts: Readonly<Record<string, SuiteFacts>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: fact("ECDHE-ECDSA-AES128-SHA", 16, "sha1", 20, "sha256"),
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: fact("ECDHE-ECDSA-AES256-SHA", 32, "sha1", 20, "sha256"),
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: fact("ECDHE-ECDSA-AES128-SHA256", 16, "sha256", 32, "sha256"),
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384: fact("ECDHE-ECDSA-AES256-SHA384", 32, "sha384", 48, "sha384"),
};

interface SuiteFacts {
  readonly openssl: string;
  readonly key: number;
  readonly mac: string;
  readonly macLength: number;
  readonly prf: string;
}

function fact(openssl: string, key: number, mac: string, macLength: number, prf: string): SuiteFacts {
  return { openssl, key, mac, macLength, prf };
}

function factsOf({ name }: CbcSuiteElement): SuiteFacts {
  const found = facts[name];
  if (found === undefined) throw new Error(`${name} is unknown here`);
  return found;
}

function header(sequenceNumber: number, type: number, length: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeBigUInt64BE(BigInt(sequenceNumber), 0);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt16BE(0x0303, 9);
  bytes.writeUInt16BE(length, 11);
  return bytes;
}

const macOf = ({ mac }: SuiteFacts, key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer =>
  createHmac(mac, key).update(Buffer.concat(parts)).digest();

interface Sealing {
  readonly facts: SuiteFacts;
  readonly keys: DirectionKeys;
  readonly encryptThenMac: boolean;
  readonly sequenceNumber: number;
  readonly type: number;
}

function seal({ facts, keys, encryptThenMac, sequenceNumber, type }: Sealing, text: Uint8Array, more: number): Buffer {
  const iv = random(16);
  const tag = encryptThenMac
    ? Buffer.alloc(0)
    : macOf(facts, keys.macKey, header(sequenceNumber, type, text.length), text);
  const paddingLength = 15 - (text.length + tag.length) % 16 + 16 * more;
  const cipher = createCipheriv(`aes-${facts.key * 8}-cbc`, keys.key, iv).setAutoPadding(false);
  const padding = Buffer.alloc(paddingLength + 1, paddingLength);
  const encrypted = Buffer.concat([iv, cipher.update(Buffer.concat([text, tag, padding])), cipher.final()]);
  if (!encryptThenMac) return encrypted;
  return Buffer.concat([
    encrypted,
    macOf(facts, keys.macKey, header(sequenceNumber, type, encrypted.length), encrypted),
  ]);
}

function open({ facts, keys, encryptThenMac, sequenceNumber, type }: Sealing, fragment: Uint8Array): Buffer {
  const encrypted = encryptThenMac ? fragment.subarray(0, -facts.macLength) : fragment;
  if (encryptThenMac) {
    const tag = macOf(facts, keys.macKey, header(sequenceNumber, type, encrypted.length), encrypted);
    assert.equal(Buffer.from(fragment.subarray(-facts.macLength)), tag);
  }
  const decipher = createDecipheriv(`aes-${facts.key * 8}-cbc`, keys.key, encrypted.subarray(0, 16));
  const content = Buffer.concat([decipher.setAutoPadding(false).update(encrypted.subarray(16)), decipher.final()]);
  const paddingLength = content.at(-1) ?? 0;
  assert.equal(content.subarray(-paddingLength - 1), Buffer.alloc(paddingLength + 1, paddingLength));
  const unpadded = content.subarray(0, -paddingLength - 1);
  if (encryptThenMac) return unpadded;
  const text = unpadded.subarray(0, -facts.macLength);
  const tag = macOf(facts, keys.macKey, header(sequenceNumber, type, text.length), text);
  assert.equal(unpadded.subarray(-facts.macLength), tag);
  return text;
}

for (const element of suites) {
  test(`cut the key block under ${element.name} as node:crypto does`, () => {
    const { key, macLength, prf } = factsOf(element);
    const [master, client, server] = [random(48), random(32), random(32)];
    assert.equal(keyLengths(element), { mac: macLength, key, iv: 0 });
    const keys = deriveWriteKeys(element.hash, master, client, server, keyLengths(element));
    const seed = Buffer.concat([server, client]);
    const block = prfOracle(prf, master, "key expansion", seed, 2 * (macLength + key));
    const parts = [keys.clientWriteMacKey, keys.serverWriteMacKey, keys.clientWriteKey, keys.serverWriteKey];
    assert.equal(parts.map(({ length }) => length), [macLength, macLength, key, key]);
    assert.equal(Buffer.concat(parts), block);
    assert.equal([keys.clientWriteIv.length, keys.serverWriteIv.length], [0, 0]);
  });

  for (const encryptThenMac of [false, true]) {
    const order = encryptThenMac ? "encrypt-then-MAC" : "MAC-then-encrypt";

    test(`seal and open what node:crypto opens and seals under ${element.name} with ${order}`, () => {
      const { key, macLength } = factsOf(element);
      const keys: DirectionKeys = { macKey: random(macLength), key: random(key), iv: new Uint8Array(0) };
      const cipher = recordCipher(element, keys, { encryptThenMac, random });
      for (const sequenceNumber of [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2]) {
        const sealing = { facts: factsOf(element), keys, encryptThenMac, sequenceNumber };
        for (
          const [type, length] of [[22, 16], [23, 0], [23, 1], [23, 15], [23, 255], [23, 2 ** 14], [21, 2]] as const
        ) {
          const text = sampleBytes(length);
          assert.ok(Buffer.compare(open({ ...sealing, type }, cipher.seal(sequenceNumber, type, text)), text) === 0);
          for (const more of [0, 1, 7, 14]) {
            const fragment = seal({ ...sealing, type }, text, more);
            assert.equal(cipher.open(sequenceNumber, type, Uint8Array.from(fragment)), text);
          }
        }
      }
    });

    test(`read a conversation of OpenSSL's under ${element.name} with ${order}`, async () => {
      const { wires, line } = await conversation(factsOf(element).openssl, encryptThenMac);
      const [, clientRandom = "", masterSecret = ""] = /^CLIENT_RANDOM (\S+) (\S+)/.exec(line) ?? [];
      const [client, server] = wires.map(recordsOf);
      if (client === undefined || server === undefined) throw new Error("a wire is missing");
      const serverRandom = server[0]?.fragment.subarray(6, 38) ?? Buffer.alloc(0);
      const [master, ours] = [Buffer.from(masterSecret, "hex"), Buffer.from(clientRandom, "hex")];
      const keys = deriveWriteKeys(element.hash, master, ours, serverRandom, keyLengths(element));
      for (const [sender, records] of [["client", client], ["server", server]] as const) {
        const cipher = recordCipher(element, recordKeysOf(sender, keys), { encryptThenMac, random });
        const behind = records.slice(1 + records.findIndex(({ type }) => type === 20));
        const opened = behind.map(({ type, fragment }, number) => cipher.open(number, type, Uint8Array.from(fragment)));
        const dataOf = opened.filter((_, index) => behind[index]?.type === 23);
        assert.is(opened[0]?.[0], 20, "Finished comes first");
        assert.ok(Buffer.compare(Buffer.concat(dataOf), said[sender]) === 0);
        assert.equal(opened.at(-1), Uint8Array.of(1, 0), "close_notify comes last");
      }
    });
  }
}

const said = { client: Buffer.from(sampleBytes(40_000)), server: Buffer.from("a short answer") };

interface Conversation {
  /** What the client wrote, and what the server wrote. */
  readonly wires: readonly Buffer[];
  /** Of the key log. */
  readonly line: string;
}

/** OpenSSL with itself, in memory: both say something and close. */
async function conversation(ciphers: string, encryptThenMac: boolean): Promise<Conversation> {
  const [near, far] = wire();
  const secureOptions = encryptThenMac ? 0 : constants.SSL_OP_NO_ENCRYPT_THEN_MAC;
  const secureContext = createSecureContext({
    cert: certificatePem.p256,
    key: privateKeyPem.p256Pkcs8,
    ciphers,
    secureOptions,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
  });
  const server = new TLSSocket(far, { isServer: true, secureContext });
  const client = connect({ socket: near, secureContext, rejectUnauthorized: false });
  const lines: string[] = [];
  client.on("keylog", (line: Buffer) => void lines.push(line.toString("latin1")));
  server.on("data", () => {});
  client.on("data", () => {});
  await once(client, "secureConnect");
  server.end(said.server);
  client.end(said.client);
  await Promise.all([once(client, "close"), once(server, "close")]);
  return { wires: [near.written(), far.written()], line: lines[0] ?? "" };
}

/** A pipe's two ends, which remember what was written at them. */
function wire(): readonly [WireEnd, WireEnd] {
  const one = new WireEnd();
  const other = new WireEnd();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class WireEnd extends Duplex {
  peer: WireEnd | undefined;
  readonly #chunks: Buffer[] = [];

  written(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    this.peer?.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }
}

interface WireRecord {
  readonly type: number;
  readonly fragment: Buffer;
}

function recordsOf(wire: Buffer): readonly WireRecord[] {
  const records: WireRecord[] = [];
  for (let at = 0; at < wire.length;) {
    const length = wire.readUInt16BE(at + 3);
    records.push({ type: wire.readUInt8(at), fragment: wire.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records;
}

test.run();
