/**
 * Commands for the wide interop run: found on the machine or not, started with a time limit, always killed, and a
 * folder for their files that is removed at the end.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { portOf } from "./talk.ts";

/** For files of this run. */
export const folder: string = mkdtempSync(join(tmpdir(), "tlschart-peers-"));
const running = new Set<Command>();
process.on("exit", () => {
  for (const command of running) command.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a file of this run. Returns its path. */
export function writeRunFile(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Where a program is, or nowhere. Some are kept for administrators. */
export function pathOf(program: string): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/local/go/bin",
    "/usr/sbin",
    "/usr/local/sbin",
  ];
  return folders.map((at) => join(at, program)).find(isExecutable);
}

/** Why a peer can't be tested: a program of it that isn't there. */
export function missingOf(...programs: readonly string[]): string | undefined {
  const missing = programs.find((program) => pathOf(program) === undefined);
  return missing === undefined ? undefined : `there is no ${missing} command`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may run, in ms. Default: 40 seconds. */
  readonly timeout?: number;
}

/** A command that runs. */
export class Command {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has said on both outputs, in order, the first megabyte. */
  said = "";
  stdout = "";
  readonly #name: string;

  constructor(program: string, parameters: readonly string[], options: CommandOptions = {}) {
    this.#name = program;
    this.child = spawn(pathOf(program) ?? program, parameters, {
      env: { ...process.env, LC_ALL: "C", ...options.env },
    });
    running.add(this);
    this.child.stdout.on("data", (bytes: Buffer) => {
      if (this.stdout.length < 2 ** 20) this.stdout += bytes.toString("latin1");
      this.#hear(bytes);
    });
    this.child.stderr.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.child.stdin.on("error", () => {});
    this.child.on("error", () => {});
    this.child.on("close", () => running.delete(this));
    setTimeout(() => this.kill(), options.timeout ?? 40_000).unref();
    // What still runs at the end of all tests is killed, not waited for.
    this.child.unref();
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) {
      if (stream instanceof Socket) stream.unref();
    }
  }

  /** From now on it is told what it writes, without ever making it wait: a program that waits doesn't read. */
  echo(): void {
    this.child.stdout.on("data", (bytes: Buffer) => {
      if (!this.child.stdin.writableEnded) this.child.stdin.write(bytes);
    });
  }

  /** Waits until it has said this, on any of its two outputs. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    const found = await eventually(() => what.exec(this.said) ?? undefined, () => !running.has(this));
    if (found !== undefined) return found;
    throw new Error(`${this.#name} never said ${what}, but: ${this.said.slice(-1500)}`);
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    if (running.has(this)) await once(this.child, "close");
    return this.child.exitCode;
  }

  /** What it says after a place that is counted in characters of `said`; waits for this. */
  async saysAfter(from: number, what: RegExp): Promise<string> {
    const news = (): string => this.said.slice(from);
    const found = await eventually(() => what.test(news()) ? news() : undefined, () => !running.has(this));
    if (found !== undefined) return found;
    throw new Error(`${this.#name} never said ${what}, but: ${news().slice(-1500)}`);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  #hear(bytes: Buffer): void {
    if (this.said.length < 2 ** 20) this.said += bytes.toString("latin1");
  }
}

/** Runs a command to its end; it must succeed. Returns what it has said. */
export async function run(program: string, parameters: readonly string[], options?: CommandOptions): Promise<string> {
  const command = new Command(program, parameters, options);
  command.child.stdin.end();
  const code = await command.ended();
  if (code === 0) return command.stdout;
  throw new Error(`${program} ${parameters.join(" ")} ended with ${code}: ${command.said.slice(-2000)}`);
}

/** Waits until there is a value, at most ten seconds; gives up soon when there is no hope. */
export async function eventually<Value>(
  value: () => Value | undefined,
  hopeless: () => boolean = () => false,
): Promise<Value | undefined> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const over = hopeless() || Date.now() > deadline;
    const found = value();
    if (found !== undefined || over) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A port that was free a moment ago, for programs that can't choose one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until somebody listens at a port. */
export async function accepting(port: number): Promise<void> {
  for (let round = 0; round < 200; round++) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(() => true, () => false);
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nobody listens at port ${port}`);
}
