import { assert, suite } from "../../harness.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { createSessionCache, type SessionCache } from "../../../lib/session/session_cache.ts";
import { dice } from "../../support/fixtures.ts";
import { Aliasing } from "../x509/builder.ts";

const test = suite("session cache");
const one = Uint8Array.of(1);

/** A cache whose clock stands still until it is moved. */
function cacheAt(time: number, limits: { maxEntries?: number; maxBytes?: number } = {}) {
  const clock = { time };
  const cache = createSessionCache({ now: () => clock.time, ...limits });
  return { cache, clock };
}

/** Which of these keys are there. Looks from the last to the first, so that the order of use is that of `keys`. */
function present(cache: SessionCache, keys: string): string {
  return [...keys].filter((key) => cache.load(key) !== undefined).join("");
}

test("hands out what was stored, until it is removed or replaced", () => {
  const { cache } = cacheAt(0);
  assert.is(cache.load("a"), undefined);
  cache.store("a", one, 10);
  cache.store("b", Uint8Array.of(2), 10);
  assert.equal(cache.load("a"), one);
  assert.equal(cache.load("a"), one);
  cache.store("a", Uint8Array.of(3), 10);
  assert.equal(cache.load("a"), Uint8Array.of(3));
  cache.remove("a");
  cache.remove("a");
  cache.remove("never there");
  assert.is(cache.load("a"), undefined);
  assert.equal(cache.load("b"), Uint8Array.of(2));
});

test("keeps keys apart that an object would mix up", () => {
  const { cache } = cacheAt(0);
  for (const key of ["__proto__", "constructor", ""]) assert.is(cache.load(key), undefined);
  cache.store("__proto__", one, 10);
  assert.equal(cache.load("__proto__"), one);
});

test("ends a session exactly when it expires, and for good", () => {
  const { cache, clock } = cacheAt(0);
  cache.store("a", one, 1000);
  clock.time = 999;
  assert.equal(cache.load("a"), one);
  clock.time = 1000;
  assert.is(cache.load("a"), undefined);
  clock.time = 0;
  assert.is(cache.load("a"), undefined);
});

test("doesn't keep what is over already, and forgets the older session all the same", () => {
  for (const expiresAt of [99, 100, NaN, -Infinity]) {
    const { cache, clock } = cacheAt(100);
    cache.store("a", one, 200);
    cache.store("a", Uint8Array.of(2), expiresAt);
    assert.is(cache.load("a"), undefined);
    clock.time = 0;
    assert.is(cache.load("a"), undefined);
  }
});

test("takes a clock that tells no number as the end of everything", () => {
  const { cache, clock } = cacheAt(0);
  cache.store("a", one, 10);
  clock.time = NaN;
  assert.is(cache.load("a"), undefined);
});

test("drops what wasn't used for the longest time when there are too many", () => {
  const { cache } = cacheAt(0, { maxEntries: 3 });
  for (const key of "abc") cache.store(key, one, 10);
  cache.load("a");
  cache.store("b", one, 10);
  cache.store("d", one, 10);
  assert.is(present(cache, "abcd"), "abd");
  cache.store("e", one, 10);
  assert.is(present(cache, "abde"), "bde");
});

test("drops no live session while there is one that has expired", () => {
  const { cache, clock } = cacheAt(0, { maxEntries: 2 });
  cache.store("a", one, 100);
  cache.store("b", one, 50);
  clock.time = 50;
  cache.store("c", one, 100);
  assert.is(present(cache, "abc"), "ac");
});

test("notices each end, also of sessions that were there when another one ended", () => {
  const { cache, clock } = cacheAt(0, { maxEntries: 3 });
  cache.store("a", one, 300);
  cache.store("b", one, 100);
  cache.store("c", one, 50);
  clock.time = 50;
  cache.store("d", one, 300);
  clock.time = 100;
  cache.store("e", one, 300);
  assert.is(present(cache, "abcde"), "ade");
});

test("holds exactly as many bytes as allowed, keys included", () => {
  const { cache } = cacheAt(0, { maxBytes: 100 });
  cache.store("a", new Uint8Array(48), 10);
  cache.store("b", new Uint8Array(48), 10);
  assert.is(present(cache, "ab"), "ab");
  cache.store("c", new Uint8Array(48), 10);
  assert.is(present(cache, "abc"), "bc");
  cache.store("d", new Uint8Array(49), 10);
  assert.is(present(cache, "bcd"), "d");
  cache.store("e", new Uint8Array(98), 10);
  assert.is(present(cache, "de"), "e");
  cache.remove("e");
  cache.store("f", new Uint8Array(48), 10);
  cache.store("g", new Uint8Array(48), 10);
  assert.is(present(cache, "fg"), "fg");
});

test("doesn't throw everything away for a session that is too long by itself", () => {
  const { cache } = cacheAt(0, { maxBytes: 100 });
  cache.store("a", one, 10);
  cache.store("b", new Uint8Array(99), 10);
  assert.is(present(cache, "ab"), "a");
  cache.store("a", new Uint8Array(99), 10);
  assert.is(present(cache, "a"), "");
});

test("copies what comes in and what goes out", () => {
  const { cache } = cacheAt(0);
  const session = Aliasing.of(1, 2);
  cache.store("a", session, 10);
  session.fill(9);
  cache.load("a")?.fill(8);
  assert.equal(cache.load("a"), Uint8Array.of(1, 2));
});

test("keeps a thousand sessions by default", () => {
  const { cache } = cacheAt(0);
  for (let index = 0; index <= 1000; index++) cache.store(`${index}`, one, 10);
  assert.is(cache.load("0"), undefined);
  for (let index = 1; index <= 1000; index++) assert.ok(cache.load(`${index}`), `${index}`);
});

test("does what a slow and simple list would do, whatever happens", () => {
  const roll = dice(11);
  const limits = { maxEntries: 5, maxBytes: 60 };
  const { cache, clock } = cacheAt(0, limits);
  let list: { readonly key: string; readonly session: Uint8Array; readonly expiresAt: number }[] = [];
  const size = (): number => list.reduce((sum, { key, session }) => sum + 2 * key.length + session.length, 0);
  let hits = 0;
  for (let step = 0; step < 20_000; step++) {
    clock.time += roll(3);
    const key = String.fromCharCode(97 + roll(8));
    const found = list.find((entry) => entry.key === key);
    const without = list.filter((entry) => entry !== found);
    if (roll(2) === 0) {
      const entry = {
        key,
        session: new Uint8Array(roll(roll(4) === 0 ? 70 : 20)).fill(step),
        expiresAt: clock.time + roll(40),
      };
      cache.store(key, entry.session, entry.expiresAt);
      list = without.filter(({ expiresAt }) => expiresAt > clock.time);
      if (entry.expiresAt > clock.time && 2 + entry.session.length <= limits.maxBytes) list.push(entry);
      while (list.length > limits.maxEntries || size() > limits.maxBytes) list.shift();
    } else if (roll(8) === 0) {
      cache.remove(key);
      list = without;
    } else {
      const isAlive = found !== undefined && found.expiresAt > clock.time;
      list = isAlive ? [...without, found] : without;
      assert.equal(cache.load(key), isAlive ? found.session : undefined, `step ${step}`);
      if (isAlive) hits++;
    }
  }
  assert.ok(hits > 1000, `${hits}`);
});

test("refuses options that make no sense", () => {
  const now = (): number => 0;
  const refuses = (options: unknown, why: RegExp): void =>
    assert.throws(
      () => createSessionCache(options as never),
      (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
      `${why}`,
    );
  refuses(undefined, /it needs options, at least { now: Date.now }/);
  refuses(null, /it needs options/);
  refuses({}, /now must be a function/);
  refuses({ now: 5 }, /now must be a function/);
  refuses({ now, maxEntry: 5 }, /there is no option "maxEntry" \(there are now, maxEntries, maxBytes\)/);
  for (const value of [0, -1, 1.5, NaN, Infinity, "5", null]) {
    refuses({ now, maxEntries: value }, /maxEntries must be a whole number from 1, not /);
    refuses({ now, maxBytes: value }, /maxBytes must be a whole number from 1, not /);
  }
  createSessionCache({ now, maxEntries: 1, maxBytes: 1 });
  createSessionCache({ now, maxEntries: undefined, maxBytes: undefined });
});

test.run();
