/**
 * The caller's own certificates and keys, in whatever form they lie in a file.
 * Enters: PEM text, or bytes that are PEM or DER. Leaves: certificates, a private key.
 * Throws TlsUsageError: what is wrong with a configuration is the caller's mistake, not a peer's.
 * @module
 */

import { latin1Text } from "../codec/bytes.ts";
import type { PrivateKey } from "../crypto/provider.ts";
import { TlsError, TlsUsageError } from "../error.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { Tag } from "./der.ts";
import { decodePem, type PemBlock } from "./pem.ts";
import { decodePrivateKey, type PrivateKeyFormat, privateKeyFormatOf } from "./private_key.ts";

/**
 * All certificates of a PEM text, in their order, or the one in a DER. Blocks of other kinds are skipped.
 * Throws TlsUsageError when there is none, or one is broken.
 *
 * @example
 * const trustAnchors = loadCertificates(pemText);
 */
export function loadCertificates(source: string | Uint8Array): readonly Certificate[] {
  mustBeSource("certificates", source);
  return blamingCaller("certificates", () => {
    if (isDer(source)) return [decodeCertificate(source)];
    const blocks = decodePem(pemText(source));
    const wanted = blocks.filter(({ label }) => certificateLabels.includes(label));
    if (wanted.length === 0) throw new TlsUsageError(`Cannot load certificates: ${found(blocks)}, no "CERTIFICATE"`);
    return wanted.map((block) => inBlock(block, () => decodeCertificate(block.bytes)));
  });
}

/**
 * The private key of a PEM text or a DER: PKCS#8, SEC1 ("EC PRIVATE KEY") or PKCS#1 ("RSA PRIVATE KEY").
 * Throws TlsUsageError when it is broken, encrypted, missing, or not the only one.
 *
 * @example
 * const privateKey = loadPrivateKey(pemText);
 */
export function loadPrivateKey(source: string | Uint8Array): PrivateKey {
  mustBeSource("the private key", source);
  return blamingCaller("the private key", () => {
    if (isDer(source)) return decodeUnencrypted(source, privateKeyFormatOf(source));
    const blocks = decodePem(pemText(source));
    const [block, second] = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
    if (block === undefined) throw new TlsUsageError(`Cannot load the private key: ${found(blocks)}, no "PRIVATE KEY"`);
    if (second !== undefined) {
      throw new TlsUsageError(
        `Cannot load the private key: there are several, "${block.label}" in line ${block.line} and ` +
          `"${second.label}" in line ${second.line}`,
      );
    }
    const encrypted = block.headers.some((header) => /^Proc-Type:.*ENCRYPTED/.test(header));
    const format = encrypted ? "encrypted" : privateKeyLabels[block.label];
    return inBlock(block, () => decodeUnencrypted(block.bytes, format));
  });
}

const certificateLabels: readonly string[] = ["CERTIFICATE", "X509 CERTIFICATE"];

const privateKeyLabels: Readonly<Record<string, PrivateKeyFormat>> = {
  "PRIVATE KEY": "PKCS#8",
  "EC PRIVATE KEY": "SEC1",
  "RSA PRIVATE KEY": "PKCS#1",
  "ENCRYPTED PRIVATE KEY": "encrypted",
};

function decodeUnencrypted(der: Uint8Array, format: PrivateKeyFormat | undefined): PrivateKey {
  if (format === undefined) {
    throw new TlsUsageError("Cannot load the private key: it is neither PKCS#8 nor SEC1 (EC) nor PKCS#1 (RSA)");
  }
  if (format === "encrypted") {
    throw new TlsUsageError(
      "Cannot load the private key: it is encrypted, and only unencrypted keys are read. " +
        "Decrypt it first, for example with: openssl pkey -in encrypted.pem -out key.pem",
    );
  }
  return decodePrivateKey(der, format);
}

function mustBeSource(what: string, source: unknown): void {
  if (typeof source === "string" || source instanceof Uint8Array) return;
  throw new TlsUsageError(`Cannot load ${what}: a string or a Uint8Array is needed, not ${typeof source}`);
}

/** A SEQUENCE begins with the character "0", as text before the first block of a PEM may. */
function isDer(source: string | Uint8Array): source is Uint8Array {
  return typeof source !== "string" && source[0] === Tag.SEQUENCE && !latin1Text(source).includes("-----BEGIN ");
}

function pemText(source: string | Uint8Array): string {
  return typeof source === "string" ? source : latin1Text(source);
}

function found(blocks: readonly PemBlock[]): string {
  if (blocks.length === 0) return "there is neither PEM nor DER in it (the content of a file is needed, not its path)";
  return `there is only ${blocks.map(({ label }) => `"${label}"`).join(", ")} in it`;
}

function inBlock<Value>({ label, line }: PemBlock, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw new TlsUsageError(`${error.message} (in the PEM block "${label}" of line ${line})`, { cause: error });
  }
}

function blamingCaller<Value>(what: string, load: () => Value): Value {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw new TlsUsageError(`Cannot load ${what}: ${error.message}`, { cause: error });
  }
}
