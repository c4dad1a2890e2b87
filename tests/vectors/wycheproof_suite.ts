/** Project Wycheproof against a provider's elements, one by one. */
import { concat, equalBytes } from "../../lib/codec/bytes.ts";
import type { CryptoProvider, PublicKey } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import {
  bytes,
  type Expectation,
  type File,
  filesAtHand,
  type Group,
  hashOf,
  type Outcome,
  testFiles,
  type Vector,
} from "./wycheproof_files.ts";

export function wycheproofSuite(name: string, provider: CryptoProvider, expectations: readonly Expectation[]): void {
  const test = suite(`${name} wycheproof`);
  testFiles(test, expectations, (file, group, vector) => outcomeOf(provider, file, group, vector));
  const files = filesAtHand();
  if (files === undefined) test.skip("leaves no file aside", "there are no files");
  else test("leaves no file aside", () => assert.equal(expectations.map(({ file }) => file).sort(), files));
  test.run();
}

function outcomeOf(provider: CryptoProvider, { algorithm }: File, group: Group, vector: Vector): Outcome {
  switch (group.type) {
    case "AeadTest":
      return aeadOutcome(provider, algorithm, vector);
    case "EcdhEcpointTest":
      return agreementOutcome(provider, String(group["curve"]), vector);
    case "XdhComp":
      return agreementOutcome(provider, String(group["curve"]).replace("curve", "x"), vector);
    case "EcdsaVerify":
      return signatureOutcome(provider, `ecdsa_${hashOf(group)}`, ecKey(group), vector);
    case "EddsaVerify":
      return edwardsOutcome(provider, String(group.publicKey["curve"]), bytes(group.publicKey, "pk"), vector);
    case "RsassaPkcs1Verify":
      return signatureOutcome(provider, `rsa_pkcs1_${hashOf(group)}`, rsaKey(group), vector);
    case "RsassaPssVerify":
      return signatureOutcome(provider, `rsa_pss_${hashOf(group)}`, rsaKey(group), vector);
    default:
      throw new Error(`vectors of the type ${group.type} are unknown here`);
  }
}

/** TLS knows keys of 128 and 256 bits, and nonces of 12 bytes. */
function aeadOutcome(provider: CryptoProvider, algorithm: string, vector: Vector): Outcome {
  const [key, nonce, data] = [bytes(vector, "key"), bytes(vector, "iv"), bytes(vector, "aad")];
  const name = algorithm === "AES-GCM" ? `AES_${key.length * 8}_GCM` : algorithm.replace("-", "_");
  const aead = provider.cipherSuites.find((each) => each.aead.name === name)?.aead;
  if (aead === undefined || nonce.length !== 12) return "left out";

  const [plaintext, sealed] = [bytes(vector, "msg"), concat(bytes(vector, "ct"), bytes(vector, "tag"))];
  const opened = aead.open(key, nonce, data, sealed);
  if (opened === undefined) return "refused";
  const isRight = equalBytes(opened, plaintext) && equalBytes(aead.seal(key, nonce, data, plaintext), sealed);
  return isRight ? "accepted" : "wrong";
}

function agreementOutcome(provider: CryptoProvider, name: string, vector: Vector): Outcome {
  const group = provider.namedGroups.find((each) => each.name === name);
  const privateKey = group && privateKeyOf(bytes(vector, "private"), name);
  if (group === undefined || privateKey === undefined) return "left out";
  const secret = group.sharedSecret(privateKey, bytes(vector, "public"));
  if (secret === undefined) return "refused";
  return equalBytes(secret, bytes(vector, "shared")) ? "accepted" : "wrong";
}

/** The files give numbers in as many bytes as they need, and some with a zero in front. */
function privateKeyOf(number: Uint8Array, group: string): Uint8Array {
  const length = keyLengths[group] ?? 32;
  const padded = concat(new Uint8Array(length), number);
  return padded.subarray(padded.length - length);
}

const keyLengths: Readonly<Record<string, number>> = { secp384r1: 48, x448: 56, secp521r1: 66 };

function edwardsOutcome(provider: CryptoProvider, curve: string, key: Uint8Array, vector: Vector): Outcome {
  const type = curve === "edwards448" ? "ed448" : "ed25519";
  return signatureOutcome(provider, type, { type, key }, vector);
}

function signatureOutcome(
  provider: CryptoProvider,
  algorithm: string,
  publicKey: PublicKey,
  vector: Vector,
): Outcome {
  const scheme = provider.signatureSchemes.find((each) => each.algorithm === algorithm);
  if (scheme === undefined) return "left out";
  return scheme.verify(publicKey, bytes(vector, "msg"), bytes(vector, "sig")) ? "accepted" : "refused";
}

function ecKey({ publicKey }: Group): PublicKey {
  const curve = publicKey["curve"];
  if (curve !== "secp256r1" && curve !== "secp384r1" && curve !== "secp521r1") throw new Error(`no curve ${curve}`);
  return { type: "ec", curve, point: bytes(publicKey, "uncompressed") };
}

function rsaKey({ publicKey }: Group): PublicKey {
  return { type: "rsa", modulus: bytes(publicKey, "modulus"), exponent: bytes(publicKey, "publicExponent") };
}
