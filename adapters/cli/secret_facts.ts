/**
 * What there is to say about the secrets: how each comes about, whether both sides have the same, and of the values no
 * more than their first two bytes unless they are asked for.
 * RFC 5246 §5, §6.3, §8.1; RFC 7627 §4.
 * @module
 */

import { createHash } from "node:crypto";
import type { SecretName } from "../../mod.ts";
import { bytes, curveOf, type FactOptions, fieldsOf, text, texts } from "./fields.ts";
import type { Side } from "./step.ts";
import type { Story } from "./story.ts";
import { byteCount, type Fact, fact, hex, hexLines, shortHex } from "./terminal.ts";

/** Step 7: what both sides compute, each with a key of its own. */
export function preMasterSecretFacts(story: Story, options: FactOptions): readonly Fact[] {
  const curve = curveOf(story);
  const factors = {
    client: "its private key × the server's public key",
    server: "its private key × the client's public key",
  };
  return [
    ...story.watched.flatMap((side) => [
      fact(`the ${side}`, `${curve}: ${factors[side]}`),
      secretFact(story, side, "pre_master_secret", "", options),
    ]),
    agreementFact(story, ["pre_master_secret"], "neither it nor a private key was sent", options),
  ];
}

/** Step 8: what is derived from it. */
export function keyFacts(story: Story, options: FactOptions): readonly Fact[] {
  const [side = "client"] = story.watched;
  const seen = secretsIn(story, side);
  const [master, ...keys] = seen;
  const preMasterSecret = story.secrets[side].get("pre_master_secret");
  return [
    fact("random 1", `client random      ${shortHex(bytes(fieldsOf(story, "client_hello"), "random"), 16)}`),
    fact("random 2", `server random      ${shortHex(bytes(fieldsOf(story, "server_hello"), "random"), 16)}`),
    // RFC 5246 §7.3: a session that is resumed has a master secret already.
    ...preMasterSecret === undefined ? [fact("session", "resumed: both sides know its master secret")] : [
      fact("random 3", `pre-master secret  ${shortSecret(preMasterSecret)}`),
      ...masterSecretFormula(story),
    ],
    secretFact(story, side, master, "master secret", options),
    fact("key block", 'PRF(master secret, "key expansion", server random + client random)'),
    ...keys.map((name) => secretFact(story, side, name, `  ${name}`, options)),
    agreementFact(story, seen, "each side derives them by itself", options),
  ];
}

/** RFC 5246 §6.3: a suite with CBC has MAC keys, one with an AEAD has IVs. Before they are derived: those of an AEAD. */
function secretsIn({ secrets }: Story, side: Side): readonly ["master_secret", ...SecretName[]] {
  const macKeys: readonly SecretName[] = ["client_write_MAC_key", "server_write_MAC_key"];
  const ivs: readonly SecretName[] = ["client_write_IV", "server_write_IV"];
  const hasMacKeys = macKeys.some((name) => secrets[side].has(name));
  return [
    "master_secret",
    ...hasMacKeys ? macKeys : [],
    "client_write_key",
    "server_write_key",
    ...hasMacKeys ? [] : ivs,
  ];
}

/** RFC 7627 §4, or RFC 5246 §8.1 where the peer doesn't know that. */
function masterSecretFormula(story: Story): readonly Fact[] {
  const isExtended = texts(fieldsOf(story, "server_hello"), "extensions").includes("extended_master_secret");
  if (!isExtended) return [fact("formula", 'PRF(pre-master secret, "master secret", client random + server random)')];
  const hash = hashOf(story);
  return [
    fact("session hash", `${hashNames[hash]} of all messages so far, in which both randoms are:`),
    fact("", hexLines(sessionHash(story, hash))),
    fact("formula", 'PRF(pre-master secret, "extended master secret", session hash)'),
  ];
}

function secretFact(story: Story, side: Side, name: SecretName, label: string, options: FactOptions): Fact {
  const secret = story.secrets[side].get(name);
  const isWhole = options.showsSecrets && secret !== undefined;
  return fact(
    label,
    isWhole ? hexLines(secret) : `${shortSecret(secret)}, whole with --secrets`,
    options.palette.secret,
  );
}

/** Two bytes are enough to see that two secrets are the same, and useless to whoever wants them. */
function shortSecret(secret: Uint8Array | undefined): string {
  return secret === undefined ? "not seen" : `${hex(secret.subarray(0, 2))}… ${byteCount(secret.length)}`;
}

/** Where both sides are watched, whether they have the same secrets; else what makes them so. */
function agreementFact(
  { secrets, watched }: Story,
  names: readonly SecretName[],
  why: string,
  { palette }: FactOptions,
): Fact {
  if (watched.length < 2) return fact("the other side", `gets the same: ${why}`);
  const isEqual = names.every((name) => {
    const [ours, theirs] = [secrets.client.get(name), secrets.server.get(name)];
    return ours !== undefined && theirs !== undefined && hex(ours) === hex(theirs);
  });
  return isEqual
    ? fact("equal", `yes, byte for byte: ${why}`, palette.good)
    : fact("equal", "NO: the two sides differ", palette.bad);
}

/** The hash of the suite's PRF (RFC 5246 §5, RFC 5289 §3.2). */
export function hashOf(story: Story): "sha256" | "sha384" {
  return text(fieldsOf(story, "server_hello"), "cipher_suite").endsWith("_SHA384") ? "sha384" : "sha256";
}

/** As people write them. */
export const hashNames = { sha256: "SHA-256", sha384: "SHA-384" } as const;

/** RFC 7627 §3: over the messages up to and including ClientKeyExchange. */
function sessionHash({ steps }: Story, hash: string): Uint8Array {
  const digest = createHash(hash);
  for (const { bytes } of steps.slice(0, 6).flatMap(({ messages }) => messages)) digest.update(bytes);
  return digest.digest();
}
