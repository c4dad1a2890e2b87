/**
 * From the pre-master secret to everything that is derived from it.
 * RFC 5246 §6.3, §7.4.9, §8.1; RFC 7627 §4.
 * @module
 */

import { concat } from "../codec/bytes.ts";
import { Reader } from "../codec/reader.ts";
import type { HashElement } from "../crypto/provider.ts";
import { prf } from "./prf.ts";

/** In bytes. */
const masterSecretLength = 48;

/** RFC 5246 §7.4.9: 12 bytes, as no suite of ours says otherwise. */
export const verifyDataLength: number = 12;

/** RFC 5246 §8.1: from both randoms. */
export function deriveMasterSecret(
  hash: HashElement,
  preMasterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return prf(hash, preMasterSecret, "master secret", concat(clientRandom, serverRandom), masterSecretLength);
}

/** RFC 7627 §4: from the session hash, which covers everything up to and including ClientKeyExchange. */
export function deriveExtendedMasterSecret(
  hash: HashElement,
  preMasterSecret: Uint8Array,
  transcript: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return prf(hash, preMasterSecret, "extended master secret", hash.digest(transcript), masterSecretLength);
}

/** All of one connection, both directions. MAC keys are empty under AEAD suites, IVs under CBC suites. */
export interface WriteKeys {
  readonly clientWriteMacKey: Uint8Array;
  readonly serverWriteMacKey: Uint8Array;
  readonly clientWriteKey: Uint8Array;
  readonly serverWriteKey: Uint8Array;
  readonly clientWriteIv: Uint8Array;
  readonly serverWriteIv: Uint8Array;
}

/** RFC 5246 §6.3: the key block, cut up in the RFC's order. `lengths` in bytes, as `keyLengths` says them. */
export function deriveWriteKeys(
  hash: HashElement,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  lengths: { readonly mac: number; readonly key: number; readonly iv: number },
): WriteKeys {
  const seed = concat(serverRandom, clientRandom);
  const length = 2 * (lengths.mac + lengths.key + lengths.iv);
  const keyBlock = new Reader(prf(hash, masterSecret, "key expansion", seed, length));
  return {
    clientWriteMacKey: keyBlock.take(lengths.mac, "client_write_MAC_key"),
    serverWriteMacKey: keyBlock.take(lengths.mac, "server_write_MAC_key"),
    clientWriteKey: keyBlock.take(lengths.key, "client_write_key"),
    serverWriteKey: keyBlock.take(lengths.key, "server_write_key"),
    clientWriteIv: keyBlock.take(lengths.iv, "client_write_IV"),
    serverWriteIv: keyBlock.take(lengths.iv, "server_write_IV"),
  };
}

/** One direction's keys, as `recordCipher` takes them. */
export interface DirectionKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** client_write_IV or server_write_IV. */
  readonly iv: Uint8Array;
}

/** The keys that `sender` writes with. */
export function recordKeysOf(sender: "client" | "server", keys: WriteKeys): DirectionKeys {
  return sender === "client"
    ? { macKey: keys.clientWriteMacKey, key: keys.clientWriteKey, iv: keys.clientWriteIv }
    : { macKey: keys.serverWriteMacKey, key: keys.serverWriteKey, iv: keys.serverWriteIv };
}

/** RFC 5246 §7.4.9: what Finished proves. `transcript` holds every handshake message before it. */
export function deriveVerifyData(
  hash: HashElement,
  masterSecret: Uint8Array,
  sender: "client" | "server",
  transcript: Uint8Array,
): Uint8Array<ArrayBuffer> {
  // RFC 5246 §7.4.9 MUST: "For the PRF defined in Section 5, the Hash MUST be the Hash used as the basis for the PRF."
  return prf(hash, masterSecret, `${sender} finished`, hash.digest(transcript), verifyDataLength);
}

/** RFC 5246 §7.4.3: what the server signs in ServerKeyExchange. */
export function signedParams(
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  params: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(clientRandom, serverRandom, params);
}
