/**
 * The cipher that protects one direction's records under the negotiated suite.
 * RFC 5246 §6.2.3. How it is done stands in aead_records.ts and cbc_records.ts.
 * @module
 */

import type { CipherSuiteElement, RandomSource } from "../crypto/provider.ts";
import type { RecordCipher } from "../record/protection.ts";
import { exclusiveOrCipher, explicitNonceCipher } from "./aead_records.ts";
import { encryptThenMacCipher, macThenEncryptCipher } from "./cbc_records.ts";
import { traitsOf } from "./cipher_suites.ts";
import type { DirectionKeys } from "./key_schedule.ts";

/** What CBC records need besides keys; AEAD records don't look at it. */
export interface RecordOptions {
  /** Whether RFC 7366 was negotiated. */
  readonly encryptThenMac: boolean;
  /** For the IV of each record. */
  readonly random: RandomSource;
}

/** One direction's cipher. Holds nothing but the keys, so that it can be made again from them. */
export function recordCipher(suite: CipherSuiteElement, keys: DirectionKeys, options: RecordOptions): RecordCipher {
  const { records } = traitsOf(suite);
  if (suite.aead === undefined) {
    return options.encryptThenMac
      ? encryptThenMacCipher(suite, keys, options.random)
      : macThenEncryptCipher(suite, keys, options.random);
  }
  return records === "explicitNonce"
    ? explicitNonceCipher(suite.aead, keys.key, keys.iv)
    : exclusiveOrCipher(suite.aead, keys.key, keys.iv);
}
