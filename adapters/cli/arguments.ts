/**
 * The command line as data. Enters: the words after `tlschart`. Leaves: a command with checked options, or CliError
 * with one line that says what is wrong. Touches no file and no network.
 * @module
 */

import { isIPv6 } from "node:net";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { CipherSuite, type CipherSuiteName, NamedGroup, type NamedGroupName } from "../../mod.ts";
import { CliError, errorCode } from "./failures.ts";

export type Topic = "demo" | "connect" | "serve" | "relay";

export type Command =
  | { readonly name: "help"; readonly topic: Topic | undefined }
  | { readonly name: "version" }
  | ({ readonly name: "demo" } & DemoOptions)
  | ({ readonly name: "connect" } & ConnectOptions)
  | ({ readonly name: "serve" } & ServeOptions)
  | ({ readonly name: "relay" } & RelayCommandOptions);

/** What every command can be told. */
export interface CommonOptions {
  readonly cipherSuites: readonly CipherSuiteName[] | undefined;
  readonly namedGroups: readonly NamedGroupName[] | undefined;
  /** A path. */
  readonly keyLog: string | undefined;
  readonly showsSecrets: boolean;
}

export type DemoOptions = CommonOptions;

export interface ConnectOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly alpnProtocols: readonly string[] | undefined;
  /** A path. */
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** The path of a URL; without, stdin and stdout are piped. */
  readonly get: string | undefined;
  readonly steps: boolean;
}

export interface ServeOptions extends CommonOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly alpnProtocols: readonly string[] | undefined;
  readonly credential:
    | { readonly type: "files"; readonly cert: string; readonly key: string }
    | { readonly type: "selfSigned"; readonly names: readonly string[] };
  readonly answer: "www" | "echo";
  readonly steps: boolean;
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

type Options = NonNullable<ParseArgsConfig["options"]>;

const common = {
  ciphers: { type: "string" },
  groups: { type: "string" },
  keylog: { type: "string" },
  secrets: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies Options;

/** Reads the words after `tlschart`. Throws CliError. */
export function parseArguments(args: readonly string[]): Command {
  const [first, ...rest] = args;
  switch (first) {
    case "help":
      return { name: "help", topic: topicOf(rest) };
    case "connect":
      return parseConnect(rest);
    case "serve":
      return parseServe(rest);
    case "relay":
      return parseRelay(rest);
    case "demo":
      return parseDemo(rest);
    default:
      if (first !== undefined && !first.startsWith("-")) {
        throw new CliError(`there is no command "${first}": there are connect, serve and relay (see tlschart --help)`);
      }
      return parseDemo(args);
  }
}

function parseDemo(args: readonly string[]): Command {
  const { values, positionals } = parsed("demo", args, { ...common, version: { type: "boolean", short: "V" } });
  if (values.help === true) return { name: "help", topic: args.length === 1 ? undefined : "demo" };
  if (values.version === true) return { name: "version" };
  noMore(positionals, "demo");
  return { name: "demo", ...commonOptions(values) };
}

function parseConnect(args: readonly string[]): Command {
  const { values, positionals } = parsed("connect", args, {
    ...common,
    ca: { type: "string" },
    servername: { type: "string" },
    alpn: { type: "string" },
    get: { type: "string" },
    steps: { type: "boolean" },
    insecure: { type: "boolean" },
  });
  if (values.help === true) return { name: "help", topic: "connect" };
  const [target, ...others] = positionals;
  if (target === undefined) throw new CliError("connect needs HOST[:PORT] (see tlschart connect --help)");
  noMore(others, "connect");
  if (values.insecure === true && values.ca !== undefined) {
    throw new CliError("--insecure trusts everybody, --ca only whom a CA vouches for: give one of them");
  }
  if (values.get !== undefined && !/^\/[\x21-\x7e]*$/.test(values.get)) {
    throw new CliError(
      `--get needs a path that begins with "/", in ASCII without blanks, not "${values.get}"`,
    );
  }
  return {
    name: "connect",
    ...commonOptions(values),
    ...hostAndPort(target),
    serverName: values.servername,
    alpnProtocols: list("alpn", values.alpn),
    ca: values.ca,
    insecure: values.insecure ?? false,
    get: values.get,
    steps: values.steps ?? false,
  };
}

function parseServe(args: readonly string[]): Command {
  const { values, positionals } = parsed("serve", args, {
    ...common,
    host: { type: "string" },
    cert: { type: "string" },
    key: { type: "string" },
    "self-signed": { type: "string" },
    alpn: { type: "string" },
    www: { type: "boolean" },
    echo: { type: "boolean" },
    steps: { type: "boolean" },
  });
  if (values.help === true) return { name: "help", topic: "serve" };
  const [port, ...others] = positionals;
  if (port === undefined) throw new CliError("serve needs a PORT (see tlschart serve --help)");
  noMore(others, "serve");
  if (values.www === true && values.echo === true) throw new CliError("give either --www or --echo, not both");
  return {
    name: "serve",
    ...commonOptions(values),
    host: filled("host", values.host) ?? "127.0.0.1",
    port: portNumber(port, 0),
    alpnProtocols: list("alpn", values.alpn),
    credential: credentialOf(values.cert, values.key, list("self-signed", values["self-signed"])),
    answer: values.echo === true ? "echo" : "www",
    steps: values.steps ?? false,
  };
}

function parseRelay(args: readonly string[]): Command {
  const { values, positionals } = parsed("relay", args, {
    host: { type: "string" },
    allow: { type: "string", multiple: true },
    origin: { type: "string", multiple: true },
    "max-connections": { type: "string" },
    "max-bytes": { type: "string" },
    "idle-timeout": { type: "string" },
    reverse: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return { name: "help", topic: "relay" };
  const [port, ...others] = positionals;
  if (port === undefined) throw new CliError("relay needs a PORT (see tlschart relay --help)");
  noMore(others, "relay");
  const { allow = [], origin: origins = [], reverse } = values;
  if (allow.length === 0 && reverse === undefined) {
    throw new CliError("relay needs --allow HOST:PORT or --reverse PORT: without, it would be a way to everywhere");
  }
  const idleSeconds = wholeNumber("idle-timeout", values["idle-timeout"]);
  return {
    name: "relay",
    host: filled("host", values.host) ?? "127.0.0.1",
    port: portNumber(port, 0),
    allow,
    origins,
    maxConnections: wholeNumber("max-connections", values["max-connections"]),
    maxBytes: wholeNumber("max-bytes", values["max-bytes"]),
    idleTimeout: idleSeconds === undefined ? undefined : 1_000 * idleSeconds,
    reverse: reverse === undefined ? undefined : portNumber(reverse, 0),
  };
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CliError(`--${option} needs a whole number from 1 on, not "${text}"`);
}

function credentialOf(
  cert: string | undefined,
  key: string | undefined,
  names: readonly string[] | undefined,
): ServeOptions["credential"] {
  if (names !== undefined) {
    if (cert === undefined && key === undefined) return { type: "selfSigned", names };
    throw new CliError("--self-signed makes a certificate and a key: leave out --cert and --key");
  }
  if (cert !== undefined && key !== undefined) return { type: "files", cert, key };
  if (cert !== undefined) throw new CliError("--cert needs the --key that belongs to it");
  if (key !== undefined) throw new CliError("--key needs the --cert that it belongs to");
  throw new CliError("serve needs --cert FILE and --key FILE, or --self-signed NAME");
}

/** `example.com`, `example.com:8443`, `192.0.2.1:443`, `[2001:db8::1]:443`, `2001:db8::1`. */
export function hostAndPort(target: string): { readonly host: string; readonly port: number } {
  if (target.includes("/")) throw new CliError(`connect needs HOST[:PORT], not the URL "${target}"`);
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(target);
  if (bracketed !== null) return withPort(target, bracketed[1] ?? "", bracketed[2]);
  const parts = target.split(":");
  if (isIPv6(target)) return { host: target, port: defaultPort };
  if (parts.length > 2) throw new CliError(`connect needs HOST[:PORT], not "${target}" (IPv6: [2001:db8::1]:443)`);
  return withPort(target, parts[0] ?? "", parts[1]);
}

const defaultPort = 443;

function withPort(target: string, host: string, port: string | undefined): { host: string; port: number } {
  if (host === "" || /[\s[\]]/.test(host)) throw new CliError(`connect needs HOST[:PORT], not "${target}"`);
  return { host, port: port === undefined ? defaultPort : portNumber(port, 1) };
}

function portNumber(text: string, least: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= least && port <= 65535) return port;
  throw new CliError(`"${text}" is no port: a number from ${least} to 65535 is needed`);
}

interface CommonValues {
  readonly ciphers?: string | undefined;
  readonly groups?: string | undefined;
  readonly keylog?: string | undefined;
  readonly secrets?: boolean | undefined;
}

/** An empty value is most often a variable of a shell that isn't set: it must not mean "every interface", or "no file". */
function filled(option: string, value: string | undefined): string | undefined {
  if (value === "") throw new CliError(`--${option} needs a value, not an empty one`);
  return value;
}

function commonOptions({ ciphers, groups, keylog, secrets = false }: CommonValues): CommonOptions {
  return {
    cipherSuites: list("ciphers", ciphers)?.map((name) => registered("cipher suite", name, isCipherSuite)),
    namedGroups: list("groups", groups)?.map((name) => registered("group", name, isNamedGroup)),
    keyLog: filled("keylog", keylog),
    showsSecrets: secrets,
  };
}

const isCipherSuite = (name: string): name is CipherSuiteName => Object.hasOwn(CipherSuite, name);
const isNamedGroup = (name: string): name is NamedGroupName => Object.hasOwn(NamedGroup, name);

/** Whether the provider can do it too is for the configuration to say, which names those that it can. */
function registered<Name extends string>(what: string, name: string, isName: (name: string) => name is Name): Name {
  if (isName(name)) return name;
  throw new CliError(`there is no ${what} "${name}": a registered name is needed (see tlschart help connect)`);
}

function list(option: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new CliError(`--${option} needs names with commas between them, not "${text}"`);
}

function noMore(positionals: readonly string[], command: string): void {
  const [first] = positionals;
  if (first !== undefined) throw new CliError(`"${first}" is one word too many (see tlschart ${command} --help)`);
}

function topicOf(words: readonly string[]): Topic | undefined {
  const [topic, ...others] = words;
  noMore(others, "help");
  if (topic === undefined) return undefined;
  if (topic === "connect" || topic === "serve" || topic === "relay" || topic === "demo") return topic;
  throw new CliError(`there is no command "${topic}": there are connect, serve and relay`);
}

/** node:util's parser, with its refusals in one short line. */
function parsed<const Known extends Options>(
  command: Topic,
  args: readonly string[],
  options: Known,
): ReturnType<typeof parseArgs<{ args: string[]; options: Known; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (errorCode(error)?.startsWith("ERR_PARSE_ARGS") !== true || !(error instanceof Error)) throw error;
    const [sentence = ""] = error.message.split(/[.\n](?: |$)/);
    const help = command === "demo" ? "tlschart --help" : `tlschart ${command} --help`;
    throw new CliError(`${sentence.charAt(0).toLowerCase()}${sentence.slice(1)} (see ${help})`);
  }
}
