/**
 * Runs the command line, in this process (many runs are cheap so) or as a process of its own, and makes the certificates
 * that the tests need.
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { run } from "../../adapters/cli/run.ts";
import {
  type CertificateAuthority,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider,
} from "../../mod.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const main = join(root, "adapters/cli/main.ts");

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines on stderr. */
  readonly lines: readonly string[];
}

export interface RunOptions {
  /** What stands on stdin, which then ends; without, it stays open. */
  readonly stdin?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface Running {
  readonly finished: Promise<Finished>;
  stderr(): string;
  stdout(): string;
  /** Asks it to end, as a person at the terminal does. */
  stop(): Promise<Finished>;
  /** Called whenever it has said something on stderr. */
  onStderr(listener: () => void): void;
}

/** A run in this process, from words to exit code. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return await startCli(args, { stdin: "", ...options }).finished;
}

/** The same, while it runs. */
export function startCli(args: readonly string[], { stdin, env = {} }: RunOptions = {}): Running {
  const [stdout, stderr] = [new Ear(), new Ear()];
  const input = new PassThrough();
  if (stdin !== undefined) input.end(stdin);
  let stop = (): void => {};
  const whenStopped = new Promise<void>((resolve) => stop = resolve);
  const finished = run(args, { stdin: input, stdout, stderr, env, stopped: () => whenStopped })
    .then((exitCode) => finishedWith(exitCode, stdout.heard, stderr.heard));
  return {
    finished,
    stdout: () => stdout.heard,
    stderr: () => stderr.heard,
    stop: () => {
      stop();
      return finished;
    },
    onStderr: (listener) => void stderr.on("heard", listener),
  };
}

/** Hears what is written. */
class Ear extends Writable {
  readonly #decoder = new TextDecoder();
  heard = "";

  override _write(chunk: Uint8Array, _: unknown, done: () => void): void {
    this.heard += this.#decoder.decode(chunk, { stream: true });
    this.emit("heard");
    done();
  }
}

function finishedWith(exitCode: number | null, stdout: string, stderr: string): Finished {
  return { exitCode, stdout, stderr, lines: stderr.split("\n").filter((line) => line !== "") };
}

/** What `connect` says on stderr beside the one line of what was agreed, which must be there. */
export function remarksOf({ lines }: Finished): readonly string[] {
  const remarks = lines.filter((line) => !/^tlschart: TLSv1\.2 TLS_ECDHE_\S+ \S+ \S+/.test(line));
  if (remarks.length !== lines.length - 1) throw new Error(`what was agreed is not said once:\n${lines.join("\n")}`);
  return remarks;
}

export interface Spawned extends Running {
  readonly child: ChildProcessWithoutNullStreams;
}

/** A run as a process of its own, from the sources. */
export function spawnCli(args: readonly string[], { stdin, env }: RunOptions = {}): Spawned {
  const { SSLKEYLOGFILE: _, NODE_EXTRA_CA_CERTS: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    cwd: root,
    env: { ...inherited, NO_COLOR: "1", ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  if (stdin !== undefined) child.stdin.end(stdin);
  const finished = new Promise<Finished>((resolve) =>
    child.on("close", (exitCode) => resolve(finishedWith(exitCode, stdout, stderr)))
  );
  return {
    child,
    finished,
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => {
      child.kill("SIGINT");
      return finished;
    },
    onStderr: (listener) => void child.stderr.on("data", listener),
  };
}

/** The port of a `serve 0 …`, once it listens. */
export async function portOf(server: Running): Promise<number> {
  const [, port = ""] = await said(server, /listening on \S+:(\d+) /);
  return Number(port);
}

/** Waits until this stands on stderr. Rejects when the run ends before. */
export function said(running: Running, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = pattern.exec(running.stderr());
      if (found !== null) resolve(found);
    };
    running.onStderr(look);
    running.finished.then(({ stderr }) => reject(new Error(`ended without ${pattern}: ${stderr}`)), reject);
    look();
  });
}

/** Files for the tests of one file, removed when the process ends. */
export interface Workshop {
  /** Writes a file; returns its path. */
  write(name: string, content: string | Uint8Array): string;
  /** A path in it. */
  path(name: string): string;
  /** PEM files: a CA, a certificate for localhost and 127.0.0.1 that it issued, with its key. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  /** The CA itself, and the certificate in DER. */
  readonly authority: CertificateAuthority;
  readonly certificate: Uint8Array;
}

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "tlschart-cli-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const issuing = {
    provider: nobleProvider,
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    now: Date.now(),
  };
  const authority = issueCertificateAuthority({ ...issuing, name: "CLI test CA" });
  const { chain, privateKey } = issueCertificate({ ...issuing, issuer: authority, names: ["localhost", "127.0.0.1"] });
  const caPem = encodePem("CERTIFICATE", authority.certificate);
  const certPem = encodePem("CERTIFICATE", chain[0]);
  const keyPem = encodePem("PRIVATE KEY", encodePrivateKey(privateKey));
  return {
    write,
    path,
    ca: write("ca.pem", caPem),
    cert: write("cert.pem", certPem),
    key: write("key.pem", keyPem),
    caPem,
    certPem,
    keyPem,
    authority,
    certificate: chain[0],
  };
}
