/**
 * What there is to say about each of the eleven steps: the real values, in the words of the RFC.
 * Enters: a story. Leaves: facts, not yet laid out. Secrets are cut to their first two bytes unless they are asked for.
 * RFC 5246 §7.3, §7.4, §8.1, §6.3; RFC 7627 §4; RFC 8422 §5.
 * @module
 */

import { createHash } from "node:crypto";
import { decodeCertificate, type HandshakeTypeName, type MessageFields, type SecretName } from "../../mod.ts";
import type { SeenMessage, Side, Step, StepNumber, Story } from "./story.ts";
import { byteCount, counted, type Fact, fact, hex, hexLines, type Palette, printable, shortHex } from "./terminal.ts";

export interface FactOptions {
  readonly palette: Palette;
  readonly showsSecrets: boolean;
  /** The encrypted Finished as a wiretap saw it; without, only its length is told. */
  readonly finishedOnWire?: ((sender: Side) => Uint8Array | undefined) | undefined;
}

export const stepTitles: Readonly<Record<StepNumber, string>> = {
  1: "Client Hello",
  2: "Server Hello",
  3: "Server Certificate",
  4: "Server Key Exchange",
  5: "Server Hello Done",
  6: "Client Key Exchange",
  7: "Both compute the same Pre-Master Secret",
  8: "Master Secret and Session Keys",
  9: "Client Change Cipher Spec and Finished",
  10: "Server Change Cipher Spec and Finished",
  11: "Encrypted application data",
};

/** The facts of one step, as far as it has been seen. */
export function stepFacts(story: Story, step: Step, options: FactOptions): readonly Fact[] {
  return [...contentFacts(story, step, options), ...alertFacts(step, options)];
}

function contentFacts(story: Story, step: Step, options: FactOptions): readonly Fact[] {
  const awaited = messagesOf[step.number];
  if (awaited !== undefined && messageIn(step, awaited) === undefined) return [];
  switch (step.number) {
    case 1:
      return clientHelloFacts(fieldsIn(step, "client_hello"));
    case 2:
      return serverHelloFacts(fieldsIn(step, "server_hello"));
    case 3:
      return certificateFacts(story, fieldsIn(step, "certificate"), options);
    case 4:
      return serverKeyExchangeFacts(fieldsIn(step, "server_key_exchange"));
    case 5:
      return serverHelloDoneFacts(step);
    case 6:
      return clientKeyExchangeFacts(step, curveOf(story));
    case 7:
      return preMasterSecretFacts(story, options);
    case 8:
      return keyFacts(story, options);
    case 9:
      return finishedFacts(story, step, "client", options);
    case 10:
      return finishedFacts(story, step, "server", options);
    case 11:
      return applicationDataFacts(story);
  }
}

/** The message without which a step has nothing to tell. */
const messagesOf: Readonly<Partial<Record<StepNumber, HandshakeTypeName>>> = {
  1: "client_hello",
  2: "server_hello",
  3: "certificate",
  4: "server_key_exchange",
  6: "client_key_exchange",
};

function alertFacts({ alerts }: Step, { palette }: FactOptions): readonly Fact[] {
  return alerts.map(({ sender, level, description }) =>
    fact("alert", `the ${sender} sent ${description} (${level})`, level === "fatal" ? palette.bad : undefined)
  );
}

function clientHelloFacts(fields: MessageFields): readonly Fact[] {
  return [
    fact("version", text(fields, "client_version")),
    fact("client random", hex(bytes(fields, "random"))),
    fact("cipher suites", fewer(texts(fields, "cipher_suites"))),
    fact("groups", joined(fields, "supported_groups")),
    fact("signatures", joined(fields, "signature_algorithms")),
    fact("server name", text(fields, "server_name") || "none"),
    fact("ALPN", joined(fields, "alpn")),
    fact("extensions", joined(fields, "extensions")),
  ];
}

function serverHelloFacts(fields: MessageFields): readonly Fact[] {
  return [
    fact("version", text(fields, "server_version")),
    fact("server random", hex(bytes(fields, "random"))),
    fact("chosen suite", text(fields, "cipher_suite")),
    fact("ALPN", joined(fields, "alpn")),
    fact("extensions", joined(fields, "extensions")),
  ];
}

function certificateFacts(story: Story, fields: MessageFields, { palette }: FactOptions): readonly Fact[] {
  const chain = byteLists(fields, "certificate_list");
  const facts = chain.flatMap((der, index) => oneCertificateFacts(der, index, chain.length));
  if (!story.watched.includes("client") || story.reached("client") < 4) return facts;
  return [...facts, fact("verdict", "the client trusts it: signatures, dates, usage and name are right", palette.good)];
}

/** A client may accept anything, and then this may be no certificate at all. */
function oneCertificateFacts(der: Uint8Array, index: number, count: number): readonly Fact[] {
  const label = count === 1 ? "certificate" : `certificate ${index + 1}/${count}`;
  const fingerprint = createHash("sha256").update(der).digest("hex");
  try {
    const { subject, issuer, subjectAltName, publicKeyDescription, notAfter, signatureAlgorithmText } =
      decodeCertificate(der);
    const names = subjectAltName?.dnsNames.map(printable) ?? [];
    const addresses = subjectAltName?.ipAddresses.map(ipAddressText) ?? [];
    return [
      fact(label, `${subject.text || "no subject"}, ${byteCount(der.length)}`),
      fact("  issued by", issuer.text),
      ...index > 0 ? [] : [fact("  for", fewer([...names, ...addresses], 4).join(", ") || "no names")],
      fact("  key", publicKeyDescription),
      fact("  signed with", signatureAlgorithmText),
      fact("  valid until", dateText(notAfter)),
      fact("  SHA-256", fingerprint),
    ];
  } catch {
    return [fact(label, `can't be read, ${byteCount(der.length)}`), fact("  SHA-256", fingerprint)];
  }
}

function serverKeyExchangeFacts(fields: MessageFields): readonly Fact[] {
  return [
    fact("curve", text(fields, "named_curve")),
    fact("public key", hexLines(bytes(fields, "public"))),
    fact("signed", "client random, server random, curve and public key"),
    fact("signed with", text(fields, "algorithm")),
    fact("signature", shortHex(bytes(fields, "signature"))),
  ];
}

function serverHelloDoneFacts(step: Step): readonly Fact[] {
  const request = messageIn(step, "certificate_request");
  return [
    ...request === undefined ? [] : [
      fact("first", "CertificateRequest: the server would like to see a certificate of the client"),
      fact("types", joined(request.fields ?? {}, "certificate_types")),
    ],
    fact("content", "nothing: the server has said what it has to say, now it is the client's turn"),
  ];
}

function clientKeyExchangeFacts(step: Step, curve: string): readonly Fact[] {
  const answer = messageIn(step, "certificate");
  const certificates = byteLists(answer?.fields ?? {}, "certificate_list").length;
  return [
    ...answer === undefined ? [] : [fact("first", `Certificate, with ${counted(certificates, "certificate")} in it`)],
    fact("curve", curve),
    fact("public key", hexLines(bytes(fieldsIn(step, "client_key_exchange"), "ecdh_Yc"))),
  ];
}

function preMasterSecretFacts(story: Story, options: FactOptions): readonly Fact[] {
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
    agreementFact(story, ["pre_master_secret"], "it never crosses the wire, and neither do the private keys", options),
  ];
}

function keyFacts(story: Story, options: FactOptions): readonly Fact[] {
  const [side = "client"] = story.watched;
  const [master, ...keys] = derivedSecrets;
  return [
    fact("random 1", `client random      ${shortHex(bytes(fieldsOf(story, "client_hello"), "random"), 16)}`),
    fact("random 2", `server random      ${shortHex(bytes(fieldsOf(story, "server_hello"), "random"), 16)}`),
    fact("random 3", `pre-master secret  ${shortSecret(story.secrets[side].get("pre_master_secret"))}`),
    ...masterSecretFormula(story),
    secretFact(story, side, master, "master secret", options),
    fact("key block", 'PRF(master secret, "key expansion", server random + client random)'),
    ...keys.map((name) => secretFact(story, side, name, `  ${name}`, options)),
    agreementFact(story, derivedSecrets, "each side derives them by itself", options),
  ];
}

const derivedSecrets = [
  "master_secret",
  "client_write_key",
  "server_write_key",
  "client_write_IV",
  "server_write_IV",
] as const;

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

function finishedFacts(story: Story, step: Step, sender: Side, options: FactOptions): readonly Fact[] {
  const receiver = sender === "client" ? "server" : "client";
  const finished = messageIn(step, "finished");
  const facts = [
    fact("cipher change", `from here on, everything that the ${sender} sends is encrypted`),
  ];
  if (finished === undefined) return facts;
  const verifyData = bytes(finished.fields ?? {}, "verify_data");
  const sealed = options.finishedOnWire?.(sender);
  return [
    ...facts,
    fact("Finished", `PRF(master secret, "${sender} finished", ${hashNames[hashOf(story)]} of all messages so far)`),
    fact("verify data", hex(verifyData)),
    ...sealed === undefined ? [] : [fact("on the wire", hexLines(sealed))],
    ...story.watched.includes(receiver) && story.isConnected(receiver)
      ? [fact("verdict", `the ${receiver} gets the same: nobody has changed a message`, options.palette.good)]
      : [],
  ];
}

function applicationDataFacts({ applicationData }: Story): readonly Fact[] {
  return (["client", "server"] as const).map((side) => {
    const records = applicationData.filter(({ sender }) => sender === side);
    const length = records.reduce((sum, record) => sum + record.length, 0);
    return fact(`the ${side} sent`, `${counted(records.length, "record")}, ${byteCount(length)}`);
  });
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
function hashOf(story: Story): "sha256" | "sha384" {
  return text(fieldsOf(story, "server_hello"), "cipher_suite").endsWith("_SHA384") ? "sha384" : "sha256";
}

const hashNames = { sha256: "SHA-256", sha384: "SHA-384" } as const;

/** RFC 7627 §3: over the messages up to and including ClientKeyExchange. */
function sessionHash({ steps }: Story, hash: string): Uint8Array {
  const digest = createHash(hash);
  for (const { bytes } of steps.slice(0, 6).flatMap(({ messages }) => messages)) digest.update(bytes);
  return digest.digest();
}

function curveOf(story: Story): string {
  return text(fieldsOf(story, "server_key_exchange"), "named_curve");
}

function messageIn({ messages }: Step, name: HandshakeTypeName): SeenMessage | undefined {
  return messages.find((message) => message.name === name);
}

function fieldsIn(step: Step, name: HandshakeTypeName): MessageFields {
  return messageIn(step, name)?.fields ?? {};
}

function fieldsOf({ steps }: Story, name: HandshakeTypeName): MessageFields {
  return steps.flatMap(({ messages }) => messages).find((message) => message.name === name)?.fields ?? {};
}

function text(fields: MessageFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? printable(value) : "";
}

function bytes(fields: MessageFields, name: string): Uint8Array {
  const value = fields[name];
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function texts(fields: MessageFields, name: string): readonly string[] {
  return lists(fields, name).flatMap((value) => typeof value === "string" ? [printable(value)] : []);
}

function byteLists(fields: MessageFields, name: string): readonly Uint8Array[] {
  return lists(fields, name).flatMap((value) => value instanceof Uint8Array ? [value] : []);
}

function lists(fields: MessageFields, name: string): readonly (string | Uint8Array)[] {
  const value = fields[name];
  return value === undefined || typeof value === "string" || value instanceof Uint8Array ? [] : value;
}

function joined(fields: MessageFields, name: string): string {
  return texts(fields, name).join(", ") || "none";
}

/** The first of many, and how many more there are. */
function fewer(values: readonly string[], limit = 8): readonly string[] {
  if (values.length <= limit + 1) return values.length === 0 ? ["none"] : values;
  return [...values.slice(0, limit), `… and ${values.length - limit} more`];
}

function dateText(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : "for ever";
}

function ipAddressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  return (hex(address).match(/.{4}/g) ?? []).join(":");
}
