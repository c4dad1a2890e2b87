/**
 * What an embedder configures: what there is to be told, and what holds where nothing is said.
 * @module
 */

import type { CertificateRules, TrustAnchorSource } from "./certificate_rules.ts";
import type { Credential } from "./credential.ts";
import type { CryptoProvider, RandomSource } from "./crypto/provider.ts";
import type { CipherSuiteName, NamedGroupName, SignatureSchemeName } from "./registry.ts";
import type { SessionCache } from "./session/session_cache.ts";
import type { TicketKey } from "./session/ticket.ts";
import type { SomeLimits } from "./settings.ts";
import type { CertificateVerifier } from "./x509/verifier.ts";

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
  /** What the peer may sign its part of the handshake with, best first; default: `signatureSchemes`. */
  readonly peerSignatureSchemes?: readonly SignatureSchemeName[] | undefined;
  /** ALPN, best first: `["h2", "http/1.1"]`; default: none. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** Whether `send` still works after the peer's close_notify; default: false, as RFC 5246 §7.2.1 says. */
  readonly halfClose?: boolean | undefined;
  /** Whether the output `keyLog` comes, with which others can decrypt; default: false. */
  readonly keyLog?: boolean | undefined;
  /** Whether the output `trace` comes, and with secrets or not; default: "off". */
  readonly trace?: "off" | "messages" | "secrets" | undefined;
  /**
   * Whether ECDHE suites with CBC and HMAC (the provider's `legacyCipherSuites`) are negotiated, after all others, for
   * peers that have nothing better; default: false. Checking their MAC in constant time is beyond JavaScript.
   */
  readonly legacyCbc?: boolean | undefined;
  /** Whom to trust; or bring a `certificateVerifier`. */
  readonly trustAnchors?: TrustAnchorSource | readonly TrustAnchorSource[] | undefined;
  /**
   * How the certificates that lead to the `trustAnchors` are judged: policy, revocation lists, pins, limits … Default:
   * `policies.compatible`, and what the peer staples.
   */
  readonly certificateRules?: CertificateRules | undefined;
  /**
   * Decides alone whether the peer is to be trusted; should throw CertificateError if not. With "request" the connection
   * asks by a request `verifyCertificate`, which may be answered later.
   */
  readonly certificateVerifier?: CertificateVerifier | "request" | undefined;
  /**
   * Names who decides by request, with `certificateVerifier: "request"` whom to trust, with `credentials: "request"` what to
   * show, and by which rules: needed where sessions are kept, because nobody is asked again when one is resumed. A verifier
   * that is an object says its `identity` itself.
   */
  readonly verifierIdentity?: string | undefined;
  /**
   * With "request", a certificate that is missing between the peer's and the `trustAnchors` is asked for by a request
   * `issuerMissing`, up to four times; default: the peer is refused.
   */
  readonly onMissingIssuer?: "request" | undefined;
  /**
   * Where sessions are kept, so that later connections resume them: see `createSessionCache`. With "request" they are
   * asked for by the request `loadSession` and handed out by `storeSession`. Default: nowhere.
   */
  readonly sessionCache?: SessionCache | "request" | undefined;
  /** How long after its full handshake a session may be resumed, in seconds; default: 7200, at most 604800 (a week). */
  readonly sessionLifetime?: number | undefined;
  /** Whether a peer without extended master secret (RFC 7627) is refused; default: false. */
  readonly requireExtendedMasterSecret?: boolean | undefined;
  /** Whether a peer without renegotiation_info (RFC 5746) is refused; default: false. */
  readonly requireSecureRenegotiation?: boolean | undefined;
  /**
   * RFC 8449: the longest plaintext of a protected record that the peer may send, in bytes, 64 to 16384. A client asks for
   * it only when it is given; a server tells it to every client that knows the extension. Default: 16384.
   */
  readonly recordSizeLimit?: number | undefined;
  /** How much a peer may send, and how much a key may protect: what is given replaces the default. See `Limits`. */
  readonly limits?: SomeLimits | undefined;
}

/** What a client is told. */
export interface ClientConfig extends TlsConfig {
  /** The DNS name or IP address of the server, which its certificate must bear. */
  readonly serverName?: string | undefined;
  /**
   * What the client proves itself with where a server asks: the first that is of an issuer, type and scheme that the
   * server accepts. With "request" it is asked for by a request `chooseCredential`. Default: none.
   */
  readonly credentials?: readonly Credential[] | "request" | undefined;
  /**
   * Under which name this server's session is kept; default: its `serverName`; needed without one. Who talks to several servers of one name,
   * on several ports, gives each its own.
   */
  readonly sessionKey?: string | undefined;
  /** Whether tickets (RFC 5077) are asked for where there is a `sessionCache`; default: true. */
  readonly tickets?: boolean | undefined;
  /** RFC 6066 §8: whether a stapled OCSP response is asked for. One that comes must be right. Default: false. */
  readonly requestOcspResponse?: boolean | undefined;
  /** RFC 6962 §3.3: whether timestamps are asked for, to be handed out unverified; default: false. */
  readonly requestSignedCertificateTimestamps?: boolean | undefined;
  /** RFC 6066 §4: asks for shorter records both ways: 512, 1024, 2048 or 4096 bytes. Default: not asked for. */
  readonly maxFragmentLength?: number | undefined;
  /** What is done when the server asks for a new handshake: "decline" with a warning (default), or "fail". */
  readonly onHelloRequest?: "decline" | "fail" | undefined;
  /** RFC 7507: for a client that tries again with less than it could do; default: false. */
  readonly fallbackScsv?: boolean | undefined;
}

/** What a server is told. */
export interface ServerConfig extends TlsConfig {
  /**
   * At least one. Chosen by the client's server_name, suites, schemes and curves; the first is the default. With
   * "request" it is asked for by a request `chooseCredential`.
   */
  readonly credentials: readonly Credential[] | "request";
  /**
   * Whether clients are asked to prove who they are; default: "none". "optional": they need not, but a certificate that
   * comes must be right. Whom to trust is said by `trustAnchors` or `certificateVerifier`.
   */
  readonly clientAuthentication?: "none" | "optional" | "required" | undefined;
  /** Whose certificates the server would like: DER of distinguished names. Default: the names of the `trustAnchors`. */
  readonly certificateAuthorities?: readonly Uint8Array[] | undefined;
  /**
   * RFC 5077: what seals and opens tickets, the first one seals. A function is asked for each: `createTicketKeyRing`
   * makes one that rotates. Default: no tickets.
   */
  readonly ticketKeys?: readonly TicketKey[] | (() => readonly TicketKey[]) | undefined;
  /** What a client gets that asks for a name which no credential bears: the default one, or unrecognized_name. */
  readonly unknownServerName?: "default" | "refuse" | undefined;
  /** With "request", each ClientHello is shown by a request `inspectClientHello` before anything is decided. */
  readonly onClientHello?: "request" | undefined;
}

const commonNames: readonly (keyof TlsConfig)[] = [
  "now",
  "random",
  "provider",
  "cipherSuites",
  "namedGroups",
  "signatureSchemes",
  "peerSignatureSchemes",
  "alpnProtocols",
  "halfClose",
  "keyLog",
  "trace",
  "legacyCbc",
  "trustAnchors",
  "certificateRules",
  "certificateVerifier",
  "verifierIdentity",
  "onMissingIssuer",
  "sessionCache",
  "sessionLifetime",
  "requireExtendedMasterSecret",
  "requireSecureRenegotiation",
  "recordSizeLimit",
  "limits",
];

/** What a client can be told, by name: for those who check options before they are handed on. */
export const clientConfigNames: readonly (keyof ClientConfig)[] = [
  "serverName",
  "credentials",
  "sessionKey",
  "tickets",
  "requestOcspResponse",
  "requestSignedCertificateTimestamps",
  "maxFragmentLength",
  "onHelloRequest",
  "fallbackScsv",
  ...commonNames,
];

/** The same for a server. */
export const serverConfigNames: readonly (keyof ServerConfig)[] = [
  "credentials",
  "clientAuthentication",
  "certificateAuthorities",
  "ticketKeys",
  "unknownServerName",
  "onClientHello",
  ...commonNames,
];
