/**
 * How much a peer may send, and how much a key may protect: the defaults, and what an embedder has instead.
 * @module
 */

import { TlsUsageError } from "./error.ts";
import type { Limits, SomeLimits } from "./settings.ts";

/** What holds where nothing else is said. */
export const defaultLimits: Limits = {
  // The largest ClientHello that RFC 5246 §7.4.1.2 lets a client write has some 131 400 bytes.
  maxHandshakeMessageLength: 2 ** 18,
  // Paths have three or four; what is cross-signed sends a few more.
  maxCertificates: 32,
  // Browsers send some twenty.
  maxExtensions: 128,
  // RFC 5246 §7.2.2 says nothing of how many warnings one must bear.
  maxWarningsInARow: 4,
  // RFC 5246 §6.2.1 allows empty application data as a guard against traffic analysis.
  maxEmptyRecordsInARow: 32,
  // HelloRequest may come at any time (RFC 5246 §7.4.1.1), and each may cost an answer.
  maxIdleMessagesInARow: 32,
  maxWaitingBytes: 2 ** 17,
  maxRecordsPerKey: {
    // RFC 8446 §5.5: 2^24.5 full records under one key leave a safety margin of 2^-57 (AEBounds); GCM is the same in 1.2.
    AES_128_GCM: Math.floor(2 ** 24.5),
    AES_256_GCM: Math.floor(2 ** 24.5),
    // RFC 8446 §5.5: for ChaCha20-Poly1305 the sequence number ends first.
    CHACHA20_POLY1305: Number.MAX_SAFE_INTEGER,
    // Blocks of 128 bits repeat by chance after some 2^64; 2^26 full records are 2^36 blocks, and leave 2^-57.
    AES_128_CBC: 2 ** 26,
    AES_256_CBC: 2 ** 26,
  },
};

/** Throws TlsUsageError for a limit that there isn't, or that is no positive whole number. */
export function checkedLimits(limits: SomeLimits | undefined = {}): Limits {
  checkObject(limits, "limits");
  const { maxRecordsPerKey = {}, ...others } = limits;
  checkNumbers(others, defaultLimits, "limits");
  checkObject(maxRecordsPerKey, "limits.maxRecordsPerKey");
  checkNumbers(maxRecordsPerKey, defaultLimits.maxRecordsPerKey, "limits.maxRecordsPerKey");
  const { maxWaitingBytes = smallestInbox } = others;
  if (maxWaitingBytes < smallestInbox) {
    throw new TlsUsageError(`Cannot use limits: maxWaitingBytes is at least ${smallestInbox}, not ${maxWaitingBytes}`);
  }
  return {
    ...defaultLimits,
    ...others,
    maxRecordsPerKey: { ...defaultLimits.maxRecordsPerKey, ...maxRecordsPerKey },
  };
}

/** In bytes: the longest record with its header (RFC 5246 §6.2.3), most of it there already, and 2^14, read at once. */
const smallestInbox = 5 + 2 ** 14 + 2048 + 2 ** 14;

function checkObject(value: unknown, what: string): void {
  if (typeof value === "object" && value !== null) return;
  throw new TlsUsageError(`Cannot use ${what}: it is ${value === null ? "null" : typeof value}, not an object`);
}

function checkNumbers(given: object, known: object, what: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, name)) {
      throw new TlsUsageError(`Cannot use ${what}: there is no "${name}" (there are ${Object.keys(known).join(", ")})`);
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TlsUsageError(`Cannot use ${what}: ${name} is a positive whole number, not ${String(value)}`);
    }
  }
}
