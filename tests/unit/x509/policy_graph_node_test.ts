import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "../../harness.ts";
import type { Certificate } from "../../../lib/x509/certificate.ts";
import {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeKeyUsage,
  encodeSubjectKeyIdentifier,
} from "../../../lib/x509/certificate_writer.ts";
import { anyPolicy } from "../../../lib/x509/oids.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { policyFault, type PolicyInputs, validPolicies } from "../../../lib/x509/policy_graph.ts";
import { encodePrivateKey } from "../../../lib/x509/private_key.ts";
import { encodeSubjectPublicKeyInfo } from "../../../lib/x509/spki.ts";
import { bytes, ecdsaSha256, type Made, make, now, testKey } from "./builder.ts";
import {
  blue,
  diceFrom,
  encodeCertificatePolicies,
  encodePolicyConstraints,
  encodePolicyExtensions,
  encodePolicyMappings,
  green,
  namesOf,
  type PolicyRecipe,
  randomRecipes,
  red,
} from "./policy_builder.ts";

const suiteOfTests = suite("policyFault and the openssl command");
const missing = opensslMissing();

function test(title: string, body: (folder: string) => void): void {
  if (missing !== undefined) return suiteOfTests.skip(title, missing);
  suiteOfTests(title, () => {
    const folder = mkdtempSync(join(tmpdir(), "policies-"));
    try {
      body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function opensslMissing(): string | undefined {
  try {
    const version = execFileSync("openssl", ["version"], { encoding: "utf8", stdio: "pipe" });
    return /^OpenSSL [3-9]/.test(version) ? undefined : `${version.trim()} is not OpenSSL 3`;
  } catch {
    return "there is no openssl command";
  }
}

// A key for each place in a path, as nobody could tell self-issued certificates with the same key from each other.
const places = Array.from({ length: 7 }, (_, place) => {
  const key = testKey(place + 1);
  const nodeKey = createPrivateKey({ key: Buffer.from(encodePrivateKey(key)), format: "der", type: "pkcs8" });
  const identifier = bytes(place, place, place, place);
  const signs = (data: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(sign("sha256", data, nodeKey));
  return { key, identifier, spki: encodeSubjectPublicKeyInfo(ecdsaSha256.publicKeyOf(key)), signs };
});

function placeOf(place: number): typeof places[number] {
  const found = places[place];
  if (found === undefined) throw new Error(`there is no key for place ${place}`);
  return found;
}

/** A CA, or a leaf, with this subject at this place in its path; the trust anchor is at place 0. */
function certify(
  name: string,
  place: number,
  issuer: Made | undefined,
  isCa: boolean,
  extensions: readonly Uint8Array[],
): Made {
  const above = placeOf(Math.max(0, place - 1));
  const { key, spki, identifier } = placeOf(place);
  return make({
    name,
    issuer,
    key,
    spki,
    scheme: { ...ecdsaSha256, sign: (_, data) => above.signs(data) },
    extensions: [
      ...isCa ? [encodeBasicConstraints({ cA: true, pathLenConstraint: undefined })] : [],
      encodeKeyUsage([isCa ? "keyCertSign" : "digitalSignature"]),
      encodeSubjectKeyIdentifier(identifier),
      encodeAuthorityKeyIdentifier(above.identifier),
      ...extensions,
    ],
  });
}

/** A signed path, leaf first and trust anchor last, whose names no other path has. */
function signedPath(recipes: readonly PolicyRecipe[], id: string): readonly Certificate[] {
  const names = namesOf(recipes).map((name) => `${name} of ${id}`);
  const path: Certificate[] = [];
  let issuer: Made | undefined;
  for (const [place, name] of names.entries()) {
    issuer = certify(name, place, issuer, place < recipes.length, encodePolicyExtensions(recipes[place - 1] ?? {}));
    path.unshift(issuer.certificate);
  }
  return path;
}

/** For each path what openssl says: its valid policies, or that there is a fault. */
function opensslVerdicts(
  folder: string,
  paths: readonly (readonly Certificate[])[],
  { acceptablePolicies = [anyPolicy], ...flags }: PolicyInputs,
): readonly string[] {
  const { accepted, stderr } = opensslVerify(folder, paths, [
    "-policy_print",
    ...acceptablePolicies.flatMap((policy) => ["-policy", policy]),
    ...flags.requireExplicitPolicy === true ? ["-explicit_policy"] : [],
    ...flags.inhibitPolicyMapping === true ? ["-inhibit_map"] : [],
    ...flags.inhibitAnyPolicy === true ? ["-inhibit_any"] : [],
  ]);
  const errors = Array.from(stderr.matchAll(/^error (?!43)\d+ at.*/gm), ([text]) => text);
  assert.equal(errors, [], "no error but 43: no explicit policy");
  const printed = stderr.split("Require explicit Policy: ").slice(1).map(userPoliciesIn);
  assert.is(printed.length, paths.length, "the policies of each path are printed");
  return printed.map((policies, index) => accepted.includes(index) ? shown(policies) : "fault");
}

function opensslVerify(
  folder: string,
  paths: readonly (readonly Certificate[])[],
  options: readonly string[],
): { readonly accepted: readonly number[]; readonly stderr: string } {
  const write = (name: string, certificates: readonly Certificate[]): string => {
    writeFileSync(join(folder, name), certificates.map(({ der }) => encodePem("CERTIFICATE", der)).join(""));
    return name;
  };
  const { stdout, stderr } = spawnSync("openssl", [
    ...["verify", "-attime", String(now / 1000), "-policy_check", ...options],
    ...["-trusted", write("anchors.pem", paths.flatMap((path) => path.slice(-1)))],
    ...["-untrusted", write("others.pem", paths.flatMap((path) => path.slice(1, -1)))],
    ...paths.map((path, index) => write(`${index}.pem`, path.slice(0, 1))),
  ], { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
  const accepted = Array.from(stdout.matchAll(/^(\d+)\.pem: OK$/gm), ([, index]) => Number(index));
  return { accepted, stderr };
}

/** Where anyPolicy is valid OpenSSL names no other. */
function shown(policies: readonly string[]): string {
  return policies.includes(anyPolicy) ? anyPolicy : policies.join(" ");
}

function userPoliciesIn(text: string): readonly string[] {
  const found = text.slice(text.indexOf("User Policies:")).matchAll(/^ {2}Policy: (.*)$/gm);
  return Array.from(found, ([, name = ""]) => name === "X509v3 Any Policy" ? anyPolicy : name).sort();
}

const inputsTried: readonly PolicyInputs[] = [undefined, [], [red], [red, blue], [green, anyPolicy]].flatMap((
  acceptablePolicies,
) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
    acceptablePolicies,
    requireExplicitPolicy: (bits & 1) !== 0,
    inhibitPolicyMapping: (bits & 2) !== 0,
    inhibitAnyPolicy: (bits & 4) !== 0,
  }))
);

/**
 * Where OpenSSL deviates: a mapping of a policy that only anyPolicy stands for makes a policy of it, even if anyPolicy
 * doesn't count there. RFC 5280 §6.1.4 (b)(1) wants a node of anyPolicy; Go's crypto/x509 agrees with that.
 */
function isDisputed(recipes: readonly PolicyRecipe[], inputs: PolicyInputs): boolean {
  const inhibits = inputs.inhibitAnyPolicy === true || recipes.some((one) => one.inhibitAnyPolicy !== undefined);
  return inhibits &&
    recipes.some(({ policies = [], mappings = [] }) =>
      policies.includes(anyPolicy) && mappings.some(([issuerDomainPolicy]) => !policies.includes(issuerDomainPolicy))
    );
}

test("agree on 400 random paths: on what is valid, and on the policies that are", (folder) => {
  const dice = diceFrom(9618);
  const verdicts = new Set<string>();
  for (const [group, inputs] of inputsTried.entries()) {
    const all = Array.from({ length: 50 }, () => randomRecipes(dice, 5));
    const recipes = all.filter((each) => !isDisputed(each, inputs)).slice(0, 10);
    assert.is(recipes.length, 10);
    const paths = recipes.map((each, index) => signedPath(each, `${group} ${index}`));
    const found = opensslVerdicts(folder, paths, inputs);
    for (const [index, whole] of paths.entries()) {
      const path = whole.slice(0, -1);
      const ours = policyFault(path, inputs) === undefined ? shown(validPolicies(path, inputs)) : "fault";
      assert.is(ours, found[index], JSON.stringify({ recipes: recipes[index], inputs }));
      verdicts.add(ours);
    }
  }
  assert.ok(verdicts.has("fault") && verdicts.size > 8, [...verdicts].join());
});

test("refuse malformed extensions alike", (folder) => {
  const pathOf = (...extensions: readonly Uint8Array[]): readonly Certificate[] => {
    const root = certify("root", 0, undefined, true, []);
    const middle = certify("middle", 1, root, true, extensions);
    return [certify("leaf", 2, middle, false, []), middle, root].map(({ certificate }) => certificate);
  };
  const policies = encodeCertificatePolicies([red]);
  for (
    const extensions of [
      [encodeCertificatePolicies([red, green, red])],
      [policies, encodePolicyMappings([[anyPolicy, red]])],
      [policies, encodePolicyMappings([[red, anyPolicy]])],
      [encodePolicyConstraints({})],
    ]
  ) {
    const path = pathOf(...extensions);
    assert.is(policyFault(path.slice(0, -1), {})?.index, 1);
    const { accepted, stderr } = opensslVerify(folder, [path], []);
    assert.match(stderr, /error 42 at \d+ depth lookup: invalid or inconsistent certificate policy/);
    assert.equal(accepted, []);
  }
  const path = pathOf(
    policies,
    encodePolicyMappings([[red, green]]),
    encodePolicyConstraints({ inhibitPolicyMapping: 0 }),
  );
  assert.is(policyFault(path.slice(0, -1), {}), undefined);
  assert.equal(opensslVerify(folder, [path], []), { accepted: [0], stderr: "" });
});

suiteOfTests.run();
