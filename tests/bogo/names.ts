/**
 * Between the numbers of the runner's flags and the library's names.
 * @module
 */

import { type CipherSuiteName, type NamedGroupName, nobleProvider, type SignatureSchemeName } from "../../mod.ts";

/** Everything that can be configured, best first. */
export const offered: {
  readonly cipherSuites: readonly CipherSuiteName[];
  readonly namedGroups: readonly NamedGroupName[];
  readonly signatureSchemes: readonly SignatureSchemeName[];
} = {
  cipherSuites: nobleProvider.cipherSuites.map(({ name }) => name),
  namedGroups: nobleProvider.namedGroups.map(({ name }) => name),
  signatureSchemes: nobleProvider.signatureSchemes.map(({ name }) => name),
};

/** The name of a number in one of the library's registries. */
export function nameIn<Name extends string>(registry: Readonly<Record<Name, number>>, value: number): Name | undefined {
  for (const name in registry) if (registry[name] === value) return name;
  return undefined;
}

/** The number of a name; what is no name there is a number already. */
export function nameless(registry: Readonly<Record<string, number>>, name: string): number {
  return registry[name] ?? Number(name);
}
