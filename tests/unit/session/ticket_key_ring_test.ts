import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { checkTicketKeys, createTicketKeyRing, openTicket, sealTicket } from "../../../lib/session/ticket.ts";
import { dice, seededRandom } from "../../support/fixtures.ts";
import { counting, there } from "./fixtures.ts";

const test = suite("ticket key ring");
const hour = 60 * 60 * 1000;

/** A ring whose clock stands still until it is moved; `at` gives the names of its keys at a time. */
function ringAt(time: number, options: { rotateEvery?: number; keep?: number } = {}) {
  const clock = { time };
  const keys = createTicketKeyRing({ random: seededRandom(7), now: () => clock.time, ...options });
  const at = (when: number): readonly string[] => {
    clock.time = when;
    return keys().map(({ name }) => toHex(name));
  };
  return { clock, keys, at };
}

test("makes keys that pass the check of given ones, only when asked for them", () => {
  let drawn = 0;
  const random = seededRandom(1);
  const keys = createTicketKeyRing({
    now: () => 0,
    random: (length) => {
      drawn += length;
      return random(length);
    },
  });
  assert.is(drawn, 0);
  assert.is(checkTicketKeys(keys()).length, 1);
  assert.is(drawn, 48);
  assert.is(keys(), keys());
  assert.is(drawn, 48);
});

test("puts a new key first exactly when it is time", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 1 });
  const [first] = at(1000);
  assert.equal(at(1099), [first]);
  const [second, ...others] = at(1100);
  assert.equal(others, [first]);
  assert.is.not(second, first);
  assert.equal(at(1199), [second, first]);
});

test("drops an old key exactly when no ticket of it can live any more", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 2 });
  const [first] = at(0);
  assert.is(at(100).at(-1), first);
  assert.is(at(200).at(-1), first);
  assert.equal(at(299).length, 3);
  assert.is(at(299).at(-1), first);
  assert.not(at(300).includes(first ?? ""));
  assert.equal(at(300).length, 3);
});

test("drops old keys also when nobody asked for a long time, each at its own end", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 2 });
  const [first] = at(0);
  const [second] = at(150);
  const [third, ...others] = at(299);
  assert.equal(others, [second, first]);
  assert.equal(at(300), [third, second]);
  assert.equal(at(398), [third, second]);
  const [fourth] = at(449);
  assert.equal(at(449), [fourth, third, second]);
  assert.equal(at(450), [fourth, third]);
  assert.is(at(10_000).length, 1);
});

test("keeps only the key of now when told to keep none", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 0 });
  const [first] = at(0);
  assert.equal(at(99), [first]);
  assert.is(at(100).length, 1);
  assert.is.not(at(100)[0], first);
});

test("rotates twice a day by default, and opens every ticket for a day", () => {
  const { at, keys } = ringAt(0);
  at(0);
  const early = sealTicket(counting(9), there(keys()[0]), provider, seededRandom(3));
  at(12 * hour - 1);
  const late = sealTicket(counting(9), there(keys()[0]), provider, seededRandom(4));
  const opens = (ticket: Uint8Array = new Uint8Array(0)) => openTicket(ticket, keys(), provider)?.isRenewable;
  assert.equal([opens(early), opens(late)], [false, false]);
  at(12 * hour);
  assert.equal([opens(early), opens(late)], [true, true]);
  at(36 * hour - 1);
  assert.equal([opens(early), opens(late)], [true, true]);
  at(36 * hour);
  assert.equal([opens(early), opens(late)], [undefined, undefined]);
});

test("opens whatever is no older than keep times rotateEvery, however it is asked", () => {
  const roll = dice(9);
  for (let round = 0; round < 50; round++) {
    const { at } = ringAt(0, { rotateEvery: 100, keep: 2 });
    const sealed: { readonly name: string; readonly time: number }[] = [];
    for (let time = roll(500); time < 3000; time += 1 + roll(roll(4) === 0 ? 250 : 40)) {
      const names = at(time);
      assert.ok(names.length <= 3);
      for (const one of sealed) {
        if (time - one.time <= 200) assert.ok(names.includes(one.name), `sealed at ${one.time}, now ${time}`);
        if (time - one.time >= 300) assert.not(names.includes(one.name), `sealed at ${one.time}, now ${time}`);
      }
      sealed.push({ name: names[0] ?? "", time });
    }
  }
});

test("lets no key from the future live on when the clock is set right", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 1 });
  const [first] = at(0);
  const [future] = at(1_000_000);
  assert.equal(at(50), [future]);
  assert.equal(at(149), [future]);
  const [next] = at(150);
  assert.equal(at(150), [next, future]);
  assert.equal(at(250).length, 2);
  assert.not(at(250).includes(future ?? ""));
  assert.is.not(first, future);
});

test("makes no new keys while a clock trembles", () => {
  const { at } = ringAt(0, { rotateEvery: 100, keep: 1 });
  const [first] = at(1000);
  for (const time of [999, 1001, 998, 1050, 1020, 1097]) assert.equal(at(time), [first]);
  assert.is(at(1098).length, 2);
});

test("refuses options that make no sense, and says what was wrong with now and random when called", () => {
  const [random, now] = [seededRandom(1), (): number => 0];
  const refuses = (options: unknown, why: RegExp): void =>
    assert.throws(
      () => createTicketKeyRing(options as never)(),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
      `${why}`,
    );
  refuses(undefined, /it needs options, at least { random, now: Date.now }/);
  refuses(null, /it needs options/);
  refuses({ random }, /random and now must be functions/);
  refuses({ now }, /random and now must be functions/);
  refuses({ random, now, rotate: 1 }, /no option "rotate" \(there are random, now, rotateEvery, keep\)/);
  for (const rotateEvery of [0, 0.5, -1, NaN, Infinity, "5", null]) {
    refuses({ random, now, rotateEvery }, /rotateEvery is a number of ms from 1, not /);
  }
  for (const keep of [-1, 1.5, NaN, Infinity, "5", null]) {
    refuses({ random, now, keep }, /keep is a whole number from 0, not /);
  }
  for (const time of [NaN, Infinity, undefined, "5"]) {
    refuses({ random, now: () => time }, /Cannot rotate the ticket keys: now\(\) returned .*, not ms since 1970/);
  }
  refuses(
    { now, random: () => new Uint8Array(5) },
    /what random\(16\) returned as the name of a ticket key: .* not 5 bytes/,
  );
  refuses({ now, random: () => new Uint8Array(16) }, /what random\(32\) returned as a ticket key: .* not 16 bytes/);
  refuses({ now, random: () => undefined }, /not undefined/);
  createTicketKeyRing({ random, now, rotateEvery: 1, keep: 0 });
});

test.run();
