/**
 * Tickets: sessions that the server seals and the client keeps, and the keys that seal them.
 * Enters: an encoded session and a key, or a ticket and the keys that may have sealed it. Leaves: the ticket, or the
 * session; `undefined` for everything that isn't a ticket of ours. Knows nothing of what is sealed.
 * RFC 5077 §4, §5.
 *
 *   key_name[16]  salt[32]  AEAD(key of this ticket, nonce 0, additional data key_name | salt, session)
 *
 * The key of a ticket is HMAC-SHA256(key, label | name of the AEAD | salt), cut to the length that the AEAD needs. With
 * one AEAD key for all tickets, nonces of 96 random bits would bound how many a key may seal (NIST SP 800-38D §8.3:
 * 2^32); servers that share keys can't count together. Here every ticket has a key of its own, so that its only nonce
 * may be zero; two tickets share one only when 256 random bits repeat, which no number of tickets makes likely.
 * @module
 */

import { asciiBytes, concat, equalBytes } from "../codec/bytes.ts";
import type { AeadElement, CryptoProvider, RandomSource } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";

/** A key that seals tickets. Servers that share it open each other's tickets. */
export interface TicketKey {
  /** 16 bytes, different for each key. Public: it stands in front of each ticket. */
  readonly name: Uint8Array;
  /** 32 random bytes. SECRET: whoever has it reads all connections whose tickets it sealed. */
  readonly key: Uint8Array;
}

/** A session that was in a ticket. */
export interface OpenedTicket {
  readonly session: Uint8Array<ArrayBuffer>;
  /** Whether another key than the first one sealed the ticket, so that the client should get a new one. */
  readonly isRenewable: boolean;
}

/**
 * Seals a session. `undefined` when the ticket would have more than 2^16-1 bytes, or the provider has no AEAD: then
 * none can be issued.
 */
export function sealTicket(
  session: Uint8Array,
  key: TicketKey,
  provider: CryptoProvider,
  random: RandomSource,
): Uint8Array<ArrayBuffer> | undefined {
  const aead = aeadOf(provider);
  if (aead === undefined) return undefined;
  if (headerLength + session.length + aead.tagLength > maxTicketLength) return undefined;
  const salt = random(saltLength);
  const header = concat(key.name, salt);
  // RFC 5077 §5.2 MUST: "A TLS server MUST use strong encryption and integrity protection for the ticket"
  // RFC 5077 §4 DEVIATION: an AEAD protects the ticket, not AES-128-CBC and HMAC-SHA-256, because it does both in one
  // and the provider has it anyway. Only the server itself reads tickets.
  return concat(header, aead.seal(deriveTicketKey(key, aead, salt, provider), zeroNonce, header, session));
}

/**
 * The session in a ticket. `undefined` for everything that can't be opened: sealed by an unknown key, changed, cut, or
 * no ticket at all. Bytes of unknown keys cost no cryptography (RFC 5077 §5.4).
 */
export function openTicket(
  ticket: Uint8Array,
  keys: readonly TicketKey[],
  provider: CryptoProvider,
): OpenedTicket | undefined {
  const aead = aeadOf(provider);
  if (aead === undefined || ticket.length < headerLength + aead.tagLength) return undefined;
  const header = ticket.subarray(0, headerLength);
  const index = keys.findIndex(({ name }) => equalBytes(name, header.subarray(0, nameLength)));
  const key = keys[index];
  if (key === undefined) return undefined;
  const ticketKey = deriveTicketKey(key, aead, header.subarray(nameLength), provider);
  // RFC 5077 §5.7 MUST: "the ticket MUST have its integrity and confidentiality protected"
  const session = aead.open(ticketKey, zeroNonce, header, ticket.subarray(headerLength));
  return session === undefined ? undefined : { session, isRenewable: index > 0 };
}

/**
 * Ticket keys that an embedder gave, checked and copied; the first one seals, all of them open.
 * Throws TlsUsageError: an empty list, wrong lengths, a name that is there twice, a key of zeros.
 */
export function checkTicketKeys(keys: readonly TicketKey[]): readonly TicketKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new TlsUsageError(
      "Cannot use the ticket keys: they must be a list of { name, key }, the one that seals first",
    );
  }
  const checked = keys.map((each: TicketKey, index) => ({
    name: checkedBytes(each?.name, nameLength, `the name of ticket key ${index}`),
    key: checkedBytes(each?.key, keyLength, `ticket key ${index}`),
  }));
  checked.forEach(({ name, key }, index) => {
    if (checked.findIndex((other) => equalBytes(other.name, name)) < index) {
      throw new TlsUsageError(`Cannot use ticket key ${index}: one before it has the same name`);
    }
    // A key that somebody forgot to fill in seals well, for everybody to read.
    if (key.every((byte) => byte === 0)) throw new TlsUsageError(`Cannot use ticket key ${index}: it is all zeros`);
  });
  return checked;
}

/** How ticket keys come and go. */
export interface TicketKeyRingOptions {
  /** Unpredictable bytes: `(length) => crypto.getRandomValues(new Uint8Array(length))`. */
  readonly random: RandomSource;
  /** The time, in milliseconds since 1970: `Date.now` will do. */
  readonly now: () => number;
  /**
   * After how many ms a new key seals; default: 12 hours. Whoever steals the keys reads all connections whose tickets
   * they sealed, up to `(keep + 1) * rotateEvery` ago: that is how long such connections lack forward secrecy.
   */
  readonly rotateEvery?: number | undefined;
  /**
   * How many old keys still open tickets; default: 2. Tickets that live up to `keep * rotateEvery` ms can always be
   * opened: with both defaults a day, which is as long as sessions live at most (RFC 5246 F.1.4).
   */
  readonly keep?: number | undefined;
}

/**
 * Ticket keys for one server that runs alone: made when they are needed, rotated when they are asked for. The function
 * that comes back gives the keys of now, the one that seals first.
 * Throws TlsUsageError for options that make no sense, then and when called.
 *
 * @example
 * const ticketKeys = createTicketKeyRing({ random, now: Date.now });
 * ticketKeys(); // [{ name, key }]
 */
export function createTicketKeyRing(options: TicketKeyRingOptions): () => readonly TicketKey[] {
  const { random, now, rotateEvery, keep } = checkedOptions(options);
  /** Newest first. The first key is made at the first call: some platforms have no randomness while modules load. */
  let ring: readonly DatedKey[] = [];
  let keys: readonly TicketKey[] = [];

  return () => {
    const time = checkedTime(now());
    // A clock that was set back mustn't leave a key from the future, which would never grow old.
    const known = ring.map((each) => each.createdAt > time ? { ...each, createdAt: time } : each);
    const [newest] = known;
    const isDue = newest === undefined || time - newest.createdAt >= rotateEvery;
    const all = isDue ? [{ createdAt: time, ticketKey: generateTicketKey(random) }, ...known] : known;
    ring = all.filter(({ createdAt }) => time - createdAt < rotateEvery * (keep + 1));
    if (isDue || ring.length < keys.length) keys = ring.map(({ ticketKey }) => ticketKey);
    return keys;
  };
}

type Filled<Options> = { readonly [Name in keyof Options]-?: NonNullable<Options[Name]> };

interface DatedKey {
  /** In ms since 1970. */
  readonly createdAt: number;
  readonly ticketKey: TicketKey;
}

const nameLength = 16;
const keyLength = 32;
const saltLength = 32;
const headerLength = nameLength + saltLength;
/** RFC 5077 §3.3: opaque ticket<0..2^16-1>. */
const maxTicketLength = 2 ** 16 - 1;
const zeroNonce = new Uint8Array(12);
/** To be changed with the format: what an older one sealed doesn't open any more (RFC 5077 §5.5). */
const keyLabel = asciiBytes("tlschart session ticket 1 ");

/** The strongest first, whatever the provider prefers: servers that share keys may have different providers. */
const aeadNames: readonly AeadElement["name"][] = ["AES_256_GCM", "CHACHA20_POLY1305", "AES_128_GCM"];

function aeadOf({ cipherSuites }: CryptoProvider): AeadElement | undefined {
  for (const wanted of aeadNames) {
    const suite = cipherSuites.find(({ aead }) => aead?.name === wanted);
    if (suite !== undefined) return suite.aead;
  }
  return undefined;
}

function deriveTicketKey(
  { key }: TicketKey,
  aead: AeadElement,
  salt: Uint8Array,
  { hashes }: CryptoProvider,
): Uint8Array {
  return hashes.sha256.hmac(key, concat(keyLabel, asciiBytes(aead.name), salt)).slice(0, aead.keyLength);
}

function generateTicketKey(random: RandomSource): TicketKey {
  return {
    name: checkedBytes(random(nameLength), nameLength, "what random(16) returned as the name of a ticket key"),
    key: checkedBytes(random(keyLength), keyLength, "what random(32) returned as a ticket key"),
  };
}

/** A copy. */
function checkedBytes(bytes: unknown, length: number, what: string): Uint8Array<ArrayBuffer> {
  if (bytes instanceof Uint8Array && bytes.length === length) return new Uint8Array(bytes);
  const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : typeof bytes;
  throw new TlsUsageError(`Cannot use ${what}: it must be a Uint8Array of ${length} bytes, not ${found}`);
}

function checkedTime(time: number): number {
  if (Number.isFinite(time)) return time;
  throw new TlsUsageError(`Cannot rotate the ticket keys: now() returned ${String(time)}, not ms since 1970`);
}

function checkedOptions(options: TicketKeyRingOptions): Filled<TicketKeyRingOptions> {
  if (typeof options !== "object" || options === null) {
    throw new TlsUsageError("Cannot create a ticket key ring: it needs options, at least { random, now: Date.now }");
  }
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    throw new TlsUsageError(
      `Cannot create a ticket key ring: there is no option "${name}" (there are ${optionNames.join(", ")})`,
    );
  }
  const { random, now, rotateEvery = 12 * 60 * 60 * 1000, keep = 2 } = options;
  if (typeof random !== "function" || typeof now !== "function") {
    throw new TlsUsageError("Cannot create a ticket key ring: random and now must be functions");
  }
  if (!Number.isFinite(rotateEvery) || rotateEvery < 1) {
    throw new TlsUsageError(
      `Cannot create a ticket key ring: rotateEvery is a number of ms from 1, not ${String(rotateEvery)}`,
    );
  }
  if (!Number.isSafeInteger(keep) || keep < 0) {
    throw new TlsUsageError(`Cannot create a ticket key ring: keep is a whole number from 0, not ${String(keep)}`);
  }
  return { random, now, rotateEvery, keep };
}

const optionNames: readonly string[] = ["random", "now", "rotateEvery", "keep"];
