import { assert, suite } from "../../harness.ts";
import { DecodeError } from "../../../lib/error.ts";
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
