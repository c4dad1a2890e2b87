/** Certificates, made once for each run, and small words for tests of adapters. */
import {
  decodeCertificate,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider,
} from "../../mod.ts";
import type {
  CertificateAuthority,
  Credential,
  IssuedCertificate,
  PrivateKey,
  PublicKey,
  TlsSession,
} from "../../mod.ts";
import { assert } from "../harness.ts";

export const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

const common = { provider: nobleProvider, random, now: Date.now() };
const authority: CertificateAuthority = issueCertificateAuthority({ ...common, name: "Adapter tests" });
const leaf: IssuedCertificate = issueCertificate({ ...common, issuer: authority, names: ["localhost", "127.0.0.1"] });

export const otherAuthority: CertificateAuthority = issueCertificateAuthority({ ...common, name: "Somebody else" });
export const leafPrivateKey: PrivateKey = leaf.privateKey;
export const leafPublicKey: PublicKey = publicKeyOf(leaf.chain[0]);
export const credential: Credential = { certificateChain: leaf.chain, privateKey: leaf.privateKey };
/** What a client proves itself with to whoever trusts the same authority. */
export const clientCredential: Credential = credentialFor("client.test");
/** What a server proves itself with that serves another name. */
export const otherCredential: Credential = credentialFor("other.test");
/** What a client needs to trust the server. */
export const trusting: { readonly serverName: string; readonly trustAnchors: Uint8Array } = {
  serverName: "localhost",
  trustAnchors: authority.certificate,
};
/** The same, as node:tls wants it. */
export const pem: Readonly<Record<"ca" | "cert" | "key", string>> = {
  ca: encodePem("CERTIFICATE", authority.certificate),
  cert: leaf.chain.map((der) => encodePem("CERTIFICATE", der)).join(""),
  key: encodePem("PRIVATE KEY", encodePrivateKey(leaf.privateKey)),
};

/** A session that no handshake made, where somebody has to have one. */
export const someSession: TlsSession = {
  version: "TLSv1.2",
  resumed: false,
  cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  namedGroup: "x25519",
  signatureScheme: "ecdsa_secp256r1_sha256",
  clientSignatureScheme: undefined,
  alpnProtocol: undefined,
  serverName: undefined,
  peerCertificates: [],
  localCertificates: [],
  ocspResponse: undefined,
  signedCertificateTimestamps: [],
  encryptThenMac: false,
  maxSendLength: 2 ** 14,
  maxReceiveLength: 2 ** 14,
  extendedMasterSecret: true,
  secureRenegotiation: true,
  clientRandom: new Uint8Array(32),
  serverRandom: new Uint8Array(32),
  clientFinished: new Uint8Array(12),
  serverFinished: new Uint8Array(12),
};

function credentialFor(name: string): Credential {
  const { chain, privateKey } = issueCertificate({ ...common, issuer: authority, names: [name] });
  return { certificateChain: chain, privateKey };
}

function publicKeyOf(certificate: Uint8Array): PublicKey {
  const { publicKey } = decodeCertificate(certificate);
  if (publicKey === undefined) throw new Error("The certificate has no key that we know");
  return publicKey;
}

/** Bytes in which a swap, a loss or a repetition shows. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = index * 31 + (index >> 8) * 7;
  return bytes;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Everything until the end. */
export async function readAll(readable: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return joined(await chunksOf(readable));
}

export async function readText(readable: ReadableStream<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await readAll(readable));
}

/** At least so many bytes, in whole chunks, or fewer when the stream ends; the stream can be read on. */
export async function readBytes(
  readable: ReadableStream<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  let missing = length;
  while (missing > 0) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    missing -= value.length;
  }
  reader.releaseLock();
  return joined(chunks);
}

/** Writes without ending. */
export async function write(writable: WritableStream<Uint8Array>, data: Uint8Array | string): Promise<void> {
  const writer = writable.getWriter();
  try {
    await writer.write(typeof data === "string" ? utf8(data) : data);
  } finally {
    writer.releaseLock();
  }
}

/** Writes and ends. */
export async function writeAll(writable: WritableStream<Uint8Array>, data: Uint8Array | string): Promise<void> {
  await write(writable, data);
  await writable.close();
}

/** The error with which a promise rejects. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`It rejects with ${String(error)}, which is no Error`);
  }
  throw new Error("It doesn't reject");
}

/** The error is of this class and says this. */
export function isError(error: unknown, type: abstract new (...args: never[]) => Error, says: RegExp): void {
  assert.instance(error, type);
  if (error instanceof Error) assert.match(error.message, says);
}

/** A signal that knows how many listen to it. */
export function countingSignal(): {
  readonly abort: (reason: unknown) => void;
  readonly signal: AbortSignal;
  count(): number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    listeners.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    listeners.delete(args[1]);
    remove(...args);
  };
  return { abort: (reason) => controller.abort(reason), signal, count: () => listeners.size };
}

async function chunksOf(readable: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return chunks;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
