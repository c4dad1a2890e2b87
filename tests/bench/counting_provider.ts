/**
 * A provider that does noble's work and counts it.
 * @module
 */

import { type CryptoProvider, nobleProvider } from "../../mod.ts";

/** How often each operation was done, by its name. */
export type Counts = Readonly<Record<string, number>>;

export interface CountingProvider {
  readonly provider: CryptoProvider;
  readonly counts: Counts;
}

/** noble with counters; hashes are counted by the bytes that they take too. */
export function countingProvider(): CountingProvider {
  const counts: Record<string, number> = {};
  const count = (name: string, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by);
  const provider: CryptoProvider = {
    ...nobleProvider,
    cipherSuites: nobleProvider.cipherSuites.map(({ name, aead, hash }) => ({
      name,
      aead: {
        ...aead,
        seal: (...args) => (count("seal"), aead.seal(...args)),
        open: (...args) => (count("open"), aead.open(...args)),
      },
      hash: {
        ...hash,
        digest: (message) => (count("digest"), count("digested bytes", message.length), hash.digest(message)),
        hmac: (key, message) => (count("hmac"), hash.hmac(key, message)),
      },
    })),
    namedGroups: nobleProvider.namedGroups.map((group) => ({
      ...group,
      generateKeyPair: (random) => (count("generateKeyPair"), group.generateKeyPair(random)),
      sharedSecret: (...args) => (count("sharedSecret"), group.sharedSecret(...args)),
    })),
    signatureSchemes: nobleProvider.signatureSchemes.map((scheme) => ({
      ...scheme,
      verify: (...args) => (count("verify"), scheme.verify(...args)),
      sign: (...args) => (count("sign"), scheme.sign(...args)),
      publicKeyOf: (privateKey) => (count("publicKeyOf"), scheme.publicKeyOf(privateKey)),
    })),
  };
  return { provider, counts };
}
