/**
 * From options to a connection and its stream: what the adapters of every runtime share.
 * Options are checked before the transport is touched, or even made. Runtime-neutral.
 * @module
 */

import {
  type Answer,
  type ClientConfig,
  createSigner,
  createTlsClient,
  createTlsServer,
  type Credential,
  type CryptoProvider,
  loadCertificates,
  loadPrivateKey,
  nobleProvider,
  type RandomSource,
  type ServerConfig,
  type TlsConfig,
  type TlsRequest,
  TlsUsageError,
} from "../mod.ts";
import { type AdapterOptions, takeApart } from "./adapter_options.ts";
import { checkClientNames, checkServerNames } from "./option_names.ts";
import { pump } from "./pump.ts";
import { ticketKeysFor, type TicketOptions } from "./ticket_keys.ts";
import type { ByteTransport, TlsStream, TlsStreamOptions } from "./tls_stream.ts";

export type { TicketOptions } from "./ticket_keys.ts";

/** How to be a client: its configuration, where `now` and `random` may be left out, and how to run the connection. */
export type ClientOptions = AdapterOptions<ClientConfig>;

/** How to be a server, likewise. What is in `credentials` is read once for each object in it, not for each connection. */
export type ServerOptions = AdapterOptions<ServerConfig> & TicketOptions;

/** Speaks TLS over a transport, once. Until then nothing is sent. */
export type Start = (transport: ByteTransport) => TlsStream;

/** Throws TlsUsageError for options that can't work. `own`: names of the adapter's other options, for its message. */
export function prepareClient(options: ClientOptions, own: readonly string[] = []): Start {
  checkClientNames(options, own);
  const { stream, config } = takeApart(options);
  const { credentials } = config;
  const tls = createTlsClient({ ...config, credentials: preparedAll({ ...config, credentials }) });
  if (leavesQuestions(config)) mustBeAnswered(stream);
  return (transport) => pump(tls, transport, preparingAnswers(stream, config));
}

/** The same for a server. */
export function prepareServer(options: ServerOptions, own: readonly string[] = []): Start {
  checkServerNames(options, own);
  const { tickets, ...others } = options;
  const { stream, config } = takeApart(others);
  const ticketKeys = ticketKeysFor({ ...config, tickets });
  const tls = createTlsServer({ ...config, ticketKeys, credentials: preparedAll(config) });
  if (leavesQuestions(config)) mustBeAnswered(stream);
  return (transport) => pump(tls, transport, preparingAnswers(stream, config));
}

/** Servers of one name on several ports don't get each other's sessions. */
export function keyOfPort(serverName: string | undefined, port: number | undefined): string | undefined {
  return serverName === undefined || port === undefined ? undefined : `${serverName}:${port}`;
}

type HasCredentials = Pick<ClientConfig, "credentials" | "provider" | "random">;

/**
 * Everything that may be left open is left open by the same word; and signers may lack the function that signs. What is
 * asked of a session cache is answered by it.
 */
function leavesQuestions({ sessionCache: _, ...config }: HasCredentials & Pick<TlsConfig, "sessionCache">): boolean {
  const { credentials } = config;
  return Object.values(config).includes("request") ||
    (Array.isArray(credentials) && credentials.some(isRemote));
}

function isRemote({ signer }: Credential): boolean {
  return signer !== undefined && signer.sign === undefined;
}

function mustBeAnswered({ onRequest }: TlsStreamOptions): void {
  if (onRequest !== undefined) return;
  throw new TlsUsageError("Cannot leave a question open: give onRequest, a function that answers requests");
}

/** A list of credentials, prepared; what else is there, or isn't, is refused by the connection, in its own words. */
function preparedAll<Credentials extends HasCredentials["credentials"]>(
  { credentials, provider = nobleProvider, random }: HasCredentials & { readonly credentials: Credentials },
): Credentials | readonly Credential[] {
  if (!Array.isArray(credentials)) return credentials;
  return credentials.map((credential: Credential) => prepared(credential, provider, random));
}

/** Credentials that are answered with are prepared, too. */
function preparingAnswers<Options extends TlsStreamOptions>(stream: Options, config: HasCredentials): Options {
  const { onRequest } = stream;
  if (onRequest === undefined) return stream;
  const { provider = nobleProvider, random } = config;
  return {
    ...stream,
    onRequest: async (request: TlsRequest, signal: AbortSignal): Promise<Answer> => {
      const answer = await onRequest(request, signal);
      if (request.type !== "chooseCredential" || typeof answer !== "object") return answer;
      if ("certificateChain" in answer) return prepared(answer, provider, random);
      if (!Array.isArray(answer)) return answer;
      return answer.map((each: Credential) => prepared(each, provider, random));
    },
  };
}

interface Prepared {
  readonly provider: CryptoProvider;
  readonly credential: Credential;
}

const preparedCredentials = new WeakMap<Credential, Prepared>();

/** The same credential with its certificates and its key loaded: that takes longer than the rest of a handshake's set-up. */
function prepared(credential: Credential, provider: CryptoProvider, random: RandomSource): Credential {
  // What is no object is refused by the connection, in its own words.
  if (typeof credential !== "object" || credential === null) return credential;
  const before = preparedCredentials.get(credential);
  if (before?.provider === provider) return before.credential;
  const loaded = loadedCredential(credential, provider, random);
  preparedCredentials.set(credential, { provider, credential: loaded });
  return loaded;
}

function loadedCredential(credential: Credential, provider: CryptoProvider, random: RandomSource): Credential {
  const { certificateChain, privateKey, signer } = credential;
  // What else is there, or isn't, is refused by the connection.
  if (certificateChain === undefined) return credential;
  const chain = [certificateChain].flat().flatMap((source) =>
    typeof source === "string" || source instanceof Uint8Array ? loadCertificates(source) : [source]
  );
  if (privateKey === undefined || signer !== undefined) return { ...credential, certificateChain: chain };
  const key = typeof privateKey === "string" || privateKey instanceof Uint8Array
    ? loadPrivateKey(privateKey)
    : privateKey;
  const { privateKey: _, ...others } = credential;
  return { ...others, certificateChain: chain, signer: createSigner(key, provider.signatureSchemes, random) };
}
