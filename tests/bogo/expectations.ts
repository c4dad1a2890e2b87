/**
 * The `-expect-…` flags: what the shim itself compares once the handshake is over.
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { CipherSuite, loadCertificates, NamedGroup, SignatureScheme, type TlsSession } from "../../mod.ts";
import { bytesOfBase64, listOfTimestamps } from "./flag_values.ts";
import type { Flags } from "./flags.ts";
import type { MessageLog } from "./message_log.ts";

/** Something is not as the runner said that it would be. */
class ExpectationError extends Error {
  override readonly name: string = "ExpectationError";
}

/** What is known of a handshake beside its session. */
export interface Circumstances {
  readonly isResumption: boolean;
  readonly usedCredential: number;
  readonly storedSessions: number;
  readonly messages: MessageLog;
}

/** Throws for the first flag whose expectation isn't met. */
export function checkSession(session: TlsSession, flags: Flags, circumstances: Circumstances): void {
  // 90 makes the runner fail the test whatever else is said.
  if (flags.has("handshake-never-done")) process.exit(90);
  checkResumption(session, flags, circumstances);
  checkAgreement(session, flags);
  checkProofs(session, flags, circumstances);
  checkPeer(session, flags);
}

function checkResumption({ resumed }: TlsSession, flags: Flags, { isResumption, storedSessions }: Circumstances): void {
  expect("session's resumption", isResumption && !flags.has("expect-session-miss"), resumed);
  if (!flags.has("server")) {
    const isNew = !resumed || flags.has("expect-ticket-renewal");
    expect("storing of a session", isNew && !flags.has("expect-no-session"), storedSessions > 0);
  }
  if (isResumption) return;
  if (flags.has("expect-session-id")) expect("storing of a session", true, storedSessions > 0);
  if (flags.has("expect-no-session-id")) expect("storing of a session", false, storedSessions > 0);
}

function checkAgreement(session: TlsSession, flags: Flags): void {
  const name = flags.text("expect-server-name");
  if (name !== undefined) expect("server name", name, session.serverName);
  if (flags.has("expect-no-server-name")) expect("server name", undefined, session.serverName);
  const suite = flags.number("expect-cipher");
  if (suite !== 0) expect("cipher suite", suite, CipherSuite[session.cipherSuite]);
  const group = flags.number("expect-curve-id");
  if (group !== 0) expect("group", group, NamedGroup[session.namedGroup]);
  expect("ALPN", flags.text(flags.has("server") ? "select-alpn" : "expect-alpn"), session.alpnProtocol);
  if (flags.has("expect-extended-master-secret")) expect("extended master secret", true, session.extendedMasterSecret);
  if (flags.has("expect-secure-renegotiation")) expect("secure renegotiation", true, session.secureRenegotiation);
  if (flags.has("expect-no-secure-renegotiation")) expect("secure renegotiation", false, session.secureRenegotiation);
}

function checkProofs(session: TlsSession, flags: Flags, { usedCredential, messages }: Circumstances): void {
  const scheme = flags.number("expect-peer-signature-algorithm");
  const actual = flags.has("server") ? session.clientSignatureScheme : session.signatureScheme;
  if (scheme !== 0) expect("peer's signature scheme", scheme, actual && SignatureScheme[actual]);
  const credential = flags.text("expect-selected-credential");
  if (credential !== undefined) expect("used credential", Number(credential), usedCredential);
  const types = flags.text("expect-certificate-types");
  if (types !== undefined) expectBytes("certificate types", bytesOfBase64(types), messages.certificateTypes);
}

function checkPeer({ peerCertificates, ocspResponse, signedCertificateTimestamps }: TlsSession, flags: Flags): void {
  if (flags.has("expect-no-peer-cert")) expect("length of the peer's chain", 0, peerCertificates.length);
  else if (!flags.has("server") || flags.has("require-any-client-certificate")) {
    expect("presence of a peer's certificate", true, peerCertificates.length > 0);
  }
  const file = flags.text("expect-peer-cert-file");
  if (file !== undefined) {
    expectList("peer's chain", loadCertificates(readFileSync(file, "utf8")).map(({ der }) => der), peerCertificates);
  }
  const staple = flags.text("expect-ocsp-response");
  if (staple !== undefined) expectBytes("OCSP response", bytesOfBase64(staple), ocspResponse ?? new Uint8Array());
  const timestamps = flags.text("expect-signed-cert-timestamps");
  if (timestamps !== undefined) {
    expectList("timestamps", listOfTimestamps(bytesOfBase64(timestamps)), signedCertificateTimestamps);
  }
}

function expectList(what: string, expected: readonly Uint8Array[], actual: readonly Uint8Array[]): void {
  expect(`length of the ${what}`, expected.length, actual.length);
  expected.forEach((bytes, index) => expectBytes(`member ${index} of the ${what}`, bytes, actual[index]));
}

function expectBytes(what: string, expected: Uint8Array, actual: Uint8Array | undefined): void {
  expect(what, Buffer.from(expected).toString("hex"), actual && Buffer.from(actual).toString("hex"));
}

function expect(what: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  throw new ExpectationError(`The ${what} is ${String(actual)}, not ${String(expected)}`);
}
