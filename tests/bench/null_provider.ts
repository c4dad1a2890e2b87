/**
 * A provider that does nothing and says yes to everything: what is left of a handshake is TLS alone.
 * Good for finding out what that costs, and for nothing else.
 * @module
 */

import {
  type AeadElement,
  type CryptoProvider,
  type HashElement,
  type NamedGroupElement,
  nobleProvider,
  type PublicKey,
  type Signer,
} from "../../mod.ts";

const zeros = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

const nullHash = (hash: HashElement): HashElement => ({
  ...hash,
  digest: () => zeros(hash.outputLength),
  hmac: () => zeros(hash.outputLength),
});

const nullAead = (aead: AeadElement): AeadElement => ({
  ...aead,
  seal: (_, __, ___, plaintext) => {
    const sealed = zeros(plaintext.length + aead.tagLength);
    sealed.set(plaintext);
    return sealed;
  },
  open: (_, __, ___, sealed) => Uint8Array.from(sealed.subarray(0, sealed.length - aead.tagLength)),
});

const nullGroup = (group: NamedGroupElement): NamedGroupElement => ({
  ...group,
  generateKeyPair: () => ({ privateKey: zeros(32), publicKey: zeros(group.name === "x25519" ? 32 : 65) }),
  sharedSecret: () => zeros(32),
});

/** noble's lists without noble's work. */
export const nullProvider: CryptoProvider = {
  ...nobleProvider,
  cipherSuites: nobleProvider.cipherSuites.map(({ name, aead, hash }) => ({
    name,
    aead: nullAead(aead),
    hash: nullHash(hash),
  })),
  namedGroups: nobleProvider.namedGroups.map(nullGroup),
  signatureSchemes: nobleProvider.signatureSchemes.map((scheme) => ({
    ...scheme,
    verify: () => true,
    sign: () => zeros(71),
  })),
};

/** A signer of the same kind. */
export function nullSigner(publicKey: PublicKey): Signer {
  return { schemes: ["ecdsa_secp256r1_sha256"], publicKey, sign: () => zeros(71) };
}
