/**
 * Certificates and credentials as an embedder gives them enter; loaded and checked ones leave, or TlsUsageError.
 * @module
 */

import type { CertificateSource, Credential } from "./credential.ts";
import type { RemoteSigner, Signer } from "./crypto/provider.ts";
import { createSigner } from "./crypto/signer.ts";
import { TlsUsageError } from "./error.ts";
import type { LoadedCredential, Settings } from "./settings.ts";
import { traitsOf } from "./tls12/cipher_suites.ts";
import type { Certificate } from "./x509/certificate.ts";
import { loadCertificates, loadPrivateKey } from "./x509/load.ts";
import { publicKeysEqual } from "./x509/spki.ts";

/** Throws TlsUsageError for what holds no certificate, or a broken one. */
export function certificatesOf(source: CertificateSource | readonly CertificateSource[]): readonly Certificate[] {
  const sources: readonly CertificateSource[] = isList(source) ? source : [source];
  return sources.flatMap((one) => {
    if (typeof one === "string" || one instanceof Uint8Array) return loadCertificates(one);
    if (typeof one === "object" && one?.der instanceof Uint8Array) return [one];
    throw new TlsUsageError("Cannot use a certificate: it must be PEM text, PEM or DER bytes, or loaded already");
  });
}

/** What loading a credential looks at. */
export type CredentialSettings = Pick<Settings, "provider" | "random" | "cipherSuites" | "signatureSchemes">;

/** Throws TlsUsageError for a credential that no handshake with these settings could use. */
export function loadCredential(credential: Credential, settings: CredentialSettings): LoadedCredential {
  checkFields(credential);
  const { certificateChain, privateKey, signer } = credential;
  const chain = certificatesOf(certificateChain);
  const [leaf] = chain;
  if (leaf === undefined) throw new TlsUsageError("Cannot use a credential: certificateChain is empty");
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TlsUsageError("Cannot use a credential: give either a privateKey or a signer");
  }
  const signs = signer ?? signerOf(privateKey, settings);
  const canSign = signs.sign === undefined || typeof signs.sign === "function"; // without, a request asks
  if (!Array.isArray(signs.schemes) || !canSign || signs.publicKey === undefined) {
    throw new TlsUsageError(
      "Cannot use a credential: its signer must have schemes, publicKey and, to sign at once, a function sign",
    );
  }
  if (!bearsKeyOf(leaf, signs)) {
    throw new TlsUsageError(
      `Cannot use a credential: the private key is not that of the certificate "${leaf.subject.text}" (${leaf.publicKeyDescription})`,
    );
  }
  checkSchemes(signs, settings);
  checkUsable(leaf, signs, settings);
  return {
    certificateChain: chain.map(({ der }) => der),
    leaf,
    issuers: chain.map(({ issuer }) => issuer.der),
    signer: signs,
    ocspResponse: bytesOf("ocspResponse", credential.ocspResponse),
    signedCertificateTimestamps: timestampsOf(credential.signedCertificateTimestamps),
  };
}

const credentialNames: readonly (keyof Credential)[] = [
  "certificateChain",
  "privateKey",
  "signer",
  "ocspResponse",
  "signedCertificateTimestamps",
];

function checkFields(credential: object): void {
  if (typeof credential !== "object" || credential === null) {
    throw new TlsUsageError(
      `Cannot use a credential: it is ${credential === null ? "null" : typeof credential}, not an object`,
    );
  }
  const known: readonly string[] = credentialNames;
  for (const name of Object.keys(credential)) {
    if (known.includes(name)) continue;
    throw new TlsUsageError(`Cannot use a credential: there is no option "${name}" (there are ${known.join(", ")})`);
  }
}

function isList(source: CertificateSource | readonly CertificateSource[]): source is readonly CertificateSource[] {
  return Array.isArray(source);
}

/** What is no key at all is nobody's. */
function bearsKeyOf({ publicKey }: Certificate, signer: Signer | RemoteSigner): boolean {
  if (publicKey === undefined) return false;
  const given = new Map(Object.entries(signer.publicKey ?? {}));
  const isAlike = Object.entries(publicKey).every(([name, part]) =>
    typeof part === "string" ? given.get(name) === part : given.get(name) instanceof Uint8Array
  );
  return isAlike && publicKeysEqual(publicKey, signer.publicKey);
}

/** A scheme for another kind of key would be promised to the peer, and signed with the wrong thing. */
function checkSchemes({ schemes, publicKey }: Signer | RemoteSigner, { provider }: CredentialSettings): void {
  if (schemes.length === 0) throw new TlsUsageError("Cannot use a credential: its signer's list of schemes is empty");
  const misfit = schemes.find((name) =>
    provider.signatureSchemes.some((one) => one.name === name && one.keyType !== publicKey.type)
  );
  if (misfit === undefined) return;
  throw new TlsUsageError(
    `Cannot use a credential: its signer has a key of type ${publicKey.type}, which can't sign ${misfit}`,
  );
}

/** A credential that no handshake could ever use would fail every one of them. */
function checkUsable(
  { publicKey, publicKeyDescription }: Certificate,
  signer: Signer | RemoteSigner,
  { cipherSuites, signatureSchemes }: CredentialSettings,
): void {
  const fits = cipherSuites.some((suite) => traitsOf(suite).authentication.some((type) => type === publicKey?.type));
  if (!fits) {
    const names = cipherSuites.map(({ name }) => name).join(", ");
    throw new TlsUsageError(`Cannot use a credential: its key (${publicKeyDescription}) fits none of ${names}`);
  }
  if (signatureSchemes.some(({ name }) => signer.schemes.includes(name))) return;
  const names = signatureSchemes.map(({ name }) => name).join(", ");
  throw new TlsUsageError(`Cannot use a credential: its key (${publicKeyDescription}) signs with none of ${names}`);
}

function signerOf(privateKey: Credential["privateKey"], { provider, random }: CredentialSettings): Signer {
  if (privateKey === undefined) throw new TlsUsageError("Cannot use a credential: there is no private key");
  const isSource = typeof privateKey === "string" || privateKey instanceof Uint8Array;
  return createSigner(isSource ? loadPrivateKey(privateKey) : privateKey, provider.signatureSchemes, random);
}

function bytesOf(what: string, value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array && value.length > 0 && value.length < 2 ** 24) return Uint8Array.from(value);
  throw new TlsUsageError(`Cannot use a credential: ${what} must be a Uint8Array of 1 to 2^24-1 bytes`);
}

function timestampsOf(value: unknown): readonly Uint8Array[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new TlsUsageError("Cannot use a credential: signedCertificateTimestamps must be a list");
  }
  const list = value.map((one) => bytesOf("each of signedCertificateTimestamps", one) ?? new Uint8Array(0));
  // RFC 6962 §3.3: SerializedSCT sct_list <1..2^16-1>, each with two bytes for its length.
  const isLegal = list.every(({ length }) => length > 0) &&
    list.reduce((sum, { length }) => sum + 2 + length, 0) < 2 ** 16;
  if (isLegal) return list;
  throw new TlsUsageError(
    "Cannot use a credential: signedCertificateTimestamps are empty, or longer than 2^16-1 bytes",
  );
}
