/**
 * Key schedule and records with node:crypto as the oracle: written here once more from the RFCs, independent of noble
 * and of lib. In the end a whole conversation is decrypted from the wire with nothing but the two traced secrets.
 * RFC 5246 §5, §6.2.3.3, §6.3, §7.4.9, §8.1; RFC 7627 §4; RFC 5288 §3; RFC 7905 §2.
 */
import { type CipherGCM, createCipheriv, createDecipheriv, createHash, type DecipherGCM } from "node:crypto";
import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { AeadSuiteElement } from "../../../lib/crypto/provider.ts";
import { PeerMisbehavedError } from "../../../lib/error.ts";
import { keyLengths } from "../../../lib/tls12/cipher_suites.ts";
import {
  deriveExtendedMasterSecret,
  deriveMasterSecret,
  deriveVerifyData,
  deriveWriteKeys,
} from "../../../lib/tls12/key_schedule.ts";
import { recordCipher } from "../../../lib/tls12/record_protection.ts";
import { clientConfig, sampleBytes, seededRandom, serverConfig } from "../../support/fixtures.ts";
import { Pair } from "../../support/pair.ts";
import { prfOracle } from "./oracle.ts";

const test = suite("key schedule");
const random = seededRandom(20);
const options = { encryptThenMac: false, random };

const ciphers = {
  AES_128_GCM: "aes-128-gcm",
  AES_256_GCM: "aes-256-gcm",
  CHACHA20_POLY1305: "chacha20-poly1305",
} as const;

function nonceAndRest(
  suite: AeadSuiteElement,
  iv: Uint8Array,
  sequenceNumber: number,
  fragment?: Uint8Array,
): [Buffer, Buffer] {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(sequenceNumber));
  if (suite.aead.name !== "CHACHA20_POLY1305") {
    const explicit = fragment === undefined ? counter : Buffer.from(fragment.subarray(0, 8));
    return [Buffer.concat([iv, explicit]), fragment === undefined ? explicit : Buffer.from(fragment.subarray(8))];
  }
  const nonce = Buffer.from(iv);
  for (let index = 0; index < 8; index++) nonce[4 + index] = (nonce[4 + index] ?? 0) ^ (counter[index] ?? 0);
  return [nonce, fragment === undefined ? Buffer.alloc(0) : Buffer.from(fragment)];
}

function aad(sequenceNumber: number, type: number, length: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeBigUInt64BE(BigInt(sequenceNumber), 0);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt16BE(0x0303, 9);
  bytes.writeUInt16BE(length, 11);
  return bytes;
}

function seal(
  suite: AeadSuiteElement,
  key: Uint8Array,
  iv: Uint8Array,
  sequenceNumber: number,
  type: number,
  text: Uint8Array,
): Buffer {
  const [nonce, explicit] = nonceAndRest(suite, iv, sequenceNumber);
  const cipher = createCipheriv(ciphers[suite.aead.name] as "aes-128-gcm", key, nonce, {
    authTagLength: 16,
  }) as CipherGCM;
  cipher.setAAD(aad(sequenceNumber, type, text.length));
  return Buffer.concat([explicit, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function open(
  suite: AeadSuiteElement,
  key: Uint8Array,
  iv: Uint8Array,
  sequenceNumber: number,
  type: number,
  fragment: Uint8Array,
): Buffer {
  const [nonce, rest] = nonceAndRest(suite, iv, sequenceNumber, fragment);
  const decipher = createDecipheriv(ciphers[suite.aead.name] as "aes-128-gcm", key, nonce, {
    authTagLength: 16,
  }) as DecipherGCM;
  decipher.setAAD(aad(sequenceNumber, type, rest.length - 16));
  decipher.setAuthTag(rest.subarray(-16));
  return Buffer.concat([decipher.update(rest.subarray(0, -16)), decipher.final()]);
}

const suites = nobleProvider.cipherSuites.filter(({ name }) => name.includes("ECDSA"));

for (const suiteElement of suites) {
  const { name, hash, aead } = suiteElement;

  // proves RFC 5246 §7.4.9: "For the PRF defined in Section 5"
  test(`derives what node:crypto derives under ${name}`, () => {
    for (const length of [32, 48, 66]) {
      const [preMaster, client, server] = [random(length), random(32), random(32)];
      const transcript = random(1000);
      const both = Buffer.concat([client, server]);
      const master = deriveMasterSecret(hash, preMaster, client, server);
      assert.equal(Buffer.from(master), prfOracle(hash.name, preMaster, "master secret", both, 48));
      const digest = createHash(hash.name).update(transcript).digest();
      assert.equal(
        Buffer.from(deriveExtendedMasterSecret(hash, preMaster, transcript)),
        prfOracle(hash.name, preMaster, "extended master secret", digest, 48),
      );
      for (const sender of ["client", "server"] as const) {
        assert.equal(
          Buffer.from(deriveVerifyData(hash, master, sender, transcript)),
          prfOracle(hash.name, master, `${sender} finished`, digest, 12),
        );
      }
      const lengths = keyLengths(suiteElement);
      const keys = deriveWriteKeys(hash, master, client, server, lengths);
      const block = prfOracle(
        hash.name,
        master,
        "key expansion",
        Buffer.concat([server, client]),
        2 * (lengths.key + lengths.iv),
      );
      assert.equal(
        Buffer.concat([keys.clientWriteKey, keys.serverWriteKey, keys.clientWriteIv, keys.serverWriteIv]),
        block,
      );
    }
  });

  test(`seals and opens what node:crypto seals and opens under ${name}`, () => {
    const [key, iv] = [random(aead.keyLength), random(keyLengths(suiteElement).iv)];
    const cipher = recordCipher(suiteElement, { macKey: new Uint8Array(0), key, iv }, options);
    for (const sequenceNumber of [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 7, 2 ** 53 - 2]) {
      for (const [type, length] of [[22, 16], [23, 0], [23, 1], [23, 2 ** 14], [21, 2]] as const) {
        const plaintext = sampleBytes(length);
        const fragment = cipher.seal(sequenceNumber, type, plaintext);
        assert.ok(Buffer.compare(fragment, seal(suiteElement, key, iv, sequenceNumber, type, plaintext)) === 0);
        assert.is(fragment.length - length, aead.name === "CHACHA20_POLY1305" ? 16 : 24);
        assert.ok(Buffer.compare(open(suiteElement, key, iv, sequenceNumber, type, fragment), plaintext) === 0);
        assert.equal(cipher.open(sequenceNumber, type, fragment), plaintext);
        const wrong: readonly (() => unknown)[] = [
          () => cipher.open(sequenceNumber + 1, type, fragment),
          () => cipher.open(sequenceNumber, type + 1, fragment),
          () => cipher.open(sequenceNumber, type, fragment.subarray(0, -1)),
          () => cipher.open(sequenceNumber, type, fragment.with(fragment.length - 1, (fragment.at(-1) ?? 0) ^ 1)),
          () => cipher.open(sequenceNumber, type, fragment.with(0, (fragment[0] ?? 0) ^ 1)),
        ];
        for (const run of wrong) {
          assert.throws(
            run,
            (error: unknown) => error instanceof PeerMisbehavedError && error.alert === "bad_record_mac",
          );
        }
      }
    }
  });

  test(`opens explicit nonces that don't follow the sequence number, as a peer may choose them, under ${name}`, () => {
    if (aead.name === "CHACHA20_POLY1305") return;
    const [key, iv] = [random(aead.keyLength), random(4)];
    // RFC 5288 §3: "The nonce_explicit MAY be the 64-bit sequence number."
    const [, explicit] = nonceAndRest(suiteElement, iv, 77);
    const cipher = createCipheriv(ciphers[aead.name] as "aes-128-gcm", key, Buffer.concat([iv, explicit]));
    cipher.setAAD(aad(3, 23, 5));
    const fragment = Buffer.concat([explicit, cipher.update(sampleBytes(5)), cipher.final(), cipher.getAuthTag()]);
    assert.equal(
      recordCipher(suiteElement, { macKey: new Uint8Array(0), key, iv }, options).open(
        3,
        23,
        Uint8Array.from(fragment),
      ),
      sampleBytes(5),
    );
  });

  test(`protects a conversation that node:crypto can read from the wire under ${name}`, () => {
    const pair = new Pair(
      clientConfig("p256", { cipherSuites: [name], trace: "secrets" }),
      serverConfig("p256", { trace: "secrets" }),
    ).shake();
    pair.client.send(sampleBytes(40_000));
    pair.client.close();
    pair.deliver();
    const secrets = [pair.client, pair.server].map(({ outputs }) =>
      new Map(
        outputs.flatMap((output) =>
          output.type === "trace" && output.event.type === "secret"
            ? [[output.event.name, output.event.bytes] as const]
            : []
        ),
      )
    );
    assert.equal(secrets[0], secrets[1]);
    const master = secrets[0]?.get("master_secret") ?? new Uint8Array(0);
    const { clientRandom, serverRandom } = pair.client.tls.session ?? {};
    if (clientRandom === undefined || serverRandom === undefined) throw new Error("no session");
    const ivLength = aead.name === "CHACHA20_POLY1305" ? 12 : 4;
    const block = prfOracle(
      hash.name,
      master,
      "key expansion",
      Buffer.concat([serverRandom, clientRandom]),
      2 * (aead.keyLength + ivLength),
    );
    const key = block.subarray(0, aead.keyLength);
    const iv = block.subarray(2 * aead.keyLength, 2 * aead.keyLength + ivLength);
    const wire = Buffer.concat(pair.client.transmitted);
    const seen: [number, number][] = [];
    const data: Buffer[] = [];
    let [isProtected, sequenceNumber] = [false, 0];
    for (let at = 0; at < wire.length;) {
      const [type, length] = [wire.readUInt8(at), wire.readUInt16BE(at + 3)];
      const fragment = wire.subarray(at + 5, at + 5 + length);
      at += 5 + length;
      const plaintext = isProtected ? open(suiteElement, key, iv, sequenceNumber++, type, fragment) : fragment;
      seen.push([type, plaintext.length]);
      if (type === 23) data.push(plaintext);
      if (type === 20) isProtected = true;
    }
    assert.ok(Buffer.compare(Buffer.concat(data), sampleBytes(40_000)) === 0);
    assert.equal(seen.slice(-6), [[20, 1], [22, 16], [23, 2 ** 14], [23, 2 ** 14], [23, 40_000 - 2 ** 15], [21, 2]]);
  });
}

test.run();
