/**
 * NSS by its commands selfserv, a small HTTP server that ends each connection after its answer, and tstclnt. Both keep
 * certificates and keys in a database, which is made once for the run.
 */
import { assert } from "../harness.ts";
import type { CipherSuiteName, NamedGroupName } from "../../lib/registry.ts";
import { CipherSuite } from "../../lib/registry.ts";
import type { KeyKind } from "../support/fixtures.ts";
import {
  clientIdentity,
  rootFile,
  rootKeyFile,
  serverIdentity,
  serverNameOf,
  strangeClientIdentity,
  strangerFile,
} from "./certificates.ts";
import { Command, folder, freePort, missingOf, run } from "./command.ts";
import { aeadSuites, cbcSuites } from "./names.ts";
import {
  latin1,
  type Peer,
  type PeerClient,
  type PeerClientOptions,
  type PeerOptions,
  type PeerServer,
  type PeerServerOptions,
  type Seen,
  textOf,
} from "./peer.ts";
import type { Talk } from "./talk.ts";

const kinds: readonly KeyKind[] = ["p256", "p384", "rsa"];
const groupNames: readonly (readonly [NamedGroupName, string])[] = [
  ["x25519", "x25519"],
  ["secp256r1", "P256"],
  ["secp384r1", "P384"],
  ["secp521r1", "P521"],
];

let made: Promise<string> | undefined;
let madeBare: Promise<string> | undefined;
let madeForStrangers: Promise<string> | undefined;

/** The database with all certificates, and the root that it trusts. */
const database = (): Promise<string> => made ??= makeDatabase("nss", rootFile);
/** Databases with a root only: tstclnt takes any certificate of its own that fits. */
const bareDatabase = (): Promise<string> => madeBare ??= makeDatabase("nss-bare", rootFile, false);
const strangersDatabase = (): Promise<string> => madeForStrangers ??= makeDatabase("nss-strange", strangerFile, false);

async function makeDatabase(name: string, root: string, isWhole = true): Promise<string> {
  const at = `sql:${folder}/${name}`;
  await run("mkdir", [`${folder}/${name}`]);
  await run("certutil", ["-N", "-d", at, "--empty-password"]);
  const add = async (nickname: string, certificateFile: string, privateKeyFile: string): Promise<void> => {
    const bundle = `${folder}/${name}/${nickname}.p12`;
    const files = ["-in", certificateFile, "-inkey", privateKeyFile, "-out", bundle];
    await run("openssl", ["pkcs12", "-export", "-name", nickname, ...files, "-passout", "pass:interop"]);
    await run("pk12util", ["-i", bundle, "-d", at, "-W", "interop"]);
  };
  if (isWhole) await add("root", rootFile, rootKeyFile);
  else await run("certutil", ["-A", "-d", at, "-n", "root", "-t", "CT,C,", "-i", root]);
  await run("certutil", ["-M", "-d", at, "-n", "root", "-t", "CT,C,"]);
  if (!isWhole) return at;
  const identities = [
    ...kinds.flatMap((kind) => [serverIdentity(kind), clientIdentity(kind)]),
    strangeClientIdentity(),
  ];
  for (const { commonName, certificateFile, privateKeyFile } of identities) {
    await add(commonName, certificateFile, privateKeyFile);
  }
  return at;
}

function common(options: PeerOptions): readonly string[] {
  const { cipherSuites, namedGroups = groupNames.map(([name]) => name), cbc, tickets } = options;
  const suites = cipherSuites ?? (cbc === undefined ? aeadSuites : [...aeadSuites, ...cbcSuites]);
  const codes = suites.map((name) => `:${CipherSuite[name].toString(16).padStart(4, "0").toUpperCase()}`);
  return [
    "-V",
    "tls1.2:tls1.2",
    "-c",
    codes.join(""),
    "-I",
    groupNames.flatMap(([name, theirs]) => namedGroups.includes(name) ? [theirs] : []).join(","),
    "-G",
    ...(tickets ? ["-u"] : []),
    "-x",
    "EXPORTER-interop:32",
  ];
}

function seenIn(said: string): Seen {
  const [, bits, cipher = ""] = /SSL version 3\.3 using (\d+)-bit (\S+) with/.exec(said) ?? [];
  const [, key] = /Server Auth: \d+-bit (\w+)/.exec(said) ?? [];
  const [, groupBits] = /Key Exchange: (\d+)-bit ECDHE/.exec(said) ?? [];
  const mac = /with (\d+)-bit (\w+) MAC/.exec(said)?.[2] ?? "";
  return {
    cipherSuite: suiteOf(key, bits, cipher, mac),
    namedGroup: ({ 255: "x25519", 256: "secp256r1", 384: "secp384r1", 521: "secp521r1" } as const)[groupBits ?? ""],
    extendedMasterSecret: /Extended Master Secret: Yes/.test(said),
    exported: /Length: 32\s+Keying Material:\s+([0-9a-f:\s]+)/.exec(said)?.[1]?.replace(/[:\s]/g, ""),
  };
}

function suiteOf(key = "", bits = "", cipher: string, mac: string): CipherSuiteName | undefined {
  if (/chacha/i.test(cipher)) return aeadSuites.find((name) => name.includes(`_${key}_WITH_CHACHA20`));
  const hash = { SHA1: "SHA", SHA256: "SHA256", SHA384: "SHA384" }[mac] ?? (bits === "256" ? "SHA384" : "SHA256");
  const mode = /GCM/.test(cipher) ? "GCM" : "CBC";
  return [...aeadSuites, ...cbcSuites].find((name) => name === `TLS_ECDHE_${key}_WITH_AES_${bits}_${mode}_${hash}`);
}

async function startServer(options: PeerServerOptions): Promise<PeerServer> {
  const port = await freePort();
  const { kind, clientAuthentication = "none" } = options;
  const command = new Command("selfserv", [
    "-d",
    await database(),
    "-p",
    `${port}`,
    kind === "rsa" ? "-n" : "-e",
    serverNameOf(kind),
    "-v",
    ...common(options),
    ...(options.alpnProtocols ? ["-Q"] : []),
    ...(clientAuthentication === "none" ? [] : ["-r"]),
    ...(clientAuthentication === "required" ? ["-r"] : []),
    ...(options.tickets ? ["-N"] : []),
  ], { timeout: 120_000 });
  await command.says(/About to call accept/);
  let from = 0;
  return {
    port,
    seen: async () => {
      // Its two outputs may overtake each other.
      const text = await command.saysAfter(from, /(?=[^]*stateless resumes.*\n)(?=[^]*Extended Master Secret: \w+\n)/);
      const before = command.said.slice(0, from);
      from = command.said.length;
      return { ...seenIn(text), resumed: resumptions(text) > resumptions(before) };
    },
    exchange: exchangeRequest,
    closeFirst: (talk) => {
      talk.send(latin1("GET / HTTP/1.0\r\n\r\n"));
      return Promise.resolve();
    },
    toldAlert: async (alert) => {
      const words = {
        bad_certificate: "cannot verify your certificate",
        unknown_ca: "does not recognize and trust the CA",
      };
      await command.says(new RegExp(words[alert as keyof typeof words]));
    },
    stop: () => command.kill(),
  };
}

/** It counts them over its whole life. */
const resumptions = (text: string): number =>
  [...text.matchAll(/(\d+) cache hits; .*\s+(\d+) stateless resumes/g)].at(-1)?.slice(1)
    .reduce((sum, number) => sum + Number(number), 0) ?? 0;

/** It answers with what it was asked. */
async function exchangeRequest(talk: Talk, length: number): Promise<void> {
  const request = `GET /${"x".repeat(Math.min(length, 1000))} HTTP/1.0\r\n\r\n`;
  talk.send(latin1(request));
  await talk.over();
  assert.ok(textOf(talk.data).includes(request), textOf(talk.data));
}

/** strsclnt: two connections, one after the other; each asks and reads until the end. */
async function startSeveral(options: PeerClientOptions): Promise<PeerClient> {
  const parameters = [
    "-p",
    `${options.port}`,
    "-d",
    await database(),
    "-a",
    options.serverName ?? serverNameOf(options.kind),
  ];
  const counts = ["-c", "2", "-t", "1", "-V", "tls1.2:tls1.2", ...(options.tickets ? ["-u"] : [])];
  const command = new Command("strsclnt", [...parameters, ...counts, "-o", "-q", "-4", "-v", "localhost"]);
  return {
    seen: () => Promise.resolve({}),
    exchange: async (talk) => {
      await talk.until(() => textOf(talk.data).includes("\r\n\r\n"));
      talk.send(latin1("HTTP/1.0 200 OK\r\n\r\nEOF\r\n\r\n\r\n"));
      talk.close();
    },
    close: () => {},
    failed: async () => assert.is.not(await command.ended(), 0),
    stop: () => command.kill(),
  };
}

async function startClient(options: PeerClientOptions): Promise<PeerClient> {
  if (options.sessions !== undefined) return await startSeveral(options);
  const command = new Command("tstclnt", [
    "-h",
    "127.0.0.1",
    "-p",
    `${options.port}`,
    "-a",
    options.serverName ?? serverNameOf(options.kind),
    "-d",
    await (options.trusts === strangerFile ? strangersDatabase() : options.certificate ? database() : bareDatabase()),
    "-v",
    ...common(options),
    // NSS wants keyEncipherment of RSA keys, which ours aren't for: they sign.
    ...(options.kind === "rsa" ? ["-o"] : []),
    ...(options.certificate ? ["-n", options.certificate.commonName] : []),
    ...(options.asksStatus ? ["-T"] : []),
  ]);
  command.echo();
  return {
    seen: async () => {
      await command.says(/(?=[^]*stateless resumes)(?=[^]*Extended Master Secret: \w+\n)/);
      const text = command.said;
      return {
        ...seenIn(text),
        stapled: options.asksStatus ? /Received [1-9]\d* Cert Status items/.test(text) : undefined,
      };
    },
    close: () => void command.child.stdin.end(),
    failed: async () => assert.is.not(await command.ended(), 0),
    stop: () => command.kill(),
  };
}

export const nss: Peer = {
  name: "NSS",
  missing: missingOf("selfserv", "tstclnt", "strsclnt", "certutil", "pk12util", "openssl"),
  kinds,
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: groupNames.map(([name]) => name),
  resumesByItself: true,
  cannot: {
    "server:alpn": "selfserv knows http/1.1 only",
    "client:alpn": "tstclnt offers no ALPN of ours",
    "server:tenMegabytes": "selfserv answers what it was asked, not more",
    "client:closesFirst": "tstclnt doesn't notice that its input has ended",
    "client:closesSecond": "tstclnt waits for its input to end",
    "client:exporter": "tstclnt prints nothing of it in TLS 1.2",
    "server:stapling": "selfserv didn't staple what it says it can make",
    "client:recordSizeLimit": "tstclnt has no word for it",
    "client:maxFragmentLength": "NSS has no max_fragment_length",
    "server:maxFragmentLength": "NSS has no max_fragment_length",
    "client:encryptThenMac": "NSS has no encrypt_then_mac",
    "server:encryptThenMac": "NSS has no encrypt_then_mac",
  },
  startServer,
  startClient,
};
