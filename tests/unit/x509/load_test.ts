import { assert, suite } from "../../harness.ts";
import { DecodeError, TlsUsageError } from "../../../lib/error.ts";
import { loadCertificates, loadPrivateKey } from "../../../lib/x509/load.ts";
import { decodePem } from "../../../lib/x509/pem.ts";
import { certificatePem, privateKeyPem } from "../../support/x509_fixtures.ts";
import { bytes } from "./builder.ts";

const test = suite("load");
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const derOf = (pem: string): Uint8Array => decodePem(pem)[0]?.bytes ?? bytes();
const encrypted = ["rsaEncryptedPkcs1", "rsaEncryptedPkcs8", "p256EncryptedSec1"] as const;

function refuses(run: () => unknown, why: RegExp): TlsUsageError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TlsUsageError)) throw error;
    assert.match(error.message, why);
    return error;
  }
  throw new Error(`TlsUsageError ${why} was expected`);
}

test("loadCertificates reads PEM as text or bytes, several at once, and DER", () => {
  const both = `the first one:\n${certificatePem.rsa}\n${privateKeyPem.rsaPkcs8}${certificatePem.p256}`;
  for (const source of [both, ascii(both)]) {
    assert.equal(loadCertificates(source).map(({ publicKeyDescription }) => publicKeyDescription), [
      "RSA 2048 bits",
      "EC secp256r1",
    ]);
  }
  assert.is(loadCertificates(derOf(certificatePem.ed25519))[0]?.publicKeyDescription, "Ed25519");
  assert.is(loadCertificates(ascii(`0 is the first character\n${certificatePem.rsa}`)).length, 1);
});

test("loadCertificates blames the caller, saying which block is broken and why", () => {
  refuses(
    () => loadCertificates(""),
    /^Cannot load certificates: there is neither PEM nor DER in it \(the content of a file is needed, not its path\), no "CERT/,
  );
  refuses(() => loadCertificates(privateKeyPem.rsaPkcs8), /there is only "PRIVATE KEY" in it, no "CERTIFICATE"/);
  const broken = certificatePem.rsa.replace("MII", "MIJ");
  const error = refuses(
    () => loadCertificates(`${certificatePem.p256}${broken}`),
    /Cannot decode .* \(in the PEM block "CERTIFICATE" of line \d+\)/,
  );
  assert.ok(error.cause instanceof DecodeError);
  const cut = refuses(
    () => loadCertificates(certificatePem.rsa.slice(0, 100)),
    /Cannot load certificates: Cannot decode PEM at line 1/,
  );
  assert.ok(cut.cause instanceof DecodeError);
  refuses(() => loadCertificates(bytes(0x30, 0x00)), /Cannot load certificates: Cannot decode/);
});

test("loadPrivateKey reads every unencrypted form, as PEM or DER", () => {
  const names = [
    "rsaPkcs1",
    "rsaPkcs8",
    "p256Sec1",
    "p256Sec1WithParameters",
    "p256Pkcs8",
    "p384Sec1",
    "p384Pkcs8",
    "p521Sec1",
    "ed25519Pkcs8",
    "ed448Pkcs8",
  ] as const;
  for (const name of names) {
    const pem = privateKeyPem[name];
    const key = loadPrivateKey(pem);
    assert.is(key.type, /^(rsa|ed25519|ed448)/.exec(name)?.[0] ?? "ec");
    assert.equal(loadPrivateKey(ascii(pem)), key);
    assert.equal(loadPrivateKey(decodePem(pem).at(-1)?.bytes ?? bytes()), key);
    assert.equal(loadPrivateKey(`${certificatePem.rsa}${pem}`), key);
  }
  assert.equal(loadPrivateKey(privateKeyPem.p256Sec1), loadPrivateKey(privateKeyPem.p256Pkcs8));
  assert.equal(loadPrivateKey(privateKeyPem.rsaPkcs1), loadPrivateKey(privateKeyPem.rsaPkcs8));
});

test("loadPrivateKey says that a key is encrypted, and how to decrypt it", () => {
  for (const name of encrypted) refuses(() => loadPrivateKey(privateKeyPem[name]), /it is encrypted.*openssl pkey -in/);
  refuses(() => loadPrivateKey(derOf(privateKeyPem.rsaEncryptedPkcs8)), /it is encrypted.*openssl pkey -in/);
});

test("loadPrivateKey refuses none, several, and what is no key", () => {
  refuses(() => loadPrivateKey(certificatePem.rsa), /there is only "CERTIFICATE" in it, no "PRIVATE KEY"/);
  refuses(() => loadPrivateKey("x"), /neither PEM nor DER/);
  refuses(
    () => loadPrivateKey(`${privateKeyPem.p256Sec1}${privateKeyPem.rsaPkcs8}`),
    /there are several, "EC PRIVATE KEY" in line 1 and/,
  );
  refuses(() => loadPrivateKey(derOf(certificatePem.rsa)), /neither PKCS#8/);
  refuses(() => loadPrivateKey(privateKeyPem.secp256k1Sec1), /the curve secp256k1 is not supported/);
  refuses(
    () => loadPrivateKey(privateKeyPem.p256Pkcs8.replaceAll("PRIVATE", "DSA PRIVATE")),
    /neither PKCS#8 nor SEC1/,
  );
  refuses(
    () => loadPrivateKey(privateKeyPem.p256Pkcs8.replaceAll("PRIVATE", "RSA PRIVATE")),
    /in the PEM block "RSA PRIVATE KEY" of line 1/,
  );
});

test.run();
