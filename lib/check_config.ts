/**
 * What an embedder configures, checked before anything is sent, with the defaults filled in.
 * Enters: ClientConfig or ServerConfig. Leaves: settings, or TlsUsageError that says what to do.
 * @module
 */

import { builtInVerifier, trustAnchorsOf } from "./certificate_rules.ts";
import {
  type ClientConfig,
  clientConfigNames,
  type ServerConfig,
  serverConfigNames,
  type TlsConfig,
} from "./config.ts";
import {
  checkedFlag,
  checkNames,
  checkOneOf,
  commonSettings,
  digestOf,
  fragmentLength,
  identityForRequests,
  trustText,
  verifierIdentity,
} from "./common_settings.ts";
import type { Credential } from "./credential.ts";
import { TlsUsageError } from "./error.ts";
import { loadCredential } from "./load_credential.ts";
import { checkTicketKeys, type TicketKey } from "./session/ticket.ts";
import type {
  ClientAuthentication,
  ClientSettings,
  LoadedCredential,
  ServerSettings,
  SessionSettings,
  Settings,
} from "./settings.ts";
import type { Certificate } from "./x509/certificate.ts";
import { parseServerName } from "./x509/names.ts";
import type { TrustAnchor } from "./x509/trust_anchor.ts";

type Anchors = readonly (Certificate | TrustAnchor)[];

/** Checks a client's configuration. Throws TlsUsageError. */
export function clientSettings(config: ClientConfig): ClientSettings {
  checkNames(config, clientConfigNames);
  const { serverName, certificateVerifier, trustAnchors, credentials = [], onHelloRequest = "decline" } = config;
  if ((trustAnchors === undefined) === (certificateVerifier === undefined)) {
    throw new TlsUsageError(
      "Cannot create a client: give either trustAnchors (the CA certificates to trust, PEM or DER) or a certificateVerifier",
    );
  }
  checkVerifier(config, "client");
  if (serverName === undefined && certificateVerifier === undefined) {
    throw new TlsUsageError("Cannot create a client: serverName is needed, the name that the certificate must bear");
  }
  checkOneOf("onHelloRequest", onHelloRequest, ["decline", "fail"]);
  const anchors = certificateVerifier === undefined ? trustAnchorsOf(trustAnchors ?? [], "client") : [];
  const settings = commonSettings(
    config,
    config.sessionCache !== undefined,
    () => verifierIdentity(config, anchors),
    () => rulesOf(config, anchors),
  );
  const loaded = loadedCredentials(credentials, settings, "client");
  return {
    ...settings,
    sessions: settings.sessions && boundTo(loaded, settings.sessions, config, settings),
    serverName: serverName === undefined ? undefined : checkedServerName(serverName),
    certificateVerifier: certificateVerifier ?? builtInVerifier(anchors, config.certificateRules, settings.provider),
    asksForMissingIssuers: checkOneOf("onMissingIssuer", config.onMissingIssuer, ["request", undefined]) === "request",
    credentials: loaded,
    sessionKey: sessionKeyOf(config),
    requestsTickets: checkedFlag("tickets", config.tickets, true),
    requestsOcspResponse: checkedFlag("requestOcspResponse", config.requestOcspResponse),
    requestsSignedCertificateTimestamps: checkedFlag(
      "requestSignedCertificateTimestamps",
      config.requestSignedCertificateTimestamps,
    ),
    maxFragmentLength: fragmentLength(config.maxFragmentLength),
    fallbackScsv: checkedFlag("fallbackScsv", config.fallbackScsv),
    onHelloRequest,
  };
}

/** Checks a server's configuration. Throws TlsUsageError. */
export function serverSettings(config: ServerConfig): ServerSettings {
  checkNames(config, serverConfigNames);
  const { credentials, ticketKeys, unknownServerName = "default" } = config;
  if (credentials !== "request" && (!Array.isArray(credentials) || credentials.length === 0)) {
    throw new TlsUsageError(
      "Cannot create a server: credentials is needed, a list of { certificateChain, privateKey }",
    );
  }
  checkOneOf("unknownServerName", unknownServerName, ["default", "refuse"]);
  const anchors = config.trustAnchors === undefined ? [] : trustAnchorsOf(config.trustAnchors, "server");
  const keepsSessions = config.sessionCache !== undefined || ticketKeys !== undefined;
  const settings = commonSettings(
    config,
    keepsSessions,
    () => verifierIdentity(config, anchors),
    () => rulesOf(config, anchors),
  );
  const loaded = loadedCredentials(credentials, settings, "server");
  return {
    ...settings,
    sessions: settings.sessions && boundTo(loaded, settings.sessions, config, settings),
    credentials: loaded,
    clientAuthentication: authentication(config, anchors, settings),
    ticketKeys: ticketKeys === undefined ? undefined : checkedTicketKeys(ticketKeys),
    unknownServerName,
    inspectsClientHello: checkOneOf("onClientHello", config.onClientHello, ["request", undefined]) === "request",
  };
}

/** In lower case and without a trailing dot. */
function checkedServerName(serverName: string): string {
  if (typeof serverName !== "string") throw new TlsUsageError("Cannot create a client: serverName must be text");
  const identity = parseServerName(serverName);
  return identity.type === "dNSName" ? identity.name : serverName;
}

/** Servers without a name would get each other's sessions. */
function sessionKeyOf({ sessionKey, serverName, sessionCache }: ClientConfig): string {
  const key = checkedText("sessionKey", sessionKey) ?? serverName;
  if (key !== undefined || sessionCache === undefined) return key ?? "";
  throw new TlsUsageError("Cannot keep sessions: without serverName a sessionKey is needed, which names the server");
}

function checkedText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new TlsUsageError(`Cannot create a client: ${name} must be text, and not empty`);
}

function checkVerifier({ certificateVerifier, certificateRules }: TlsConfig, role: string): void {
  const verifies = certificateVerifier === undefined || certificateVerifier === "request" ||
    typeof certificateVerifier?.verify === "function";
  if (certificateVerifier !== undefined && certificateRules !== undefined) {
    throw new TlsUsageError(
      `Cannot create a ${role}: certificateRules are for trustAnchors, and a certificateVerifier decides alone`,
    );
  }
  if (verifies) return;
  throw new TlsUsageError(
    `Cannot create a ${role}: certificateVerifier must be an object with a function verify, or "request"`,
  );
}

function loadedCredentials(
  credentials: readonly Credential[] | "request",
  settings: Settings,
  role: string,
): readonly LoadedCredential[] | "request" {
  if (credentials === "request") return credentials;
  if (!Array.isArray(credentials)) {
    throw new TlsUsageError(`Cannot create a ${role}: credentials must be a list of { certificateChain, privateKey }`);
  }
  return credentials.map((credential: Credential) => loadCredential(credential, settings));
}

/**
 * Who resumes a session is who made it: sessions are bound to what we would prove ourselves with, too, and so a server
 * resumes none that another one with other certificates made, who shares its keys.
 */
function boundTo(
  credentials: readonly LoadedCredential[] | "request",
  sessions: SessionSettings,
  config: TlsConfig,
  { provider }: Settings,
): SessionSettings {
  if (credentials.length === 0) return sessions;
  const ours = credentials === "request"
    ? `request ${identityForRequests(config)}`
    : digestOf(credentials.map(({ leaf }) => leaf), provider);
  return { ...sessions, verifiedBy: `${sessions.verifiedBy ?? ""} as ${ours}` };
}

/** By which rules a peer is accepted, as a text. */
function rulesOf(
  config: TlsConfig & Pick<Partial<ServerConfig>, "clientAuthentication">,
  anchors: Anchors,
): string {
  const { clientAuthentication = "", requireExtendedMasterSecret = false, requireSecureRenegotiation = false } = config;
  const required = [requireExtendedMasterSecret && "extended", requireSecureRenegotiation && "secure"];
  return [clientAuthentication, ...required.filter((one) => one !== false), trustText(config, anchors)].join(" ");
}

function authentication(
  config: ServerConfig,
  anchors: Anchors,
  settings: Settings,
): ClientAuthentication | undefined {
  const { clientAuthentication = "none", certificateVerifier, trustAnchors, certificateAuthorities } = config;
  checkOneOf("clientAuthentication", clientAuthentication, ["none", "optional", "required"]);
  checkVerifier(config, "server");
  const asksForMissingIssuers =
    checkOneOf("onMissingIssuer", config.onMissingIssuer, ["request", undefined]) === "request";
  const isTold = certificateVerifier !== undefined || trustAnchors !== undefined;
  if (clientAuthentication === "none") {
    if (!isTold && config.certificateRules === undefined) return undefined;
    throw new TlsUsageError(
      'Cannot create a server: trustAnchors, certificateRules and certificateVerifier are for clients, and clientAuthentication is "none"',
    );
  }
  if (!isTold || (certificateVerifier !== undefined && trustAnchors !== undefined)) {
    throw new TlsUsageError(
      "Cannot create a server: clientAuthentication needs either trustAnchors (whose clients to trust) or a certificateVerifier",
    );
  }
  return {
    required: clientAuthentication === "required",
    certificateVerifier: certificateVerifier ?? builtInVerifier(anchors, config.certificateRules, settings.provider),
    asksForMissingIssuers,
    certificateAuthorities: checkedNames(certificateAuthorities) ?? anchors.map(({ subject }) => subject.der),
  };
}

function checkedNames(names: unknown): readonly Uint8Array[] | undefined {
  if (names === undefined) return undefined;
  const isList = Array.isArray(names) && names.every((name) => name instanceof Uint8Array && name.length > 0);
  // RFC 5246 §7.4.4: DistinguishedName certificate_authorities<0..2^16-1>, each with two bytes for its length.
  if (isList && names.reduce((sum, { length }) => sum + 2 + length, 0) < 2 ** 16) return names;
  throw new TlsUsageError(
    "Cannot create a server: certificateAuthorities is a list of distinguished names in DER, together below 2^16 bytes",
  );
}

function checkedTicketKeys(keys: readonly TicketKey[] | (() => readonly TicketKey[])): () => readonly TicketKey[] {
  if (typeof keys === "function") return () => checkTicketKeys(keys());
  const checked = checkTicketKeys(keys);
  return () => checked;
}
