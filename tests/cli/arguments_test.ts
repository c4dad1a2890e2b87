/**
 * The command line as data, without a process for each case.
 * @module
 */

import { hostAndPort } from "../../adapters/cli/argument_values.ts";
import { parseArguments } from "../../adapters/cli/arguments.ts";
import type { Command } from "../../adapters/cli/options.ts";
import { CliError } from "../../adapters/cli/failures.ts";
import { usage, version } from "../../adapters/cli/usage.ts";
import { assert, suite } from "../harness.ts";

const test = suite("cli arguments");

test("no arguments are the demo, and demo says it in words", () => {
  assert.is(parseArguments([]).name, "demo");
  assert.equal(parseArguments(["demo", "--secrets"]), parseArguments(["--secrets"]));
});

test("a target is a host with or without a port, and IPv6 addresses have brackets before a port", () => {
  assert.equal(hostAndPort("example.com"), { host: "example.com", port: 443 });
  assert.equal(hostAndPort("example.com:8443"), { host: "example.com", port: 8443 });
  assert.equal(hostAndPort("192.0.2.1:1"), { host: "192.0.2.1", port: 1 });
  assert.equal(hostAndPort("[2001:db8::1]:8443"), { host: "2001:db8::1", port: 8443 });
  assert.equal(hostAndPort("[::1]"), { host: "::1", port: 443 });
  assert.equal(hostAndPort("2001:db8::1"), { host: "2001:db8::1", port: 443 });
});

test("connect takes every option of its help", () => {
  const command = parseArguments([
    "connect",
    "--servername",
    "name.example",
    "localhost:8443",
    "--alpn=h2,http/1.1",
    "--ciphers",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "--groups",
    "secp384r1, x25519",
    "--keylog",
    "keys.txt",
    "--ca",
    "ca.pem",
    "--get",
    "/a?b=c",
    "--steps",
    "--secrets",
    ..."--cert me.pem --key me.key --session last.session --no-tickets --ocsp --legacy-cbc".split(" "),
    ..."--max-fragment 1024 --record-size-limit 2000".split(" "),
    ..."--policy webPki --crl a.crl --crl b.crl --pin p".split(" "),
  ]);
  const expected: Command = {
    name: "connect",
    host: "localhost",
    port: 8443,
    serverName: "name.example",
    alpnProtocols: ["h2", "http/1.1"],
    cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    namedGroups: ["secp384r1", "x25519"],
    keyLog: "keys.txt",
    ca: "ca.pem",
    insecure: false,
    get: "/a?b=c",
    credential: { cert: "me.pem", key: "me.key" },
    session: "last.session",
    tickets: false,
    ocsp: true,
    legacyCbc: true,
    maxFragmentLength: 1024,
    recordSizeLimit: 2000,
    policy: "webPki",
    crls: ["a.crl", "b.crl"],
    pins: ["p"],
    steps: true,
    showsSecrets: true,
  };
  assert.equal(command, expected);
});

test("serve listens on this machine only and answers with the page, unless told otherwise", () => {
  const expected: Command = {
    name: "serve",
    host: "127.0.0.1",
    port: 0,
    alpnProtocols: undefined,
    cipherSuites: undefined,
    namedGroups: undefined,
    keyLog: undefined,
    credential: { type: "selfSigned", names: ["localhost", "127.0.0.1"] },
    tickets: true,
    ocsp: [],
    clientCa: undefined,
    requireClientCert: false,
    legacyCbc: false,
    recordSizeLimit: undefined,
    answer: "www",
    steps: false,
    showsSecrets: false,
  };
  assert.equal(parseArguments(["serve", "0", "--self-signed", "localhost,127.0.0.1"]), expected);
  const echo = parseArguments([
    ...["serve", "8443", "--cert", "c", "--key", "k", "--echo", "--host", "::", "--cert", "c2", "--key", "k2"],
    ...["--ocsp", "o", "--client-ca", "ca", "--require-client-cert", "--tickets"],
  ]);
  assert.equal(echo, {
    ...expected,
    port: 8443,
    host: "::",
    credential: { type: "files", files: [{ cert: "c", key: "k" }, { cert: "c2", key: "k2" }] },
    ocsp: ["o"],
    clientCa: "ca",
    requireClientCert: true,
    answer: "echo",
  });
});

const wrong: readonly (readonly [args: string, reason: RegExp])[] = [
  ["bogus", /no command "bogus"/],
  ["--bogus", /unknown option '--bogus'/i],
  ["help bogus", /no command "bogus"/],
  ["demo extra", /"extra" is one word too many/],
  ["connect", /needs HOST/],
  ["connect a b", /"b" is one word too many/],
  ["connect localhost --echo", /unknown option '--echo'/i],
  ["connect localhost:0", /"0" is no port/],
  ["connect localhost:65536", /"65536" is no port/],
  ["connect localhost:http", /"http" is no port/],
  ["connect localhost:", /"" is no port/],
  ["connect :443", /needs HOST/],
  ["connect [::1", /needs HOST/],
  ["connect a:b:c", /needs HOST/],
  ["connect https://example.com/", /not the URL/],
  ["connect localhost --get", /--get <value>' argument missing/],
  ["connect localhost --get index.html", /begins with "\/"/],
  ["connect localhost --ca a --insecure", /give one of them/],
  ["connect localhost --policy strict", /--policy needs one of rfc5280, webPki, compatible, not "strict"/],
  ["connect localhost --insecure --policy rfc5280", /--insecure trusts everybody: leave out --policy, --crl and --pin/],
  ["connect localhost --insecure --crl a", /--insecure trusts everybody: leave out/],
  ["connect localhost --insecure --pin a", /--insecure trusts everybody: leave out/],
  ["connect localhost --crl=", /--crl needs a value/],
  ["connect localhost --pin=", /--pin needs a value/],
  ["connect localhost --ciphers RC4", /no cipher suite "RC4"/],
  ["connect localhost --groups x25519,,", /--groups needs names/],
  ["connect localhost --groups toString", /no group "toString"/],
  ["connect localhost --alpn=", /--alpn needs names/],
  ["connect localhost --cert a", /--cert needs the --key/],
  ["connect localhost --key a", /--key needs the --cert/],
  ["connect localhost --session=", /--session needs a value/],
  ["connect localhost --tickets --no-tickets", /either --tickets or --no-tickets/],
  [
    "connect localhost --max-fragment 1000",
    /--max-fragment needs one of the numbers 512, 1024, 2048, 4096, not "1000"/,
  ],
  ["connect localhost --no-tickets", /--tickets and --no-tickets need --session FILE/],
  ["connect localhost --tickets", /--tickets and --no-tickets need --session FILE/],
  ["connect localhost --secrets", /--secrets needs --steps/],
  ["serve 443 --self-signed a --secrets", /--secrets needs --steps/],
  ["connect localhost --record-size-limit many", /--record-size-limit needs a whole number from 64 to 16384/],
  ["connect localhost --record-size-limit 10", /--record-size-limit needs a whole number from 64 to 16384, not "10"/],
  ["serve 443 --self-signed a --record-size-limit 16385", /--record-size-limit needs a whole number from 64 to 16384/],
  ["connect localhost --ciphers TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", /a suite with CBC: it needs --legacy-cbc/],
  ["serve", /needs a PORT/],
  ["serve -1 --self-signed a", /unknown option '-1'/i],
  ["serve 65536 --self-signed a", /"65536" is no port/],
  ["serve 1e3 --self-signed a", /"1e3" is no port/],
  ["serve 443", /needs --cert FILE and --key FILE, or --self-signed NAME/],
  ["serve 443 --cert a", /--cert needs the --key/],
  ["serve 443 --key a", /--key needs the --cert/],
  ["serve 443 --cert a --key b --self-signed c", /leave out --cert and --key/],
  ["serve 443 --cert a --key b --cert c", /--cert needs the --key/],
  ["serve 443 --cert a --key b --ocsp c --ocsp d", /--ocsp belongs to a --cert/],
  ["serve 443 --self-signed a --require-client-cert", /needs --client-ca FILE/],
  ["serve 443 --self-signed a --www --echo", /not both/],
  ["verify", /verify needs a FILE/],
  ["verify --name a", /verify needs a FILE/],
  ["verify a", /verify needs --name NAME, .*--any-name .*--client/],
  ["verify a --name=", /--name needs a value/],
  ["verify a --name b --any-name", /either --name or --any-name/],
  ["verify - - --any-name", /"-" is stdin, which is there only once/],
  ["verify a --any-name --time tomorrow", /--time needs a time such as .*, not "tomorrow"/],
  ["verify a --any-name --policy lax", /--policy needs one of rfc5280, webPki, compatible, not "lax"/],
  ["verify a --any-name --ca=", /--ca needs a value/],
  ["verify a --any-name --ca b --ca=", /--ca needs a value/],
  ["verify a --any-name --crl=", /--crl needs a value/],
  ["verify a --any-name --ocsp=", /--ocsp needs a value/],
  ["verify a --any-name --pin=", /--pin needs a value/],
  ["verify a --any-name --email=", /--email needs a value/],
  ["verify a --any-name --public-suffixes=", /--public-suffixes needs a value/],
  [
    "verify a --any-name --max-intermediates 1001",
    /--max-intermediates needs a whole number from 0 to 1000, not "1001"/,
  ],
  ["verify a --any-name --max-intermediates -1", /--max-intermediates/],
  ["verify a --any-name --max-intermediates 01", /--max-intermediates needs a whole number from 0 to 1000, not "01"/],
  ["verify a --any-name --insecure", /unknown option '--insecure' \(see tlschart verify --help\)/i],
];

test("wrong arguments are refused with one line and exit code 2", () => {
  for (const [args, reason] of wrong) {
    const error = refusalOf(args.split(" "));
    assert.is(error?.exitCode, 2, args);
    assert.match(error?.message ?? "", reason);
    assert.not.match(error?.message ?? "", /\n/);
  }
});

test("help is there for everything, fits on 100 columns and names every option", () => {
  assert.equal(parseArguments(["--help"]), { name: "help", topic: undefined });
  assert.equal(parseArguments(["-h"]), { name: "help", topic: undefined });
  assert.equal(parseArguments(["help", "serve"]), { name: "help", topic: "serve" });
  assert.equal(parseArguments(["connect", "--help"]), { name: "help", topic: "connect" });
  assert.equal(parseArguments(["serve", "-h"]), { name: "help", topic: "serve" });
  for (const topic of [undefined, "demo", "connect", "serve", "relay", "verify"] as const) {
    for (const line of usage(topic).split("\n")) assert.ok(line.length <= 100, line);
  }
  const options =
    "--get --ca --insecure --servername --alpn --ciphers --groups --keylog --steps --secrets --ocsp --policy --crl --pin";
  for (const option of options.split(" ")) assert.match(usage("connect"), new RegExp(`^  ${option}\\b`, "m"));
  const more = "--cert --key --self-signed --www --echo --host --alpn --ciphers --groups --keylog --steps --secrets";
  for (const option of more.split(" ")) assert.match(usage("serve"), new RegExp(`^  ${option}\\b`, "m"));
});

test("the version is that of the package", () => {
  assert.equal(parseArguments(["--version"]), { name: "version" });
  assert.match(version(), /^tlschart \d+\.\d+\.\d+/);
});

function refusalOf(args: readonly string[]): CliError | undefined {
  try {
    parseArguments(args);
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

test.run();
