/**
 * The public face without a default provider: who brings a CryptoProvider doesn't carry noble.
 * @module
 */

import { checkedAnswer } from "./answers.ts";
import { clientSettings, serverSettings } from "./check_config.ts";
import type { ClientConfig, ServerConfig } from "./config.ts";
import { createConnection } from "./connection.ts";
import { clientOpening } from "./opening/client_opening.ts";
import { thawClient } from "./opening/client_thaw.ts";
import { serverOpening } from "./opening/server_opening.ts";
import type { FrozenConnection, TlsConnection } from "./tls_connection.ts";
import { thawServer } from "./opening/server_thaw.ts";
import { thawConnection } from "./thaw.ts";

export * from "./certificates.ts";
export type { CertificateRules, TrustAnchorSource } from "./certificate_rules.ts";
export type { ClientConfig, ServerConfig, TlsConfig } from "./config.ts";
export type { CertificateSource, Credential } from "./credential.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits, RecordCipherName, SomeLimits } from "./settings.ts";
export { clientConfigNames, serverConfigNames } from "./config.ts";
export type { FrozenConnection, TlsConnection } from "./tls_connection.ts";
export type {
  AeadElement,
  AeadSuiteElement,
  BlockCipherElement,
  CbcSuiteElement,
  CipherSuiteElement,
  CryptoProvider,
  EcCurveName,
  HashElement,
  NamedGroupElement,
  PrivateKey,
  PublicKey,
  RandomSource,
  RemoteSigner,
  SignatureAlgorithm,
  SignatureSchemeElement,
  Signer,
} from "./crypto/provider.ts";
export { createSigner } from "./crypto/signer.ts";
export {
  AlertReceivedError,
  CertificateError,
  type CertificateErrorDetails,
  DecodeError,
  InternalError,
  type MissingIssuer,
  type Offers,
  PeerIncompatibleError,
  PeerMisbehavedError,
  TlsError,
  type TlsErrorOptions,
  TlsUsageError,
  TruncationError,
} from "./error.ts";
export type { Json, JsonObject } from "./codec/shape.ts";
export type { Output } from "./output.ts";
export type {
  Answer,
  ChooseCredentialQuestion,
  InspectClientHelloQuestion,
  IssuerMissingQuestion,
  LoadSessionQuestion,
  Question,
  SignQuestion,
  TlsRequest,
  VerifyCertificateQuestion,
} from "./request.ts";
export { type ClientHelloFacts, clientHelloFacts } from "./messages/client_hello_facts.ts";
export { type Hash, ja3, ja3Text, ja4, ja4Raw } from "./messages/fingerprint.ts";
export { createSessionCache, type SessionCache, type SessionCacheOptions } from "./session/session_cache.ts";
export { createTicketKeyRing, type TicketKey, type TicketKeyRingOptions } from "./session/ticket.ts";
export {
  AlertDescription,
  type AlertDescriptionName,
  type AlertLevelName,
  CipherSuite,
  type CipherSuiteName,
  type ContentTypeName,
  type HandshakeTypeName,
  NamedGroup,
  type NamedGroupName,
  type ProtocolVersionName,
  SignatureScheme,
  type SignatureSchemeName,
} from "./registry.ts";
export type { ChannelBindingType, TlsSession } from "./session.ts";
export type { Direction, MessageFields, SecretName, TraceEvent } from "./trace.ts";

/**
 * A TLS 1.2 client. Throws TlsUsageError for a configuration that can't work; sends nothing before `start()`.
 *
 * @example
 * const tls = createTlsClient({ serverName: "example.com", trustAnchors, now: Date.now, random, provider });
 */
export function createTlsClient(config: ClientConfig): TlsConnection {
  const settings = clientSettings(config);
  return createConnection(clientOpening(settings), settings, checkedAnswer);
}

/**
 * A TLS 1.2 server, for one connection. Throws TlsUsageError for a configuration that can't work.
 *
 * @example
 * const tls = createTlsServer({ credentials: [{ certificateChain, privateKey }], now: Date.now, random, provider });
 */
export function createTlsServer(config: ServerConfig): TlsConnection {
  const settings = serverSettings(config);
  return createConnection(serverOpening(settings), settings, checkedAnswer);
}

/**
 * A client that goes on exactly where it was frozen: same state, session and open request (`request`). The
 * configuration is to be the one that it was created with; what can be told is checked (server name, suite, group and
 * schemes that are in use), the rest holds from now on. Throws TlsUsageError for whatever isn't a client's frozen
 * connection. A frozen value is to be thawed once.
 *
 * @example
 * const tls = thawTlsClient(JSON.parse(text), { serverName, trustAnchors, now: Date.now, random, provider });
 */
export function thawTlsClient(frozen: FrozenConnection, config: ClientConfig): TlsConnection {
  return thawConnection(frozen, "client", clientSettings(config), checkedAnswer, thawClient);
}

/**
 * A server that goes on exactly where it was frozen; all else as with `thawTlsClient`.
 *
 * @example
 * const tls = thawTlsServer(JSON.parse(text), { credentials, now: Date.now, random, provider });
 */
export function thawTlsServer(frozen: FrozenConnection, config: ServerConfig): TlsConnection {
  return thawConnection(frozen, "server", serverSettings(config), checkedAnswer, thawServer);
}
