/**
 * What was agreed, in one line: the version, the algorithms, and whatever a handshake may have and may not.
 * @module
 */

import { decodeCertificate } from "../../mod.ts";
import type { TlsStreamInfo } from "../node.ts";
import type { Side } from "./step.ts";
import { byteCount, printable } from "./terminal.ts";

/** `TLSv1.2 TLS_ECDHE_… x25519 ecdsa_secp256r1_sha256, for localhost, ALPN http/1.1, resumed`. `status`: of stapling. */
export function sessionText(side: Side, info: TlsStreamInfo, status: string | undefined): string {
  const { version, cipherSuite, namedGroup, signatureScheme, serverName, alpnProtocol } = info;
  const facts = [
    `${version} ${cipherSuite} ${namedGroup} ${signatureScheme}`,
    serverName === undefined ? [] : `for ${printable(serverName)}`,
    alpnProtocol === undefined ? [] : `ALPN ${printable(alpnProtocol)}`,
    info.resumed ? "resumed" : [],
    clientFacts(side, info),
    status === undefined ? [] : printable(status),
    info.encryptThenMac ? "encrypt-then-MAC" : [],
    info.maxSendLength < whole ? `records of ${byteCount(info.maxSendLength)} at most to send` : [],
    info.maxReceiveLength < whole ? `records of ${byteCount(info.maxReceiveLength)} at most to receive` : [],
  ];
  return facts.flat().join(", ");
}

/** RFC 5246 §6.2.1, in bytes. */
const whole = 2 ** 14;

function clientFacts(side: Side, info: TlsStreamInfo): readonly string[] {
  const name = certificateName(side === "client" ? info.localCertificates : info.peerCertificates);
  return name === undefined ? [] : [`client certificate ${name}`];
}

/** Whose certificate it is, the first of a chain in DER; `undefined` when there is none. */
export function certificateName([certificate]: readonly Uint8Array[]): string | undefined {
  if (certificate === undefined) return undefined;
  const { subject, subjectAltName } = decodeCertificate(certificate);
  return printable(subject.text === "" ? subjectAltName?.dnsNames[0] ?? "without a name" : subject.text);
}
