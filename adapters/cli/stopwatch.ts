/**
 * A crypto provider that does what another one does and says how long each operation took: the core has no clock, so
 * whoever wants to measure it wraps what it uses.
 * @module
 */

import type { AeadElement, BlockCipherElement, CertificateVerifier, CryptoProvider, HashElement } from "../../mod.ts";

/** What was done. `prf` comes with its label (RFC 5246 §5), `seal` and `open` are for one record each. */
export type Operation =
  | { readonly type: "keyPair" | "sharedSecret" | "sign" | "verify"; readonly algorithm: string }
  | { readonly type: "prf"; readonly algorithm: string; readonly label: string }
  | { readonly type: "seal" | "open"; readonly algorithm: string }
  /** A certificate was checked: path and name. */
  | { readonly type: "path"; readonly algorithm: undefined };

/** Hears of each operation when it is over; `duration` in ms. */
export type OnOperation = (operation: Operation, duration: number) => void;

/** The same elements under the same names, each with a stopwatch. */
export function timedProvider(provider: CryptoProvider, onOperation: OnOperation): CryptoProvider {
  const { legacyCipherSuites } = provider;
  return {
    ...provider,
    cipherSuites: provider.cipherSuites.map((suite) => ({
      ...suite,
      hash: timedHash(suite.hash, onOperation),
      aead: timedAead(suite.aead, onOperation),
    })),
    ...(legacyCipherSuites && {
      legacyCipherSuites: legacyCipherSuites.map((suite) => ({
        ...suite,
        hash: timedHash(suite.hash, onOperation),
        blockCipher: timedBlockCipher(suite.blockCipher, onOperation),
      })),
    }),
    namedGroups: provider.namedGroups.map((group) => ({
      ...group,
      generateKeyPair: (...args) =>
        timed(() => group.generateKeyPair(...args), { type: "keyPair", algorithm: group.name }, onOperation),
      sharedSecret: (...args) =>
        timed(() => group.sharedSecret(...args), { type: "sharedSecret", algorithm: group.name }, onOperation),
    })),
    signatureSchemes: provider.signatureSchemes.map((scheme) => ({
      ...scheme,
      sign: (...args) => timed(() => scheme.sign(...args), { type: "sign", algorithm: scheme.name }, onOperation),
      verify: (...args) => timed(() => scheme.verify(...args), { type: "verify", algorithm: scheme.name }, onOperation),
    })),
  };
}

/** The same verdicts, with a stopwatch. */
export function timedVerifier(verifier: CertificateVerifier, onOperation: OnOperation): CertificateVerifier {
  return {
    ...verifier,
    verify: (verification) =>
      timed(() => verifier.verify(verification), { type: "path", algorithm: undefined }, onOperation),
  };
}

function timedAead(aead: AeadElement, onOperation: OnOperation): AeadElement {
  return {
    ...aead,
    seal: (...args) => timed(() => aead.seal(...args), { type: "seal", algorithm: aead.name }, onOperation),
    open: (...args) => timed(() => aead.open(...args), { type: "open", algorithm: aead.name }, onOperation),
  };
}

/** Without the MAC beside it. */
function timedBlockCipher(cipher: BlockCipherElement, onOperation: OnOperation): BlockCipherElement {
  const { name: algorithm } = cipher;
  return {
    ...cipher,
    encrypt: (...args) => timed(() => cipher.encrypt(...args), { type: "seal", algorithm }, onOperation),
    decrypt: (...args) => timed(() => cipher.decrypt(...args), { type: "open", algorithm }, onOperation),
  };
}

/** The PRF is a row of HMACs, the first of which is over the label and the seed: that one tells what it is for. */
function timedHash(hash: HashElement, onOperation: OnOperation): HashElement {
  let label = "";
  return {
    ...hash,
    hmac: (key, message) => {
      label = prfLabels.find((text) => beginsWith(message, text)) ?? label;
      return timed(() => hash.hmac(key, message), { type: "prf", algorithm: hash.name, label }, onOperation);
    },
  };
}

const prfLabels = [
  "master secret",
  "extended master secret",
  "key expansion",
  "client finished",
  "server finished",
] as const;

function beginsWith(message: Uint8Array, text: string): boolean {
  return message.length > text.length &&
    Array.from(text).every((character, index) => message[index] === character.charCodeAt(0));
}

function timed<Value>(work: () => Value, operation: Operation, onOperation: OnOperation): Value {
  const began = performance.now();
  try {
    return work();
  } finally {
    onOperation(operation, performance.now() - began);
  }
}
