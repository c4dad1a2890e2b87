/**
 * To sign with a credential: at once where its signer can, else by a request.
 * RFC 5246 §4.7.
 * @module
 */

import type { RemoteSigner, Signer } from "../crypto/provider.ts";
import type { Outcome } from "../endpoint.ts";
import { InternalError } from "../error.ts";
import type { SignatureSchemeName } from "../registry.ts";
import type { Known } from "./known.ts";

type Signed = { readonly type: "answer.signed"; readonly scheme: SignatureSchemeName; readonly signature: Uint8Array };

/** Throws InternalError for a signer that answers with something else than bytes. */
export function signed(
  signer: Signer | RemoteSigner,
  scheme: SignatureSchemeName,
  message: Uint8Array<ArrayBuffer>,
): Outcome<Known, Signed> {
  if (signer.sign === undefined) return { question: { type: "sign", scheme, message, publicKey: signer.publicKey } };
  const signature = signer.sign(scheme, message);
  if (!(signature instanceof Uint8Array)) {
    throw new InternalError(
      "Cannot sign: the signer must answer with bytes, at once (one without a function sign lets you answer later)",
    );
  }
  return { answer: { type: "answer.signed", scheme, signature } };
}
