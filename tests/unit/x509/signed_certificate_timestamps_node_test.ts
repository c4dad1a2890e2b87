/** Timestamps of real certificates (those of x509-limbo), as the openssl command reads them. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { loadCertificates } from "../../../lib/x509/load.ts";
import {
  certificateTimestamps,
  isPrecertificate,
  type SignedCertificateTimestamp,
} from "../../../lib/x509/signed_certificate_timestamps.ts";

const test = suite("signed certificate timestamps against the openssl command");
const title = "are those that it shows, of every certificate that has some";
const vectors = new URL("../../../../shared/vectors/limbo-consensus.json", import.meta.url);
const missing = !existsSync(vectors) ? "shared/vectors/limbo-consensus.json is not at hand" : opensslMissing();

interface Limbo {
  readonly testcases: readonly { readonly id: string; readonly peer_certificate: string }[];
}

if (missing !== undefined) test.skip(title, missing);
else {
  test(title, () => {
    const limbo: Limbo = JSON.parse(readFileSync(vectors, "utf8"));
    const counts = { certificates: 0, timestamps: 0, withExtensions: 0 };
    for (const { id, peer_certificate: pem } of limbo.testcases.filter(({ id }) => id.startsWith("online::"))) {
      const [certificate] = loadCertificates(pem);
      if (certificate === undefined) throw new Error(`${id} has no certificate`);
      const timestamps = certificateTimestamps(certificate);
      assert.is(timestamps.map(asOpensslHasIt).join(""), shownByOpenssl(pem), id);
      assert.not(isPrecertificate(certificate));
      counts.certificates++;
      counts.timestamps += timestamps.length;
      counts.withExtensions += timestamps.filter((one) => one.version === "v1" && one.extensions.length > 0).length;
    }
    console.log(`timestamps compared: ${JSON.stringify(counts)}`);
    assert.ok(counts.certificates > 10 && counts.timestamps > 2 * counts.certificates - 1);
  });
}

/** Without any blanks. */
function shownByOpenssl(pem: string): string {
  const text = execFileSync("openssl", ["x509", "-noout", "-text"], { input: pem, encoding: "utf8" });
  const [, shown = ""] = /CT Precertificate SCTs: ?\n((?: {16}.*\n)*)/.exec(text) ?? [];
  return shown.replace(/\s/g, "");
}

function asOpensslHasIt(timestamp: SignedCertificateTimestamp): string {
  if (timestamp.version !== "v1") throw new Error(`version ${timestamp.version}`);
  const { logId, extensions, hashAlgorithm, signatureAlgorithm, signature } = timestamp;
  const bytes = (field: Uint8Array): string => toHex(field).toUpperCase().match(/../g)?.join(":") ?? "none";
  const [, weekday, day = "", month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(new Date(timestamp.timestamp).toUTCString()) ?? [];
  assert.ok(weekday !== undefined);
  const ms = String(timestamp.timestamp % 1000).padStart(3, "0");
  const algorithm = signatureAlgorithm === "rsa"
    ? `${hashAlgorithm}WithRSAEncryption`
    : `${signatureAlgorithm}-with-${String(hashAlgorithm).toUpperCase()}`;
  return `SignedCertificateTimestamp:Version:v1(0x0)LogID:${bytes(logId)}Timestamp:${month}${
    Number(day)
  }${time}.${ms}` +
    `${year}GMTExtensions:${bytes(extensions)}Signature:${algorithm}${bytes(signature)}`;
}

function opensslMissing(): string | undefined {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "there is no openssl command";
  }
}

test.run();
