import { assert, suite } from "../../harness.ts";
import { DecodeError, InternalError } from "../../../lib/error.ts";
import { Protection, type RecordCipher } from "../../../lib/record/protection.ts";

const test = suite("protection");

/** Shows which sequence number it got, and hands back as many bytes as it is told. */
const counting = (seen: number[], length = 1): RecordCipher => ({
  seal: (sequenceNumber) => {
    seen.push(sequenceNumber);
    return new Uint8Array(length);
  },
  open: (sequenceNumber) => {
    seen.push(sequenceNumber);
    return new Uint8Array(length);
  },
});

test("lets everything through until there are keys", () => {
  const protection = new Protection();
  assert.is(protection.active, false);
  const bytes = Uint8Array.of(1, 2);
  assert.is(protection.protect(22, bytes), bytes);
  assert.is(protection.unprotect(22, bytes), bytes);
});

// proves RFC 5246 §6.1: "The sequence number MUST be set to zero"
// proves RFC 5246 §6.1: "the first record transmitted"
// proves RFC 5246 §6.1: "These current states MUST be updated"
test("counts records from 0, and anew with new keys", () => {
  // RFC 5246 §6.1: the sequence number "MUST be set to zero whenever a connection state is made the active state".
  for (const call of ["protect", "unprotect"] as const) {
    const protection = new Protection();
    const seen: number[] = [];
    protection.protect(22, new Uint8Array(1));
    protection.use(counting(seen));
    assert.is(protection.active, true);
    for (let count = 0; count < 3; count++) protection[call](23, new Uint8Array(1));
    protection.use(counting(seen));
    protection[call](23, new Uint8Array(1));
    assert.equal(seen, [0, 1, 2, 0]);
  }
});

/** Alerts have the number 21. */
const [alert, data] = [21, 23];
const usedUp = (run: () => unknown, records: number): void =>
  assert.throws(
    run,
    (error: unknown) =>
      error instanceof InternalError &&
      error.message ===
        `Cannot protect more records: the key is used up after ${records}; a new connection has others`,
  );

for (const call of ["protect", "unprotect"] as const) {
  test(`${call}s as many records as a key may, and then only alerts`, () => {
    const protection = new Protection();
    const seen: number[] = [];
    const work = (type: number): unknown => protection[call](type, new Uint8Array(1));
    protection.use(counting(seen), { maxRecords: 3 });
    for (const type of [22, data, alert]) work(type);
    usedUp(() => work(data), 3);
    usedUp(() => work(22), 3);
    assert.is(protection.sequenceNumber, 3, "what is refused isn't counted");
    work(alert);
    work(alert);
    usedUp(() => work(data), 5);
    assert.equal(seen, [0, 1, 2, 3, 4]);
    protection.use(counting(seen), { maxRecords: 1 });
    work(data);
    usedUp(() => work(data), 1);
  });

  test(`${call}s on where a key stood, and never beyond its end`, () => {
    const protection = new Protection();
    const seen: number[] = [];
    const work = (type: number): unknown => protection[call](type, new Uint8Array(1));
    protection.use(counting(seen), { sequenceNumber: 7, maxRecords: 9 });
    assert.is(protection.sequenceNumber, 7);
    work(data);
    work(data);
    usedUp(() => work(data), 9);
    protection.use(counting(seen), { sequenceNumber: 10, maxRecords: 9 });
    usedUp(() => work(data), 10);
    assert.equal(seen, [7, 8]);
  });

  test(`${call}s until the sequence number ends, the last 1024 records alerts`, () => {
    // RFC 5246 §6.1: sequence numbers "do not wrap"; 2^53 - 1 is the last number that is exact.
    for (const maxRecords of [undefined, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      const protection = new Protection();
      const work = (type: number): unknown => protection[call](type, new Uint8Array(1));
      const last = Number.MAX_SAFE_INTEGER - 1024 - 1;
      protection.use(counting([]), { sequenceNumber: last, maxRecords });
      work(data);
      usedUp(() => work(data), last + 1);
      for (let count = 0; count < 1024; count++) work(alert);
      assert.is(protection.sequenceNumber, Number.MAX_SAFE_INTEGER);
      usedUp(() => work(alert), Number.MAX_SAFE_INTEGER);
    }
  });
}

test("counts nothing as long as there are no keys", () => {
  const protection = new Protection();
  protection.protect(22, new Uint8Array(1));
  protection.unprotect(22, new Uint8Array(1));
  assert.is(protection.sequenceNumber, 0);
});

test("refuses a plaintext longer than 2^14 after opening it", () => {
  const protection = new Protection();
  protection.use(counting([], 2 ** 14));
  assert.is(protection.unprotect(23, new Uint8Array(1)).length, 2 ** 14);
  protection.use(counting([], 2 ** 14 + 1));
  assert.throws(
    () => protection.unprotect(23, new Uint8Array(1)),
    (error: unknown) => error instanceof DecodeError && error.alert === "record_overflow",
  );
});

test.run();
