/**
 * By which rules `connect` judges a server's certificate: `--policy`, `--crl`, `--pin`, and a stapled response.
 * @module
 */

import {
  decodeCertificate,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateRevocationList,
  issueOcspResponse,
  type IssueOcspResponseOptions,
  nobleProvider,
  spkiPin,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Finished, openWorkshop, portOf, remarksOf, runCli, startCli } from "./run_cli.ts";

const test = suite("cli connect rules");
const workshop = openWorkshop();
const { ca, cert, key, authority, certificate } = workshop;
const issuing = {
  provider: nobleProvider,
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  now: Date.now(),
  issuer: authority,
} as const;
const { serialNumber } = decodeCertificate(certificate);
const pin = spkiPin(decodeCertificate(authority.certificate), nobleProvider.hashes);

type Ask = (...options: readonly string[]) => Promise<Finished>;

/** `connect` to a `serve` with these options, by `trust` unless it is told otherwise. */
async function serving(
  options: readonly string[],
  talk: (ask: Ask) => Promise<void>,
  trust: readonly string[] = ["--ca", ca],
): Promise<void> {
  const server = startCli(["serve", "0", ...options]);
  try {
    const target = `localhost:${await portOf(server)}`;
    await talk((...others) => runCli(["connect", target, ...trust, "--get", "/", ...others]));
  } finally {
    await server.stop();
  }
}

function revocationList(name: string, revokes: boolean): string {
  const revoked = revokes ? [{ serialNumber, revokedAt: issuing.now, reason: "superseded" } as const] : [];
  return workshop.write(name, issueCertificateRevocationList({ ...issuing, revoked }));
}

function responseFile(status: IssueOcspResponseOptions["status"], of = certificate): string {
  return workshop.write("response.ocsp", issueOcspResponse({ ...issuing, certificate: of, status }));
}

function failsBecause({ exitCode, stdout, stderr }: Finished, reason: RegExp): void {
  assert.equal([exitCode, stdout], [1, ""], stderr);
  assert.match(stderr, reason);
}

test("--policy, --crl and --pin decide about the server's certificate", () =>
  serving(["--cert", cert, "--key", key], async (ask) => {
    const [empty, full] = [revocationList("empty.crl", false), revocationList("full.crl", true)];
    const good = await ask("--policy", "rfc5280", "--crl", empty, "--pin", "00".repeat(32), "--pin", pin);
    assert.equal([good.exitCode, remarksOf(good)], [0, []]);
    failsBecause(
      await ask("--crl", empty, "--crl", full),
      /was revoked .*superseded[^]*alert sent: certificate_revoked/,
    );
    failsBecause(await ask("--pin", "00".repeat(32)), /none of the path's keys is pinned[^]*check "pins"/);
    const self = workshop.write("self.pem", workshop.certPem);
    assert.is((await ask("--ca", self)).exitCode, 0);
    failsBecause(await ask("--ca", self, "--policy", "webPki"), /its issuer "CN=CLI test CA" is neither/);
  }));

test("a session is resumed only where the rules are the same", () =>
  serving(["--cert", cert, "--key", key], async (ask) => {
    const session = ["--session", workshop.path("rules.session")];
    const rules = ["--crl", revocationList("rules.crl", false), "--pin", pin];
    await ask(...session, ...rules);
    assert.match((await ask(...session, ...rules)).stderr, /, resumed$/m);
    for (const others of [[], rules.slice(0, 2), rules.slice(2), [...rules, "--policy", "rfc5280"]]) {
      await ask(...session, ...rules);
      assert.match((await ask(...session, ...others)).stderr, /rules\.session was not resumed/, others.join(" "));
    }
  }));

test("--ocsp says that a stapled response is good, and refuses any other", async () => {
  const stapling = (file: string) => ["--cert", cert, "--key", key, "--ocsp", file];
  await serving(stapling(responseFile("good")), async (ask) => {
    const good = await ask("--ocsp");
    assert.equal([good.exitCode, remarksOf(good)], [0, []]);
    assert.match(good.stderr, /, OCSP response of \d+ bytes \(it is good, as of \S+Z, until \S+Z\)$/m);
    assert.not.match((await ask()).stderr, /OCSP/);
    const session = ["--ocsp", "--session", workshop.path("stapled.session")];
    await ask(...session);
    const again = await ask(...session);
    assert.match(again.stderr, /, resumed, OCSP response of \d+ bytes from the session's first connection$/m);
  });
  await serving(stapling(responseFile("good")), async (ask) => {
    assert.match((await ask("--ocsp")).stderr, /, OCSP response of \d+ bytes, not verified$/m);
  }, ["--insecure"]);
  const bad = /alert sent: bad_certificate_status_response \(113\)/;
  await serving(stapling(responseFile({ revokedAt: issuing.now, reason: "keyCompromise" })), async (ask) => {
    const revoked = await ask("--ocsp");
    failsBecause(revoked, /it was revoked at .*keyCompromise/);
    assert.match(revoked.stderr, bad);
  });
  await serving(stapling(workshop.write("later.ocsp", Uint8Array.of(0x30, 3, 0x0a, 1, 3))), async (ask) => {
    const later = await ask("--ocsp");
    failsBecause(later, /its responseStatus is tryLater/);
    assert.match(later.stderr, bad);
  });
});

test("a certificate that must be stapled is refused without a response, and the option that asks for one is named", async () => {
  const { chain: [leaf], privateKey } = issueCertificate({ ...issuing, names: ["localhost"], mustStaple: true });
  const files = [
    ...["--cert", workshop.write("must.pem", encodePem("CERTIFICATE", leaf))],
    ...["--key", workshop.write("must.key", encodePem("PRIVATE KEY", encodePrivateKey(privateKey)))],
  ];
  await serving([...files, "--ocsp", responseFile("good", leaf)], async (ask) => {
    assert.is((await ask("--ocsp")).exitCode, 0);
    const without = await ask();
    failsBecause(without, /must-staple/);
    assert.is(without.lines.at(-1), "tlschart: to ask the server for an OCSP response: --ocsp");
  });
  await serving(files, async (ask) => {
    const asked = await ask("--ocsp");
    failsBecause(asked, /must-staple/);
    assert.not.match(asked.stderr, /to ask the server/);
  });
});

test.run();
