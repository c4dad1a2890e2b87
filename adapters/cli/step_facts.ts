/**
 * What there is to say about each of the eleven steps: the real values, in the words of the RFC.
 * Enters: a story. Leaves: facts, not yet laid out. Secrets are cut to their first two bytes unless they are asked for.
 * RFC 5246 §7.3, §7.4, §8.1, §6.3; RFC 7627 §4; RFC 8422 §5.
 * @module
 */

import { createHash } from "node:crypto";
import { decodeCertificate, type HandshakeTypeName, type MessageFields } from "../../mod.ts";
import { ipAddressText } from "./certificate_facts.ts";
import {
  byteLists,
  bytes,
  curveOf,
  type FactOptions,
  fewer,
  fieldsIn,
  joined,
  messageIn,
  text,
  texts,
} from "./fields.ts";
import {
  certificateRequestFacts,
  certificateStatusFacts,
  certificateVerifyFacts,
  newSessionTicketFacts,
  offeredTicketFacts,
} from "./optional_facts.ts";
import { hashNames, hashOf, keyFacts, preMasterSecretFacts } from "./secret_facts.ts";
import type { Side, Step, StepNumber } from "./step.ts";
import type { Story } from "./story.ts";
import { byteCount, counted, type Fact, fact, hex, hexLines, printable, shortHex } from "./terminal.ts";

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
      return [...certificateFacts(story, fieldsIn(step, "certificate"), options), ...certificateStatusFacts(step)];
    case 4:
      return serverKeyExchangeFacts(fieldsIn(step, "server_key_exchange"));
    case 5:
      return [
        ...certificateRequestFacts(step),
        fact("content", "nothing: the server has said what it has to say, now it is the client's turn"),
      ];
    case 6:
      return clientKeyExchangeFacts(step, curveOf(story));
    case 7:
      return preMasterSecretFacts(story, options);
    case 8:
      return keyFacts(story, options);
    case 9:
      return finishedFacts(story, step, "client", options);
    case 10:
      return [...newSessionTicketFacts(step), ...finishedFacts(story, step, "server", options)];
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
    ...offeredTicketFacts(fields),
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

function certificateFacts(story: Story, fields: MessageFields, { palette, insecure }: FactOptions): readonly Fact[] {
  const chain = byteLists(fields, "certificate_list");
  const facts = chain.flatMap((der, index) => oneCertificateFacts(der, index, chain.length));
  if (!story.watched.includes("client") || story.reached("client") < 4) return facts;
  if (insecure === true) {
    return [...facts, fact("verdict", "NOT CHECKED: the client was told to trust everybody", palette.bad)];
  }
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

function clientKeyExchangeFacts(step: Step, curve: string): readonly Fact[] {
  const answer = messageIn(step, "certificate");
  const chain = byteLists(answer?.fields ?? {}, "certificate_list");
  return [
    ...answer === undefined ? [] : [fact("first", `Certificate, with ${counted(chain.length, "certificate")} in it`)],
    ...chain.flatMap((der, index) => oneCertificateFacts(der, index, chain.length)),
    fact("curve", curve),
    fact("public key", hexLines(bytes(fieldsIn(step, "client_key_exchange"), "ecdh_Yc"))),
    ...certificateVerifyFacts(step),
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

function dateText(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : "for ever";
}
