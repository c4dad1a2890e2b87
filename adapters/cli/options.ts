/**
 * The command line as data: what each command can be told. Types only.
 * @module
 */

import type { CertificatePurpose, CipherSuiteName, NamedGroupName, policies } from "../../mod.ts";

export type Topic = "demo" | "connect" | "serve" | "relay" | "verify";

export type Command =
  | { readonly name: "help"; readonly topic: Topic | undefined }
  | { readonly name: "version" }
  | ({ readonly name: "demo" } & DemoOptions)
  | ({ readonly name: "connect" } & ConnectOptions)
  | ({ readonly name: "serve" } & ServeOptions)
  | ({ readonly name: "relay" } & RelayCommandOptions)
  | ({ readonly name: "verify" } & VerifyOptions);

/** What every command can be told. */
export interface CommonOptions {
  readonly cipherSuites: readonly CipherSuiteName[] | undefined;
  readonly namedGroups: readonly NamedGroupName[] | undefined;
  /** A path. */
  readonly keyLog: string | undefined;
  readonly showsSecrets: boolean;
}

export type DemoOptions = CommonOptions;

/** What the two commands can be told that are one side of a connection. */
export interface EndpointOptions extends CommonOptions {
  readonly alpnProtocols: readonly string[] | undefined;
  /** Default: yes. */
  readonly tickets: boolean;
  readonly legacyCbc: boolean;
  /** In bytes. */
  readonly recordSizeLimit: number | undefined;
  readonly steps: boolean;
}

/** A certificate and its key, in two files. */
export interface CredentialFiles {
  readonly cert: string;
  readonly key: string;
}

/** How certificates are judged. */
export interface RuleOptions {
  readonly policy: keyof typeof policies;
  /** Paths. */
  readonly crls: readonly string[];
  /** As they were given; none is no restriction. */
  readonly pins: readonly string[];
}

export interface ConnectOptions extends EndpointOptions, RuleOptions {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  /** A path. */
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** The path of a URL; without, stdin and stdout are piped. */
  readonly get: string | undefined;
  readonly credential: CredentialFiles | undefined;
  /** A path. */
  readonly session: string | undefined;
  readonly ocsp: boolean;
  /** In bytes. */
  readonly maxFragmentLength: number | undefined;
}

export interface ServeOptions extends EndpointOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly credential:
    /** The first one is the default. */
    | { readonly type: "files"; readonly files: readonly CredentialFiles[] }
    | { readonly type: "selfSigned"; readonly names: readonly string[] };
  /** Paths: a stapled response for each credential, from the first one on. */
  readonly ocsp: readonly string[];
  /** A path. */
  readonly clientCa: string | undefined;
  readonly requireClientCert: boolean;
  readonly answer: "www" | "echo";
}

export interface RelayCommandOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly allow: readonly string[];
  readonly origins: readonly string[];
  readonly maxConnections: number | undefined;
  readonly maxBytes: number | undefined;
  /** In ms. */
  readonly idleTimeout: number | undefined;
  /** A port, 0 for any free one. */
  readonly reverse: number | undefined;
}

export interface VerifyOptions extends RuleOptions {
  /** Paths, at least one; "-" is stdin. */
  readonly files: readonly string[];
  /** Paths; none: whom Node trusts. */
  readonly ca: readonly string[];
  readonly serverName: string | undefined;
  readonly anyName: boolean;
  readonly emailAddress: string | undefined;
  readonly purpose: CertificatePurpose;
  /** In ms since 1970; `undefined` is now. */
  readonly time: number | undefined;
  /** A path. */
  readonly ocsp: string | undefined;
  readonly requireRevocationStatus: boolean;
  /** A path. */
  readonly publicSuffixes: string | undefined;
  readonly maxIntermediates: number | undefined;
  readonly json: boolean;
}
