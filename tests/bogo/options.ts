/**
 * From the runner's flags to a configuration of the library. Where the flags leave something open, BoringSSL's shim is
 * as permissive as it can be, and so is this one.
 * @module
 */

import {
  CertificateError,
  type CertificateVerifier,
  type ClientConfig,
  createTlsClient,
  createTlsServer,
  type ServerConfig,
  type TlsConfig,
  type TlsConnection,
} from "../../mod.ts";
import type { Credentials } from "./credentials.ts";
import { listOfNames, listOfProtocols } from "./flag_values.ts";
import { type Flags, type SwitchName, Unimplemented } from "./flags.ts";
import { type Memory, ticketKeys } from "./memory.ts";
import { cipherSuites, groupsOf, random, schemesOf, usualSchemes } from "./names.ts";
import { type Policy, policyOf } from "./policies.ts";

/** The connection that the flags describe. */
export function createConnection(
  flags: Flags,
  credentials: Credentials,
  memory: Memory,
  isResumption: boolean,
): TlsConnection {
  checkPossible(flags);
  return flags.has("server")
    ? createTlsServer(serverConfig(flags, credentials, memory, isResumption))
    : createTlsClient(clientConfig(flags, credentials, memory));
}

/** TLS 1.2 must be among what is allowed, and must be what is expected; and there is no renegotiation. */
function checkPossible(flags: Flags): void {
  const tls12 = 0x0303;
  const min = flags.number("min-version");
  const max = flags.number("max-version") || tls12;
  const expected = flags.number("expect-version") || tls12;
  if (flags.number("expect-total-renegotiations") > 0) throw new Unimplemented("renegotiation");
  if (min > tls12 || max < tls12 || expected !== tls12) throw new Unimplemented("another version than TLS 1.2");
}

function clientConfig(flags: Flags, credentials: Credentials, memory: Memory): ClientConfig {
  const advertised = flags.text("advertise-alpn");
  // BoringSSL minds the server's authorities only where the flag says so. Who chooses on request needn't mind them.
  const isAsked = anyOf(flags, ["async", "fail-cert-callback"]) || !credentials.allMustMatch ||
    flags.text("expect-client-ca-list") !== undefined;
  return {
    ...commonConfig(flags, memory),
    serverName: flags.text("host-name"),
    // The runner is the only server, whatever its name.
    sessionKey: "the runner",
    certificateVerifier: flags.has("async") ? "request" : verifierOf(flags),
    credentials: isAsked ? "request" : credentials.list,
    alpnProtocols: advertised === undefined ? [] : listOfProtocols(advertised),
    tickets: !flags.has("no-ticket"),
    requestOcspResponse: flags.has("enable-ocsp-stapling"),
    requestSignedCertificateTimestamps: flags.has("enable-signed-cert-timestamps"),
    onHelloRequest: flags.has("renegotiate-ignore") ? "decline" : "fail",
    fallbackScsv: flags.has("fallback-scsv"),
  };
}

function serverConfig(
  flags: Flags,
  credentials: Credentials,
  memory: Memory,
  isResumption: boolean,
): ServerConfig {
  if (credentials.list.length === 0) throw new Unimplemented("a server without a certificate");
  // Who chooses on request has seen the client's server_name, whatever is in the certificate.
  const isAsked = anyOf(flags, ["async", "fail-cert-callback", "use-early-callback", "use-ocsp-callback"]) ||
    flags.text("expect-server-name") !== undefined;
  const isInspected = anyOf(flags, ["async", "use-early-callback", "fail-early-callback", "install-ddos-callback"]) ||
    flags.text("expect-advertised-alpn") !== undefined || flags.numbers("expect-peer-verify-pref").length > 0;
  return {
    ...commonConfig(flags, memory),
    ...clientAuthentication(flags),
    credentials: isAsked ? "request" : credentials.list,
    alpnProtocols: serverProtocols(flags),
    ticketKeys: anyOf(flags, ["no-ticket", "skip-ticket"])
      ? undefined
      : ticketKeys(flags.has("renew-ticket") && isResumption),
    onClientHello: isInspected ? "request" : undefined,
  };
}

function clientAuthentication(flags: Flags): Partial<ServerConfig> {
  if (!anyOf(flags, ["verify-peer", "require-any-client-certificate"])) return {};
  const authorities = flags.text("use-client-ca-list");
  return {
    clientAuthentication: flags.has("verify-peer") ? "optional" : "required",
    certificateVerifier: flags.has("async") ? "request" : verifierOf(flags),
    certificateAuthorities: authorities === undefined ? undefined : listOfNames(authorities),
  };
}

function commonConfig(flags: Flags, memory: Memory): TlsConfig {
  const policy = policyOf(flags);
  const longest = flags.number("max-cert-list");
  return {
    now: () => memory.now(),
    random,
    cipherSuites: cipherSuitesOf(flags, policy),
    legacyCbc: policy === undefined,
    namedGroups: groupsOf(flags.numbers("curves")) ?? policy?.namedGroups,
    signatureSchemes: policy?.signatureSchemes,
    peerSignatureSchemes: schemesOf(flags.numbers("verify-prefs")) ?? policy?.signatureSchemes ?? usualSchemes,
    // Whatever is asked for is answered as the flags say.
    verifierIdentity: "what the flags say",
    sessionCache: flags.has("async") ? "request" : memory,
    requireSecureRenegotiation: flags.has("no-legacy-server-connect"),
    // The runner wants its echo even when its close_notify comes together with what is to be echoed.
    halfClose: true,
    trace: "messages",
    // BoringSSL counts bytes, not certificates.
    limits: { maxCertificates: 1000, ...(longest === 0 ? {} : { maxHandshakeMessageLength: longest }) },
  };
}

/** What the runner's `-cipher` values mean; only those that can be said in a list of suites. */
function cipherSuitesOf(flags: Flags, policy: Policy | undefined): TlsConfig["cipherSuites"] {
  const text = flags.text("cipher");
  if (text === undefined) return policy?.cipherSuites;
  if (text === "DEFAULT:!AES") return cipherSuites.filter((name) => !name.includes("AES"));
  if (text === "AES128") return cipherSuites.filter((name) => name.includes("AES_128"));
  return text.split(":").map((name) => {
    const known = cipherSuites.find((each) => each === name);
    if (known === undefined) throw new Unimplemented(`-cipher ${text}`);
    return known;
  });
}

function serverProtocols(flags: Flags): readonly string[] {
  // A server that has protocols, and none that the client would like.
  if (flags.has("reject-alpn")) return ["none of them"];
  const selected = flags.text("select-alpn");
  return selected === undefined || flags.has("decline-alpn") ? [] : [selected];
}

/** What BoringSSL's shim does: it looks at no certificate, and says what the flags want it to say. */
export function verifierOf(flags: Flags): CertificateVerifier {
  return {
    identity: "what the flags say",
    verify() {
      if (flags.has("fail-ocsp-callback")) throw refusal("bad_certificate_status_response", "-fail-ocsp-callback");
      // Without -verify-peer BoringSSL's client doesn't mind.
      const isMinded = anyOf(flags, ["server", "verify-peer", "use-custom-verify-callback"]);
      if (!flags.has("verify-fail") || !isMinded) return;
      throw refusal(
        flags.has("use-custom-verify-callback") ? "certificate_unknown" : "handshake_failure",
        "-verify-fail",
      );
    },
  };
}

function refusal(alert: ConstructorParameters<typeof CertificateError>[0], flag: string): CertificateError {
  return new CertificateError(alert, `The flag ${flag} says so`, { index: 0, check: flag });
}

function anyOf(flags: Flags, names: readonly SwitchName[]): boolean {
  return names.some((name) => flags.has(name));
}
