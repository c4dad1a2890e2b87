/**
 * A CA and a certificate, made in the page on the spot. The keys never leave it.
 * @module
 */

import {
  type Certificate,
  createSigner,
  type Credential,
  decodeCertificate,
  encodePem,
  issueCertificate,
  issueCertificateAuthority,
  loadCertificates,
  nobleProvider,
} from "../../mod.ts";
import { hex } from "./text.ts";

export interface Minted {
  readonly names: readonly string[];
  readonly credential: Credential;
  /** The CA: what a client has to trust. */
  readonly authorityPem: string;
  readonly authority: Certificate;
  readonly leaf: Certificate;
  /** SHA-256 of the leaf, in hexadecimal. */
  readonly fingerprint: string;
}

/** Throws TlsUsageError for names that no certificate can bear. */
export function mint(names: readonly string[]): Minted {
  const options = { provider: nobleProvider, random, now: Date.now() };
  const authority = issueCertificateAuthority({ ...options, name: "tlschart page CA" });
  const { chain, privateKey } = issueCertificate({ ...options, issuer: authority, names });
  return {
    names,
    credential: {
      certificateChain: chain.flatMap(loadCertificates),
      signer: createSigner(privateKey, nobleProvider.signatureSchemes, random),
    },
    authorityPem: encodePem("CERTIFICATE", authority.certificate),
    authority: decodeCertificate(authority.certificate),
    leaf: decodeCertificate(chain[0]),
    fingerprint: hex(sha256(chain[0])),
  };
}

/** A CA that has issued nothing: to see a handshake fail. */
export function strangersPem(): string {
  const options = { provider: nobleProvider, random, now: Date.now() };
  return encodePem("CERTIFICATE", issueCertificateAuthority({ ...options, name: "Somebody else" }).certificate);
}

/** With the provider that does the handshakes, too. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return digest("sha256", bytes);
}

export function digest(name: "sha256" | "sha384", bytes: Uint8Array): Uint8Array {
  const suite = nobleProvider.cipherSuites.find(({ hash }) => hash.name === name);
  if (suite === undefined) throw new Error(`the provider has no ${name}`);
  return suite.hash.digest(bytes);
}

function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
