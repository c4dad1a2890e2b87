/**
 * AlgorithmIdentifier, and which signature algorithm one stands for.
 * Enters: DER. Leaves: one of the provider's algorithms, or a text saying what isn't supported.
 * RFC 5280 §4.1.1.2, RFC 5758 §3.2, RFC 4055 §3, RFC 8410 §3. Verifies nothing.
 * @module
 */

import { equalBytes } from "../codec/bytes.ts";
import type { SignatureAlgorithm } from "../crypto/provider.ts";
import { type DerElement, type DerReader, Tag } from "./der.ts";
import { derConstructed, derInteger, derNull, derObjectIdentifier, derSequence } from "./der_writer.ts";
import { HashAlgorithm, maskGenerationFunction1, oidName, SignatureId } from "./oids.ts";

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: DerElement | undefined;
  readonly der: Uint8Array;
}

/** A signature algorithm as a certificate names it. */
export interface NamedSignatureAlgorithm {
  /** `undefined` when it isn't supported. */
  readonly algorithm: SignatureAlgorithm | undefined;
  /** For people: `ecdsa-with-SHA256 (1.2.840.10045.4.3.2)`, with what is wrong about its parameters. */
  readonly text: string;
}

export function decodeAlgorithmIdentifier(reader: DerReader, what: string): AlgorithmIdentifier {
  const element = reader.expect(Tag.SEQUENCE, what);
  const fields = reader.inside(element, what);
  const oid = fields.objectIdentifier(`${what}.algorithm`);
  const parameters = fields.remaining > 0 ? fields.element(`${what}.parameters`) : undefined;
  fields.end(what);
  return { oid, parameters, der: element.whole };
}

/** The signature algorithm that an AlgorithmIdentifier stands for, parameters included. */
export function namedSignatureAlgorithm(identifier: AlgorithmIdentifier): NamedSignatureAlgorithm {
  const name = oidName(SignatureId, identifier.oid);
  const text = name === identifier.oid ? name : `${name} (${identifier.oid})`;
  if (identifier.oid === SignatureId["id-RSASSA-PSS"]) return rsassaPss(identifier, text);
  const entry = algorithms[identifier.oid];
  if (entry === undefined) return { algorithm: undefined, text };
  if (!entry.parameters(identifier.parameters)) return { algorithm: undefined, text: `${text} with wrong parameters` };
  return { algorithm: entry.algorithm, text };
}

/** The AlgorithmIdentifier of a signature algorithm. */
export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array<ArrayBuffer> {
  const oid = Object.keys(algorithms).find((key) => algorithms[key]?.algorithm === algorithm);
  if (oid !== undefined) {
    return derSequence(derObjectIdentifier(oid), ...algorithm.startsWith("rsa_pkcs1") ? [derNull()] : []);
  }
  const pss = pssVariants.find((variant) => variant.algorithm === algorithm);
  if (pss === undefined) {
    throw new RangeError(`Cannot encode the signature algorithm "${algorithm}": it has no identifier`);
  }
  return derSequence(derObjectIdentifier(SignatureId["id-RSASSA-PSS"]), pss.parameters);
}

/**
 * RFC 4055 §3.1: the parameters say the hash, the mask generation function and the length of the salt. There are
 * three sensible ones, each with the NULL of its hash written or not (RFC 4055 §2.1); compared as bytes.
 */
function rsassaPss({ parameters }: AlgorithmIdentifier, text: string): NamedSignatureAlgorithm {
  if (parameters === undefined) return { algorithm: undefined, text: `${text} without parameters (SHA-1)` };
  const variant = pssVariants.find((candidate) => equalBytes(candidate.parameters, parameters.whole));
  if (variant !== undefined) return { algorithm: variant.algorithm, text };
  return { algorithm: undefined, text: `${text} whose hash, mask and salt are not SHA-256, SHA-384 or SHA-512 alike` };
}

type ParameterRule = (parameters: DerElement | undefined) => boolean;
const absent: ParameterRule = (parameters) => parameters === undefined;
/** RFC 4055 §5: written as NULL, and accepted when absent. */
const nullOrAbsent: ParameterRule = (parameters) =>
  parameters === undefined || (parameters.tag === Tag.NULL && parameters.content.length === 0);

// RFC 5280 §1 MUST: "However, conforming implementations that use the algorithms identified in [RFC3279], [RFC4055], and [RFC4491] MUST identify and encode the public key materials and digital signatures as described in those specifications."
const algorithms: Readonly<
  Record<string, { readonly algorithm: SignatureAlgorithm; readonly parameters: ParameterRule } | undefined>
> = {
  [SignatureId["ecdsa-with-SHA256"]]: { algorithm: "ecdsa_sha256", parameters: absent },
  [SignatureId["ecdsa-with-SHA384"]]: { algorithm: "ecdsa_sha384", parameters: absent },
  [SignatureId["ecdsa-with-SHA512"]]: { algorithm: "ecdsa_sha512", parameters: absent },
  [SignatureId.sha256WithRSAEncryption]: { algorithm: "rsa_pkcs1_sha256", parameters: nullOrAbsent },
  [SignatureId.sha384WithRSAEncryption]: { algorithm: "rsa_pkcs1_sha384", parameters: nullOrAbsent },
  [SignatureId.sha512WithRSAEncryption]: { algorithm: "rsa_pkcs1_sha512", parameters: nullOrAbsent },
  [SignatureId["id-Ed25519"]]: { algorithm: "ed25519", parameters: absent },
  [SignatureId["id-Ed448"]]: { algorithm: "ed448", parameters: absent },
};

const pssVariants: readonly { readonly algorithm: SignatureAlgorithm; readonly parameters: Uint8Array }[] = [
  true,
  false,
]
  .flatMap((withNull) => [
    { algorithm: "rsa_pss_sha256", parameters: pssParameters(HashAlgorithm["id-sha256"], 32, withNull) },
    { algorithm: "rsa_pss_sha384", parameters: pssParameters(HashAlgorithm["id-sha384"], 48, withNull) },
    { algorithm: "rsa_pss_sha512", parameters: pssParameters(HashAlgorithm["id-sha512"], 64, withNull) },
  ]);

function pssParameters(hash: string, saltLength: number, withNull: boolean): Uint8Array {
  const hashAlgorithm = derSequence(derObjectIdentifier(hash), ...withNull ? [derNull()] : []);
  return derSequence(
    derConstructed(0, hashAlgorithm),
    derConstructed(1, derSequence(derObjectIdentifier(maskGenerationFunction1), hashAlgorithm)),
    derConstructed(2, derInteger(saltLength)),
  );
}
