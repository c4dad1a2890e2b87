/**
 * Tickets with node:crypto as the oracle: made and opened here once more from the description of the format,
 * independent of noble and of lib. RFC 5077 §4; RFC 2104; RFC 5116.
 */
import { type CipherGCM, createCipheriv, createDecipheriv, createHmac, type DecipherGCM } from "node:crypto";
import { assert, suite } from "../../harness.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { CryptoProvider } from "../../../lib/crypto/provider.ts";
import { openTicket, sealTicket } from "../../../lib/session/ticket.ts";
import { sampleBytes, seededRandom } from "../../support/fixtures.ts";
import { there } from "./fixtures.ts";

const test = suite("ticket against node:crypto");
const random = seededRandom(30);

const ciphers = {
  AES_256_GCM: ["aes-256-gcm", 32],
  CHACHA20_POLY1305: ["chacha20-poly1305", 32],
  AES_128_GCM: ["aes-128-gcm", 16],
} as const;

type AeadName = keyof typeof ciphers;

function keyOfTicket(name: AeadName, ticketKey: Uint8Array, salt: Uint8Array): Buffer {
  const hmac = createHmac("sha256", ticketKey).update("tlschart session ticket 1 ").update(name).update(salt).digest();
  return hmac.subarray(0, ciphers[name][1]);
}

function seal(name: AeadName, keyName: Uint8Array, key: Uint8Array, salt: Uint8Array, session: Uint8Array): Buffer {
  const options = { authTagLength: 16 };
  const ticketKey = keyOfTicket(name, key, salt);
  const cipher = createCipheriv(ciphers[name][0] as "aes-128-gcm", ticketKey, Buffer.alloc(12), options) as CipherGCM;
  cipher.setAAD(Buffer.concat([keyName, salt]));
  return Buffer.concat([keyName, salt, cipher.update(session), cipher.final(), cipher.getAuthTag()]);
}

function open(name: AeadName, key: Uint8Array, ticket: Uint8Array): Buffer {
  const options = { authTagLength: 16 };
  const ticketKey = keyOfTicket(name, key, ticket.subarray(16, 48));
  const cipher = createDecipheriv(ciphers[name][0] as "aes-128-gcm", ticketKey, Buffer.alloc(12), options);
  (cipher as DecipherGCM).setAAD(ticket.subarray(0, 48)).setAuthTag(ticket.subarray(-16));
  return Buffer.concat([cipher.update(ticket.subarray(48, -16)), cipher.final()]);
}

const only = (name: AeadName): CryptoProvider => ({
  ...nobleProvider,
  cipherSuites: nobleProvider.cipherSuites.filter(({ aead }) => aead?.name === name),
});

for (const name of ["AES_256_GCM", "CHACHA20_POLY1305", "AES_128_GCM"] as const) {
  test(`is what the format says, both ways, with ${name}`, () => {
    for (const length of [0, 1, 16, 333, 5000]) {
      const key = { name: random(16), key: random(32) };
      const [salt, session] = [random(32), sampleBytes(length)];
      const ticket = there(sealTicket(session, key, only(name), () => salt));
      assert.ok(Buffer.compare(ticket, seal(name, key.name, key.key, salt, session)) === 0);
      assert.ok(Buffer.compare(open(name, key.key, ticket), session) === 0);
      const theirs = seal(name, key.name, key.key, random(32), session);
      assert.equal(openTicket(Uint8Array.from(theirs), [key], only(name))?.session, session);
    }
  });
}

test("is sealed with AES_256_GCM by default", () => {
  const key = { name: random(16), key: random(32) };
  const ticket = there(sealTicket(sampleBytes(100), key, nobleProvider, random));
  assert.ok(Buffer.compare(open("AES_256_GCM", key.key, ticket), sampleBytes(100)) === 0);
  assert.throws(() => open("CHACHA20_POLY1305", key.key, ticket));
});

test.run();
