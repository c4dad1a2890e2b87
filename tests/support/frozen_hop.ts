/**
 * One hop of a connection that lives in another runtime for each piece that its peer sends: it is thawed, does what it
 * is told, and is frozen again. Runs in Node, Deno and Bun alike; what goes in and what comes out is JSON.
 */
import {
  type ClientConfig,
  createCertificateVerifier,
  createSigner,
  type FrozenConnection,
  loadCertificates,
  loadPrivateKey,
  nobleProvider,
  type Output,
  type ServerConfig,
  thawTlsClient,
  thawTlsServer,
  type TlsConnection,
  type TlsRequest,
} from "../../mod.ts";
import { toHex } from "../../lib/codec/bytes.ts";

export interface Hop {
  readonly frozen: FrozenConnection;
  /** PEM: of a client whom it trusts, of a server its chain. */
  readonly certificates: string;
  /** PEM; of a server only. */
  readonly privateKey: string;
  /** What the peer sent, in hexadecimal; `undefined`: the open request is answered. */
  readonly received: string | undefined;
  /** What is sent once the handshake is over. */
  readonly says: string;
}

export interface Landing {
  readonly frozen: FrozenConnection;
  readonly transmitted: string;
  readonly data: string;
  readonly types: readonly Output["type"][];
  /** RFC 5705, once there is a session. */
  readonly exported: string;
}

export const serverName = "frozen.example";
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

export const hopConfig: ClientConfig = { now: Date.now, random, serverName, certificateVerifier: "request" };

/** The key isn't at hand: who signs is asked. */
export function serverConfigOf({ certificates, privateKey }: Pick<Hop, "certificates" | "privateKey">): ServerConfig {
  const { schemes, publicKey } = createSigner(loadPrivateKey(privateKey), nobleProvider.signatureSchemes, random);
  return { now: Date.now, random, credentials: [{ certificateChain: certificates, signer: { schemes, publicKey } }] };
}

export function hop({ frozen, received, says, ...credential }: Hop): Landing {
  const tls = frozen.role === "client"
    ? thawTlsClient(frozen, hopConfig)
    : thawTlsServer(frozen, serverConfigOf(credential));
  const outputs = received === undefined ? answered(tls, credential) : [...tls.receive(fromHex(received))];
  if (tls.session !== undefined) outputs.push(...tls.send(new TextEncoder().encode(says)));
  const bytesOf = (wanted: "transmit" | "data"): string =>
    outputs.map((output) => output.type === wanted ? toHex(output.bytes) : "").join("");
  const exported = tls.session === undefined
    ? ""
    : toHex(tls.exportKeyingMaterial("EXPORTER hop", new Uint8Array(0), 16));
  const failed = outputs.find(({ type }) => type === "failed");
  if (failed?.type === "failed") throw failed.error;
  return {
    frozen: tls.freeze(),
    transmitted: bytesOf("transmit"),
    data: new TextDecoder().decode(fromHex(bytesOf("data"))),
    types: outputs.map(({ type }) => type),
    exported,
  };
}

function answered(
  tls: TlsConnection,
  { certificates, privateKey }: Pick<Hop, "certificates" | "privateKey">,
): Output[] {
  const { request } = tls;
  if (request === undefined) throw new Error("no request is open");
  return [...tls.answer(request.id, answerTo(request, certificates, privateKey))];
}

function answerTo(request: TlsRequest, certificates: string, privateKey: string): Uint8Array | true {
  const { signatureSchemes } = nobleProvider;
  if (request.type === "sign") {
    return createSigner(loadPrivateKey(privateKey), signatureSchemes, random).sign(request.scheme, request.message);
  }
  if (request.type !== "verifyCertificate") throw new Error(`nobody wanted to be asked for ${request.type}`);
  const trustAnchors = loadCertificates(certificates);
  createCertificateVerifier({ trustAnchors }).verify(request);
  return true;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
