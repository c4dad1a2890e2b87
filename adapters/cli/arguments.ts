/**
 * The command line as data. Enters: the words after `tlschart`. Leaves: a command with checked options, or CliError
 * with one line that says what is wrong. Touches no file and no network.
 * @module
 */

import { nobleProvider } from "../../mod.ts";
import {
  filled,
  hostAndPort,
  isCipherSuite,
  isNamedGroup,
  list,
  noMore,
  numberWithin,
  oneOf,
  portNumber,
  registered,
  wholeNumber,
} from "./argument_values.ts";
import { CliError } from "./failures.ts";
import type { Command, CommonOptions, CredentialFiles, EndpointOptions, ServeOptions, Topic } from "./options.ts";
import { parseVerify, ruleOptions, rules } from "./verify_arguments.ts";
import { type Options, parsed } from "./words.ts";

const common = {
  ciphers: { type: "string" },
  groups: { type: "string" },
  keylog: { type: "string" },
  secrets: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies Options;

const endpoint = {
  ...common,
  alpn: { type: "string" },
  tickets: { type: "boolean" },
  "no-tickets": { type: "boolean" },
  "legacy-cbc": { type: "boolean" },
  "record-size-limit": { type: "string" },
  steps: { type: "boolean" },
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
    case "verify":
      return parseVerify(rest);
    case "demo":
      return parseDemo(rest);
    default:
      if (first !== undefined && !first.startsWith("-")) {
        throw new CliError(`${noCommand(first)} (see tlschart --help)`);
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
    ...endpoint,
    ...rules,
    ca: { type: "string" },
    servername: { type: "string" },
    get: { type: "string" },
    cert: { type: "string" },
    key: { type: "string" },
    session: { type: "string" },
    ocsp: { type: "boolean" },
    "max-fragment": { type: "string" },
    insecure: { type: "boolean" },
  });
  if (values.help === true) return { name: "help", topic: "connect" };
  const [target, ...others] = positionals;
  if (target === undefined) throw new CliError("connect needs HOST[:PORT] (see tlschart connect --help)");
  noMore(others, "connect");
  if (values.insecure === true && values.ca !== undefined) {
    throw new CliError("--insecure trusts everybody, --ca only whom a CA vouches for: give one of them");
  }
  const byRules = ruleOptions(values);
  const { policy, crl, pin } = values;
  if (values.insecure === true && [policy, crl, pin].some((rule) => rule !== undefined)) {
    throw new CliError("--insecure trusts everybody: leave out --policy, --crl and --pin");
  }
  // Both together are refused in any case.
  if (values.session === undefined && values.tickets !== values["no-tickets"]) {
    throw new CliError(
      "--tickets and --no-tickets need --session FILE: without it no session is kept, and none resumed",
    );
  }
  if (values.get !== undefined && !/^\/[\x21-\x7e]*$/.test(values.get)) {
    throw new CliError(
      `--get needs a path that begins with "/", in ASCII without blanks, not "${values.get}"`,
    );
  }
  return {
    name: "connect",
    ...endpointOptions(values),
    ...hostAndPort(target),
    ...byRules,
    serverName: values.servername,
    ca: values.ca,
    insecure: values.insecure ?? false,
    get: values.get,
    credential: credentialFiles([values.cert].flatMap(given), [values.key].flatMap(given))[0],
    session: filled("session", values.session),
    ocsp: values.ocsp ?? false,
    maxFragmentLength: oneOf("max-fragment", values["max-fragment"], [512, 1024, 2048, 4096]),
  };
}

function parseServe(args: readonly string[]): Command {
  const { values, positionals } = parsed("serve", args, {
    ...endpoint,
    host: { type: "string" },
    cert: { type: "string", multiple: true },
    key: { type: "string", multiple: true },
    "self-signed": { type: "string" },
    ocsp: { type: "string", multiple: true },
    "client-ca": { type: "string" },
    "require-client-cert": { type: "boolean" },
    www: { type: "boolean" },
    echo: { type: "boolean" },
  });
  if (values.help === true) return { name: "help", topic: "serve" };
  const [port, ...others] = positionals;
  if (port === undefined) throw new CliError("serve needs a PORT (see tlschart serve --help)");
  noMore(others, "serve");
  if (values.www === true && values.echo === true) throw new CliError("give either --www or --echo, not both");
  const { cert = [], key = [], ocsp = [], "client-ca": clientCa, "require-client-cert": isRequired = false } = values;
  const credential = credentialOf(cert, key, list("self-signed", values["self-signed"]));
  const credentials = credential.type === "files" ? credential.files.length : 1;
  if (ocsp.length > credentials) {
    throw new CliError("--ocsp belongs to a --cert: give it once for each of them at most, in the same order");
  }
  if (isRequired && clientCa === undefined) {
    throw new CliError("--require-client-cert needs --client-ca FILE, which says whose certificates are accepted");
  }
  return {
    name: "serve",
    ...endpointOptions(values),
    host: filled("host", values.host) ?? "127.0.0.1",
    port: portNumber(port, 0),
    credential,
    ocsp,
    clientCa: filled("client-ca", clientCa),
    requireClientCert: isRequired,
    answer: values.echo === true ? "echo" : "www",
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

function credentialOf(
  certs: readonly string[],
  keys: readonly string[],
  names: readonly string[] | undefined,
): ServeOptions["credential"] {
  const files = credentialFiles(certs, keys);
  if (names === undefined && files.length > 0) return { type: "files", files };
  if (names === undefined) throw new CliError("serve needs --cert FILE and --key FILE, or --self-signed NAME");
  if (files.length === 0) return { type: "selfSigned", names };
  throw new CliError("--self-signed makes a certificate and a key: leave out --cert and --key");
}

/** The first --cert goes with the first --key, and so on. */
function credentialFiles(certs: readonly string[], keys: readonly string[]): readonly CredentialFiles[] {
  const [cert, key] = [certs[keys.length], keys[certs.length]];
  if (cert !== undefined) throw new CliError(`--cert needs the --key that belongs to it: there is none for ${cert}`);
  if (key !== undefined) throw new CliError(`--key needs the --cert that it belongs to: there is none for ${key}`);
  return certs.map((cert, index) => ({ cert, key: keys[index] ?? "" }));
}

function given(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

interface CommonValues {
  readonly ciphers?: string | undefined;
  readonly groups?: string | undefined;
  readonly keylog?: string | undefined;
  readonly secrets?: boolean | undefined;
}

function commonOptions({ ciphers, groups, keylog, secrets = false }: CommonValues): CommonOptions {
  return {
    cipherSuites: list("ciphers", ciphers)?.map((name) => registered("cipher suite", name, isCipherSuite)),
    namedGroups: list("groups", groups)?.map((name) => registered("group", name, isNamedGroup)),
    keyLog: filled("keylog", keylog),
    showsSecrets: secrets,
  };
}

interface EndpointValues extends CommonValues {
  readonly alpn?: string | undefined;
  readonly tickets?: boolean | undefined;
  readonly "no-tickets"?: boolean | undefined;
  readonly "legacy-cbc"?: boolean | undefined;
  readonly "record-size-limit"?: string | undefined;
  readonly steps?: boolean | undefined;
}

function endpointOptions(values: EndpointValues): EndpointOptions {
  const { tickets, "no-tickets": noTickets = false, "legacy-cbc": legacyCbc = false, steps = false } = values;
  if (tickets === true && noTickets) throw new CliError("give either --tickets or --no-tickets, not both");
  if (values.secrets === true && !steps) throw new CliError("--secrets needs --steps, which it shows whole");
  const options = commonOptions(values);
  const legacy = options.cipherSuites?.find(isLegacy);
  if (legacy !== undefined && !legacyCbc) throw new CliError(`${legacy} is a suite with CBC: it needs --legacy-cbc`);
  return {
    ...options,
    alpnProtocols: list("alpn", values.alpn),
    tickets: !noTickets,
    legacyCbc,
    recordSizeLimit: numberWithin("record-size-limit", values["record-size-limit"], 64, 16384),
    steps,
  };
}

function isLegacy(wanted: string): boolean {
  return nobleProvider.legacyCipherSuites?.some(({ name }) => name === wanted) ?? false;
}

function topicOf(words: readonly string[]): Topic | undefined {
  const [topic, ...others] = words;
  noMore(others, "help");
  if (topic === undefined) return undefined;
  const known = (["connect", "serve", "relay", "verify", "demo"] as const).find((name) => name === topic);
  if (known !== undefined) return known;
  throw new CliError(noCommand(topic));
}

function noCommand(name: string): string {
  return `there is no command "${name}": there are connect, serve, relay and verify`;
}
