/**
 * The words behind options: numbers, names, lists, addresses. Each refusal is one line, a CliError, that says what is needed.
 * @module
 */

import { isIPv6 } from "node:net";
import { CipherSuite, type CipherSuiteName, NamedGroup, type NamedGroupName } from "../../mod.ts";
import { CliError } from "./failures.ts";

export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CliError(`--${option} needs a whole number from 1 on, not "${text}"`);
}

/** RFC 8449 §4, for one. Both bounds are allowed. */
export function numberWithin(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new CliError(`--${option} needs a whole number from ${least} to ${most}, not "${text}"`);
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

export function portNumber(text: string, least: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= least && port <= 65535) return port;
  throw new CliError(`"${text}" is no port: a number from ${least} to 65535 is needed`);
}

/** An empty value is most often a variable of a shell that isn't set: it must not mean "every interface", or "no file". */
export function filled(option: string, value: string | undefined): string | undefined {
  if (value === "") throw new CliError(`--${option} needs a value, not an empty one`);
  return value;
}

export const isCipherSuite: (name: string) => name is CipherSuiteName = (name): name is CipherSuiteName =>
  Object.hasOwn(CipherSuite, name);
export const isNamedGroup: (name: string) => name is NamedGroupName = (name): name is NamedGroupName =>
  Object.hasOwn(NamedGroup, name);

/** Whether the provider can do it too is for the configuration to say, which names those that it can. */
export function registered<Name extends string>(
  what: string,
  name: string,
  isName: (name: string) => name is Name,
): Name {
  if (isName(name)) return name;
  throw new CliError(`there is no ${what} "${name}": a registered name is needed (see tlschart help connect)`);
}

export function list(option: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new CliError(`--${option} needs names with commas between them, not "${text}"`);
}

export function noMore(positionals: readonly string[], command: string): void {
  const [first] = positionals;
  if (first !== undefined) throw new CliError(`"${first}" is one word too many (see tlschart ${command} --help)`);
}

/** One of these numbers. */
export function oneOf(option: string, text: string | undefined, numbers: readonly number[]): number | undefined {
  if (text === undefined) return undefined;
  const number = numbers.find((each) => String(each) === text);
  if (number !== undefined) return number;
  throw new CliError(`--${option} needs one of the numbers ${numbers.join(", ")}, not "${text}"`);
}

/** `2026-11-27`, `2026-11-27T12:00:00Z`, `2026-11-27T13:00:00.5+01:00`, `@1795780800`: in ms since 1970. */
export function momentOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, seconds] = /^@(-?\d{1,12})$/.exec(text) ?? [];
  const time = seconds === undefined ? isoMoment(text) : 1000 * Number(seconds);
  if (time !== undefined) return time;
  throw new CliError(
    `--${option} needs a time such as 2026-11-27, 2026-11-27T12:00:00Z (or +01:00) or @1795780800, not "${text}"`,
  );
}

/** A date alone is its first moment in UTC; a time needs its zone, as verdicts don't depend on where one is. */
function isoMoment(text: string): number | undefined {
  const [, date, time = "T00:00Z"] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/
    .exec(text) ?? [];
  if (date === undefined) return undefined;
  const day = Date.parse(`${date}T00:00Z`);
  // The 30th of February would be one of March.
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined;
  const moment = Date.parse(`${date}${time}`);
  return Number.isNaN(moment) ? undefined : moment;
}

/** One of these words, capitals or not. */
export function oneWordOf<const Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined) return undefined;
  const word = words.find((each) => each.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  throw new CliError(`--${option} needs one of ${words.join(", ")}, not "${text}"`);
}
