/**
 * The least that joins the bare core to a socket, so that interop proves the core and no adapter; and peers to talk to:
 * node:tls, and the openssl command, which is started with a time limit and always killed.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/default_provider.ts";
import type { TlsError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import { credentialOf, type KeyKind, nameOfKind } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

/** One connection of ours on a socket. */
export class Talk {
  readonly tls: TlsConnection;
  readonly outputs: Output[] = [];
  readonly #socket: Socket;
  readonly #cut: number;
  #data: Uint8Array[] = [];
  #length = 0;
  #socketError = "";
  #changed: () => void = () => {};

  /** `cut`: no piece that is received or written is longer, in bytes. */
  constructor(tls: TlsConnection, socket: Socket, cut = Number.POSITIVE_INFINITY) {
    this.tls = tls;
    this.#socket = socket.setNoDelay(true);
    this.#cut = cut;
    socket.on("data", (bytes: Uint8Array) => cutUp(bytes, cut).forEach((piece) => this.#do(() => tls.receive(piece))));
    socket.on("end", () => this.#do(() => tls.receiveEnd()));
    socket.on("error", (error) => {
      this.#socketError = error.message;
      this.#changed();
    });
    this.#do(() => tls.start());
  }

  get length(): number {
    return this.#length;
  }

  get data(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#data));
  }

  get error(): TlsError | undefined {
    const failed = this.outputs.find(({ type }) => type === "failed");
    return failed?.type === "failed" ? failed.error : undefined;
  }

  send(data: Uint8Array): void {
    this.#do(() => this.tls.send(data));
  }

  close(): void {
    this.#do(() => this.tls.close());
  }

  /** Settles when it holds; rejects when the connection fails first, or after so many milliseconds. */
  async until(holds: () => boolean, patience = 10_000): Promise<this> {
    const deadline = Date.now() + patience;
    while (!holds()) {
      if (this.error !== undefined) throw this.error;
      if (Date.now() > deadline) throw new Error(`nothing came of it in state ${this.tls.state} ${this.#socketError}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        setTimeout(resolve, 200);
      });
    }
    return this;
  }

  established(): Promise<this> {
    return this.until(() => this.tls.session !== undefined);
  }

  /** The error with which the connection fails. */
  async failure(): Promise<TlsError> {
    await this.until(() => this.error !== undefined).catch(() => {});
    if (this.error === undefined) throw new Error(`didn't fail, but is in ${this.tls.state}`);
    return this.error;
  }

  over(): Promise<this> {
    return this.until(() => this.tls.state === "closed");
  }

  drop(): void {
    this.#socket.destroy();
  }

  #do(call: () => readonly Output[]): void {
    for (const output of call()) {
      this.outputs.push(output);
      if (output.type === "transmit") cutUp(output.bytes, this.#cut).forEach((piece) => this.#socket.write(piece));
      if (output.type === "data") {
        this.#data.push(output.bytes);
        this.#length += output.bytes.length;
      }
      if (output.type === "closed" || output.type === "failed") this.#socket.end();
    }
    this.#changed();
  }
}

function cutUp(bytes: Uint8Array, length: number): Uint8Array[] {
  if (length >= bytes.length) return [bytes];
  return Array.from(
    { length: Math.ceil(bytes.length / length) },
    (_, at) => bytes.subarray(at * length, (at + 1) * length),
  );
}

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** A client of ours that talks to a port of this machine. */
export function ourClient(port: number, kind: KeyKind, config: Partial<ClientConfig> = {}, cut?: number): Talk {
  const tls = createTlsClient({
    serverName: nameOfKind(kind),
    trustAnchors: certificatePem[kind],
    now: Date.now,
    random,
    ...config,
  });
  return new Talk(tls, connect(port, "127.0.0.1"), cut);
}

export interface OurServer {
  readonly port: number;
  readonly server: Server;
  /** The next connection that comes. */
  next(): Promise<Talk>;
  close(): void;
}

/** A server of ours on a free port of this machine. */
export async function ourServer(kind: KeyKind, config: Partial<ServerConfig> = {}, cut?: number): Promise<OurServer> {
  const talks: Talk[] = [];
  const waiting: ((talk: Talk) => void)[] = [];
  const server = createServer((socket) => {
    const tls = createTlsServer({
      credentials: [credentialOf[kind]],
      now: Date.now,
      random,
      ...config,
    });
    const talk = new Talk(tls, socket, cut);
    const taker = waiting.shift();
    if (taker) taker(talk);
    else talks.push(talk);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    server,
    next: () => {
      const talk = talks.shift();
      return talk ? Promise.resolve(talk) : new Promise((resolve) => waiting.push(resolve));
    },
    close: () => void server.close(),
  };
}

export function portOf(server: Server): number {
  const address = server.address() as AddressInfo;
  return address.port;
}

/** Whether there is an openssl command, and which; for `skip`. */
export const opensslVersion: string | undefined = (() => {
  const run = spawnSync("openssl", ["version"], { encoding: "utf8", timeout: 10_000 });
  return run.status === 0 ? run.stdout.trim() : undefined;
})();

let folder: string | undefined;
/** A file with this text, in a folder that is removed at the end. */
export function file(name: string, text: string): string {
  folder ??= removedAtExit(mkdtempSync(join(tmpdir(), "tlschart-interop-")));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function removedAtExit(path: string): string {
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

const pemFiles = (kind: KeyKind): readonly [string, string] => [
  file(`${kind}.crt`, certificatePem[kind]),
  file(`${kind}.key`, privateKeyPem[`${kind}Pkcs8`]),
];

export class Openssl {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  stdout = "";
  stderr = "";

  constructor(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn("openssl", parameters, {
      env: { ...process.env, ...env },
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    this.process.stdout.setEncoding("latin1").on("data", (text: string) => this.stdout += text);
    this.process.stderr.setEncoding("latin1").on("data", (text: string) => this.stderr += text);
    this.process.stdin.on("error", () => {});
  }

  /** Waits until it has said this, on any of its two outputs. */
  async says(what: RegExp): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!what.test(this.stdout + this.stderr)) {
      if (Date.now() > deadline) {
        throw new Error(`openssl never said ${what}: ${this.stdout.slice(-500)} ${this.stderr.slice(-500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async ended(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    await once(this.process, "close");
    return this.process.exitCode;
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }
}

/** `openssl s_server` on a free port, ready. */
export async function opensslServer(
  kind: KeyKind,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly openssl: Openssl; readonly port: number }> {
  const [certificate, key] = pemFiles(kind);
  const openssl = new Openssl(
    ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, ...parameters],
    env,
  );
  await openssl.says(/ACCEPT 127\.0\.0\.1:\d+/);
  return { openssl, port: Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(openssl.stdout)?.[1]) };
}

/** `openssl s_client` against a port of this machine. `takesCommands`: R on its input asks for a renegotiation. */
export function opensslClient(
  port: number,
  kind: KeyKind,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
  takesCommands = false,
): Openssl {
  const [certificate] = pemFiles(kind);
  const common = [
    "-connect",
    `127.0.0.1:${port}`,
    "-CAfile",
    certificate,
    "-verify_return_error",
    ...(takesCommands ? [] : ["-nocommands"]),
  ];
  return new Openssl(["s_client", ...common, ...parameters], env);
}

/** The environment for an openssl without extended_master_secret. */
export function withoutExtendedMasterSecret(): Readonly<Record<string, string>> {
  const text =
    "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nOptions = -ExtendedMasterSecret\n";
  return { OPENSSL_CONF: file("no_ems.cnf", text) };
}
