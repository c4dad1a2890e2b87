/**
 * Wycheproof on the way that certificates take: the key as SubjectPublicKeyInfo in DER and in PEM, the algorithm as
 * AlgorithmIdentifier in DER, the signature as an issuer's. Needs files.
 */
import { concat } from "../../lib/codec/bytes.ts";
import {
  decodeAlgorithmIdentifier,
  type NamedSignatureAlgorithm,
  namedSignatureAlgorithm,
} from "../../lib/x509/algorithm.ts";
import { DerReader } from "../../lib/x509/der.ts";
import { derConstructed, derInteger, derNull, derObjectIdentifier, derSequence } from "../../lib/x509/der_writer.ts";
import { signatureFault } from "../../lib/x509/issuer.ts";
import { HashAlgorithm, maskGenerationFunction1, SignatureId } from "../../lib/x509/oids.ts";
import { decodePem } from "../../lib/x509/pem.ts";
import { decodeSubjectPublicKeyInfo, encodeSubjectPublicKeyInfo } from "../../lib/x509/spki.ts";
import { assert, suite } from "../harness.ts";
import { rememberingProvider } from "../support/fixtures.ts";
import {
  bytes,
  type Expectation,
  filesAtHand,
  type Group,
  type Outcome,
  testFiles,
  type Vector,
} from "./wycheproof_files.ts";

const expectations: readonly Expectation[] = [
  { file: "ecdsa_secp256r1_sha256", outcomes: { "valid accepted": 174, "invalid refused": 310 } },
  { file: "ecdsa_secp256r1_sha512", outcomes: { "valid accepted": 243, "invalid refused": 311 } },
  { file: "ecdsa_secp384r1_sha256", outcomes: { "valid accepted": 162, "invalid refused": 310 } },
  { file: "ecdsa_secp384r1_sha384", outcomes: { "valid accepted": 194, "invalid refused": 310 } },
  { file: "ecdsa_secp384r1_sha512", outcomes: { "valid accepted": 231, "invalid refused": 311 } },
  { file: "ecdsa_secp521r1_sha512", outcomes: { "valid accepted": 232, "invalid refused": 310 } },
  { file: "ed25519", outcomes: { "valid accepted": 88, "invalid refused": 63 } },
  { file: "ed448", outcomes: { "valid accepted": 17, "invalid refused": 70 } },

  // Policy: a DigestInfo without its NULL is refused (the DEVIATION in noble_rsa.ts).
  ...([
    ["2048_sha256", 9, 249],
    ["2048_sha384", 7, 250],
    ["2048_sha512", 8, 250],
    ["3072_sha256", 8, 250],
    ["3072_sha384", 7, 251],
    ["3072_sha512", 8, 251],
    ["4096_sha256", 7, 250],
    ["4096_sha384", 7, 251],
    ["4096_sha512", 7, 251],
  ] as const).map(([name, valid, invalid]) => ({
    file: `rsa_signature_${name}`,
    outcomes: { "valid accepted": valid, "acceptable refused: MissingNull": 1, "invalid refused": invalid },
  })),

  { file: "rsa_pss_2048_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_2048_sha384_mgf1_48", outcomes: { "valid accepted": 95, "invalid refused": 46 } },
  { file: "rsa_pss_3072_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_4096_sha256_mgf1_32", outcomes: { "valid accepted": 63, "invalid refused": 45 } },
  { file: "rsa_pss_4096_sha384_mgf1_48", outcomes: { "valid accepted": 95, "invalid refused": 46 } },
  { file: "rsa_pss_4096_sha512_mgf1_64", outcomes: { "valid accepted": 132, "invalid refused": 47 } },

  // Policy: of the parameters of RSASSA-PSS only three are accepted, those in which everything is of one SHA-2 (the salt
  // as long as the hash, MGF1 with that hash). All others are refused before the signature is looked at.
  { file: "rsa_pss_4096_sha512_mgf1_32", outcomes: { "valid refused": 132, "invalid refused": 45 } },
  { file: "rsa_pss_misc", outcomes: { "valid accepted": 3, "valid refused": 147 } },
];

const test = suite("wycheproof certificates");

testFiles(test, expectations, (_, group, vector) => issuedOutcome(group, vector));

test("leaves no file with signatures aside", () => {
  const files = filesAtHand() ?? expectations.map(({ file }) => file);
  assert.equal(expectations.map(({ file }) => file).sort(), files.filter((name) => /^(?:ecdsa|ed|rsa)/.test(name)));
});

test.run();

const keys = new Map<unknown, ReturnType<typeof decodeSubjectPublicKeyInfo>>();

/** Verified as the signature of a certificate is. */
function issuedOutcome(group: Group, vector: Vector): Outcome {
  const { algorithm, text } = algorithmOf(group);
  const issuer = keys.get(group) ?? keyOf(group);
  keys.set(group, issuer);
  const fault = signatureFault(
    {
      tbs: bytes(vector, "msg"),
      signature: bytes(vector, "sig"),
      signatureAlgorithm: algorithm,
      signatureAlgorithmText: text,
    },
    { publicKey: issuer.publicKey, publicKeyDescription: issuer.description },
    rememberingProvider.signatureSchemes,
  );
  return fault === undefined ? "accepted" : "refused";
}

/** The key in each of its forms, which must be the same one, and written back as it stands. */
function keyOf(group: Group): ReturnType<typeof decodeSubjectPublicKeyInfo> {
  const der = bytes(group, "publicKeyDer");
  const info = decodeSubjectPublicKeyInfo(der);
  if (info.publicKey === undefined) throw new Error(`the key is not supported: ${info.description}`);
  assert.equal(encodeSubjectPublicKeyInfo(info.publicKey), der);
  assert.equal(decodePem(String(group["publicKeyPem"])).map((block) => block.bytes), [der]);
  const bits = group["publicKeyAsn"] ?? group.publicKey["uncompressed"] ?? group.publicKey["pk"];
  assert.is(Buffer.from(info.subjectPublicKey).toString("hex"), bits);
  return info;
}

/** The AlgorithmIdentifier that a certificate would have. */
function algorithmOf(group: Group): NamedSignatureAlgorithm {
  const der = algorithmDer(group);
  const reader = new DerReader(der);
  const identifier = decodeAlgorithmIdentifier(reader, "signatureAlgorithm");
  reader.end("signatureAlgorithm");
  return namedSignatureAlgorithm(identifier);
}

function algorithmDer(group: Group): Uint8Array {
  const hash = String(group["sha"]).replace("-", "");
  switch (group.type) {
    case "EcdsaVerify":
      return derSequence(derObjectIdentifier(oidOf(SignatureId, `ecdsa-with-${hash}`)));
    case "EddsaVerify": {
      const name = group.publicKey["curve"] === "edwards448" ? "id-Ed448" : "id-Ed25519";
      return derSequence(derObjectIdentifier(SignatureId[name]));
    }
    case "RsassaPkcs1Verify":
      return derSequence(
        derObjectIdentifier(oidOf(SignatureId, `${hash.toLowerCase()}WithRSAEncryption`)),
        derNull(),
      );
    case "RsassaPssVerify":
      return derSequence(derObjectIdentifier(SignatureId["id-RSASSA-PSS"]), pssParameters(group));
    default:
      throw new Error(`vectors of the type ${group.type} are unknown here`);
  }
}

/** RFC 4055 §3.1: defaults (SHA-1, a salt of 20 bytes) are left out. */
function pssParameters(group: Group): Uint8Array {
  const hashIdentifier = (name: unknown): Uint8Array =>
    derSequence(derObjectIdentifier(hashOid(String(name))), derNull());
  const mask = derSequence(derObjectIdentifier(maskGenerationFunction1), hashIdentifier(group["mgfSha"]));
  const isSha1 = (field: string): boolean => group[field] === "SHA-1";
  return derSequence(concat(
    isSha1("sha") ? new Uint8Array() : derConstructed(0, hashIdentifier(group["sha"])),
    isSha1("mgfSha") ? new Uint8Array() : derConstructed(1, mask),
    group["sLen"] === 20 ? new Uint8Array() : derConstructed(2, derInteger(Number(group["sLen"]))),
  ));
}

/** RFC 4055 §2.1; SHA-224 is none of ours. */
function hashOid(name: string): string {
  if (name === "SHA-224") return "2.16.840.1.101.3.4.2.4";
  return oidOf(HashAlgorithm, `id-${name.replace("-", "").toLowerCase()}`);
}

function oidOf(table: Readonly<Record<string, string>>, name: string): string {
  const oid = table[name];
  if (oid === undefined) throw new Error(`there is no ${name}`);
  return oid;
}
