/**
 * What the command line makes of sessions, client certificates, stapling, several credentials and suites with CBC: `serve`
 * and `connect` in this process.
 * @module
 */

import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { connect as tlsConnect } from "node:tls";
import {
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  issueOcspResponse,
  nobleProvider,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Finished, openWorkshop, portOf, remarksOf, runCli, type Running, startCli } from "./run_cli.ts";

const test = suite("cli sessions");
const workshop = openWorkshop();
const { ca } = workshop;
const files = ["--cert", workshop.cert, "--key", workshop.key];
const issuing = {
  provider: nobleProvider,
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  now: Date.now(),
};
const authority = issueCertificateAuthority({ ...issuing, name: "Other CA" });

/** The options for a new certificate, and for whom to trust. */
function issued(name: string): { readonly files: readonly string[]; readonly ca: string } {
  const { chain, privateKey } = issueCertificate({ ...issuing, issuer: authority, names: [name] });
  const cert = workshop.write(`${name}.pem`, encodePem("CERTIFICATE", chain[0]));
  const key = workshop.write(`${name}.key`, encodePem("PRIVATE KEY", encodePrivateKey(privateKey)));
  return {
    files: ["--cert", cert, "--key", key],
    ca: workshop.write("other_ca.pem", encodePem("CERTIFICATE", authority.certificate)),
  };
}

interface Serving {
  readonly server: Running;
  /** `connect` to it, with what it is told besides. */
  ask(...options: string[]): Promise<Finished>;
  askAs(host: string, ...options: string[]): Promise<Finished>;
}

/** Runs `serve` for the time of a test. */
async function serving(options: readonly string[], talk: (serving: Serving) => Promise<void>): Promise<void> {
  const server = startCli(["serve", "0", ...options]);
  try {
    const port = await portOf(server);
    const askAs = (host: string, ...others: string[]): Promise<Finished> =>
      runCli(["connect", `localhost:${port}`, "--servername", host, "--ca", ca, "--get", "/", ...others]);
    await talk({ server, askAs, ask: (...others) => askAs("localhost", ...others) });
  } finally {
    await server.stop();
  }
}

test("--session saves a session for its owner only, and the next connection resumes it", () =>
  serving(files, async ({ ask, server }) => {
    const path = workshop.path("one.session");
    const [first, second] = [await ask("--session", path), await ask("--session", path, "--steps")];
    assert.equal([first.exitCode, second.exitCode], [0, 0]);
    assert.match(second.stdout, /<th>Resumed<\/th><td>yes/);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.match(readFileSync(path, "utf8"), /^-----BEGIN TLSCHART CLIENT SESSION-----\n/);
    assert.match(first.stderr, /the session is saved in .*one\.session, which lets its reader decrypt it/);
    assert.not.match(first.stderr, /resumed$/m);
    assert.match(second.stderr, /^tlschart: TLSv1\.2 .*, resumed$/m);
    assert.match(server.stderr(), /^tlschart: #2 .*, resumed$/m);
    // RFC 5246 §7.3: in an abbreviated handshake the server finishes first.
    const told = [...second.stderr.matchAll(/^ ([ 1]\d) {2}\S.* ms$/gm)].map(([, number]) => Number(number));
    assert.equal(told, [1, 2, 8, 10, 9, 11]);
    assert.match(second.stderr, /session +to be resumed, with a ticket of/);
  }));

test("--session keeps no session where there are no tickets, and says so", () =>
  serving([...files, "--no-tickets"], async ({ ask }) => {
    const path = workshop.path("none.session");
    const { exitCode, stderr } = await ask("--session", path);
    assert.is(exitCode, 0);
    assert.match(stderr, /there is no session to save in .*none\.session: the server keeps none, and gives no ticket/);
    assert.throws(() => statSync(path), /ENOENT/);
  }));

test("--session never writes over a file that is something else, and resumes only where the same are trusted", () =>
  serving(files, async ({ ask, server }) => {
    const key = workshop.write("precious.key", workshop.keyPem);
    const refused = await ask("--session", key);
    assert.is(refused.exitCode, 2);
    assert.match(refused.stderr, /precious\.key: there is something else in it than a session/);
    assert.is(readFileSync(key, "utf8"), workshop.keyPem);
    const path = workshop.path("trust.session");
    await ask("--session", path);
    const port = await portOf(server);
    const insecure = await runCli(["connect", `localhost:${port}`, "--insecure", "--get", "/", "--session", path]);
    assert.match(insecure.stderr, /the session in .*trust\.session was not resumed/);
    const again = await ask("--session", path);
    assert.match(again.stderr, /the session in .*trust\.session was not resumed/);
    const both = workshop.write("both.pem", workshop.caPem + encodePem("CERTIFICATE", authority.certificate));
    const more = await ask("--session", path, "--ca", both);
    assert.match(more.stderr, /the session in .*trust\.session was not resumed/);
  }));

test("--session is refused before any connection where no file can be written, or a damaged one is", () =>
  serving(files, async ({ ask, server }) => {
    const path = workshop.path("damaged.session");
    await ask("--session", path);
    const saved = readFileSync(path, "utf8");
    const damaged = saved.replace(/[A-Za-z](?=[^-]{99})/, (letter) => letter === "A" ? "B" : "A");
    assert.is.not(damaged, saved);
    workshop.write("damaged.session", damaged);
    const refusals = [
      [await ask("--session", workshop.path("nowhere/a.session")), /^tlschart: --session .*: no such file or folder$/],
      [await ask("--session", path), /^tlschart: --session .*: the session in it is damaged; without the file/],
    ] as const;
    for (const [{ exitCode, stdout, lines }, reason] of refusals) {
      assert.equal([exitCode, stdout, lines.length], [2, "", 1]);
      assert.match(lines[0] ?? "", reason);
    }
    assert.is(readFileSync(path, "utf8"), damaged);
    assert.not.match(server.stderr(), /#2/);
  }));

test("--session hides a file from others, and says so", () =>
  serving(files, async ({ ask }) => {
    const path = workshop.path("open.session");
    await ask("--session", path);
    chmodSync(path, 0o644);
    const { exitCode, lines } = await ask("--session", path);
    assert.is(exitCode, 0);
    assert.match(
      lines[0] ?? "",
      /others could read the session in .*open\.session, and decrypt it; now only its owner can/,
    );
    assert.is(statSync(path).mode & 0o777, 0o600);
  }));

test("--session says why a session was not resumed, and before that another one is saved", async () => {
  const path = workshop.path("why.session");
  await serving(files, async ({ ask }) => void await ask("--session", path));
  await serving(files, async ({ ask }) => {
    const [unknown = "", saved = ""] = remarksOf(await ask("--session", path));
    assert.match(unknown, /why\.session was not resumed: the server wanted a full handshake$/);
    assert.match(saved, /the session is saved in .*why\.session/);
    const [, withheld = ""] = remarksOf(await ask("--session", path, ...files));
    assert.match(withheld, /why\.session was not resumed: it has expired, or was made for another name/);
  });
});

test("--session says that a session is forgotten, when a connection with it fails", async () => {
  const path = workshop.path("failed.session");
  await serving(files, async ({ ask }) => void await ask("--session", path));
  // RFC 5246 §7.2: a fatal alert, handshake_failure.
  const refusing = createServer((socket) =>
    socket.once("data", () => socket.end(Uint8Array.of(21, 3, 3, 0, 2, 2, 40)))
  );
  await once(refusing.listen(0, "127.0.0.1"), "listening");
  const address = refusing.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { exitCode, lines } = await runCli(["connect", `localhost:${port}`, "--ca", ca, "--session", path]);
  refusing.close();
  assert.is(exitCode, 1);
  assert.match(lines.at(-1) ?? "", /failed\.session is forgotten, because a connection with it failed/);
  assert.not.ok(existsSync(path));
});

test("--client-ca and --require-client-cert ask for what connect shows by --cert and --key", async () => {
  const client = issued("client.example");
  await serving([...files, "--client-ca", client.ca, "--require-client-cert"], async ({ ask, server }) => {
    const shown = await ask(...client.files);
    assert.is(shown.exitCode, 0);
    assert.match(shown.stdout, /<th>Your certificate<\/th><td>CN=client\.example/);
    assert.match(shown.stderr, /client certificate CN=client\.example/);
    assert.match(server.stderr(), /#1 .*client certificate CN=client\.example/);
    const without = await ask();
    assert.is(without.exitCode, 1);
    assert.match(without.stderr, /fatal alert handshake_failure/);
    assert.is(without.lines.at(-1), "tlschart: the server asked for a client certificate: --cert FILE --key FILE");
    const wrong = await ask(...files);
    assert.is(wrong.exitCode, 1);
    assert.is(
      wrong.lines.at(-1),
      "tlschart: the certificate in --cert was not shown: it is issued by CN=CLI test CA, and the server wants another issuer",
    );
  });
  await serving([...files, "--client-ca", client.ca], async ({ ask }) => {
    const [without, shown] = [await ask(), await ask(...client.files, "--steps")];
    assert.equal([without.exitCode, remarksOf(without), shown.exitCode], [0, [], 0]);
    assert.match(shown.stderr, /CertificateVerify/);
    const told = [...shown.stderr.matchAll(/^ ([ 1]\d) {2}\S.* ms$/gm)].map(([, number]) => Number(number));
    assert.equal(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

test("several --cert are chosen by the name that is asked for; each may have a stapled response", async () => {
  const other = issued("other.example");
  const { authority: issuer, certificate } = workshop;
  const response = issueOcspResponse({ ...issuing, issuer, certificate, status: "good" });
  const staple = workshop.write("response.der", response);
  await serving([...files, ...other.files, "--ocsp", staple], async ({ ask, askAs, server }) => {
    const stapled = await ask("--ocsp");
    assert.match(stapled.stderr, /, OCSP response of \d+ bytes \(it is good, as of \S+, until \S+\)$/m);
    assert.match(server.stderr(), /#1 .*, OCSP response stapled$/m);
    const named = await askAs("other.example", "--ocsp");
    assert.match(named.stderr, /other CA|to trust another CA|issuer/i);
    const bare = await askAs("other.example", "--ca", other.ca, "--ocsp");
    assert.match(bare.stderr, /the server stapled no OCSP response/);
    assert.is(bare.exitCode, 0);
  });
  const { exitCode, stderr } = await runCli(["serve", "0", ...files, "--ocsp", workshop.cert]);
  assert.equal([exitCode, /it is no OCSP response in DER/.test(stderr)], [2, true]);
  const [, cert = "", , key = ""] = other.files;
  const mixed = await runCli(["serve", "0", ...files, "--cert", cert, "--key", workshop.key]);
  assert.is(mixed.exitCode, 2);
  assert.ok(mixed.stderr.startsWith(`tlschart: --cert ${cert} --key ${workshop.key}: Cannot use a credential`));
  const single = await runCli(["serve", "0", ...files, "--cert", cert]);
  assert.ok(single.stderr.includes(`--cert needs the --key that belongs to it: there is none for ${cert}`));
  const alone = await runCli(["connect", "localhost:1", "--cert", workshop.cert, "--key", key]);
  assert.equal([alone.exitCode, alone.stderr.includes(`--key ${key}: `)], [2, true]);
});

test("--legacy-cbc lets suites with CBC in, which the steps tell like any other", () =>
  serving([...files, "--legacy-cbc"], async ({ ask, server }) => {
    const suite = ["--ciphers", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"];
    const { exitCode, stderr } = await ask("--legacy-cbc", ...suite, "--steps");
    assert.is(exitCode, 0);
    assert.match(stderr, /TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 .*, encrypt-then-MAC/);
    assert.match(stderr, /client_write_MAC_key/);
    assert.match(server.stderr(), /#1 .*_CBC_SHA384 .*encrypt-then-MAC/);
    assert.equal(remarksOf(await ask()), []);
  }));

test("--legacy-cbc is named on both sides where it would help", async () => {
  const suite = ["--ciphers", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "--legacy-cbc"];
  await serving(files, async ({ ask, server }) => {
    const { exitCode } = await ask(...suite);
    assert.is(exitCode, 1);
    assert.match(server.stderr(), /#1 .*Cannot agree on a cipher suite.*--legacy-cbc/);
    assert.not.match(server.stderr(), /legacyCbc/);
  });
  await serving([...files, ...suite], async ({ ask }) => {
    const { exitCode, lines } = await ask();
    assert.is(exitCode, 1);
    assert.match(lines[0] ?? "", /alert handshake_failure .*--legacy-cbc/);
    assert.not.match(lines[0] ?? "", /legacyCbc/);
  });
});

test("--max-fragment and --record-size-limit shorten records, and say so", () =>
  serving([...files, "--record-size-limit", "1000"], async ({ ask }) => {
    const limited = await ask("--record-size-limit", "2000");
    assert.match(limited.stderr, /records of 1,000 bytes at most to send, records of 2,000 bytes at most to receive/);
    const fragment = await ask("--max-fragment", "512");
    assert.match(fragment.stderr, /records of 512 bytes at most to send, records of 512 bytes at most to receive/);
    const wrong = await ask("--record-size-limit", "63");
    assert.equal([wrong.exitCode, /from 64 to 16384/.test(wrong.stderr)], [2, true]);
  }));

test("node:tls resumes a session with serve, whose ticket keys are the same for all connections", () =>
  serving(files, async ({ server }) => {
    const port = await portOf(server);
    const options = { host: "localhost", port, ca: workshop.caPem, maxVersion: "TLSv1.2" } as const;
    const visit = (session?: Buffer): Promise<readonly [boolean, Buffer | undefined]> =>
      new Promise((resolve, reject) => {
        let given: Buffer | undefined;
        let isReused = false;
        const socket = tlsConnect({ ...options, session }, () => {
          isReused = socket.isSessionReused();
          socket.end("GET / HTTP/1.0\r\n\r\n");
        });
        socket.on("session", (bytes) => given = bytes).on("error", reject).resume();
        socket.on("close", () => resolve([isReused, given]));
      });
    const [first, session] = await visit();
    const [second] = await visit(session);
    assert.equal([first, second], [false, true]);
  }));

test.run();
