/**
 * CBC records without an oracle: lengths, every padding there is, one error for every failure, and the same work
 * whatever the padding. RFC 5246 §6.2.3.2; RFC 7366 §3.
 */
import { assert, suite } from "../../harness.ts";
import { concat } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { BlockCipherElement, CbcSuiteElement, HashElement } from "../../../lib/crypto/provider.ts";
import { PeerMisbehavedError } from "../../../lib/error.ts";
import { keyLengths } from "../../../lib/tls12/cipher_suites.ts";
import type { DirectionKeys } from "../../../lib/tls12/key_schedule.ts";
import { recordCipher } from "../../../lib/tls12/record_protection.ts";
import { sampleBytes, seededRandom } from "../../support/fixtures.ts";

const test = suite("CBC records");
const random = seededRandom(30);
const suites = (nobleProvider.legacyCipherSuites ?? []).filter(({ name }) => name.includes("ECDSA"));
const orders = [false, true] as const;
const orderText = (encryptThenMac: boolean): string => encryptThenMac ? "encrypt-then-MAC" : "MAC-then-encrypt";

function keysFor(element: CbcSuiteElement): DirectionKeys {
  const { mac, key, iv } = keyLengths(element);
  return { macKey: random(mac), key: random(key), iv: random(iv) };
}

const words = "Cannot decrypt record: it was changed on its way, or made with other keys";

function refuses(open: () => unknown, why: string): void {
  assert.throws(
    open,
    (error: unknown) =>
      error instanceof PeerMisbehavedError && error.alert === "bad_record_mac" && error.message === words,
    why,
  );
}

/** Seals with a padding of one's own, which seal() never does: `tail` are the bytes behind the content (and MAC). */
function sealedWith(
  { blockCipher, mac }: CbcSuiteElement,
  { macKey, key }: DirectionKeys,
  encryptThenMac: boolean,
  plaintext: Uint8Array,
  tail: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const iv = random(16);
  const header = (length: number): Uint8Array =>
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 23, 3, 3, length >> 8, length & 0xff);
  if (!encryptThenMac) {
    const tag = mac.hmac(macKey, concat(header(plaintext.length), plaintext));
    return concat(iv, blockCipher.encrypt(key, iv, concat(plaintext, tag, tail)));
  }
  const encrypted = concat(iv, blockCipher.encrypt(key, iv, concat(plaintext, tail)));
  return concat(encrypted, mac.hmac(macKey, concat(header(encrypted.length), encrypted)));
}

const paddingOf = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length + 1).fill(length);

for (const element of suites) {
  for (const encryptThenMac of orders) {
    const { name, mac } = element;
    const keys = keysFor(element);
    const cipher = recordCipher(element, keys, { encryptThenMac, random });
    const macInside = encryptThenMac ? 0 : mac.outputLength;
    const open = (fragment: Uint8Array<ArrayBuffer>): Uint8Array => cipher.open(9, 23, fragment);

    // proves RFC 5246 §6.2.3.2: "The padding length MUST be such"
    // proves RFC 5246 §6.2.3.2: "Each uint8 in the padding"
    // proves RFC 8449 §4.1: "An endpoint MUST NOT add padding"
    test(`open what they sealed under ${name} with ${orderText(encryptThenMac)}, in as few blocks as hold it`, () => {
      for (const length of [...Array(70).keys(), 255, 256, 2 ** 14 - 1, 2 ** 14]) {
        const plaintext = sampleBytes(length);
        const fragment = cipher.seal(9, 23, plaintext);
        const blocks = Math.floor((length + macInside) / 16) + 1;
        assert.is(fragment.length, 16 + 16 * blocks + (encryptThenMac ? mac.outputLength : 0));
        assert.ok(fragment.length <= 2 ** 14 + 2048, "RFC 5246 §6.2.3");
        const opened = open(fragment);
        assert.equal(opened, plaintext);
        assert.is(opened.buffer.byteLength, length, "nothing but the plaintext is handed out");
      }
    });

    test(`refuse under ${name} with ${orderText(encryptThenMac)} another number, type, length or bit`, () => {
      const fragment = cipher.seal(9, 23, sampleBytes(5));
      assert.equal(open(fragment), sampleBytes(5));
      refuses(() => cipher.open(10, 23, fragment), "sequence number");
      refuses(() => cipher.open(9 + 2 ** 32, 23, fragment), "high sequence number");
      refuses(() => cipher.open(9, 22, fragment), "type");
      for (let bit = 0; bit < fragment.length * 8; bit++) {
        refuses(() => open(fragment.with(bit >> 3, (fragment[bit >> 3] ?? 0) ^ 1 << (bit & 7))), `bit ${bit}`);
      }
      for (let length = 0; length < fragment.length; length++) {
        refuses(() => open(fragment.slice(0, length)), `${length}`);
      }
      for (const more of [1, 15, 16, 32]) refuses(() => open(concat(fragment, new Uint8Array(more))), `${more} more`);
    });

    test(`take under ${name} with ${orderText(encryptThenMac)} every padding from 0 to 255 bytes`, () => {
      for (let padding = 0; padding < 256; padding++) {
        const plaintext = sampleBytes((16 - (macInside + padding + 1) % 16) % 16);
        const fragment = sealedWith(element, keys, encryptThenMac, plaintext, paddingOf(padding));
        assert.equal(open(fragment), plaintext, `padding ${padding}`);
      }
    });

    // proves RFC 5246 §6.2.3.2: "The receiver MUST check this padding"
    // proves RFC 5246 §7.2.2: "This alert also MUST be returned"
    test(`refuse under ${name} with ${orderText(encryptThenMac)} a padding of which any byte is wrong`, () => {
      for (const padding of [0, 1, 2, 15, 16, 100, 254, 255]) {
        const plaintext = sampleBytes((16 - (macInside + padding + 1) % 16) % 16 + 16);
        for (let at = 0; at < padding; at++) {
          for (const change of [1, 0x80]) {
            const tail = paddingOf(padding);
            tail[at] = padding ^ change;
            const fragment = sealedWith(element, keys, encryptThenMac, plaintext, tail);
            refuses(() => open(fragment), `padding ${padding}, byte ${at}`);
          }
        }
      }
    });

    test(`refuse under ${name} with ${orderText(encryptThenMac)} a padding longer than the record has room for`, () => {
      for (const blocks of [1, 2, 4, 15]) {
        const whole = 16 * blocks;
        const room = whole - macInside - 1;
        if (room < 0) continue;
        const nothing = new Uint8Array(0);
        const filled = (value: number): Uint8Array<ArrayBuffer> =>
          sealedWith(element, keys, encryptThenMac, nothing, new Uint8Array(room + 1).fill(value));
        assert.equal(open(filled(room)), nothing);
        for (const value of [room + 1, whole, 255]) refuses(() => open(filled(value)), `${blocks} blocks, ${value}`);
      }
    });

    // proves RFC 5246 §6.2.3.2: "The Initialization Vector"
    test(`draw a new IV for each record under ${name} with ${orderText(encryptThenMac)}, from the given source`, () => {
      const asked: number[] = [];
      const counting = recordCipher(element, keys, {
        encryptThenMac,
        random: (length) => {
          asked.push(length);
          return new Uint8Array(length).fill(asked.length);
        },
      });
      for (const round of [1, 2, 3]) {
        assert.equal(counting.seal(9, 23, sampleBytes(3)).slice(0, 16), new Uint8Array(16).fill(round));
      }
      assert.equal(asked, [16, 16, 16]);
      const short = recordCipher(element, keys, { encryptThenMac, random: (length) => new Uint8Array(length - 1) });
      assert.throws(() => short.seal(9, 23, sampleBytes(3)), (error: unknown) => error instanceof RangeError);
    });
  }

  test(`tell both orders apart under ${element.name}`, () => {
    const keys = keysFor(element);
    const [old, better] = orders.map((encryptThenMac) => recordCipher(element, keys, { encryptThenMac, random }));
    if (old === undefined || better === undefined) throw new Error("a cipher is missing");
    refuses(() => old.open(9, 23, better.seal(9, 23, sampleBytes(20))), "encrypt-then-MAC as MAC-then-encrypt");
    refuses(() => better.open(9, 23, old.seal(9, 23, sampleBytes(20))), "MAC-then-encrypt as encrypt-then-MAC");
  });

  // proves RFC 5246 §6.2.3.2: "implementations MUST ensure that record processing time"
  test(`do the same work under ${element.name} with MAC-then-encrypt, whatever the padding`, () => {
    const keys = keysFor(element);
    for (const blocks of [4, 5, 6, 8, 10, 11, 40]) {
      const works = new Set<string>();
      const whole = blocks * 16;
      for (let padding = 0; padding < 256; padding++) {
        for (const spoilt of [false, true]) {
          const content = whole - element.mac.outputLength - padding - 1;
          const plaintext = sampleBytes(Math.max(0, content));
          const tail = new Uint8Array(whole - element.mac.outputLength - plaintext.length).fill(padding);
          if (spoilt) tail[0] = padding ^ 1;
          const fragment = sealedWith(element, keys, false, plaintext, tail);
          const isRight = content >= 0 && !(spoilt && (padding > 0 || tail.length === 1));
          works.add(workOf(element, keys, fragment, isRight));
        }
      }
      // Where the padding would reach over everything, the MAC too.
      const iv = random(16);
      const filled = new Uint8Array(whole).fill(Math.min(255, whole - 1));
      works.add(workOf(element, keys, concat(iv, element.blockCipher.encrypt(keys.key, iv, filled)), false));
      assert.is(works.size, 1, [...works].join(" | "));
    }
  });

  // proves RFC 7366 §3: "The MAC SHALL be evaluated"
  // proves RFC 7366 §3: "For TLS, a fatal bad_record_mac"
  test(`decrypt nothing under ${element.name} with encrypt-then-MAC before the MAC is right`, () => {
    const keys = keysFor(element);
    const { watched, work } = watchedSuite(element);
    const cipher = recordCipher(watched, keys, { encryptThenMac: true, random });
    const fragment = cipher.seal(9, 23, sampleBytes(40));
    const before = work();
    refuses(() => cipher.open(9, 23, fragment.with(20, (fragment[20] ?? 0) ^ 1)), "a changed block");
    assert.match(work(), /decrypted 0,/, before);
    cipher.open(9, 23, fragment);
    assert.match(work(), /decrypted 48,/);
  });
}

/** What is done to open a record with MAC-then-encrypt, which must succeed or fail. */
function workOf(
  element: CbcSuiteElement,
  keys: DirectionKeys,
  fragment: Uint8Array<ArrayBuffer>,
  isRight: boolean,
): string {
  const { watched, work } = watchedSuite(element);
  const open = (): unknown => recordCipher(watched, keys, { encryptThenMac: false, random }).open(9, 23, fragment);
  if (isRight) open();
  else refuses(open, "a wrong padding");
  return work();
}

interface Watched {
  readonly watched: CbcSuiteElement;
  /** How often what was called, how many bytes were decrypted, and how many steps the hash took. */
  readonly work: () => string;
}

/** A suite that counts what its elements do; the steps of a hash as FIPS 180-4 §5.1 and RFC 2104 §2 say them. */
function watchedSuite(element: CbcSuiteElement): Watched {
  let [decrypted, hmacs, digests, steps] = [0, 0, 0, 0];
  const blockLength = element.mac.name === "sha384" ? 128 : 64;
  const overhead = element.mac.name === "sha384" ? 17 : 9;
  const stepsFor = (length: number): number => Math.ceil((length + overhead) / blockLength);
  const blockCipher: BlockCipherElement = {
    ...element.blockCipher,
    decrypt: (key, iv, blocks) => {
      decrypted += blocks.length;
      return element.blockCipher.decrypt(key, iv, blocks);
    },
  };
  const mac: HashElement = {
    ...element.mac,
    digest: (message) => {
      digests++;
      steps += stepsFor(message.length);
      return element.mac.digest(message);
    },
    hmac: (key, message) => {
      hmacs++;
      steps += stepsFor(blockLength + message.length) + stepsFor(blockLength + element.mac.outputLength);
      return element.mac.hmac(key, message);
    },
  };
  const work = (): string => `decrypted ${decrypted}, ${hmacs} HMACs, ${digests} digests, ${steps} steps`;
  return { watched: { ...element, blockCipher, mac }, work };
}

test.run();
