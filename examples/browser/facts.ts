/**
 * What there is to say about a step beside its bytes: the values that matter, in the RFC's words, and what they mean.
 * RFC 5246 §6.3, §7.4, §8.1; RFC 7627 §4; RFC 8422 §5.
 * @module
 */

import type { Side, StepNumber } from "../../adapters/cli/step.ts";
import { decodeCertificate, type MessageFields, type SecretName } from "../../mod.ts";
import { digest, sha256 } from "./credentials.ts";
import { type Exchange, fieldsOf } from "./exchange.ts";
import { groupedHex, hex, printable } from "./text.ts";
import type { Words } from "./words.ts";

/** `tone` says how it is shown: `code` in the letters of code, `prose` not, `secret` with a warning colour. */
export interface Fact {
  readonly label: string;
  readonly values: readonly string[];
  readonly tone: "code" | "prose" | "secret" | "good" | "bad";
}

/** The facts of a step, as far as it has come; none before. */
export function factsOf(exchange: Exchange, number: StepNumber, words: Words): readonly Fact[] {
  return [...contentFacts(exchange, number, words), ...alertFacts(exchange, number, words)];
}

function contentFacts(exchange: Exchange, number: StepNumber, words: Words): readonly Fact[] {
  const seen = (name: Parameters<typeof fieldsOf>[1]): MessageFields => fieldsOf(exchange, name);
  switch (number) {
    case 1:
      return listed(seen("client_hello"), ["client_version", "random", "server_name", "alpn", "cipher_suites"]);
    case 2:
      return listed(seen("server_hello"), ["server_version", "random", "cipher_suite", "alpn", "extensions"]);
    case 3:
      return certificateFacts(exchange, words);
    case 4:
      return signedKeyFacts(seen("server_key_exchange"), words);
    case 5:
      return hasCome(exchange, 5) ? [fact("ServerHelloDone", words.facts.nothingInside, "prose")] : [];
    case 6:
      return listed(seen("client_key_exchange"), ["ecdh_Yc"]);
    case 7:
      return preMasterFacts(exchange, words);
    case 8:
      return keyFacts(exchange, words);
    case 9:
      return finishedFacts(exchange, "client", 9, words);
    case 10:
      return finishedFacts(exchange, "server", 10, words);
    case 11:
      return dataFacts(exchange, words);
  }
}

/** Whether a step tells a secret, so that the page can warn. */
export function tellsSecrets(facts: readonly Fact[]): boolean {
  return facts.some(({ tone }) => tone === "secret");
}

function fact(label: string, values: string | readonly string[], tone: Fact["tone"] = "code"): Fact {
  return { label, values: typeof values === "string" ? [values] : values, tone };
}

/** Those of the fields that the message has, in this order. */
function listed(fields: MessageFields, names: readonly string[]): readonly Fact[] {
  return names.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return [];
    if (typeof value === "string") return value === "" ? [] : [fact(name, printable(value))];
    if (value instanceof Uint8Array) return [fact(name, groupedHex(value))];
    const values = value.map((one) => typeof one === "string" ? printable(one) : hex(one));
    return values.length === 0 ? [] : [fact(name, name === "cipher_suites" ? values : values.join(", "))];
  });
}

function certificateFacts(exchange: Exchange, words: Words): readonly Fact[] {
  const { facts } = words;
  const { story } = exchange;
  const list = story.steps[2]?.messages[0]?.fields?.["certificate_list"];
  const [der] = Array.isArray(list) ? list : [];
  if (!(der instanceof Uint8Array)) return [];
  const isChecked = exchange.states.client.includes("live.handshake.full.awaitServerKeyExchange");
  const verdict = isChecked ? [fact(facts.verdict, facts.trusted, "good")] : [];
  try {
    const { subject, issuer, subjectAltName, publicKeyDescription, notAfter, signatureAlgorithmText } =
      decodeCertificate(der);
    const names = [
      ...subjectAltName?.dnsNames.map((name) => printable(name)) ?? [],
      ...subjectAltName?.ipAddresses.map(ipText) ?? [],
    ];
    return [
      fact("subject", printable(subject.text)),
      fact(facts.issuer, printable(issuer.text)),
      fact(facts.names, names.slice(0, 6).join(", ") + (names.length > 6 ? ", …" : "")),
      fact(facts.key, publicKeyDescription),
      fact(facts.signedWith, signatureAlgorithmText),
      fact(facts.validUntil, dateText(notAfter)),
      fact("SHA-256", groupedHex(sha256(der))),
      ...verdict,
    ];
  } catch {
    return [fact("certificate", facts.unreadable, "bad"), ...verdict];
  }
}

function signedKeyFacts(fields: MessageFields, { facts }: Words): readonly Fact[] {
  if (fields["public"] === undefined) return [];
  return [
    ...listed(fields, ["named_curve", "public"]),
    fact(facts.signedContent, facts.isSigned, "prose"),
    ...listed(fields, ["algorithm", "signature"]),
  ];
}

function preMasterFacts(exchange: Exchange, words: Words): readonly Fact[] {
  const { watched } = exchange.story;
  const curve = String(fieldsOf(exchange, "server_key_exchange")["named_curve"] ?? "");
  const seen = watched.filter((side) => exchange.story.secrets[side].has("pre_master_secret"));
  return [
    ...seen.flatMap((side) => [
      fact(words.sides[side], `${curve}: ${words.facts.privateTimesPublic[side]}`, "prose"),
      ...secretFacts(exchange, side, ["pre_master_secret"]),
    ]),
    ...agreement(exchange, ["pre_master_secret"], words),
  ];
}

const derived: readonly SecretName[] = [
  "master_secret",
  "client_write_key",
  "server_write_key",
  "client_write_IV",
  "server_write_IV",
];

function keyFacts(exchange: Exchange, words: Words): readonly Fact[] {
  const side = exchange.story.watched.find((one) => exchange.story.secrets[one].has("master_secret"));
  if (side === undefined) return [];
  return [
    ...formulaFacts(exchange, words),
    ...secretFacts(exchange, side, ["master_secret"]),
    fact("key_block", 'PRF(master_secret, "key expansion", server_random + client_random)'),
    ...secretFacts(exchange, side, derived.slice(1)),
    ...agreement(exchange, derived, words),
  ];
}

/** RFC 7627 §4, or RFC 5246 §8.1 where the peer doesn't know that. */
function formulaFacts(exchange: Exchange, { facts }: Words): readonly Fact[] {
  const hello = fieldsOf(exchange, "server_hello");
  const extensions = hello["extensions"];
  if (!Array.isArray(extensions) || !extensions.includes("extended_master_secret")) {
    return [fact(facts.formula, 'PRF(pre_master_secret, "master secret", client_random + server_random)')];
  }
  const hash = String(hello["cipher_suite"]).endsWith("_SHA384") ? "sha384" : "sha256";
  const messages = exchange.story.steps.slice(0, 6).flatMap((step) => step.messages);
  const transcript = new Uint8Array(messages.flatMap(({ bytes }) => Array.from(bytes)));
  return [
    fact(facts.sessionHash, `${hash.toUpperCase().replace("SHA", "SHA-")}: ${groupedHex(digest(hash, transcript))}`),
    fact(facts.formula, 'PRF(pre_master_secret, "extended master secret", session_hash)'),
  ];
}

function secretFacts({ story }: Exchange, side: Side, names: readonly SecretName[]): readonly Fact[] {
  return names.flatMap((name) => {
    const secret = story.secrets[side].get(name);
    return secret === undefined ? [] : [fact(name, groupedHex(secret), "secret")];
  });
}

/** Where both sides are watched, whether they have the same. */
function agreement({ story }: Exchange, names: readonly SecretName[], { facts }: Words): readonly Fact[] {
  const { client, server } = story.secrets;
  if (story.watched.length < 2) {
    const [side = "client"] = story.watched;
    const [name = "master_secret"] = names;
    return story.secrets[side].has(name) ? [fact(facts.otherSide, facts.sameThere, "prose")] : [];
  }
  if (!names.every((name) => client.has(name) && server.has(name))) return [];
  const isEqual = names.every((name) => hex(client.get(name) ?? empty) === hex(server.get(name) ?? empty));
  return [isEqual ? fact(facts.equal, facts.isEqual, "good") : fact(facts.equal, facts.isUnequal, "bad")];
}

const empty = new Uint8Array();

function finishedFacts(exchange: Exchange, sender: Side, number: 9 | 10, words: Words): readonly Fact[] {
  const { facts, sides } = words;
  if (!hasCome(exchange, number)) return [];
  const finished = exchange.story.steps[number - 1]?.messages.find(({ name }) => name === "finished");
  const change = fact(facts.cipherChange, facts.encryptedFrom(sides[sender]), "prose");
  if (finished === undefined) return [change];
  const receiver = sender === "client" ? "server" : "client";
  const isChecked = exchange.story.watched.includes(receiver) && exchange.story.isConnected(receiver);
  return [
    change,
    fact(facts.formula, `verify_data = PRF(master_secret, "${sender} finished", Hash(handshake_messages))`),
    ...listed(finished.fields ?? {}, ["verify_data"]),
    ...isChecked ? [fact(facts.verdict, facts.finishedAgrees, "good")] : [],
  ];
}

function dataFacts({ story }: Exchange, { facts, sides }: Words): readonly Fact[] {
  return (["client", "server"] as const).flatMap((side) => {
    const records = story.applicationData.filter(({ sender }) => sender === side);
    const length = records.reduce((sum, record) => sum + record.length, 0);
    return length === 0 ? [] : [fact(facts.sentBy(sides[side]), facts.records(records.length, length), "prose")];
  });
}

function alertFacts({ story }: Exchange, number: StepNumber, { facts, sides }: Words): readonly Fact[] {
  const alerts = story.steps[number - 1]?.alerts ?? [];
  return alerts.map(({ sender, level, description }) =>
    fact(facts.alert, facts.alertBy(sides[sender], description, level), level === "fatal" ? "bad" : "prose")
  );
}

function hasCome({ story }: Exchange, number: StepNumber): boolean {
  const step = story.steps[number - 1];
  return step !== undefined && (step.messages.length > 0 || step.wireBytes > 0);
}

export function dateText(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : "∞";
}

function ipText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  return (hex(address).match(/.{4}/g) ?? []).join(":");
}
