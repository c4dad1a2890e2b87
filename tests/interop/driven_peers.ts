/**
 * Go's crypto/tls and Java's JSSE: programs of ours (peer.go, Peer.java), each started once for the whole run and
 * driven by lines on their standard input.
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { toHex } from "../../lib/codec/bytes.ts";
import { CipherSuite, NamedGroup } from "../../lib/registry.ts";
import type { CipherSuiteName, NamedGroupName } from "../../lib/registry.ts";
import { rootFile, serverIdentity, serverNameOf } from "./certificates.ts";
import { Command, eventually, folder, missingOf, run } from "./command.ts";
import { aeadSuites, cbcSuites } from "./names.ts";
import type { Peer, PeerClient, PeerClientOptions, PeerOptions, PeerServer, PeerServerOptions, Seen } from "./peer.ts";

type Fields = Readonly<Record<string, string>>;

/** One program. */
class Driven {
  readonly #start: () => Promise<Command>;
  #command: Promise<Command> | undefined;
  #read = 0;
  #ids = 0;
  readonly #reports = new Map<string, { readonly verb: string; readonly fields: Fields }[]>();

  constructor(start: () => Promise<Command>) {
    this.#start = start;
  }

  newId(role: "c" | "s"): string {
    return `${role}${++this.#ids}`;
  }

  async tell(verb: string, id: string, fields: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    this.#command ??= this.#start();
    const command = await this.#command;
    const given = Object.entries({ id, ...fields }).flatMap(([name, value]) => value ? [`\t${name}=${value}`] : []);
    command.child.stdin.write(`${verb}${given.join("")}\n`);
  }

  /** The next report about this with one of these verbs; others before it are passed over. */
  async report(id: string, ...verbs: readonly string[]): Promise<Fields> {
    const command = await this.#command;
    const found = await eventually(() => {
      this.#readOn(command?.stdout ?? "");
      const waiting = this.#reports.get(id) ?? [];
      const at = waiting.findIndex(({ verb }) => verbs.includes(verb));
      return at < 0 ? undefined : waiting.splice(0, at + 1).at(-1);
    });
    if (found !== undefined) return found.fields;
    throw new Error(`no report ${verbs.join(" or ")} about ${id}: ${command?.said.slice(-1500)}`);
  }

  /** Drops what was reported so far, for what comes next. */
  forget(id: string): void {
    this.#reports.delete(id);
  }

  #readOn(said: string): void {
    for (let end = said.indexOf("\n", this.#read); end >= 0; end = said.indexOf("\n", this.#read)) {
      const [verb = "", ...parts] = said.slice(this.#read, end).trim().split("\t");
      this.#read = end + 1;
      const fields = Object.fromEntries(parts.map((part) => {
        const at = part.indexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }));
      const id = fields["id"] ?? "";
      this.#reports.set(id, [...this.#reports.get(id) ?? [], { verb, fields }]);
    }
  }
}

interface Language {
  readonly program: Driven;
  suites(names: readonly CipherSuiteName[]): string;
  seen(fields: Fields): Seen;
}

function peerOf(language: Language, about: Omit<Peer, "startServer" | "startClient">): Peer {
  return {
    ...about,
    startServer: (options) => startServer(language, options),
    startClient: (options) => startClient(language, options),
  };
}

async function startServer(language: Language, options: PeerServerOptions): Promise<PeerServer> {
  const { program } = language;
  const id = program.newId("s");
  const { certificateFile, privateKeyFile } = serverIdentity(options.kind);
  await program.tell("listen", id, {
    cert: certificateFile,
    key: privateKeyFile,
    ca: rootFile,
    clientAuthentication: options.clientAuthentication,
    ocsp: options.ocspResponse && toHex(options.ocspResponse),
    ...common(language, options),
  });
  const { port, error } = await program.report(id, "listening", "failed");
  if (error !== undefined) throw new Error(error);
  return {
    port: Number(port),
    seen: async () => {
      const fields = await program.report(id, "seen", "failed");
      if (fields["error"] !== undefined) throw new Error(fields["error"]);
      return language.seen(fields);
    },
    toldAlert: async (alert) => {
      const { error = "" } = await program.report(id, "failed");
      const said = error.toLowerCase().replace("unknown certificate authority", "unknown ca").replaceAll(" ", "_");
      if (!said.includes(alert)) throw new Error(`was told ${error}, not ${alert}`);
    },
    stop: () => void program.tell("stop", id),
  };
}

async function startClient(language: Language, options: PeerClientOptions): Promise<PeerClient> {
  const { program } = language;
  const id = program.newId("c");
  await program.tell("dial", id, {
    port: `${options.port}`,
    name: options.serverName ?? serverNameOf(options.kind),
    ca: options.trusts ?? rootFile,
    cert: options.certificate?.certificateFile,
    key: options.certificate?.privateKeyFile,
    sessions: options.sessions,
    ...common(language, options),
  });
  return {
    seen: async () => {
      const fields = await program.report(id, "seen", "failed");
      if (fields["error"] !== undefined) throw new Error(fields["error"]);
      return language.seen(fields);
    },
    close: () => void program.tell("close", id),
    failed: async () => void await program.report(id, "failed"),
    stop: () => void program.tell("close", id),
  };
}

function common(language: Language, options: PeerOptions): Readonly<Record<string, string | undefined>> {
  // Go has some suites with CBC only where they are asked for.
  const cipherSuites = options.cipherSuites ?? (options.cbc === undefined ? undefined : [...aeadSuites, ...cbcSuites]);
  return {
    alpn: options.alpnProtocols?.join(","),
    suites: cipherSuites && language.suites(cipherSuites),
    groups: options.namedGroups?.map((name) => NamedGroup[name]).join(","),
    tickets: options.tickets ? "1" : undefined,
    maximumPacketSize: options.recordSizeLimit === undefined ? undefined : `${options.recordSizeLimit}`,
  };
}

const pathOfSource = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const wholeRun = { timeout: 600_000 };

const nameOfNumber = <Name extends string>(table: Readonly<Record<Name, number>>, number: string | undefined) =>
  (Object.keys(table) as Name[]).find((name) => table[name] === Number(number));

const commonlySeen = (fields: Fields): Seen => ({
  alpnProtocol: fields["alpn"] ?? "",
  serverName: fields["name"],
  resumed: fields["resumed"] === "true",
  peerCertificate: fields["peerCertificate"] === "true",
  stapled: fields["stapled"] === "true",
});

const goLanguage: Language = {
  program: new Driven(async () => {
    const binary = join(folder, "peer");
    await run("go", ["build", "-o", binary, pathOfSource("peer.go")], {
      timeout: 120_000,
      env: { GO111MODULE: "off", GOFLAGS: "", CGO_ENABLED: "0" },
    });
    return new Command(binary, [], wholeRun);
  }),
  suites: (names) => names.map((name) => CipherSuite[name]).join(","),
  seen: (fields) => ({
    ...commonlySeen(fields),
    cipherSuite: nameOfNumber(CipherSuite, fields["suite"]),
    namedGroup: nameOfNumber(NamedGroup, fields["group"]),
    exported: fields["exported"] || undefined,
    unique: fields["unique"] || undefined,
  }),
};

export const go: Peer = peerOf(goLanguage, {
  name: "Go",
  missing: missingOf("go"),
  kinds: ["p256", "p384", "ed25519", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites.filter((name) => !/AES_256_CBC_SHA384$/.test(name))],
  namedGroups: ["x25519", "secp256r1", "secp384r1", "secp521r1"],
  cannot: {
    "client:sessionIds": "crypto/tls resumes by tickets only",
    "server:sessionIds": "crypto/tls resumes by tickets only",
    "client:encryptThenMac": "crypto/tls has no encrypt_then_mac",
    "server:encryptThenMac": "crypto/tls has no encrypt_then_mac",
    "client:recordSizeLimit": "crypto/tls has neither record_size_limit nor max_fragment_length",
    "server:recordSizeLimit": "crypto/tls has neither record_size_limit nor max_fragment_length",
    "client:maxFragmentLength": "crypto/tls has neither record_size_limit nor max_fragment_length",
    "server:maxFragmentLength": "crypto/tls has neither record_size_limit nor max_fragment_length",
  },
});

const javaLanguage: Language = {
  program: new Driven(() => {
    // RFC 6066 and tickets are off in old releases unless they are asked for; so is the choice of groups.
    const properties = ["-Djdk.tls.server.enableSessionTicketExtension=true", "-Djsse.enableMFLNExtension=true"];
    return Promise.resolve(new Command("java", [...properties, "-Xshare:auto", pathOfSource("Peer.java")], wholeRun));
  }),
  suites: (names) => names.join(","),
  seen: (fields) => ({
    ...commonlySeen(fields),
    cipherSuite: (Object.keys(CipherSuite) as CipherSuiteName[]).find((name) => name === fields["suite"]),
  }),
};

const javaGroups: readonly NamedGroupName[] = ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"];

export const java: Peer = peerOf(javaLanguage, {
  name: "JSSE",
  missing: missingOf("java"),
  kinds: ["p256", "p384", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: javaGroups,
  bindsSchemes: true,
  cannot: {
    "client:encryptThenMac": "JSSE has no encrypt_then_mac",
    "server:encryptThenMac": "JSSE has no encrypt_then_mac",
    "client:recordSizeLimit": "JSSE has no record_size_limit",
    "server:recordSizeLimit": "JSSE has no record_size_limit",
    "client:stapling": "JSSE asks for a status only where it checks revocation",
    "server:stapling": "JSSE asks an OCSP responder itself",
    "client:exporter": "JSSE has no exporter before Java 25",
    "server:exporter": "JSSE has no exporter before Java 25",
  },
});
