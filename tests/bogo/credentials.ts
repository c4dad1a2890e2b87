/**
 * The shim's credentials, as the flags describe them, and which of them was used.
 * @module
 */

import { readFileSync } from "node:fs";
import {
  createSigner,
  type Credential,
  loadCertificates,
  loadPrivateKey,
  nobleProvider,
  type PrivateKey,
  type SignatureSchemeName,
  type Signer,
  type SignQuestion,
  TlsUsageError,
} from "../../mod.ts";
import { bytesOfBase64, listOfTimestamps } from "./flag_values.ts";
import { type Flags, Unimplemented } from "./flags.ts";
import { random, schemesOf } from "./names.ts";

interface Loaded {
  readonly credential: Credential;
  readonly signer: Signer;
  readonly mustMatchIssuer: boolean;
  /** DER of distinguished names. */
  readonly issuers: readonly Uint8Array[];
}

export class Credentials {
  readonly list: readonly Credential[];
  readonly #all: readonly Loaded[];
  /** Its place among those that `-new-x509-credential` announced; -1: none of them. */
  used = -1;

  constructor(flags: Flags) {
    const announced = flags.credentials.map((each, index) => this.#load(each, flags, index));
    const own = flags.text("cert-file") === undefined ? [] : [this.#load(flags, flags, -1)];
    this.#all = [...announced, ...own];
    this.list = this.#all.map(({ credential }) => credential);
  }

  /** Whether each of them may only be shown to a server that names one of its issuers. */
  get allMustMatch(): boolean {
    return this.#all.every(({ mustMatchIssuer }) => mustMatchIssuer);
  }

  /** Those that may be shown to a server that would like these issuers, DER of distinguished names. */
  listFor(authorities: readonly Uint8Array[]): readonly Credential[] {
    const isBy = (issuer: Uint8Array): boolean => authorities.some((each) => Buffer.from(each).equals(issuer));
    return this.#all.filter(({ mustMatchIssuer, issuers }) => !mustMatchIssuer || issuers.some(isBy))
      .map(({ credential }) => credential);
  }

  /** Signs with a key that isn't in the configuration. */
  sign({ publicKey, scheme, message }: SignQuestion): Uint8Array | Error {
    const found = this.#all.find(({ signer }) => JSON.stringify(signer.publicKey) === JSON.stringify(publicKey));
    return found?.signer.sign(scheme, message) ?? new Error("The request names a key that the shim doesn't have");
  }

  #load(flags: Flags, all: Flags, index: number): Loaded {
    const { publicKey, schemes, sign } = signerOf(readFileSync(flags.text("key-file") ?? "", "utf8"), flags);
    const signer: Signer = {
      publicKey,
      schemes,
      sign: (scheme, message) => {
        this.used = index;
        return sign(scheme, message);
      },
    };
    // Of several credentials only their own functions tell which one signs: two of them may have the same key.
    const isRemote = all.has("async") && all.credentials.length === 0;
    const certificateChain = readFileSync(flags.text("cert-file") ?? "", "utf8");
    const staple = flags.text("ocsp-response");
    const timestamps = flags.text("signed-cert-timestamps");
    const credential: Credential = {
      certificateChain,
      signer: isRemote ? { publicKey, schemes } : signer,
      ocspResponse: staple === undefined || all.has("decline-ocsp-callback") ? undefined : bytesOfBase64(staple),
      signedCertificateTimestamps: timestamps === undefined ? undefined : listOfTimestamps(bytesOfBase64(timestamps)),
    };
    const mustMatchIssuer = flags.has("must-match-issuer");
    const issuers = mustMatchIssuer ? loadCertificates(certificateChain).map(({ issuer }) => issuer.der) : [];
    return { credential, signer, mustMatchIssuer, issuers };
  }
}

function signerOf(pem: string, flags: Flags): Signer {
  const signer = createSigner(privateKeyOf(pem), nobleProvider.signatureSchemes, random);
  const preferred: readonly SignatureSchemeName[] | undefined = schemesOf(flags.numbers("signing-prefs"));
  if (preferred === undefined) return signer;
  return { ...signer, schemes: preferred.filter((name) => signer.schemes.includes(name)) };
}

/** The library refuses keys of other algorithms, and RSA keys that are too short, before there is a connection. */
function privateKeyOf(pem: string): PrivateKey {
  try {
    return loadPrivateKey(pem);
  } catch (error) {
    throw error instanceof TlsUsageError ? new Unimplemented(error.message) : error;
  }
}
