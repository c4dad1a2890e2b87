/**
 * Takes a handshake message apart, byte for byte, for people: which bytes are which field of the RFC's struct.
 * Enters: the bytes of a message with its header. Leaves: fields in order, without a gap; a malformed rest is one field.
 * It decides nothing: the library has its own decoder, which refuses what this one only shows.
 * RFC 5246 §7.4, RFC 8422 §5, RFC 6066 §3, RFC 7301 §3.1.
 * @module
 */

import { CipherSuite, type HandshakeTypeName, NamedGroup, SignatureScheme } from "../../mod.ts";
import {
  CompressionMethod,
  ECCurveType,
  ECPointFormat,
  ExtensionType,
  HandshakeType,
  nameOf,
  ProtocolVersion,
} from "../../lib/registry.ts";
import { printable, utf8Text } from "./text.ts";

/** What a field is for, which gives it its colour. */
export type Tone = "frame" | "length" | "random" | "choice" | "key" | "proof" | "sealed" | "text";

export interface Field {
  /** As the RFC's struct has it. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly tone: Tone;
  /** How deep it stands in other structs. */
  readonly depth: number;
  /** What it says, in words of the protocol; `undefined` where the bytes are all there is to see. */
  readonly value: string | undefined;
}

/** The fields of one message. */
export function dissect(name: HandshakeTypeName, message: Uint8Array): readonly Field[] {
  const cursor = new Cursor(message);
  try {
    cursor.number(1, "msg_type", "frame", (value) => `${nameOf(HandshakeType, value)} (${value})`);
    cursor.number(3, "length", "frame", (value) => String(value));
    bodies[name]?.(cursor);
  } catch (error) {
    if (!(error instanceof ShortError)) throw error;
  }
  cursor.rest("(not decoded)", "text");
  return cursor.fields;
}

class ShortError extends Error {}

class Cursor {
  readonly fields: Field[] = [];
  readonly #bytes: Uint8Array;
  #offset = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#offset;
  }

  take(length: number, name: string, tone: Tone, describe: (bytes: Uint8Array) => string | undefined): Uint8Array {
    const [start, end] = [this.#offset, this.#offset + length];
    if (end > this.#bytes.length) throw new ShortError();
    const bytes = this.#bytes.subarray(start, end);
    this.#offset = end;
    if (length > 0) this.fields.push({ name, start, end, tone, depth: this.#depth, value: describe(bytes) });
    return bytes;
  }

  number(length: number, name: string, tone: Tone, describe: (value: number) => string): number {
    const valueOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return valueOf(this.take(length, name, tone, (bytes) => describe(valueOf(bytes))));
  }

  bytes(length: number, name: string, tone: Tone): void {
    this.take(length, name, tone, () => undefined);
  }

  /** `opaque name<…>`: the length, then so many bytes. */
  opaque(lengthBytes: number, name: string, tone: Tone, describe: (bytes: Uint8Array) => string | undefined): void {
    const length = this.length(lengthBytes, name);
    this.take(length, name, tone, describe);
  }

  length(lengthBytes: number, name: string): number {
    return this.number(lengthBytes, `${name} length`, "length", String);
  }

  /** Reads elements until so many bytes are used up. */
  list(lengthBytes: number, name: string, element: () => void): void {
    const end = this.length(lengthBytes, name) + this.#offset;
    if (end > this.#bytes.length) throw new ShortError();
    this.#depth++;
    while (this.#offset < end) element();
    this.#depth--;
  }

  deeper(read: () => void): void {
    this.#depth++;
    read();
    this.#depth--;
  }

  rest(name: string, tone: Tone): void {
    this.take(this.#bytes.length - this.#offset, name, tone, () => undefined);
  }

  get hasMore(): boolean {
    return this.#offset < this.#bytes.length;
  }
}

const bodies: Readonly<Partial<Record<HandshakeTypeName, (cursor: Cursor) => void>>> = {
  client_hello: (cursor) => {
    version(cursor, "client_version");
    cursor.bytes(32, "random", "random");
    cursor.opaque(1, "session_id", "text", () => undefined);
    cursor.list(2, "cipher_suites", () => suite(cursor));
    cursor.list(1, "compression_methods", () => compression(cursor));
    extensions(cursor);
  },
  server_hello: (cursor) => {
    version(cursor, "server_version");
    cursor.bytes(32, "random", "random");
    cursor.opaque(1, "session_id", "text", () => undefined);
    suite(cursor);
    compression(cursor);
    extensions(cursor);
  },
  certificate: (cursor) =>
    cursor.list(3, "certificate_list", () => cursor.opaque(3, "ASN.1Cert", "key", (der) => `DER, ${der.length}`)),
  server_key_exchange: (cursor) => {
    cursor.number(1, "curve_type", "choice", (value) => `${nameOf(ECCurveType, value)} (${value})`);
    group(cursor, "namedcurve");
    cursor.opaque(1, "public", "key", () => undefined);
    scheme(cursor, "algorithm");
    cursor.opaque(2, "signature", "proof", () => undefined);
  },
  certificate_request: (cursor) => {
    cursor.list(1, "certificate_types", () => cursor.number(1, "ClientCertificateType", "choice", String));
    cursor.list(2, "supported_signature_algorithms", () => scheme(cursor, "SignatureAndHashAlgorithm"));
    cursor.list(2, "certificate_authorities", () => cursor.opaque(2, "DistinguishedName", "text", () => undefined));
  },
  server_hello_done: () => {},
  client_key_exchange: (cursor) => cursor.opaque(1, "ecdh_Yc", "key", () => undefined),
  finished: (cursor) => cursor.bytes(12, "verify_data", "proof"),
};

function version(cursor: Cursor, name: string): void {
  cursor.number(2, name, "choice", (value) => nameOf(ProtocolVersion, value));
}

function suite(cursor: Cursor): void {
  cursor.number(2, "cipher_suite", "choice", (value) => nameOf(CipherSuite, value));
}

function compression(cursor: Cursor): void {
  cursor.number(1, "compression_method", "choice", (value) => nameOf(CompressionMethod, value));
}

function group(cursor: Cursor, name: string): void {
  cursor.number(2, name, "choice", (value) => nameOf(NamedGroup, value));
}

function scheme(cursor: Cursor, name: string): void {
  cursor.number(2, name, "choice", (value) => nameOf(SignatureScheme, value));
}

function extensions(cursor: Cursor): void {
  if (!cursor.hasMore) return;
  cursor.list(2, "extensions", () => {
    let type = 0;
    type = cursor.number(2, "extension_type", "choice", (value) => nameOf(ExtensionType, value));
    const length = cursor.length(2, "extension_data");
    const end = cursor.offset + length;
    cursor.deeper(() => extensionData(cursor, type, length));
    cursor.bytes(end - cursor.offset, "extension_data", "text");
  });
}

function extensionData(cursor: Cursor, type: number, length: number): void {
  if (length === 0) return;
  switch (type) {
    case ExtensionType.server_name:
      return cursor.list(2, "server_name_list", () => {
        cursor.number(1, "name_type", "choice", (value) => value === 0 ? "host_name (0)" : String(value));
        cursor.opaque(2, "HostName", "text", (bytes) => printable(utf8Text(bytes)));
      });
    case ExtensionType.supported_groups:
      return cursor.list(2, "named_group_list", () => group(cursor, "NamedGroup"));
    case ExtensionType.signature_algorithms:
      return cursor.list(2, "supported_signature_algorithms", () => scheme(cursor, "SignatureAndHashAlgorithm"));
    case ExtensionType.application_layer_protocol_negotiation:
      return cursor.list(
        2,
        "protocol_name_list",
        () => cursor.opaque(1, "ProtocolName", "text", (bytes) => printable(utf8Text(bytes))),
      );
    case ExtensionType.ec_point_formats:
      return cursor.list(
        1,
        "ec_point_format_list",
        () => cursor.number(1, "ECPointFormat", "choice", (value) => nameOf(ECPointFormat, value)),
      );
    case ExtensionType.renegotiation_info:
      return cursor.opaque(1, "renegotiated_connection", "proof", () => undefined);
    default:
      return cursor.bytes(length, "extension_data", "text");
  }
}
