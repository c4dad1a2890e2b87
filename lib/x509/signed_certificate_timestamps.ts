/**
 * Signed certificate timestamps: promises of logs that a certificate is, or soon will be, in them.
 * Enters: a certificate, or what came in a TLS extension or an OCSP response. Leaves: timestamps taken apart; DecodeError
 * says which field is wrong, where and why. RFC 6962 §3.2, §3.3. Verifies none: that takes a list of logs.
 * @module
 */

import { encodeBase64 } from "../codec/base64.ts";
import { derError, DerReader } from "./der.ts";
import { extensionOf, type WithExtensions } from "./extensions.ts";
import { ExtensionId } from "./oids.ts";

/** What can be read of a timestamp; of versions to come only which one it is. Bytes are views. */
export type SignedCertificateTimestamp = SignedCertificateTimestampV1 | UnknownCertificateTimestamp;

/** RFC 6962 §3.2. */
export interface SignedCertificateTimestampV1 {
  readonly version: "v1";
  /** SHA-256 of the log's public key: 32 bytes. */
  readonly logId: Uint8Array;
  /** When the log was given the certificate, in ms since 1970. */
  readonly timestamp: number;
  /** Of the timestamp. None are defined, so mostly empty. */
  readonly extensions: Uint8Array;
  /** The number where it has no name. */
  readonly hashAlgorithm: TimestampHashName | number;
  /** The number where it has no name. */
  readonly signatureAlgorithm: TimestampSignatureName | number;
  readonly signature: Uint8Array;
}

/** Of a version that nothing here knows. */
export interface UnknownCertificateTimestamp {
  readonly version: number;
  /** All of it. */
  readonly bytes: Uint8Array;
}

/** RFC 5246 §7.4.1.4.1: HashAlgorithm. */
const hashAlgorithms = ["none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;
/** RFC 5246 §7.4.1.4.1: SignatureAlgorithm. */
const signatureAlgorithms = ["anonymous", "rsa", "dsa", "ecdsa"] as const;
export type TimestampHashName = typeof hashAlgorithms[number];
export type TimestampSignatureName = typeof signatureAlgorithms[number];

/**
 * The timestamps in a certificate; none when it has no such extension. Throws DecodeError, with offsets in its value.
 *
 * @example
 * for (const timestamp of certificateTimestamps(certificate)) console.log(timestampText(timestamp));
 */
export function certificateTimestamps(certificate: WithExtensions): readonly SignedCertificateTimestamp[] {
  const extension = extensionOf(certificate, ExtensionId.signedCertificateTimestampList);
  if (extension === undefined) return [];
  // RFC 6962 §3.3: the list is TLS's structure within an OCTET STRING of its own.
  const reader = new DerReader(extension.value);
  const list = reader.octetString(extensionName);
  reader.end(extensionName);
  return listWithin(list, extension.value.length - list.length);
}

/** Decodes a SignedCertificateTimestampList, as certificates and OCSP responses have it within an OCTET STRING. */
export function decodeTimestampList(bytes: Uint8Array): readonly SignedCertificateTimestamp[] {
  return listWithin(bytes, 0);
}

/** Decodes one SerializedSCT, of which the TLS extension has a list. */
export function decodeTimestamp(bytes: Uint8Array): SignedCertificateTimestamp {
  return timestampWithin(bytes, 0, "SerializedSCT");
}

/** RFC 6962 §3.1: whether this is what a CA shows to a log beforehand, and no certificate that anybody may accept. */
export function isPrecertificate({ extensions }: WithExtensions): boolean {
  return extensions.some(({ oid, critical }) => oid === ExtensionId.precertificatePoison && critical);
}

/** For people: `v1 of 2026-01-31T12:00:00.000Z, log 7s3QZNXbGs7FXLedtM0TojKHRny87N7DUUhZRnEftZs=, sha256 ecdsa`. */
export function timestampText(timestamp: SignedCertificateTimestamp): string {
  if (timestamp.version !== "v1") return `version ${timestamp.version}, which isn't known`;
  const { logId, hashAlgorithm, signatureAlgorithm } = timestamp;
  const time = new Date(timestamp.timestamp).toISOString();
  return `v1 of ${time}, log ${encodeBase64(logId)}, ${hashAlgorithm} ${signatureAlgorithm}`;
}

const extensionName = "signedCertificateTimestampList";
/** RFC 6962 §3.2: v1(0). */
const v1 = 0;
/** In bytes. */
const logIdLength = 32;
/** The last moment that a Date can tell, in ms since 1970. */
const lastTime = 8.64e15;

/** `offset`: where the bytes begin in those that the caller gave, for errors. */
function listWithin(bytes: Uint8Array, offset: number): readonly SignedCertificateTimestamp[] {
  const fields = new Fields(bytes, offset);
  // opaque SerializedSCT<1..2^16-1>; struct { SerializedSCT sct_list <1..2^16-1>; } SignedCertificateTimestampList;
  const list = fields.inside(1, `${extensionName}.sct_list`);
  fields.end(extensionName);
  const timestamps: SignedCertificateTimestamp[] = [];
  while (list.remaining > 0) {
    const what = `SerializedSCT ${timestamps.length}`;
    const start = list.offset + lengthSize;
    timestamps.push(timestampWithin(list.opaque(1, what), start, what));
  }
  return timestamps;
}

function timestampWithin(bytes: Uint8Array, offset: number, what: string): SignedCertificateTimestamp {
  const fields = new Fields(bytes, offset);
  const version = fields.uint(1, `${what}.sct_version`);
  // RFC 6962 §3.3: each is opaque in the list so that one of a later version can be skipped.
  if (version !== v1) return { version, bytes };
  const logId = fields.take(logIdLength, `${what}.id`);
  const timestamp = timeOf(fields, `${what}.timestamp`);
  const extensions = fields.opaque(0, `${what}.extensions`);
  // RFC 5246 §4.7: digitally-signed.
  const hashAlgorithm = fields.uint(1, `${what}.signature.algorithm.hash`);
  const signatureAlgorithm = fields.uint(1, `${what}.signature.algorithm.signature`);
  const signature = fields.opaque(0, `${what}.signature`);
  fields.end(what);
  return {
    version: "v1",
    logId,
    timestamp,
    extensions,
    hashAlgorithm: hashAlgorithms[hashAlgorithm] ?? hashAlgorithm,
    signatureAlgorithm: signatureAlgorithms[signatureAlgorithm] ?? signatureAlgorithm,
    signature,
  };
}

function timeOf(fields: Fields, what: string): number {
  const { offset } = fields;
  const time = fields.uint(8, what);
  if (time > lastTime) throw derError(what, offset, "it is after the year 275760");
  return time;
}

/** Bytes of the length before each opaque field here. */
const lengthSize = 2;

/** A cursor over the fields of TLS's presentation language that says where it is when one is wrong. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #position = 0;

  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#base = base;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Of the next field, in the bytes that the caller gave. */
  get offset(): number {
    return this.#base + this.#position;
  }

  take(length: number, what: string): Uint8Array {
    if (length > this.remaining) {
      throw derError(what, this.offset, `it has ${length} bytes, but only ${this.remaining} are left`);
    }
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** Exact only up to 2^53. */
  uint(size: number, what: string): number {
    return this.take(size, what).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** `opaque field<min..2^16-1>`. */
  opaque(min: number, what: string): Uint8Array {
    const { offset } = this;
    const length = this.uint(lengthSize, `the length of ${what}`);
    if (length < min) throw derError(what, offset, `its length is ${length}, not ${min} to 65535`);
    return this.take(length, what);
  }

  /** The same, to be read further. */
  inside(min: number, what: string): Fields {
    const start = this.offset + lengthSize;
    return new Fields(this.opaque(min, what), start);
  }

  end(what: string): void {
    if (this.remaining > 0) throw derError(what, this.offset, `${this.remaining} bytes too many`);
  }
}
