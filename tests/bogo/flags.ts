/**
 * What the runner tells the shim on its command line. Only flags that the shim can honour stand in the tables: every
 * other one throws Unimplemented, which becomes exit code 89, and the runner then leaves the test out.
 * @module
 */

/** The runner asks for something that TLS 1.2, this library or this shim doesn't have. */
export class Unimplemented extends Error {}

/** Without a value. */
const switches = [
  "async",
  "check-close-notify",
  "cnsa1-202603",
  "cnsa2-202603",
  "decline-alpn",
  "expect-extended-master-secret",
  "expect-no-hrr",
  "expect-no-peer-cert",
  "expect-no-secure-renegotiation",
  "expect-no-server-name",
  "expect-secure-renegotiation",
  "expect-verify-result",
  "fips-202205",
  "handshake-never-done",
  "implicit-handshake",
  "ipv6",
  "is-handshaker-supported",
  "no-tls1",
  "no-tls11",
  "no-tls13",
  "reject-alpn",
  "server",
  "shim-shuts-down",
  "shim-writes-first",
  "use-custom-verify-callback",
  "verify-fail",
  "verify-peer",
  "wpa-202304",
  "write-different-record-sizes",
] as const;

/** With one value; the last one counts. */
const values = [
  "advertise-alpn",
  "cert-file",
  "cipher",
  "expect-alpn",
  "expect-cipher",
  "expect-curve-id",
  "expect-msg-callback",
  "expect-peer-cert-file",
  "expect-peer-signature-algorithm",
  "expect-server-name",
  "expect-version",
  "export-context",
  "export-keying-material",
  "export-label",
  "host-name",
  "key-file",
  "max-version",
  "min-version",
  "port",
  "read-size",
  "repeat-shim-initial-write",
  "resume-count",
  "select-alpn",
  "shim-id",
  "shim-initial-write",
  "trust-cert",
] as const;

/** With a value, and given once for each member of a list. */
const lists = ["curves", "signing-prefs", "verify-prefs"] as const;

export type SwitchName = (typeof switches)[number];
export type ValueName = (typeof values)[number];
export type ListName = (typeof lists)[number];

/** The flags that hold for one connection. */
export class Flags {
  readonly #switches = new Set<string>();
  readonly #values = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();

  has(name: SwitchName): boolean {
    return this.#switches.has(name);
  }

  text(name: ValueName): string | undefined {
    return this.#values.get(name);
  }

  /** 0 where the flag isn't given. */
  number(name: ValueName): number {
    return Number(this.#values.get(name) ?? 0);
  }

  /** Empty where the flag isn't given. */
  numbers(name: ListName): readonly number[] {
    return (this.#lists.get(name) ?? []).map(Number);
  }

  /** Takes one flag. */
  add(name: string, value: string | undefined): void {
    if (value === undefined) return void this.#switches.add(name);
    if (!includes(lists, name)) return void this.#values.set(name, value);
    this.#lists.set(name, [...this.#lists.get(name) ?? [], value]);
  }
}

/** The flags of the first connection, and those of the ones that follow it. */
export interface AllFlags {
  readonly initial: Flags;
  readonly resume: Flags;
}

/** Reads the command line. Throws Unimplemented for a flag that isn't in the tables. */
export function parseFlags(args: readonly string[]): AllFlags {
  const initial = new Flags();
  const resume = new Flags();
  const rest = args.values();
  for (const argument of rest) {
    const { name, isFor } = nameOf(argument);
    const takesValue = includes(values, name) || includes(lists, name);
    if (!takesValue && !includes(switches, name)) throw new Unimplemented(argument);
    const value = takesValue ? rest.next().value : undefined;
    if (takesValue && value === undefined) throw new Error(`${argument} lacks its value`);
    if (isFor !== "resume" && isFor !== "nobody") initial.add(name, value);
    if (isFor !== "initial" && isFor !== "nobody") resume.add(name, value);
  }
  return { initial, resume };
}

/** A flag's name, and for which connection it is. What is for a handshaker, a second process, is for nobody here. */
function nameOf(argument: string): { readonly name: string; readonly isFor: "all" | "initial" | "resume" | "nobody" } {
  if (argument.startsWith("-on-shim-")) return nameOf(argument.slice("-on-shim".length));
  if (argument.startsWith("-on-handshaker-")) {
    return { ...nameOf(argument.slice("-on-handshaker".length)), isFor: "nobody" };
  }
  if (argument.startsWith("-on-initial-")) return { name: argument.slice("-on-initial-".length), isFor: "initial" };
  if (argument.startsWith("-on-resume-")) return { name: argument.slice("-on-resume-".length), isFor: "resume" };
  return { name: argument.slice(1), isFor: "all" };
}

function includes(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
