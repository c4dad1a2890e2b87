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

export interface WriteKeys {
  readonly clientWriteKey: Uint8Array;
  readonly serverWriteKey: Uint8Array;
  readonly clientWriteIv: Uint8Array;
  readonly serverWriteIv: Uint8Array;
}

/** RFC 5246 §6.3: the key block, cut up in the RFC's order; AEAD suites have no MAC keys. Lengths in bytes. */
export function deriveWriteKeys(
  hash: HashElement,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  lengths: { readonly key: number; readonly iv: number },
): WriteKeys {
  const seed = concat(serverRandom, clientRandom);
  const keyBlock = new Reader(prf(hash, masterSecret, "key expansion", seed, 2 * (lengths.key + lengths.iv)));
  return {
    clientWriteKey: keyBlock.take(lengths.key, "client_write_key"),
    serverWriteKey: keyBlock.take(lengths.key, "server_write_key"),
    clientWriteIv: keyBlock.take(lengths.iv, "client_write_IV"),
    serverWriteIv: keyBlock.take(lengths.iv, "server_write_IV"),
  };
}

/** RFC 5246 §7.4.9: what Finished proves. `transcript` holds every handshake message before it. */
export function deriveVerifyData(
  hash: HashElement,
  masterSecret: Uint8Array,
  sender: "client" | "server",
  transcript: Uint8Array,
): Uint8Array<ArrayBuffer> {
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
