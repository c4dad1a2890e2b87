/**
 * From options that are Deno's and ours to those of every adapter. Enters: what an embedder says. Leaves: what begins TLS
 * over a transport, or TlsUsageError. Whom Deno trusts is read here, once, and only when it is needed.
 * @module
 */

import { rootCertificates } from "node:tls";
import { type Certificate, type Credential, type ServerConfig, TlsUsageError, type TrustAnchorSource } from "../mod.ts";
import { type ClientOptions, keyOfPort, prepareClient, type ServerOptions, type Start } from "./endpoints.ts";
import { readTrustAnchors } from "./node_roots.ts";
import { checkClientNames } from "./option_names.ts";

/** How to be a client on Deno: the options of every adapter, and those of `Deno.startTls`. */
export interface DenoClientOptions extends ClientOptions {
  /** Default of `serverName`; default: 127.0.0.1. */
  readonly hostname?: string | undefined;
  /** Whom to trust beside `trustAnchors`, whose default are Deno's own roots: PEM texts. */
  readonly caCerts?: readonly string[] | undefined;
  /** Must not be true: give a `certificateVerifier` for that. */
  readonly unsafelyDisableHostnameVerification?: boolean | undefined;
  /** The client's certificate chain, for servers that ask for one: a PEM text. With its `key` it stands for `credentials`. */
  readonly cert?: string | undefined;
  /** The private key: a PEM text. */
  readonly key?: string | undefined;
  readonly keyFormat?: "pem" | undefined;
}

/** How to be a server on Deno: the options of every adapter, where a PEM text `cert` with its `key` may stand for `credentials`. */
export interface DenoServerOptions extends Omit<ServerOptions, "credentials"> {
  readonly credentials?: ServerConfig["credentials"] | undefined;
  /** The certificate chain. */
  readonly cert?: string | undefined;
  /** The private key. */
  readonly key?: string | undefined;
  readonly keyFormat?: "pem" | undefined;
}

type CertifiedKey = Pick<DenoServerOptions, "cert" | "key" | "keyFormat">;

/**
 * As on Deno's own connections, `halfClose` is on unless it is told off. `port`: the server's, where it is known. Throws
 * TlsUsageError for options that can't work.
 */
export function prepareDenoClient(options: DenoClientOptions, port?: number): Start {
  const { hostname = "127.0.0.1", caCerts = [], unsafelyDisableHostnameVerification = false, ...rest } = options;
  const { cert: _, key: __, keyFormat: ___, ...others } = rest;
  checkClientNames(others, ["hostname", "port", "caCerts", "cert", "key"]); // before roots are read, which may fail for another reason
  const { serverName = withoutBrackets(hostname), halfClose = true } = others;
  if (unsafelyDisableHostnameVerification !== false) {
    throw new TlsUsageError(
      "Cannot use unsafelyDisableHostnameVerification: give the name that the certificate bears as serverName, " +
        "or decide with a certificateVerifier",
    );
  }
  if (!Array.isArray(caCerts)) {
    throw new TlsUsageError(`Cannot use caCerts: it must be a list of PEM texts, not ${typeof caCerts}`);
  }
  const credentials = credentialsOf(options);
  const sessionKey = others.sessionKey ?? keyOfPort(serverName, port);
  const trustAnchors = anchorsOf(others, caCerts);
  return prepareClient({ ...others, serverName, halfClose, credentials, trustAnchors, sessionKey });
}

/** Fills in what Deno's names and defaults mean. Throws TlsUsageError when they don't go together. */
export function completeServer(options: DenoServerOptions): ServerOptions {
  const { cert: _, key: __, keyFormat: ___, halfClose = true, ...others } = options;
  return { ...others, halfClose, credentials: credentialsOf(options) ?? [] };
}

/** Read from PEM once for each object of options, as long as the texts are the same. */
const credentialsInPem = new WeakMap<object, Credential>();

/** What `cert` and `key` stand for. */
function credentialsOf<Credentials>(
  options: CertifiedKey & { readonly credentials?: Credentials },
): Credentials | readonly Credential[] | undefined {
  const { cert, key, keyFormat = "pem", credentials } = options;
  if (keyFormat !== "pem") throw new TlsUsageError(`Cannot use keyFormat: it is "pem", not ${String(keyFormat)}`);
  if (cert === undefined && key === undefined) return credentials;
  if (cert === undefined || key === undefined) {
    throw new TlsUsageError("Cannot use cert without key, or key without cert: give both, or credentials");
  }
  if (credentials !== undefined) {
    throw new TlsUsageError("Cannot use credentials beside cert and key: add { certificateChain, privateKey } to it");
  }
  const before = credentialsInPem.get(options);
  if (before?.certificateChain === cert && before.privateKey === key) return [before];
  const credential: Credential = { certificateChain: cert, privateKey: key };
  credentialsInPem.set(options, credential);
  return [credential];
}

function anchorsOf(
  { trustAnchors, certificateVerifier }: ClientOptions,
  caCerts: readonly string[],
): ClientOptions["trustAnchors"] {
  if (caCerts.length === 0 && (trustAnchors !== undefined || certificateVerifier !== undefined)) return trustAnchors;
  const others: readonly TrustAnchorSource[] = trustAnchors === undefined ? denoRoots(caCerts) : [trustAnchors].flat();
  return [...others, ...caCerts];
}

let roots: readonly Certificate[] | undefined;

/** Without the permission to read them, nobody is trusted but whom the caller names. */
function denoRoots(caCerts: readonly string[]): readonly Certificate[] {
  try {
    roots ??= readTrustAnchors(rootCertificates, undefined);
    return roots;
  } catch (cause) {
    if (caCerts.length > 0) return [];
    throw new TlsUsageError(
      "Cannot read whom Deno trusts: give caCerts or trustAnchors (such as rootTrustAnchors() of tlschart/roots), or run Deno with --allow-sys",
      { cause },
    );
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
