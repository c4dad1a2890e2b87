/**
 * What the wide interop run needs to know of another implementation: how it is started in both roles, and how what it
 * saw of a connection is read. Every peer sends back what it gets (or has its own way to exchange data), so that the
 * same promises can be tested with all of them.
 */
import type { CipherSuiteName, NamedGroupName } from "../../lib/registry.ts";
import type { KeyKind } from "../support/fixtures.ts";
import type { Identity } from "./certificates.ts";
import type { Talk } from "./talk.ts";

/** What a peer saw of a connection; a member is missing when the peer doesn't say. */
export interface Seen {
  readonly cipherSuite?: CipherSuiteName | undefined;
  readonly namedGroup?: NamedGroupName | undefined;
  readonly alpnProtocol?: string | undefined;
  readonly serverName?: string | undefined;
  readonly extendedMasterSecret?: boolean | undefined;
  readonly encryptThenMac?: boolean | undefined;
  readonly resumed?: boolean | undefined;
  /** Whether the other side showed a certificate. */
  readonly peerCertificate?: boolean | undefined;
  /** Whether an OCSP response was stapled. */
  readonly stapled?: boolean | undefined;
  /** Of the label `EXPORTER-interop`, 32 bytes, without context. */
  readonly exported?: string | undefined;
  /** RFC 5929 tls-unique. */
  readonly unique?: string | undefined;
}

/** What both roles of a peer can be told. */
export interface PeerOptions {
  readonly cipherSuites?: readonly CipherSuiteName[] | undefined;
  readonly namedGroups?: readonly NamedGroupName[] | undefined;
  readonly alpnProtocols?: readonly string[] | undefined;
  /** Whether it has session tickets. Default: false. */
  readonly tickets?: boolean | undefined;
  /** Whether suites with CBC are allowed, and whether with encrypt-then-MAC. */
  readonly cbc?: "encryptThenMac" | "macThenEncrypt" | undefined;
  /** RFC 8449 or RFC 6066 §4: the longest plaintext that it wants. */
  readonly recordSizeLimit?: number | undefined;
}

export interface PeerServerOptions extends PeerOptions {
  readonly kind: KeyKind;
  /** Default: "none". */
  readonly clientAuthentication?: "none" | "optional" | "required" | undefined;
  /** An OCSPResponse to staple, in DER. */
  readonly ocspResponse?: Uint8Array | undefined;
}

export interface PeerClientOptions extends PeerOptions {
  readonly port: number;
  readonly kind: KeyKind;
  /** Default: the name of that kind of server. */
  readonly serverName?: string | undefined;
  /** A file with the only CA that it trusts. Default: the root of this run. */
  readonly trusts?: string | undefined;
  readonly certificate?: Identity | undefined;
  /** Connections with the same word share their sessions. Default: none are kept. */
  readonly sessions?: string | undefined;
  /** How many bytes will be exchanged, for those who must know before. */
  readonly length?: number | undefined;
  /** Whether it asks for an OCSP response. */
  readonly asksStatus?: boolean | undefined;
}

/** A server of a peer's on loopback. */
export interface PeerServer {
  readonly port: number;
  /** What it saw of the newest connection, which may have to be over first. */
  seen(talk: Talk): Promise<Seen>;
  /** Proves that data passes both ways, about so much in each direction. Default: it sends back what it gets. */
  exchange?(talk: Talk, length: number): Promise<void>;
  /** Makes it close first. Default: it does so after the line "CLOSE". */
  closeFirst?(talk: Talk): Promise<void>;
  /** Waits until it says that it was told this alert. */
  toldAlert?(alert: string): Promise<void>;
  stop(): void;
}

/** One connection of a peer's client. */
export interface PeerClient {
  seen(talk: Talk): Promise<Seen>;
  exchange?(talk: Talk, length: number): Promise<void>;
  /** Makes it close first. */
  close(): void;
  /** Waits until it has failed. */
  failed(): Promise<void>;
  stop(): void;
}

/** Another implementation. */
export interface Peer {
  readonly name: string;
  /** Why it can't be tested here. */
  readonly missing: string | undefined;
  /** Kinds of certificates that it has in TLS 1.2. */
  readonly kinds: readonly KeyKind[];
  readonly cipherSuites: readonly CipherSuiteName[];
  readonly namedGroups: readonly NamedGroupName[];
  /** The only name for which its client asks. */
  readonly clientAsksFor?: string | undefined;
  /** Whether its client, told of `sessions`, makes two connections by itself, one after the other. */
  readonly resumesByItself?: boolean | undefined;
  /** Whether its server refuses client certificates only after the handshake. */
  readonly judgesClientsLate?: boolean | undefined;
  /** Whether it holds chains to the schemes that are offered, and binds ECDSA schemes to curves in TLS 1.2 too. */
  readonly bindsSchemes?: boolean | undefined;
  /** Promises that it doesn't make, by their word, with the reason. */
  readonly cannot: Readonly<Partial<Record<PromiseWord, string>>>;
  startServer?(options: PeerServerOptions): Promise<PeerServer>;
  startClient?(options: PeerClientOptions): Promise<PeerClient>;
}

/** What is promised of a peer in a role. */
export type PromiseWord = `${"client" | "server"}:${
  | "alpn"
  | "singleBytes"
  | "tenMegabytes"
  | "closesFirst"
  | "closesSecond"
  | "refuses"
  | "tickets"
  | "sessionIds"
  | "clientCertificates"
  | "stapling"
  | "exporter"
  | "cbc"
  | "encryptThenMac"
  | "recordSizeLimit"
  | "maxFragmentLength"}`;

/** Lines that read the same backwards, each another one, of about so many bytes: some peers answer in their own way. */
export function payload(length: number): Uint8Array {
  const lineLength = length > 65536 ? 1000 : 20;
  const lines: string[] = [];
  for (let number = 0; number * lineLength < length; number++) {
    const half = number.toString(36).padStart(6, "x").repeat(Math.ceil(lineLength / 12)).slice(0, lineLength / 2);
    lines.push(`${half}${Array.from(half).reverse().join("")}\n`);
  }
  return Uint8Array.from(Buffer.from(lines.join("")));
}

export const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
