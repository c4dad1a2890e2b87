/**
 * Key agreement on x25519, x448, secp256r1, secp384r1 and secp521r1 with @noble/curves as elements of a provider.
 * In: our randomness and the peer's public key as it came. Out: key pairs and pre-master secrets.
 * noble builds a table of multiples of a base point at the first use of each curve (20 to 90 ms), never at import. It
 * blinds scalars with randomness of its own, where the runtime has any; no result depends on that.
 * RFC 8422 §5.4, §5.10, §5.11; RFC 7748 §6.
 * @module
 */

import { x25519 as nobleX25519 } from "@noble/curves/ed25519.js";
import { x448 as nobleX448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { NamedGroupElement } from "./provider.ts";

export const x25519: NamedGroupElement = /* @__PURE__ */ montgomeryGroup("x25519", nobleX25519, 32);
export const x448: NamedGroupElement = /* @__PURE__ */ montgomeryGroup("x448", nobleX448, 56);

export const secp256r1: NamedGroupElement = /* @__PURE__ */ weierstrassGroup("secp256r1", p256, 32);
export const secp384r1: NamedGroupElement = /* @__PURE__ */ weierstrassGroup("secp384r1", p384, 48);
export const secp521r1: NamedGroupElement = /* @__PURE__ */ weierstrassGroup("secp521r1", p521, 66);

/** `length`: of either key and of the secret, in bytes. */
function montgomeryGroup(
  name: NamedGroupElement["name"],
  curve: typeof nobleX25519,
  length: number,
): NamedGroupElement {
  return {
    name,
    generateKeyPair: (random) => {
      const privateKey = new Uint8Array(random(length));
      return { privateKey, publicKey: curve.getPublicKey(privateKey) };
    },
    // RFC 8422 §5.11: "a receiving party MUST check whether the computed premaster secret is the all-zero value":
    // noble throws for each public key that leads there, and for those of another length.
    sharedSecret: (privateKey, peerPublicKey) => unlessThrown(() => curve.getSharedSecret(privateKey, peerPublicKey)),
  };
}

/** `fieldLength`: of a coordinate and of a private key, in bytes. */
function weierstrassGroup(name: NamedGroupElement["name"], curve: typeof p256, fieldLength: number): NamedGroupElement {
  const seedLength = fieldLength * 3 / 2;
  return {
    name,
    generateKeyPair: (random) => {
      // FIPS 186-5 A.2.1: half as many bits again make the bias of the reduction negligible, without a loop.
      const privateKey = curve.utils.randomSecretKey(random(seedLength));
      return { privateKey, publicKey: curve.getPublicKey(privateKey, false) };
    },
    sharedSecret: (privateKey, peerPublicKey) => {
      // RFC 8422 §5.1.2 MUST: "Implementations of this document MUST support the uncompressed format for all of their supported curves and MUST NOT support other formats for curves defined in this specification."
      // RFC 8422 §5.4.1: "This specification supports only the uncompressed format for these curves": the form 4.
      if (peerPublicKey[0] !== 4) return undefined;
      // RFC 8422 §5.11: "MUST check that the x and y parameters from the peer's public value satisfy the curve
      // equation": noble does, and throws; so it does for another length.
      const point = unlessThrown(() => curve.getSharedSecret(privateKey, peerPublicKey, false));
      // RFC 8422 §5.10: the x-coordinate; "leading zeros found in this octet string MUST NOT be truncated".
      return point?.slice(1, 1 + fieldLength);
    },
  };
}

/** noble throws for points that aren't valid; here that is `undefined`. */
function unlessThrown(compute: () => Uint8Array): Uint8Array | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}
