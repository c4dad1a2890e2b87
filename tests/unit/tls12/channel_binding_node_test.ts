/**
 * tls-server-end-point for real certificates: the openssl command signs one in each way, node:crypto hashes it by the
 * name of the hash that the command was told. RFC 5929 §4.1.
 */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { tlsServerEndPoint } from "../../../lib/tls12/channel_binding.ts";

const test = suite("channel binding to certificates of the openssl command");
const missing = opensslMissing();

const keys = {
  RSA: ["rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
  "P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  Ed25519: ["ed25519"],
} as const;
const pss = ["-sigopt", "rsa_padding_mode:pss"];

/** How it is signed, and the hash that is wanted; `undefined`: there is none. */
const cases: readonly (readonly [keyof typeof keys, readonly string[], string | undefined])[] = [
  ["RSA", ["-md5"], "sha256"],
  ["RSA", ["-sha1"], "sha256"],
  ["RSA", ["-sha224"], undefined],
  ["RSA", ["-sha256"], "sha256"],
  ["RSA", ["-sha384"], "sha384"],
  ["RSA", ["-sha512"], "sha512"],
  ["RSA", ["-sha1", ...pss], "sha256"],
  ["RSA", ["-sha256", ...pss], "sha256"],
  ["RSA", ["-sha384", ...pss], "sha384"],
  ["RSA", ["-sha512", ...pss], "sha512"],
  ["RSA", ["-sha512", ...pss, "-sigopt", "rsa_mgf1_md:sha256"], undefined],
  ["RSA", ["-sha384", ...pss, "-sigopt", "rsa_pss_saltlen:0"], "sha384"],
  ["P-256", ["-sha1"], "sha256"],
  ["P-256", ["-sha256"], "sha256"],
  ["P-256", ["-sha384"], "sha384"],
  ["P-256", ["-sha512"], "sha512"],
  ["Ed25519", [], undefined],
];

for (const [key, options, wanted] of cases) {
  const title = `is ${wanted ?? "refused"} for ${[key, ...options].join(" ")}`;
  if (missing !== undefined) {
    test.skip(title, missing);
    continue;
  }
  test(title, () => {
    const certificate = certify(key, options);
    if (wanted !== undefined) {
      const hash = createHash(wanted).update(certificate).digest("hex");
      return assert.is(toHex(tlsServerEndPoint(certificate, nobleProvider.hashes)), hash);
    }
    assert.throws(
      () => tlsServerEndPoint(certificate, nobleProvider.hashes),
      (error: unknown) => error instanceof TlsUsageError,
    );
  });
}

/** PEM: each key is made once, when it is first needed. */
const made = new Map<string, Buffer>();

function keyOf(name: keyof typeof keys): Buffer {
  const pem = made.get(name) ?? openssl(["genpkey", "-algorithm", ...keys[name]]);
  made.set(name, pem);
  return pem;
}

/** DER. */
function certify(key: keyof typeof keys, options: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "channel-binding-"));
  try {
    writeFileSync(join(folder, "key"), keyOf(key));
    const pem = openssl(["req", "-x509", "-subj", "/CN=a", "-key", join(folder, "key"), ...options]);
    return new Uint8Array(new X509Certificate(pem).raw);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openssl(parameters: readonly string[]): Buffer {
  return execFileSync("openssl", parameters, { stdio: "pipe" });
}

function opensslMissing(): string | undefined {
  try {
    const version = execFileSync("openssl", ["version"], { encoding: "utf8", stdio: "pipe" });
    return /^OpenSSL [3-9]/.test(version) ? undefined : `${version.trim()} is not OpenSSL 3`;
  } catch {
    return "there is no openssl command";
  }
}

test.run();
