/**
 * What both roles' configurations have in common, checked, with the defaults filled in.
 * Enters: TlsConfig. Leaves: settings, or TlsUsageError that says what to do.
 * @module
 */

import { asciiBytes, toHex } from "./codec/bytes.ts";
import { builtInTrustText } from "./certificate_rules.ts";
import type { TlsConfig } from "./config.ts";
import type { CipherSuiteElement, CryptoProvider, RandomSource } from "./crypto/provider.ts";
import { TlsUsageError } from "./error.ts";
import { fragmentLengthCode } from "./extensions/max_fragment_length.ts";
import { smallestRecordSizeLimit } from "./extensions/record_size_limit.ts";
import { checkedLimits } from "./limits.ts";
import { maxPlaintextLength } from "./record/record.ts";
import type { SessionSettings, Settings } from "./settings.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { TrustAnchor } from "./x509/trust_anchor.ts";

/**
 * `keepsSessions`: whether any is resumed. `verifiedBy`: names what proves the peer; asked for only then. `trust`: the same
 * for connections that are frozen.
 */
export function commonSettings(
  config: TlsConfig,
  keepsSessions: boolean,
  verifiedBy: () => string | undefined,
  trust: () => string,
): Settings {
  const { provider, now, random, trace = "off", alpnProtocols = [] } = config;
  if (provider === undefined) throw new TlsUsageError("Cannot create a connection: provider is needed");
  if (typeof now !== "function") throw new TlsUsageError(`Cannot create a connection: ${nowNeeded}`);
  checkedNow(now)();
  if (typeof random !== "function") {
    throw new TlsUsageError(
      "Cannot create a connection: random must be a function: (length) => crypto.getRandomValues(new Uint8Array(length))",
    );
  }
  if (!["off", "messages", "secrets"].includes(trace)) {
    throw new TlsUsageError(`Cannot create a connection: trace is "off", "messages" or "secrets", not ${trace}`);
  }
  for (
    const name of ["cipherSuites", "namedGroups", "signatureSchemes", "peerSignatureSchemes", "alpnProtocols"] as const
  ) {
    checkList(name, config[name]);
  }
  checkProtocols(alpnProtocols);
  return {
    provider,
    now: checkedNow(now),
    random: checkedRandom(random),
    cipherSuites: chosenSuites(config, provider),
    namedGroups: chosen("namedGroups", config.namedGroups, provider.namedGroups),
    signatureSchemes: chosen("signatureSchemes", config.signatureSchemes, provider.signatureSchemes),
    peerSignatureSchemes: chosen(
      "peerSignatureSchemes",
      config.peerSignatureSchemes ?? config.signatureSchemes,
      provider.signatureSchemes,
    ),
    alpnProtocols: [...alpnProtocols],
    halfClose: checkedFlag("halfClose", config.halfClose),
    keyLog: checkedFlag("keyLog", config.keyLog),
    trace,
    requireExtendedMasterSecret: checkedFlag("requireExtendedMasterSecret", config.requireExtendedMasterSecret),
    requireSecureRenegotiation: checkedFlag("requireSecureRenegotiation", config.requireSecureRenegotiation),
    recordSizeLimit: checkedRecordSizeLimit(config.recordSizeLimit),
    sessions: sessionSettings(config, keepsSessions, verifiedBy),
    limits: checkedLimits(config.limits),
    trust,
  };
}

/** true or false, and nothing that passes for it. */
export function checkedFlag(name: string, value: unknown, whenLeftOut = false): boolean {
  if (value === undefined) return whenLeftOut;
  if (typeof value === "boolean") return value;
  throw new TlsUsageError(`Cannot create a connection: ${name} is true or false, not ${typeof value}`);
}

/** Returns the value, if it is one of those. */
export function checkOneOf<Value>(name: string, value: Value, values: readonly Value[]): Value {
  if (values.includes(value)) return value;
  const known = values.filter((one) => one !== undefined).map((one) => JSON.stringify(one)).join(" or ");
  const given = typeof value === "function" ? "a function" : JSON.stringify(value);
  throw new TlsUsageError(`Cannot create a connection: ${name} is ${known}, not ${given}`);
}

/** Throws TlsUsageError for an option that there isn't. */
export function checkNames(config: object, known: readonly string[]): void {
  if (typeof config !== "object" || config === null) {
    throw new TlsUsageError(
      `Cannot create a connection: it is ${config === null ? "null" : typeof config}, not an object`,
    );
  }
  for (const name of Object.keys(config)) {
    if (known.includes(name)) continue;
    throw new TlsUsageError(
      `Cannot create a connection: there is no option "${name}" (there are ${known.join(", ")})`,
    );
  }
}

/** RFC 6066 §4. */
export function fragmentLength(bytes: number | undefined): number | undefined {
  if (bytes === undefined || fragmentLengthCode(bytes) !== undefined) return bytes;
  throw new TlsUsageError(`Cannot create a client: maxFragmentLength is 512, 1024, 2048 or 4096, not ${bytes}`);
}

/** What says how a peer is verified. */
type Trust = Pick<TlsConfig, "certificateVerifier" | "certificateRules" | "verifierIdentity" | "provider">;
type Anchors = readonly (Certificate | TrustAnchor)[];

/**
 * What a session is bound to: whoever resumes it must trust in the same way as whoever made it. `undefined` where nobody
 * is verified. Throws TlsUsageError for a verifier that can't be told from others.
 */
export function verifierIdentity(config: Trust, anchors: Anchors): string | undefined {
  const { certificateVerifier } = config;
  if (certificateVerifier === "request") identityForRequests(config);
  else if (certificateVerifier !== undefined) {
    checkIdentity("certificateVerifier.identity", certificateVerifier.identity);
  }
  const text = trustText(config, anchors);
  return text === "" ? undefined : text;
}

/** Names who decides by request. Throws TlsUsageError when nobody said it. */
export function identityForRequests({ verifierIdentity }: Trust): string {
  return checkIdentity("verifierIdentity", verifierIdentity);
}

function checkIdentity(name: string, identity: unknown): string {
  if (typeof identity === "string" && identity.length > 0 && identity.length <= maxIdentityLength) return identity;
  throw new TlsUsageError(
    `Cannot keep sessions: ${name} is needed, a text of up to ${maxIdentityLength} characters that names who decides, and ` +
      "by which rules, because a session may only be resumed where the same holds: nobody is asked again",
  );
}

/** Names how the peer is verified, as far as it can be named; empty where nobody is. */
export function trustText(config: Trust, anchors: Anchors): string {
  const { certificateVerifier, provider } = config;
  if (certificateVerifier === "request") return `request ${identityOf(config) ?? ""}`;
  if (certificateVerifier !== undefined) return `verifier ${identityOf(config) ?? ""}`;
  if (anchors.length === 0 || provider === undefined) return "";
  return builtInTrustText(anchors, config.certificateRules, provider);
}

/** One digest of certificates, in whatever order. */
export function digestOf(certificates: readonly Certificate[], { hashes }: CryptoProvider): string {
  const digests = certificates.map(({ der }) => toHex(hashes.sha256.digest(der))).sort();
  return toHex(hashes.sha256.digest(asciiBytes(digests.join(" "))));
}

function identityOf({ certificateVerifier, verifierIdentity }: Trust): string | undefined {
  return certificateVerifier === "request" ? verifierIdentity : certificateVerifier?.identity;
}

/** In characters. */
const maxIdentityLength = 1000;

const defaultSessionLifetime = 7200;
const maxSessionLifetime = 604_800;

function sessionSettings(
  { sessionCache, sessionLifetime = defaultSessionLifetime }: TlsConfig,
  keepsSessions: boolean,
  verifiedBy: () => string | undefined,
): SessionSettings | undefined {
  if (!Number.isInteger(sessionLifetime) || sessionLifetime < 1 || sessionLifetime > maxSessionLifetime) {
    throw new TlsUsageError(
      `Cannot create a connection: sessionLifetime is a number of seconds from 1 to ${maxSessionLifetime}, not ${sessionLifetime}`,
    );
  }
  const isCache = sessionCache === undefined || sessionCache === "request" ||
    (["load", "store", "remove"] as const).every((name) => typeof sessionCache?.[name] === "function");
  if (!isCache) {
    throw new TlsUsageError(
      'Cannot create a connection: sessionCache must be an object with functions load, store and remove, or "request"',
    );
  }
  return keepsSessions ? { cache: sessionCache, lifetime: sessionLifetime, verifiedBy: verifiedBy() } : undefined;
}

// RFC 8449 §4 MUST: "an endpoint MUST NOT send a value higher than the protocol-defined maximum record size unless explicitly allowed by such a future version or extension."
function checkedRecordSizeLimit(limit: number | undefined): number | undefined {
  if (limit === undefined) return undefined;
  if (Number.isInteger(limit) && limit >= smallestRecordSizeLimit && limit <= maxPlaintextLength) return limit;
  throw new TlsUsageError(
    `Cannot create a connection: recordSizeLimit is a number of bytes from ${smallestRecordSizeLimit} to ${maxPlaintextLength}, not ${limit}`,
  );
}

/** By default all of the provider's, those with CBC last and only where they are wanted. */
function chosenSuites(config: TlsConfig, provider: CryptoProvider): readonly CipherSuiteElement[] {
  const legacy = provider.legacyCipherSuites ?? [];
  const withLegacy = [...provider.cipherSuites, ...legacy];
  if (checkedFlag("legacyCbc", config.legacyCbc)) return chosen("cipherSuites", config.cipherSuites, withLegacy);
  const refused = config.cipherSuites?.find((wanted) => legacy.some(({ name }) => name === wanted));
  if (refused === undefined) return chosen("cipherSuites", config.cipherSuites, provider.cipherSuites);
  throw new TlsUsageError(`Cannot use "${refused}" in cipherSuites: suites with CBC need legacyCbc: true`);
}

/** Text would pass for a list of its characters. */
function checkList(what: string, value: unknown): void {
  if (value === undefined || Array.isArray(value)) return;
  throw new TlsUsageError(`Cannot create a connection: ${what} must be a list of names, not ${typeof value}`);
}

/** The provider's elements with these names, in this order. */
function chosen<Element extends { readonly name: string }>(
  what: string,
  names: readonly string[] | undefined,
  elements: readonly Element[],
): readonly Element[] {
  if (names === undefined) return elements;
  const found = names.map((wanted) => {
    const element = elements.find(({ name }) => name === wanted);
    if (element !== undefined) return element;
    const known = elements.map(({ name }) => name).join(", ");
    throw new TlsUsageError(`Cannot use "${wanted}" in ${what}: the provider has ${known}`);
  });
  if (found.length === 0) throw new TlsUsageError(`Cannot create a connection: ${what} is empty`);
  if (new Set(names).size < names.length) throw new TlsUsageError(`Cannot use ${what}: a name is there twice`);
  return found;
}

function checkProtocols(names: readonly string[]): void {
  for (const name of names) checkProtocolName(name);
  // RFC 7301 §3.1: protocol_name_list<2..2^16-1>, each name with a byte for its length.
  if (names.reduce((length, name) => length + 1 + name.length, 0) < 2 ** 16) return;
  throw new TlsUsageError("Cannot offer so many names by ALPN: together they have more than 65535 bytes");
}

/** RFC 7301 §3.1: "Empty strings MUST NOT be included and byte strings MUST NOT be truncated." */
function checkProtocolName(name: string): void {
  const isLegal = typeof name === "string" && name.length > 0 && name.length < 256 && isLatin1(name);
  if (!isLegal) {
    throw new TlsUsageError(`Cannot offer ${JSON.stringify(name)} by ALPN: a name has 1 to 255 characters below 256`);
  }
}

function isLatin1(text: string): boolean {
  return Array.from(text).every((character) => character.length === 1 && character.charCodeAt(0) < 256);
}

const nowNeeded = "now must be a function that returns milliseconds since 1970, as Date.now";

/** A time that is no number would make every comparison with it false. */
function checkedNow(now: () => number): () => number {
  return () => {
    const time = now();
    if (Number.isFinite(time)) return time;
    throw new TlsUsageError(`Cannot go on: ${nowNeeded}, not ${time}`);
  };
}

/** Too few random bytes would be a disaster that nobody sees, and so would be a buffer that is handed out again. */
function checkedRandom(random: RandomSource): RandomSource {
  return (length) => {
    const bytes = random(length);
    if (bytes instanceof Uint8Array && bytes.length === length) return Uint8Array.from(bytes);
    throw new TlsUsageError(`Cannot go on: random(${length}) did not return a Uint8Array of ${length} bytes`);
  };
}
