/**
 * Accepted chains, remembered by their hash: who comes again with the same certificates costs no signatures.
 * Enters: what is asked about a peer. Leaves: the verdict, from memory where the same was asked and accepted, as long as it
 * holds. What was refused is never remembered. Bounded; the verdict used longest ago goes first.
 * @module
 */

import { concat, jsonBytes, toHex } from "../codec/bytes.ts";
import type { HashElement } from "../crypto/provider.ts";
import { TlsUsageError } from "../error.ts";
import type { CertificateQuestion, Judgement } from "./verdict.ts";

/** Judgements of one verifier: they are only worth something under its criteria. */
export interface VerdictMemory {
  /** The remembered judgement, or the one that `judge` comes to. */
  recalled(question: CertificateQuestion, judge: () => Judgement): Judgement;
}

/** `capacity`: how many verdicts; 0 for none. Throws TlsUsageError for what is no such number. */
export function createVerdictMemory(capacity: number, hash: HashElement): VerdictMemory {
  if (!Number.isInteger(capacity) || capacity < 0) {
    throw new TlsUsageError(`Cannot verify certificates: remember is a number of chains, 0 or more, not ${capacity}`);
  }
  const verdicts = new Map<string, Remembered>();
  return {
    recalled(question, judge) {
      if (capacity === 0) return judge();
      const key = keyOf(question, hash);
      const known = verdicts.get(key);
      verdicts.delete(key);
      const remembered = known !== undefined && holdsAt(known, question.now)
        ? known
        : { since: question.now, judgement: judge() };
      if (remembered.judgement.error === undefined) verdicts.set(key, remembered);
      const [oldest] = verdicts.keys();
      if (verdicts.size > capacity && oldest !== undefined) verdicts.delete(oldest);
      return remembered.judgement;
    },
  };
}

interface Remembered {
  /** When it was judged: of what was before nothing is known, such as what says that a certificate isn't revoked. */
  readonly since: number;
  readonly judgement: Judgement;
}

function holdsAt({ since, judgement: { holdsFrom, holdsUntil } }: Remembered, now: number): boolean {
  return now >= since && now >= holdsFrom && now < holdsUntil;
}

/** Everything that is asked but the time. Lengths stand before what varies in length. */
function keyOf(
  { chain, serverName, emailAddress, purpose, ocspResponse }: CertificateQuestion,
  hash: HashElement,
): string {
  const parts = [...chain.map(({ der }) => der), ...ocspResponse === undefined ? [] : [ocspResponse]];
  const lengths = parts.map(({ length }) => length);
  const words = [serverName ?? null, emailAddress ?? null, purpose, chain.length, lengths];
  return toHex(hash.digest(concat(jsonBytes(words), ...parts)));
}
