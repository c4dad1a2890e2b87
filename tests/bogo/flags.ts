/**
 * What the runner tells the shim on its command line. Only flags that the shim can honour stand in the tables: every
 * other one throws Unimplemented, which becomes exit code 89, and the runner then leaves the test out.
 * @module
 */

/** The runner asks for something that TLS 1.2, this library or this shim doesn't have. */
export class Unimplemented extends Error {}

/** Without a value. */
const switches = [
  "allow-hint-mismatch", // of a second process: there is none
  "async",
  "check-close-notify",
  "cnsa1-202603",
  "cnsa2-202603",
  "decline-alpn",
  "decline-ocsp-callback",
  "enable-ocsp-stapling",
  "enable-signed-cert-timestamps",
  "expect-extended-master-secret",
  "expect-no-hrr", // of TLS 1.3: there is never one
  "expect-no-peer-cert",
  "expect-no-secure-renegotiation",
  "expect-no-server-name",
  "expect-no-session",
  "expect-no-session-id",
  "expect-secure-renegotiation",
  "expect-session-id",
  "expect-session-miss",
  "expect-ticket-renewal",
  "expect-verify-result",
  "fail-cert-callback",
  "fail-ddos-callback",
  "fail-early-callback",
  "fail-ocsp-callback",
  "fallback-scsv",
  "fips-202205",
  "forbid-renegotiation-after-handshake", // it always is
  "handshake-never-done",
  "handshake-twice", // there is no call for a handshake that could be made twice
  "implicit-handshake",
  "install-ddos-callback",
  "ipv6",
  "is-handshaker-supported",
  "jdk11-workaround", // it is to use no TLS 1.3 with JDK 11
  "must-match-issuer",
  "new-x509-credential",
  "no-legacy-server-connect",
  "no-op-extra-handshake",
  "no-ticket",
  "no-tls1",
  "no-tls11",
  "no-tls13",
  "reject-alpn",
  "renegotiate-ignore",
  "renew-ticket",
  "require-any-client-certificate",
  "server",
  "set-ocsp-in-callback",
  "shim-shuts-down",
  "shim-writes-first",
  "skip-ticket",
  "tls-unique",
  "use-custom-verify-callback",
  "use-early-callback",
  "use-export-context",
  "use-ocsp-callback",
  "use-old-client-cert-callback",
  "use-ticket-aead-callback",
  "use-ticket-callback",
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
  "expect-advertised-alpn",
  "expect-alpn",
  "expect-certificate-types",
  "expect-cipher",
  "expect-client-ca-list",
  "expect-curve-id",
  "expect-msg-callback",
  "expect-ocsp-response",
  "expect-peer-cert-file",
  "expect-peer-signature-algorithm",
  "expect-selected-credential",
  "expect-server-name",
  "expect-signed-cert-timestamps",
  "expect-total-renegotiations",
  "expect-version",
  "export-context",
  "export-keying-material",
  "export-label",
  "host-name",
  "key-file",
  "max-cert-list",
  "max-version",
  "min-version",
  "ocsp-response",
  "port",
  "read-size",
  "repeat-shim-initial-write",
  "resume-count",
  "resumption-delay",
  "select-alpn",
  "shim-id",
  "shim-initial-write",
  "signed-cert-timestamps",
  "trust-cert",
  "use-client-ca-list",
] as const;

/** With a value, and given once for each member of a list. */
const lists = ["curves", "expect-peer-verify-pref", "signing-prefs", "verify-prefs"] as const;

/** What is said of the credential that was announced last, where one was. */
const ofCredentials: readonly string[] = [
  "cert-file",
  "key-file",
  "must-match-issuer",
  "ocsp-response",
  "signed-cert-timestamps",
  "signing-prefs",
];

export type SwitchName = (typeof switches)[number];
export type ValueName = (typeof values)[number];
export type ListName = (typeof lists)[number];

/** The flags that hold for one connection. */
export class Flags {
  readonly #switches = new Set<string>();
  readonly #values = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();
  readonly #credentials: Flags[] = [];

  /** What was announced by `-new-x509-credential`, each with the flags that came after it. */
  get credentials(): readonly Flags[] {
    return this.#credentials;
  }

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
    if (name === "new-x509-credential") return void this.#credentials.push(new Flags());
    const credential = this.#credentials.at(-1);
    if (credential !== undefined && ofCredentials.includes(name)) return credential.add(name, value);
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
