/**
 * What every contender of the benchmark is given: one CA, one leaf for P-256, one suite, one group.
 * @module
 */

import {
  type Certificate,
  type ClientConfig,
  createSigner,
  createTlsClient,
  createTlsServer,
  type Credential,
  decodeCertificate,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider,
  type Output,
  type PrivateKey,
  type ServerConfig,
  type TlsConnection,
} from "../../mod.ts";

export const serverName = "bench.example";
/** In bytes: as many as one record holds. */
export const bulkLength = 2 ** 14;

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const issuing = { provider: nobleProvider, random, now: Date.now() };
const authority = issueCertificateAuthority({ ...issuing, name: "Bench CA" });
const issued = issueCertificate({ ...issuing, issuer: authority, names: [serverName] });

export const ca: Certificate = decodeCertificate(authority.certificate);
export const leaf: Certificate = decodeCertificate(issued.chain[0]);
export const privateKey: PrivateKey = issued.privateKey;
export const caPem: string = encodePem("CERTIFICATE", ca.der);
export const leafPem: string = encodePem("CERTIFICATE", leaf.der);
export const keyPem: string = encodePem("PRIVATE KEY", encodePrivateKey(privateKey));

export type SuiteName = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" | "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
export type GroupName = "x25519" | "secp256r1";

/** One suite and one group; certificates and key as a server keeps them: loaded once. */
export interface Duel {
  readonly suite: SuiteName;
  readonly group: GroupName;
}

const credential: Credential = {
  certificateChain: [leaf],
  signer: createSigner(privateKey, nobleProvider.signatureSchemes, random),
};

export function clientConfig({ suite, group }: Duel): ClientConfig {
  const namedGroups = group === "secp256r1" ? [group] : [group, "secp256r1"] as const;
  return { serverName, trustAnchors: [ca], cipherSuites: [suite], namedGroups, now: Date.now, random };
}

export function serverConfig({ suite }: Duel): ServerConfig {
  return { credentials: [credential], cipherSuites: [suite], now: Date.now, random };
}

/** Two connections and what they said so far. */
export interface Pair {
  readonly client: TlsConnection;
  readonly server: TlsConnection;
}

export function newPair(client: ClientConfig, server: ServerConfig): Pair {
  return { client: createTlsClient(client), server: createTlsServer(server) };
}

/** A full handshake in memory; `see` gets what the client says beside bytes. Throws when it fails. */
export function shakeHands({ client, server }: Pair, see: (output: Output) => void = () => {}): void {
  server.start();
  const waiting = wireOf(client.start(), see);
  while (waiting.length > 0) {
    const toServer = waiting.splice(0);
    const toClient = toServer.flatMap((bytes) => wireOf(server.receive(bytes)));
    waiting.push(...toClient.flatMap((bytes) => wireOf(client.receive(bytes), see)));
  }
  if (client.session === undefined || server.session === undefined) throw new Error(`no handshake: ${client.state}`);
}

/** Sends data through one pair, client to server; returns how many bytes arrived. */
export function carry({ client, server }: Pair, data: Uint8Array): number {
  let arrived = 0;
  for (const bytes of wireOf(client.send(data))) {
    for (const output of server.receive(bytes)) if (output.type === "data") arrived += output.bytes.length;
  }
  return arrived;
}

/** A full handshake of a client that traces; returns the length of all messages up to ClientKeyExchange, in bytes. */
export function transcriptLength(pair: Pair): number {
  let length = 0;
  let ended = false;
  shakeHands(pair, (output) => {
    if (ended || output.type !== "trace" || output.event.type !== "message") return;
    length += output.event.bytes.length;
    ended = output.event.name === "client_key_exchange";
  });
  return length;
}

function wireOf(outputs: readonly Output[], see: (output: Output) => void = () => {}): Uint8Array[] {
  return outputs.flatMap((output) => {
    if (output.type === "failed") throw output.error;
    if (output.type === "transmit") return [output.bytes];
    see(output);
    return [];
  });
}
