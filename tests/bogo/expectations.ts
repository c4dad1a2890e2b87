/**
 * The `-expect-…` flags: what the shim itself compares once the handshake is over.
 * @module
 */

import { readFileSync } from "node:fs";
import { CipherSuite, loadCertificates, NamedGroup, SignatureScheme, type TlsSession } from "../../mod.ts";
import type { Flags } from "./flags.ts";

/** Something is not as the runner said that it would be. */
class ExpectationError extends Error {
  override readonly name: string = "ExpectationError";
}

/** Throws for the first flag whose expectation isn't met. */
export function checkSession(session: TlsSession | undefined, flags: Flags): void {
  if (session === undefined) throw new ExpectationError("there is no session");
  // 90 makes the runner fail the test whatever else is said.
  if (flags.has("handshake-never-done")) process.exit(90);
  expectValues(session, flags);
  const isServer = flags.has("server");
  const expectedProtocol = isServer ? flags.text("select-alpn") : flags.text("expect-alpn");
  expect("ALPN", expectedProtocol, session.alpnProtocol);
  if (flags.has("expect-extended-master-secret")) expect("extended master secret", true, session.extendedMasterSecret);
  if (flags.has("expect-secure-renegotiation")) expect("secure renegotiation", true, session.secureRenegotiation);
  if (flags.has("expect-no-secure-renegotiation")) expect("secure renegotiation", false, session.secureRenegotiation);
  if (flags.has("expect-no-server-name")) expect("server name", undefined, session.serverName);
  if (flags.has("expect-no-peer-cert")) expect("peer's certificates", 0, session.peerCertificates.length);
  else if (!isServer) expect("peer's certificates", true, session.peerCertificates.length > 0);
  const file = flags.text("expect-peer-cert-file");
  if (file !== undefined) expectChain(session, file);
}

function expectValues(session: TlsSession, flags: Flags): void {
  const name = flags.text("expect-server-name");
  if (name !== undefined) expect("server name", name, session.serverName);
  const suite = flags.number("expect-cipher");
  if (suite !== 0) expect("cipher suite", suite, CipherSuite[session.cipherSuite]);
  const group = flags.number("expect-curve-id");
  if (group !== 0) expect("group", group, NamedGroup[session.namedGroup]);
  const scheme = flags.number("expect-peer-signature-algorithm");
  if (scheme !== 0) expect("signature scheme", scheme, SignatureScheme[session.signatureScheme]);
}

function expectChain({ peerCertificates }: TlsSession, file: string): void {
  const expected = loadCertificates(readFileSync(file, "utf8"));
  expect("length of the peer's chain", expected.length, peerCertificates.length);
  expected.forEach(({ der }, index) => {
    const isSame = Buffer.from(der).equals(peerCertificates[index] ?? new Uint8Array());
    expect(`certificate ${index} of the peer's chain`, true, isSame);
  });
}

function expect(what: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  throw new ExpectationError(`The ${what} is ${String(actual)}, not ${String(expected)}`);
}
