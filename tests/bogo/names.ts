/**
 * Between the numbers of the runner's flags and the library's names.
 * @module
 */

import {
  type CipherSuiteName,
  NamedGroup,
  type NamedGroupName,
  nobleProvider,
  SignatureScheme,
  type SignatureSchemeName,
} from "../../mod.ts";
import { Unimplemented } from "./flags.ts";

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** All suites that can be configured, best first. */
export const cipherSuites: readonly CipherSuiteName[] = [
  ...nobleProvider.cipherSuites,
  ...nobleProvider.legacyCipherSuites ?? [],
].map(({ name }) => name);

/** Groups of TLS 1.3 say nothing to a stack that has TLS 1.2 alone. */
const groupsOfTls13: readonly number[] = [NamedGroup.X25519MLKEM768, 514];

/** `undefined` for an empty list. Throws Unimplemented for a group that the library doesn't have. */
export function groupsOf(numbers: readonly number[]): readonly NamedGroupName[] | undefined {
  if (numbers.length === 0) return undefined;
  const ours = numbers.filter((number) => !groupsOfTls13.includes(number));
  if (ours.length === 0) throw new Unimplemented("no group of TLS 1.2");
  const known = nobleProvider.namedGroups.map(({ name }) => name);
  return ours.map((number) => nameAmong(known, NamedGroup, number));
}

/** The same for signature schemes. */
export function schemesOf(numbers: readonly number[]): readonly SignatureSchemeName[] | undefined {
  if (numbers.length === 0) return undefined;
  const known = nobleProvider.signatureSchemes.map(({ name }) => name);
  return numbers.map((number) => nameAmong(known, SignatureScheme, number));
}

/** What BoringSSL accepts of its peer unless it is told otherwise: Ed25519, Ed448 and P-521 must be asked for. */
export const usualSchemes: readonly SignatureSchemeName[] = nobleProvider.signatureSchemes.map(({ name }) => name)
  .filter((name) => !["ed25519", "ed448", "ecdsa_secp521r1_sha512"].includes(name));

function nameAmong<Name extends string>(
  known: readonly Name[],
  registry: Readonly<Record<Name, number>>,
  number: number,
): Name {
  const name = known.find((each) => registry[each] === number);
  if (name === undefined) throw new Unimplemented(`what has the number ${number}`);
  return name;
}

/** The number of a name; what is no name there is a number already. */
export function numberOf(registry: Readonly<Record<string, number>>, name: string): number {
  return registry[name] ?? Number(name);
}
