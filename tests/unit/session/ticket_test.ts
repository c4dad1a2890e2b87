import { assert, suite } from "../../harness.ts";
import { concat, equalBytes, toHex } from "../../../lib/codec/bytes.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { AeadElement, CryptoProvider } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { checkTicketKeys, openTicket, sealTicket, type TicketKey } from "../../../lib/session/ticket.ts";
import { seededRandom } from "../../support/fixtures.ts";
import { counting, there } from "./fixtures.ts";

const test = suite("ticket");
const random = seededRandom(5);
const keyOf = (first: number): TicketKey => ({ name: counting(16, first), key: counting(32, first + 100) });
const [first, second, third] = [keyOf(0), keyOf(1), keyOf(2)];
const session = counting(300);

const seal = (key: TicketKey, by: CryptoProvider = provider, what: Uint8Array = session): Uint8Array =>
  there(sealTicket(what, key, by, random));

/** The same provider with only these suites, in this order. */
const withAeads = (...names: readonly AeadElement["name"][]): CryptoProvider => ({
  ...provider,
  cipherSuites: names.flatMap((name) => provider.cipherSuites.filter(({ aead }) => aead?.name === name)),
});

test("gives back the session that it holds, of any length", () => {
  for (const length of [0, 1, 15, 16, 17, 1000, 20_000]) {
    const ticket = seal(first, provider, counting(length));
    assert.is(ticket.length, 16 + 32 + length + 16);
    const opened = openTicket(ticket, [first], provider);
    assert.ok(opened !== undefined && equalBytes(opened.session, counting(length)));
  }
});

test("begins with the name of its key and hides everything else", () => {
  const text = new Uint8Array(300).fill(0x41);
  const ticket = seal(first, provider, text);
  assert.equal(ticket.slice(0, 16), first.name);
  assert.not(toHex(ticket).includes("41414141"));
  assert.not(toHex(ticket).includes(toHex(first.key.slice(0, 4))));
});

test("is another one each time, from the salt to the last byte", () => {
  const [one, other] = [seal(first), seal(first)];
  assert.equal(one.slice(0, 16), other.slice(0, 16));
  for (const [from, to] of [[16, 48], [48, 64], [332, 348]] as const) {
    assert.not.equal(one.slice(from, to), other.slice(from, to));
  }
});

test("draws 32 random bytes and nothing else", () => {
  const drawn: number[] = [];
  sealTicket(session, first, provider, (length) => {
    drawn.push(length);
    return counting(length);
  });
  assert.equal(drawn, [32]);
});

test("is opened by the key that sealed it, wherever that stands, and is to be renewed unless that is the first", () => {
  const ticket = seal(second);
  const isRenewable = (...keys: readonly TicketKey[]) => openTicket(ticket, keys, provider)?.isRenewable;
  assert.is(isRenewable(second, first, third), false);
  assert.is(isRenewable(first, second, third), true);
  assert.is(isRenewable(first, third, second), true);
  assert.is(isRenewable(first, third), undefined);
  assert.is(isRenewable(), undefined);
});

test("isn't opened by another key of the same name, nor by the right key under another name", () => {
  const ticket = seal(first);
  assert.is(openTicket(ticket, [{ name: first.name, key: second.key }], provider), undefined);
  assert.is(
    openTicket(concat(second.name, ticket.subarray(16)), [{ ...first, name: second.name }], provider),
    undefined,
  );
});

// proves RFC 5077 §5.2: "A TLS server MUST use strong"
// proves RFC 5077 §5.7: "the ticket MUST have its integrity"
test("isn't opened when any byte of it is changed", () => {
  const ticket = seal(first, provider, counting(40));
  for (let offset = 0; offset < ticket.length; offset++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const changed = Uint8Array.from(ticket);
      changed[offset] = (ticket[offset] ?? 0) ^ change;
      assert.is(openTicket(changed, [first, second], provider), undefined, `byte ${offset}`);
    }
  }
});

test("isn't opened when it is cut anywhere or anything is added", () => {
  const ticket = seal(first, provider, counting(40));
  for (let length = 0; length < ticket.length; length++) {
    assert.is(openTicket(ticket.subarray(0, length), [first], provider), undefined, `${length} bytes`);
    assert.is(openTicket(ticket.subarray(length + 1), [first], provider), undefined, `from ${length}`);
  }
  assert.is(openTicket(concat(ticket, Uint8Array.of(0)), [first], provider), undefined);
});

test("of nobody isn't opened, whatever it is", () => {
  for (let length = 0; length < 200; length++) {
    assert.is(openTicket(random(length), [first, second], provider), undefined);
    assert.is(openTicket(concat(first.name, random(length)), [first, second], provider), undefined);
  }
});

test("of an unknown key, or too short a one, costs no cryptography", () => {
  const fail = (): never => {
    throw new Error("something was computed");
  };
  const idle: CryptoProvider = {
    ...provider,
    cipherSuites: provider.cipherSuites.map((suite) =>
      suite.aead === undefined ? suite : { ...suite, aead: { ...suite.aead, open: fail } }
    ),
    hashes: { ...provider.hashes, sha256: { ...provider.hashes.sha256, hmac: fail, digest: fail } },
  };
  assert.is(openTicket(seal(third), [first, second], idle), undefined);
  assert.is(openTicket(seal(first).subarray(0, 63), [first], idle), undefined);
  assert.throws(() => openTicket(seal(first).subarray(0, 64), [first], idle), /something was computed/);
});

test("is opened by every server with the same keys, whatever its provider likes best", () => {
  const all = ["AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305"] as const;
  const providers = [...all.keys()].map((shift) => withAeads(...all.slice(shift), ...all.slice(0, shift)));
  for (const one of providers) {
    for (const other of [provider, ...providers]) {
      assert.equal(openTicket(seal(first, one), [first], other)?.session, session);
    }
  }
});

test("is sealed by the strongest AEAD at hand, and only one that has it opens it", () => {
  const strongest = withAeads("AES_256_GCM");
  const middle = withAeads("AES_128_GCM", "CHACHA20_POLY1305");
  const weakest = withAeads("AES_128_GCM");
  const opens = (ticket: Uint8Array): readonly boolean[] =>
    [strongest, middle, weakest, provider].map((by) => openTicket(ticket, [first], by) !== undefined);
  assert.equal(opens(seal(first)), [true, false, false, true]);
  assert.equal(opens(seal(first, middle)), [false, true, false, false]);
  assert.equal(opens(seal(first, weakest)), [false, false, true, false]);
});

test("isn't issued, nor opened, without an AEAD", () => {
  const none = withAeads();
  assert.is(sealTicket(session, first, none, random), undefined);
  assert.is(openTicket(seal(first), [first], none), undefined);
});

test("has at most 65535 bytes, or isn't issued", () => {
  const room = 65_535 - 16 - 32 - 16;
  const longest = seal(first, provider, new Uint8Array(room));
  assert.is(longest.length, 65_535);
  assert.is(openTicket(longest, [first], provider)?.session.length, room);
  assert.is(sealTicket(new Uint8Array(room + 1), first, provider, random), undefined);
});

test("keys that were given are copied", () => {
  const given = { name: counting(16), key: counting(32, 100) };
  const [checked] = checkTicketKeys([given]);
  given.name.fill(9);
  given.key.fill(9);
  assert.equal(checked, first);
});

test("keys that make no sense are refused", () => {
  const refuses = (keys: unknown, why: RegExp): void =>
    assert.throws(
      () => checkTicketKeys(keys as never),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
      `${why}`,
    );
  refuses(undefined, /they must be a list of { name, key }/);
  refuses(first, /they must be a list/);
  refuses([], /they must be a list/);
  refuses([undefined], /the name of ticket key 0: it must be a Uint8Array of 16 bytes, not undefined/);
  refuses([{ key: first.key }], /the name of ticket key 0: it must be a Uint8Array of 16 bytes, not undefined/);
  refuses(
    [first, { name: second.name }],
    /Cannot use ticket key 1: it must be a Uint8Array of 32 bytes, not undefined/,
  );
  for (const length of [0, 15, 17]) refuses([{ ...first, name: counting(length) }], new RegExp(`not ${length} bytes`));
  for (const length of [0, 31, 33]) refuses([{ ...first, key: counting(length) }], new RegExp(`not ${length} bytes`));
  refuses([{ ...first, name: "0123456789abcdef" }], /must be a Uint8Array of 16 bytes, not string/);
  refuses([first, second, { name: first.name, key: third.key }], /ticket key 2: one before it has the same name/);
  refuses([first, { name: second.name, key: new Uint8Array(32) }], /ticket key 1: it is all zeros/);
  assert.equal(checkTicketKeys([first, second, third]), [first, second, third]);
});

test.run();
