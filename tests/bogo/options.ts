/**
 * From the runner's flags to a configuration of the library. Where the flags leave something open, BoringSSL's shim is
 * as permissive as it can be, and so is this one.
 * @module
 */

import { readFileSync } from "node:fs";
import {
  CertificateError,
  type CertificateVerifier,
  type ClientConfig,
  createSigner,
  createTlsClient,
  createTlsServer,
  type Credential,
  loadPrivateKey,
  NamedGroup,
  nobleProvider,
  type ServerConfig,
  SignatureScheme,
  type SignatureSchemeName,
  type Signer,
  type TlsConfig,
  type TlsConnection,
} from "../../mod.ts";
import { type Flags, Unimplemented } from "./flags.ts";
import { listOfProtocols } from "./flag_values.ts";
import { nameIn, offered } from "./names.ts";
import { type Policy, policyOf } from "./policies.ts";

/** The connection that the flags describe. */
export function createConnection(flags: Flags): TlsConnection {
  checkVersions(flags);
  return flags.has("server") ? createTlsServer(serverConfig(flags)) : createTlsClient(clientConfig(flags));
}

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** TLS 1.2 must be among what is allowed, and must be what is expected. */
function checkVersions(flags: Flags): void {
  const tls12 = 0x0303;
  const min = flags.number("min-version");
  const max = flags.number("max-version") || tls12;
  const expected = flags.number("expect-version") || tls12;
  if (min > tls12 || max < tls12 || expected !== tls12) throw new Unimplemented("another version than TLS 1.2");
}

function clientConfig(flags: Flags): ClientConfig {
  const advertised = flags.text("advertise-alpn");
  return {
    ...commonConfig(flags),
    serverName: flags.text("host-name"),
    certificateVerifier: flags.has("async") ? "request" : verifierOf(flags),
    alpnProtocols: advertised === undefined ? [] : listOfProtocols(advertised),
  };
}

function serverConfig(flags: Flags): ServerConfig {
  return { ...commonConfig(flags), credentials: credentialsOf(flags), alpnProtocols: serverProtocols(flags) };
}

function commonConfig(flags: Flags): TlsConfig {
  const policy = policyOf(flags);
  return {
    now: Date.now,
    random,
    cipherSuites: cipherSuitesOf(flags, policy),
    namedGroups: groupsOf(flags) ?? policy?.namedGroups,
    signatureSchemes: schemesOf(flags.numbers("verify-prefs")) ?? policy?.signatureSchemes,
    // The runner wants its echo even when its close_notify comes together with what is to be echoed.
    halfClose: true,
    trace: flags.text("expect-msg-callback") === undefined ? "off" : "messages",
  };
}

/** What the runner's `-cipher` values mean; only those that can be said in a list of suites. */
function cipherSuitesOf(flags: Flags, policy: Policy | undefined): TlsConfig["cipherSuites"] {
  const text = flags.text("cipher");
  if (text === undefined) return policy?.cipherSuites;
  if (text === "DEFAULT:!AES") return offered.cipherSuites.filter((name) => !name.includes("AES"));
  if (text === "AES128") return offered.cipherSuites.filter((name) => name.includes("AES_128"));
  return text.split(":").map((name) => {
    const known = offered.cipherSuites.find((each) => each === name);
    if (known === undefined) throw new Unimplemented(`-cipher ${text}`);
    return known;
  });
}

/** Groups of TLS 1.3 say nothing to a stack that has TLS 1.2 alone. */
const groupsOfTls13: readonly number[] = [NamedGroup.X25519MLKEM768, 514];

function groupsOf(flags: Flags): TlsConfig["namedGroups"] {
  const numbers = flags.numbers("curves").filter((number) => !groupsOfTls13.includes(number));
  if (numbers.length === 0 && flags.numbers("curves").length > 0) throw new Unimplemented("no group of TLS 1.2");
  if (numbers.length === 0) return undefined;
  return numbers.map((number) => {
    const name = nameIn(NamedGroup, number);
    if (name === undefined || !offered.namedGroups.includes(name)) throw new Unimplemented(`group ${number}`);
    return name;
  });
}

function schemesOf(numbers: readonly number[]): readonly SignatureSchemeName[] | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.map((number) => {
    const name = nameIn(SignatureScheme, number);
    if (name === undefined || !offered.signatureSchemes.includes(name)) throw new Unimplemented(`scheme ${number}`);
    return name;
  });
}

function serverProtocols(flags: Flags): readonly string[] {
  // A server that has protocols, and none that the client would like.
  if (flags.has("reject-alpn")) return ["none of them"];
  const selected = flags.text("select-alpn");
  return selected === undefined || flags.has("decline-alpn") ? [] : [selected];
}

function credentialsOf(flags: Flags): readonly Credential[] {
  const certificateFile = flags.text("cert-file");
  const keyFile = flags.text("key-file");
  if (certificateFile === undefined || keyFile === undefined) throw new Unimplemented("a server without a certificate");
  const { sign, ...signer } = signerOf(readFileSync(keyFile, "utf8"), flags);
  const certificateChain = readFileSync(certificateFile, "utf8");
  if (!flags.has("async")) return [{ certificateChain, signer: { ...signer, sign } }];
  remoteKeys.push({ ...signer, sign });
  return [{ certificateChain, signer }];
}

/** The keys that a connection asks for by a request. */
export const remoteKeys: Signer[] = [];

function signerOf(pem: string, flags: Flags): Signer {
  const signer = createSigner(loadPrivateKey(pem), nobleProvider.signatureSchemes, random);
  const preferred = schemesOf(flags.numbers("signing-prefs"));
  if (preferred === undefined) return signer;
  return { ...signer, schemes: preferred.filter((name) => signer.schemes.includes(name)) };
}

/** What BoringSSL's shim does: it looks at no certificate, and says what the flags want it to say. */
export function verifierOf(flags: Flags): CertificateVerifier {
  const isStrict = flags.has("verify-peer") || flags.has("use-custom-verify-callback");
  if (!flags.has("verify-fail") || !isStrict) return { verify: () => {} };
  const alert = flags.has("use-custom-verify-callback") ? "certificate_unknown" : "handshake_failure";
  return {
    verify() {
      throw new CertificateError(alert, "The flag -verify-fail says so", { index: 0, check: "verify-fail" });
    },
  };
}
