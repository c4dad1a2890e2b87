/**
 * Project Wycheproof against a provider: what is valid must be accepted, what is invalid refused; the rest is policy.
 * Each vector has one outcome, the outcomes are counted, and a table says what the counts must be.
 * The files are not part of the repository; they are read from the folder beside it, where there is one.
 */
import { existsSync, readFileSync } from "node:fs";
import { concat, equalBytes } from "../../lib/codec/bytes.ts";
import type { CryptoProvider, PublicKey } from "../../lib/crypto/provider.ts";
import { assert, suite } from "../harness.ts";
import { hex } from "../unit/crypto/fixtures.ts";

const folder = new URL("../../../shared/vectors/wycheproof/", import.meta.url);

/** `wrong` is never right: another secret, another plaintext. */
type Outcome = "accepted" | "refused" | "wrong" | "left out";

/** How many vectors have each result and outcome: `valid accepted`, `acceptable refused: CompressedPoint` … */
export type Outcomes = Readonly<Record<string, number>>;

export interface Expectation {
  /** Without `_test.json`. */
  readonly file: string;
  readonly outcomes: Outcomes;
}

type Fields = Readonly<Record<string, unknown>>;

interface Vector extends Fields {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
}

interface Group extends Fields {
  readonly type: string;
  readonly publicKey: Fields;
  readonly tests: readonly Vector[];
}

interface File {
  readonly algorithm: string;
  readonly testGroups: readonly Group[];
}

export function wycheproofSuite(name: string, provider: CryptoProvider, expectations: readonly Expectation[]): void {
  const test = suite(`${name} wycheproof`);
  for (const { file, outcomes } of expectations) {
    const path = new URL(`${file}_test.json`, folder);
    const title = `${file} accepts what is valid and refuses what is not`;
    if (!existsSync(path)) {
      test.skip(title, `${path.pathname} is missing`);
      continue;
    }
    test(title, () => assert.equal(countedOutcomes(provider, JSON.parse(readFileSync(path, "utf8"))), outcomes));
  }
  test.run();
}

function countedOutcomes(provider: CryptoProvider, { algorithm, testGroups }: File): Outcomes {
  const counts: Record<string, number> = {};
  for (const group of testGroups) {
    for (const vector of group.tests) {
      const what = outcomeText(vector, outcomeOf(provider, algorithm, group, vector));
      counts[what] = (counts[what] ?? 0) + 1;
    }
  }
  return counts;
}

const decisiveFlags = ["ZeroSharedSecret", "CompressedPoint", "MissingNull"];

/** What is wrong for sure shows its number, so that a failure says where to look. */
function outcomeText({ tcId, result, flags }: Vector, outcome: Outcome): string {
  if (outcome === "left out") return outcome;
  if (outcome === "wrong" || (result === "invalid" && outcome === "accepted")) {
    return `test ${tcId}: ${result} ${outcome}`;
  }
  const why = result === "acceptable" ? flags.find((flag) => decisiveFlags.includes(flag)) : undefined;
  return why === undefined ? `${result} ${outcome}` : `${result} ${outcome}: ${why}`;
}

function outcomeOf(provider: CryptoProvider, algorithm: string, group: Group, vector: Vector): Outcome {
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

function hashOf(group: Group): string {
  return String(group["sha"]).replace("-", "").toLowerCase();
}

function bytes(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`the vector has no ${name}`);
  return hex(value);
}
