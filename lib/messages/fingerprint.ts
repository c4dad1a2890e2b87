/**
 * Fingerprints of a ClientHello: clients that are built the same way have the same one. They are names, not proofs: who
 * wants to can bear any of them.
 * Enter: facts, and a hash. Leaves: text. No RFC: JA3 is defined in the README of github.com/salesforce/ja3, JA4 in
 * technical_details/JA4.md of github.com/FoxIO-LLC/ja4. Both leave out GREASE (RFC 8701).
 * @module
 */

import { asciiBytes, toHex } from "../codec/bytes.ts";
import { ExtensionType, isGrease, ProtocolVersion } from "../registry.ts";
import type { ClientHelloFacts } from "./client_hello_facts.ts";

/** Bytes in, digest out. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** JA3 before it is hashed: version, suites, extensions, groups and point formats, in decimal and in their order. */
export function ja3Text(facts: ClientHelloFacts): string {
  const { clientVersion, cipherSuites, extensions, namedGroups, pointFormats } = facts;
  const lists = [cipherSuites, extensions, namedGroups, pointFormats];
  return [clientVersion, ...lists.map((list) => withoutGrease(list).join("-"))].join(",");
}

/** JA3: 32 hexadecimal digits. `md5` is for this name alone; as a proof of anything it is broken. */
export function ja3(facts: ClientHelloFacts, md5: Hash): string {
  return toHex(md5(asciiBytes(ja3Text(facts))));
}

/** JA4 before it is hashed (JA4_r): the summary, the sorted suites, the sorted extensions, the signature schemes. */
export function ja4Raw(facts: ClientHelloFacts): string {
  return [ja4Summary(facts), ja4Suites(facts), ja4Extensions(facts)].join("_");
}

/** JA4: the summary, and twelve hexadecimal digits each of SHA-256 of the suites and of everything else. */
export function ja4(facts: ClientHelloFacts, sha256: Hash): string {
  const hashed = (text: string): string => text === "" ? "0".repeat(12) : toHex(sha256(asciiBytes(text))).slice(0, 12);
  return [ja4Summary(facts), hashed(ja4Suites(facts)), hashed(ja4Extensions(facts))].join("_");
}

/** Such as `t13d1516h2`: over TCP, TLS 1.3, a server name, 15 suites, 16 extensions, h2 before other protocols. */
function ja4Summary({ versions, cipherSuites, extensions, alpnProtocols }: ClientHelloFacts): string {
  const version = ja4Versions.get(Math.max(...withoutGrease(versions))) ?? "00";
  const destination = extensions.includes(ExtensionType.server_name) ? "d" : "i";
  return `t${version}${destination}${count(cipherSuites)}${count(extensions)}${endsOf(alpnProtocols[0] ?? "")}`;
}

/** The versions that a ClientHello over TCP can have; any other one is unknown, `00`. */
const ja4Versions: ReadonlyMap<number, string> = new Map([
  [ProtocolVersion.SSLv3, "s3"],
  [ProtocolVersion.TLSv1, "10"],
  [ProtocolVersion["TLSv1.1"], "11"],
  [ProtocolVersion["TLSv1.2"], "12"],
  [ProtocolVersion["TLSv1.3"], "13"],
]);

function ja4Suites({ cipherSuites }: ClientHelloFacts): string {
  return inHex(withoutGrease(cipherSuites)).sort().join(",");
}

/** Without server name and ALPN, of which the summary speaks: they differ from one connection to the next. */
function ja4Extensions({ extensions, signatureSchemes }: ClientHelloFacts): string {
  const { server_name, application_layer_protocol_negotiation } = ExtensionType;
  const types = withoutGrease(extensions).filter((type) =>
    type !== server_name && type !== application_layer_protocol_negotiation
  );
  const schemes = inHex(withoutGrease(signatureSchemes));
  return [inHex(types).sort().join(","), ...schemes.length > 0 ? [schemes.join(",")] : []].join("_");
}

function count(list: readonly number[]): string {
  return `${Math.min(withoutGrease(list).length, 99)}`.padStart(2, "0");
}

/** First and last character of a protocol's name; of its hexadecimal digits, where one of the two is no letter or digit. */
function endsOf(protocol: string): string {
  const ends = (text: string): string => `${text.at(0) ?? "0"}${text.at(-1) ?? "0"}`;
  return /^[0-9A-Za-z]{2}$/.test(ends(protocol))
    ? ends(protocol)
    : ends(toHex(Uint8Array.from(protocol, (character) => character.charCodeAt(0))));
}

function withoutGrease(list: readonly number[]): readonly number[] {
  return list.filter((value) => !isGrease(value));
}

function inHex(list: readonly number[]): string[] {
  return list.map((value) => value.toString(16).padStart(4, "0"));
}
