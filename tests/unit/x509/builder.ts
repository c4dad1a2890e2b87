/**
 * Certificates for tests, right or wrong in exactly one thing: fields are given by hand, the rest is as it should be.
 * @module
 */

import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import type { PrivateKey, RandomSource, SignatureSchemeElement } from "../../../lib/crypto/provider.ts";
import { CertificateError, DecodeError } from "../../../lib/error.ts";
import type { AlertDescriptionName } from "../../../lib/registry.ts";
import { assert } from "../../harness.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import {
  encodeBasicConstraints,
  encodeCertificate,
  encodeKeyUsage,
  encodeSubjectAltName,
} from "../../../lib/x509/certificate_writer.ts";
import type { PathLimits } from "../../../lib/x509/path.ts";
import type { CertificatePurpose } from "../../../lib/x509/finding.ts";
import type { CertificatePolicy } from "../../../lib/x509/policy.ts";
import { verifyCertificate } from "../../../lib/x509/verifier.ts";
import { encodeCommonName } from "../../../lib/x509/distinguished_name.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";

export const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);
export const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

/** Bytes like those of Node's Buffer, whose slice() is a view and no copy. */
export class Aliasing extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

/** The time of every test: 2030-06-15. */
export const now: number = Date.UTC(2030, 5, 15, 12, 0, 0);
export const day = 86_400_000;

/** Not random at all, so that every run is the same. */
export function countingRandom(seed = 1): RandomSource {
  let counter = seed;
  return (length) =>
    Uint8Array.from({ length }, () => (counter = (counter * 1103515245 + 12345) % 2 ** 31) >> 16 & 255);
}

export const signatureSchemes: readonly SignatureSchemeElement[] = nobleProvider.signatureSchemes;

/** What a path is searched for, in tests: the rest is as the policy `compatible` has it. */
export interface PathWish {
  readonly signatureSchemes?: readonly SignatureSchemeElement[];
  readonly purpose?: CertificatePurpose;
  readonly now?: number;
  readonly policy?: CertificatePolicy;
  readonly limits?: Partial<PathLimits>;
}

/** The subject of each certificate of the path from `chain[0]` to one of the anchors; throws the reason why there is none. */
export function pathOf(
  chain: readonly Made[],
  anchors: readonly Made[],
  { signatureSchemes: schemes = signatureSchemes, ...wish }: PathWish = {},
): readonly Certificate[] {
  const { path, error } = verifyCertificate({
    chain: chain.map(({ certificate }) => certificate),
    trustAnchors: anchors.map(({ certificate }) => certificate),
    provider: { ...nobleProvider, signatureSchemes: schemes },
    now,
    acceptAnyName: true,
    ...wish,
  });
  if (error !== undefined) throw error;
  return path.flatMap(({ certificate }) => certificate ?? []);
}

const [ecdsa] = signatureSchemes.filter(({ algorithm }) => algorithm === "ecdsa_sha256");
if (ecdsa === undefined) throw new Error("the provider has no ecdsa_sha256");
export const ecdsaSha256: SignatureSchemeElement = ecdsa;

/** Key number `number`, always the same. */
export function testKey(number: number): PrivateKey {
  const scalar = new Uint8Array(32);
  scalar.set([number >> 8, number & 255, 1], 29);
  return { type: "ec", curve: "secp256r1", scalar };
}

export interface Made {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

export interface Recipe {
  readonly name?: string;
  /** DER of the Name, in place of `name`. */
  readonly subject?: Uint8Array;
  readonly issuer?: Made | undefined;
  readonly key?: PrivateKey;
  readonly spki?: Uint8Array;
  readonly serial?: number;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly extensions?: readonly Uint8Array[];
  /** The key that signs, in place of the issuer's. */
  readonly signer?: PrivateKey;
  readonly scheme?: SignatureSchemeElement;
}

let made = 0;

/** A certificate; without `issuer` it is self-signed. */
export function make(recipe: Recipe): Made {
  made++;
  const key = recipe.key ?? testKey(made);
  const subject = recipe.subject ?? encodeCommonName(recipe.name ?? `certificate ${made}`);
  const scheme = recipe.scheme ?? ecdsaSha256;
  const der = encodeCertificate({
    serialNumber: bytes((recipe.serial ?? made) >> 8 | 1, (recipe.serial ?? made) & 255),
    issuer: recipe.issuer?.certificate.subject.der ?? subject,
    subject,
    notBefore: recipe.notBefore ?? now - 10 * day,
    notAfter: recipe.notAfter ?? now + 10 * day,
    spki: recipe.spki ?? encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(key)),
    extensions: recipe.extensions ?? [],
  }, { privateKey: recipe.signer ?? recipe.issuer?.key ?? key, scheme, random: countingRandom() });
  return { certificate: decodeCertificate(der), key };
}

/** A CA with the extensions that a CA should have, and more. */
export function makeAuthority(recipe: Recipe & { readonly pathLenConstraint?: number } = {}): Made {
  const basic = encodeBasicConstraints({ cA: true, pathLenConstraint: recipe.pathLenConstraint });
  return make({ ...recipe, extensions: [basic, encodeKeyUsage(["keyCertSign"]), ...recipe.extensions ?? []] });
}

/** A server's certificate with the extensions that it should have, and more. */
export function makeLeaf(recipe: Recipe & { readonly names?: readonly string[] } = {}): Made {
  const usage = encodeKeyUsage(["digitalSignature"]);
  const { names = ["example.com"], extensions = [] } = recipe;
  return make({ ...recipe, extensions: [usage, encodeSubjectAltName(names, false), ...extensions] });
}

/** Asserts a DecodeError whose message matches. */
export function refusesToDecode(run: () => unknown, why: RegExp): void {
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof DecodeError)) throw error;
    assert.match(error.message, why);
    return true;
  });
}

export interface Expected {
  readonly alert: AlertDescriptionName;
  readonly check: string;
  readonly code: string | undefined;
  readonly index: number | undefined;
  readonly message: RegExp;
}

/** Asserts a CertificateError with all of these. */
export function refusesCertificate(run: () => unknown, expected: Expected): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof CertificateError)) {
    throw new Error(`a CertificateError with check "${expected.check}" was expected, and not: ${thrown}`);
  }
  const { alert, check, code, index } = thrown;
  assert.equal({ alert, check, code, index }, {
    alert: expected.alert,
    check: expected.check,
    code: expected.code,
    index: expected.index,
  }, thrown.message);
  assert.match(thrown.message, expected.message);
}
