/**
 * Conversations of two of our ends on a wire that is cut into single bytes, with everything that can be asked left to
 * be asked. Between any two calls an end may be frozen, carried as text and thawed; the same conversation without that
 * must give the same outputs, byte for byte.
 */
import { toHex } from "../../lib/codec/bytes.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import {
  createTlsClient,
  createTlsServer,
  type FrozenConnection,
  thawTlsClient,
  thawTlsServer,
  type TlsConnection,
} from "../../lib/core.ts";
import type { Credential } from "../../lib/credential.ts";
import type { Signer } from "../../lib/crypto/provider.ts";
import { createSigner } from "../../lib/crypto/signer.ts";
import type { Output } from "../../lib/output.ts";
import type { Answer, TlsRequest } from "../../lib/request.ts";
import { issueCertificate, issueCertificateAuthority, type IssuedCertificate } from "../../lib/x509/issue.ts";
import { fixedNow, rememberingProvider as provider, sampleBytes, seededRandom } from "./fixtures.ts";

export type Side = "client" | "server";
export const sides: readonly Side[] = ["client", "server"];

/** What is said, once nothing is under way and nothing is asked. */
export type Step = (talk: Conversation) => void;

/** A conversation to be had: its configurations are made anew each time, so that their randomness begins anew. */
export interface Play {
  readonly client: ClientConfig;
  readonly server: ServerConfig;
  readonly steps: readonly Step[];
  /** How a request is answered; most of them have one answer only. */
  readonly answers?: Partial<Record<TlsRequest["type"], (request: TlsRequest) => Answer>>;
  /** Whether `start()` comes first; default: true. */
  readonly starts?: boolean;
  /** Changes what a side transmits. */
  readonly tamper?: (side: Side, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

/** One end, and all that it did. */
interface End {
  tls: TlsConnection;
  readonly log: string[];
  readonly outbox: Uint8Array<ArrayBuffer>[];
}

/** Gets an end after each call, and returns the one that goes on. */
export type Between = (tls: TlsConnection, side: Side, play: Play) => TlsConnection;

const issuing = { provider, random: seededRandom(77), now: fixedNow() };
export const root = issueCertificateAuthority({ ...issuing, name: "Root" });
export const intermediate = issueCertificateAuthority({ ...issuing, name: "Intermediate", issuer: root });
export const clientRoot = issueCertificateAuthority({ ...issuing, name: "Clients" });
const clientIntermediate = issueCertificateAuthority({ ...issuing, name: "Other", issuer: clientRoot });
const issued: Readonly<Record<Side, IssuedCertificate>> = {
  server: issueCertificate({ ...issuing, issuer: intermediate, names: ["server.example"] }),
  client: issueCertificate({ ...issuing, issuer: clientIntermediate, names: ["client.example"] }),
};

/** With so many certificates of its chain. */
export const credential = (side: Side, length = 2): Credential => ({
  certificateChain: issued[side].chain.slice(0, length),
  privateKey: issued[side].privateKey,
});

/** A connection that leaves nothing open. */
export const plainServer = (overrides: Partial<ServerConfig> = {}): ServerConfig => ({
  provider,
  random: seededRandom(2),
  now: fixedNow,
  credentials: [credential("server")],
  ...overrides,
});

export const plainClient = (overrides: Partial<ClientConfig> = {}): ClientConfig => ({
  provider,
  random: seededRandom(1),
  now: fixedNow,
  serverName: "server.example",
  ...(overrides.certificateVerifier === undefined ? { trustAnchors: root.certificate } : {}),
  ...overrides,
});

/** Everything on, everything asked. */
export const askingClient = (overrides: Partial<ClientConfig> = {}): ClientConfig =>
  plainClient({
    certificateVerifier: "request",
    credentials: "request",
    verifierIdentity: "this conversation",
    sessionCache: "request",
    alpnProtocols: ["h2", "http/1.1"],
    requestOcspResponse: true,
    requestSignedCertificateTimestamps: true,
    recordSizeLimit: 5_000,
    halfClose: true,
    ...overrides,
  });

export const askingServer = (overrides: Partial<ServerConfig> = {}): ServerConfig =>
  plainServer({
    credentials: "request",
    certificateVerifier: "request",
    verifierIdentity: "this conversation",
    clientAuthentication: "required",
    sessionCache: "request",
    ticketKeys: [{ name: sampleBytes(16), key: sampleBytes(32) }],
    alpnProtocols: ["http/1.1"],
    onClientHello: "request",
    recordSizeLimit: 3_000,
    halfClose: true,
    ...overrides,
  });

/** Thrown where a conversation is stopped in the middle. */
class Stopped extends Error {}

export class Conversation {
  readonly ends: Readonly<Record<Side, End>>;
  readonly #play: Play;
  readonly #between: Between;
  readonly #kept: Map<string, Uint8Array>;
  #left = Number.POSITIVE_INFINITY;

  /** `kept`: the sessions of earlier conversations. */
  constructor(play: Play, between: Between = (tls) => tls, kept: Map<string, Uint8Array> = new Map()) {
    this.#play = play;
    this.#between = between;
    this.#kept = kept;
    const end = (tls: TlsConnection): End => ({ tls, log: [], outbox: [] });
    this.ends = { client: end(createTlsClient(play.client)), server: end(createTlsServer(play.server)) };
    for (const side of sides) this.#refresh(side);
  }

  /** From start to end; returns what both sides did. */
  run(): Readonly<Record<Side, readonly string[]>> {
    for (const side of this.#play.starts === false ? [] : sides) this.call(side, (tls) => tls.start());
    this.settle();
    for (const step of this.#play.steps) {
      step(this);
      this.settle();
    }
    return { client: this.ends.client.log, server: this.ends.server.log };
  }

  /** Stops after so many calls, whatever is half said; `false` when it was over before. */
  stopsAfter(calls: number): boolean {
    this.#left = calls;
    try {
      this.run();
      return false;
    } catch (error) {
      if (error instanceof Stopped) return true;
      throw error;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }

  /** One call on one end. */
  call(side: Side, call: (tls: TlsConnection) => readonly Output[]): void {
    if (this.#left-- <= 0) throw new Stopped();
    const end = this.ends[side];
    for (const output of call(end.tls)) this.#take(end, side, output);
    end.log.push(`${end.tls.state} ${end.tls.request?.id ?? "-"} ${plainText(end.tls.session ?? {})}`);
    this.#refresh(side);
  }

  /** Writes down what an end says about itself. */
  note(side: Side, say: (tls: TlsConnection) => unknown): void {
    this.ends[side].log.push(plainText(say(this.ends[side].tls)));
  }

  /** Delivers byte by byte, and answers what is asked when there is nothing more to deliver. */
  settle(): void {
    for (;;) {
      this.#deliver();
      const asked = sides.find((side) => this.ends[side].tls.request !== undefined);
      const request = asked && this.ends[asked].tls.request;
      if (asked === undefined || request === undefined) return;
      this.ends[asked].log.push(`asked ${plainText(request)}`);
      this.call(asked, (tls) => tls.answer(request.id, this.#answer(asked, request)));
    }
  }

  #deliver(): void {
    while (sides.some((side) => this.ends[side].outbox.length > 0)) {
      for (const side of sides) {
        const other = side === "client" ? "server" : "client";
        for (const bytes of this.ends[side].outbox.splice(0)) {
          for (let index = 0; index < bytes.length; index++) {
            this.call(other, (tls) => tls.receive(bytes.slice(index, index + 1)));
          }
        }
      }
    }
  }

  #take(end: End, side: Side, output: Output): void {
    end.log.push(plainText(output));
    if (output.type === "transmit") end.outbox.push(this.#play.tamper?.(side, output.bytes) ?? output.bytes);
    if (output.type === "storeSession") this.#kept.set(output.key, output.session);
    if (output.type === "forgetSession") this.#kept.delete(output.key);
  }

  #refresh(side: Side): void {
    this.ends[side].tls = this.#between(this.ends[side].tls, side, this.#play);
  }

  #answer(side: Side, request: TlsRequest): Answer {
    const own = this.#play.answers?.[request.type];
    if (own !== undefined) return own(request);
    switch (request.type) {
      case "sign":
        return signers[side].sign(request.scheme, request.message);
      case "verifyCertificate":
      case "inspectClientHello":
        return true;
      case "chooseCredential":
        return remoteCredential(side);
      case "loadSession":
        return this.#kept.get(request.key);
      case "issuerMissing":
        return [side === "client" ? intermediate.certificate : clientIntermediate.certificate];
    }
  }
}

/**
 * Carries an end as JSON text, and goes on with what is made of that: after each call, or after each so many and
 * wherever the state is another one. `see` gets each value and its text.
 */
export function freezing(see: (frozen: FrozenConnection, json: string) => void = () => {}, every = 1): Between {
  const last = { client: "", server: "" };
  let calls = 0;
  return (tls, side, play) => {
    if (calls++ % every > 0 && tls.state === last[side]) return tls;
    last[side] = tls.state;
    const frozen = tls.freeze();
    const json = JSON.stringify(frozen);
    see(frozen, json);
    return side === "client"
      ? thawTlsClient(JSON.parse(json), play.client)
      : thawTlsServer(JSON.parse(json), play.server);
  };
}

/** Everything in a value that is data, whatever the order of its fields; bytes as hexadecimal. */
export function plainText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return toHex(inner);
    if (inner instanceof Error) return `${inner.name}: ${inner.message} (${String("state" in inner && inner.state)})`;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => one < other ? -1 : 1));
  });
}

const signers: Readonly<Record<Side, Signer>> = { client: signerOf("client"), server: signerOf("server") };

function signerOf(side: Side): Signer {
  return createSigner(issued[side].privateKey, provider.signatureSchemes, seededRandom(9));
}

/** Its key signs later. */
function remoteCredential(side: Side): Credential {
  const { schemes, publicKey } = signers[side];
  return {
    certificateChain: issued[side].chain,
    signer: { schemes, publicKey },
    ...(side === "server" ? { ocspResponse: sampleBytes(300), signedCertificateTimestamps: [sampleBytes(100)] } : {}),
  };
}
