/**
 * Numbers of a peer's lists as registered names, and the certificate type of a key.
 * @module
 */

import type { PublicKey } from "../crypto/provider.ts";
import { ClientCertificateType, registeredName } from "../registry.ts";

/** The registered names of numbers, without those that have none here. */
export function named<Name extends string>(
  registry: Readonly<Record<Name, number>>,
  numbers: readonly number[],
): readonly Name[] {
  return numbers.flatMap((number) => registeredName(registry, number) ?? []);
}

/** RFC 5246 §7.4.4; RFC 8422 §5.5: ecdsa_sign stands for EdDSA, too. */
export function certificateTypeOf(keyType: PublicKey["type"]): number {
  return keyType === "rsa" ? ClientCertificateType.rsa_sign : ClientCertificateType.ecdsa_sign;
}
