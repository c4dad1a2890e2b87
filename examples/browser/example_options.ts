/**
 * The command line of the example: which ports, and whom the relay may reach.
 * @module
 */

import { parseArgs } from "node:util";

/** A port, the option that names it, and whether the user has named it. */
export interface PortChoice {
  readonly option: string;
  readonly port: number;
  readonly isNamed: boolean;
}

export interface ExampleOptions {
  readonly page: PortChoice;
  readonly relay: PortChoice;
  readonly reverse: PortChoice;
  readonly https: PortChoice;
  readonly allow: readonly string[];
}

/** What is wrong with the command line, in one line. */
export class ExampleOptionsError extends Error {
  override readonly name = "ExampleOptionsError";
}

/** None of these is one that the command line's examples take. */
const defaults = { port: 8180, "relay-port": 9180, "reverse-port": 8543, "https-port": 0 } as const;

export const usage: string = `Usage: npm run example:browser -- [options]

Serves the example page, with a relay and an HTTPS server to visit, on this machine until Ctrl-C.

  --port N           the page's port (${defaults.port})
  --relay-port N     the relay's port for WebSockets (${defaults["relay-port"]})
  --reverse-port N   the TCP port that leads to a server in the page (${defaults["reverse-port"]})
  --https-port N     the port of the HTTPS server (any free one)
  --allow HOST:PORT  a server besides that one which the relay may reach; may be repeated
  --help             this text

Port 0 is any free one. A default that is in use is replaced by a free one.`;

/** `undefined` when help is asked for. Throws ExampleOptionsError. */
export function exampleOptions(args: readonly string[]): ExampleOptions | undefined {
  const { help, allow, ...ports } = parsed(args);
  if (help) return undefined;
  const choice = (option: keyof typeof defaults): PortChoice => {
    const text = ports[option];
    return {
      option: `--${option}`,
      port: text === undefined ? defaults[option] : portOf(option, text),
      isNamed: text !== undefined,
    };
  };
  return {
    page: choice("port"),
    relay: choice("relay-port"),
    reverse: choice("reverse-port"),
    https: choice("https-port"),
    allow,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: text,
        "relay-port": text,
        "reverse-port": text,
        "https-port": text,
        allow: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    // Node's advice after the first sentence is about other programs.
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\.?(?:\s*\n|\. |$)/);
    throw new ExampleOptionsError(`${sentence}; --help lists the options`);
  }
}

function portOf(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new ExampleOptionsError(`--${option} is "${text}"; a port is a number from 0 to 65535`);
}
