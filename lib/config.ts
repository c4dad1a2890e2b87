/**
 * What an embedder configures, checked before anything is sent, with the defaults filled in.
 * Enters: ClientConfig or ServerConfig. Leaves: settings, or TlsUsageError that says what to do.
 * @module
 */

import type { CryptoProvider, PrivateKey, RandomSource, RemoteSigner, Signer } from "./crypto/provider.ts";
import { createSigner } from "./crypto/signer.ts";
import { TlsUsageError } from "./error.ts";
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "./registry.ts";
import type { ClientSettings, ServerCredential, ServerSettings, Settings } from "./settings.ts";
import type { Certificate } from "./x509/certificate.ts";
import { traitsOf } from "./tls12/cipher_suites.ts";
import { loadCertificates, loadPrivateKey } from "./x509/load.ts";
import { parseServerName } from "./x509/names.ts";
import { publicKeysEqual } from "./x509/spki.ts";
import { type CertificateVerifier, createCertificateVerifier } from "./x509/verifier.ts";

/** Certificates as they lie in a file (PEM text, PEM or DER bytes), or loaded already. */
export type CertificateSource = string | Uint8Array | Certificate;

/** What both roles are told. */
export interface TlsConfig {
  /** The time, in milliseconds since 1970: `Date.now` will do. */
  readonly now: () => number;
  /** Unpredictable bytes: `(length) => crypto.getRandomValues(new Uint8Array(length))`. */
  readonly random: RandomSource;
  /** The cryptography; default: noble, in pure JavaScript. `tlschart/core` has no default. */
  readonly provider?: CryptoProvider | undefined;
  /** Best first; default: all of the provider's, in its order. */
  readonly cipherSuites?: readonly CipherSuiteName[] | undefined;
  /** Best first; default: all of the provider's, in its order. */
  readonly namedGroups?: readonly NamedGroupName[] | undefined;
  /**
   * For the handshake, best first; default: all of the provider's, in its order. Certificates may bear any signature
   * that the provider can verify.
   */
  readonly signatureSchemes?: readonly SignatureSchemeName[] | undefined;
  /** ALPN, best first: `["h2", "http/1.1"]`; default: none. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** Whether `send` still works after the peer's close_notify; default: false, as RFC 5246 §7.2.1 says. */
  readonly halfClose?: boolean | undefined;
  /** Whether the output `keyLog` comes, with which others can decrypt; default: false. */
  readonly keyLog?: boolean | undefined;
  /** Whether the output `trace` comes, and with secrets or not; default: "off". */
  readonly trace?: "off" | "messages" | "secrets" | undefined;
}

/** What a client is told. */
export interface ClientConfig extends TlsConfig {
  /** The DNS name or IP address of the server, which its certificate must bear. */
  readonly serverName?: string | undefined;
  /** Whom to trust; or bring a `certificateVerifier`. */
  readonly trustAnchors?: CertificateSource | readonly CertificateSource[] | undefined;
  /**
   * Decides alone whether the server is to be trusted; should throw CertificateError if not. With "request" the
   * connection asks by a request `verifyCertificate`, which may be answered later.
   */
  readonly certificateVerifier?: CertificateVerifier | "request" | undefined;
}

/** What a server is told. */
export interface ServerConfig extends TlsConfig {
  /** At least one. The client's server_name chooses among them; the first is the default. */
  readonly credentials: readonly Credential[];
}

/** A certificate with its key: what a server proves itself with. */
export interface Credential {
  /** The server's own certificate first, then what leads to a trust anchor. */
  readonly certificateChain: CertificateSource | readonly CertificateSource[];
  /** PEM text, PEM or DER bytes (PKCS#8, SEC1, PKCS#1), or a key loaded already; or bring a `signer`. */
  readonly privateKey?: string | Uint8Array | PrivateKey | undefined;
  /**
   * Signs with a key that lives elsewhere. One without a function `sign` makes the connection ask by a request `sign`,
   * which may be answered later.
   */
  readonly signer?: Signer | RemoteSigner | undefined;
}

/** Checks a client's configuration. Throws TlsUsageError. */
export function clientSettings(config: ClientConfig): ClientSettings {
  checkNames(config, clientConfigNames);
  const settings = commonSettings(config);
  const { serverName, certificateVerifier, trustAnchors } = config;
  if ((trustAnchors === undefined) === (certificateVerifier === undefined)) {
    throw new TlsUsageError(
      "Cannot create a client: give either trustAnchors (the CA certificates to trust, PEM or DER) or a certificateVerifier",
    );
  }
  const verifies = certificateVerifier === undefined || certificateVerifier === "request" ||
    typeof certificateVerifier?.verify === "function";
  if (!verifies) {
    throw new TlsUsageError(
      'Cannot create a client: certificateVerifier must be an object with a function verify, or "request"',
    );
  }
  if (serverName === undefined && certificateVerifier === undefined) {
    throw new TlsUsageError("Cannot create a client: serverName is needed, the name that the certificate must bear");
  }
  return {
    ...settings,
    serverName: serverName === undefined ? undefined : checkedServerName(serverName),
    certificateVerifier: certificateVerifier ?? createCertificateVerifier({
      trustAnchors: checkedAnchors(trustAnchors ?? []),
      // RFC 5246 §7.4.2 DEVIATION: the option signatureSchemes doesn't restrict the signatures on certificates, because
      // who chooses how a server signs its key exchange seldom chooses how authorities sign; the provider's list does.
      signatureSchemes: settings.provider.signatureSchemes,
    }),
  };
}

/** Checks a server's configuration. Throws TlsUsageError. */
export function serverSettings(config: ServerConfig): ServerSettings {
  checkNames(config, serverConfigNames);
  const settings = commonSettings(config);
  if (!Array.isArray(config.credentials) || config.credentials.length === 0) {
    throw new TlsUsageError(
      "Cannot create a server: credentials is needed, a list of { certificateChain, privateKey }",
    );
  }
  const credentials = config.credentials.map((credential: Credential) => checkedCredential(credential, settings));
  return { ...settings, credentials };
}

const commonNames: readonly (keyof TlsConfig)[] = [
  "now",
  "random",
  "provider",
  "cipherSuites",
  "namedGroups",
  "signatureSchemes",
  "alpnProtocols",
  "halfClose",
  "keyLog",
  "trace",
];

/** What a client can be told, by name: for those who check options before they are handed on. */
export const clientConfigNames: readonly (keyof ClientConfig)[] = [
  "serverName",
  "trustAnchors",
  "certificateVerifier",
  ...commonNames,
];

/** The same for a server. */
export const serverConfigNames: readonly (keyof ServerConfig)[] = ["credentials", ...commonNames];

function commonSettings(config: TlsConfig): Settings {
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
  for (const name of ["cipherSuites", "namedGroups", "signatureSchemes", "alpnProtocols"] as const) {
    checkList(name, config[name]);
  }
  for (const name of ["halfClose", "keyLog"] as const) {
    if (!["boolean", "undefined"].includes(typeof config[name])) {
      throw new TlsUsageError(`Cannot create a connection: ${name} is true or false, not ${typeof config[name]}`);
    }
  }
  checkProtocols(alpnProtocols);
  return {
    provider,
    now: checkedNow(now),
    random: checkedRandom(random),
    cipherSuites: chosen("cipherSuites", config.cipherSuites, provider.cipherSuites),
    namedGroups: chosen("namedGroups", config.namedGroups, provider.namedGroups),
    signatureSchemes: chosen("signatureSchemes", config.signatureSchemes, provider.signatureSchemes),
    alpnProtocols: [...alpnProtocols],
    halfClose: config.halfClose ?? false,
    keyLog: config.keyLog ?? false,
    trace,
    // The largest ClientHello that RFC 5246 §7.4.1.2 lets a client write has some 131 400 bytes.
    maxHandshakeMessageLength: 2 ** 18,
    maxWaitingBytes: 2 ** 17,
  };
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

function checkNames(config: object, known: readonly string[], aim = "create a connection"): void {
  if (typeof config !== "object" || config === null) {
    throw new TlsUsageError(`Cannot ${aim}: it is ${config === null ? "null" : typeof config}, not an object`);
  }
  for (const name of Object.keys(config)) {
    if (!known.includes(name)) {
      throw new TlsUsageError(
        `Cannot ${aim}: there is no option "${name}" (there are ${known.join(", ")})`,
      );
    }
  }
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

/** In lower case and without a trailing dot. */
function checkedServerName(serverName: string): string {
  if (typeof serverName !== "string") throw new TlsUsageError("Cannot create a client: serverName must be text");
  const identity = parseServerName(serverName);
  return identity.type === "dNSName" ? identity.name : serverName;
}

function checkedAnchors(source: CertificateSource | readonly CertificateSource[]): readonly Certificate[] {
  const anchors = certificatesOf(source);
  if (anchors.length > 0) return anchors;
  throw new TlsUsageError("Cannot create a client: trustAnchors is empty, so no server could ever be trusted");
}

function certificatesOf(source: CertificateSource | readonly CertificateSource[]): readonly Certificate[] {
  const sources: readonly CertificateSource[] = isList(source) ? source : [source];
  return sources.flatMap((one) => {
    if (typeof one === "string" || one instanceof Uint8Array) return loadCertificates(one);
    if (typeof one === "object" && one?.der instanceof Uint8Array) return [one];
    throw new TlsUsageError("Cannot use a certificate: it must be PEM text, PEM or DER bytes, or loaded already");
  });
}

function isList(source: CertificateSource | readonly CertificateSource[]): source is readonly CertificateSource[] {
  return Array.isArray(source);
}

function checkedCredential(credential: Credential, settings: Settings): ServerCredential {
  checkNames(credential, ["certificateChain", "privateKey", "signer"], "use a credential");
  const { certificateChain, privateKey, signer } = credential;
  const [leaf, ...others] = certificatesOf(certificateChain);
  if (leaf === undefined) throw new TlsUsageError("Cannot use a credential: certificateChain is empty");
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TlsUsageError("Cannot use a credential: give either a privateKey or a signer");
  }
  const signs = signer ?? signerOf(privateKey, settings);
  const canSign = signs.sign === undefined || typeof signs.sign === "function"; // without, a request asks
  if (!Array.isArray(signs.schemes) || !canSign || signs.publicKey === undefined) {
    throw new TlsUsageError(
      "Cannot use a credential: its signer must have schemes, publicKey and, to sign at once, a function sign",
    );
  }
  if (leaf.publicKey === undefined || !publicKeysEqual(leaf.publicKey, signs.publicKey)) {
    throw new TlsUsageError(
      `Cannot use a credential: the private key is not that of the certificate "${leaf.subject.text}" (${leaf.publicKeyDescription})`,
    );
  }
  checkUsable(leaf, signs, settings);
  return { certificateChain: [leaf, ...others].map(({ der }) => der), leaf, signer: signs };
}

/** A credential that no handshake could ever use would fail every one of them. */
function checkUsable(
  { publicKey, publicKeyDescription }: Certificate,
  signer: Signer | RemoteSigner,
  settings: Settings,
): void {
  const { cipherSuites, signatureSchemes } = settings;
  const fits = cipherSuites.some((suite) => traitsOf(suite).authentication.some((type) => type === publicKey?.type));
  if (!fits) {
    const names = cipherSuites.map(({ name }) => name).join(", ");
    throw new TlsUsageError(`Cannot use a credential: its key (${publicKeyDescription}) fits none of ${names}`);
  }
  if (signatureSchemes.some(({ name }) => signer.schemes.includes(name))) return;
  const names = signatureSchemes.map(({ name }) => name).join(", ");
  throw new TlsUsageError(`Cannot use a credential: its key (${publicKeyDescription}) signs with none of ${names}`);
}

function signerOf(privateKey: Credential["privateKey"], { provider, random }: Settings): Signer {
  if (privateKey === undefined) throw new TlsUsageError("Cannot use a credential: there is no private key");
  const isSource = typeof privateKey === "string" || privateKey instanceof Uint8Array;
  return createSigner(isSource ? loadPrivateKey(privateKey) : privateKey, provider.signatureSchemes, random);
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
