/**
 * A session that a later connection may resume, and its bytes: for a cache, a ticket or a file.
 * Enters: what a full handshake settled, or bytes that were stored. Leaves: the other of the two; DecodeError on bytes
 * that are no session. Knows neither who stores them nor whether they may be used: that is for the handshake.
 * RFC 5246 §7.3, §7.4.1.2; RFC 5077 §4; RFC 7627 §5.4.
 * @module
 */

import { asciiBytes, latin1Text } from "../codec/bytes.ts";
import { type Codec, fixed, opaque, struct, uint16, uint8, vector } from "../codec/codec.ts";
import { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { DecodeError, InternalError } from "../error.ts";
import {
  CipherSuite,
  type CipherSuiteName,
  MaxFragmentLength,
  NamedGroup,
  type NamedGroupName,
  registeredName,
  SignatureScheme,
  type SignatureSchemeName,
} from "../registry.ts";

/** Everything that a later connection needs to resume. SECRET: whoever has it can read and impersonate. */
export interface ResumableSession {
  readonly role: "client" | "server";
  readonly cipherSuite: CipherSuiteName;
  /** 48 bytes. */
  readonly masterSecret: Uint8Array;
  /** RFC 7627 §5.4: both kinds of sessions must be told apart. */
  readonly extendedMasterSecret: boolean;
  /** Groups and schemes of the full handshake, to be reported. */
  readonly namedGroup: NamedGroupName;
  readonly signatureScheme: SignatureSchemeName;
  /** ASCII, 1 to 255 characters. */
  readonly serverName: string | undefined;
  /** DER; what the peer proved in the full handshake. Empty when it proved nothing. */
  readonly peerCertificates: readonly Uint8Array[];
  readonly ocspResponse: Uint8Array | undefined;
  readonly signedCertificateTimestamps: readonly Uint8Array[];
  /** Names what proved the peer (a verifier's identity); undefined when nothing was to be proved. */
  readonly verifiedBy: string | undefined;
  /** Both in ms since 1970; `createdAt` is the full handshake's time and isn't renewed. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** 0 to 32 bytes. On a client: what names the session at the server, this, or the ticket, or both. */
  readonly sessionId: Uint8Array;
  /** At least 1 byte. On a client only. */
  readonly ticket: Uint8Array | undefined;
  /** How the client signed in the full handshake, if it did. */
  readonly clientSignatureScheme: SignatureSchemeName | undefined;
  /** RFC 6066 §4: the length that was agreed on, in bytes; it holds in resumed sessions, too. */
  readonly maxFragmentLength: number | undefined;
}

/**
 * The bytes of a session, a format version first: what `decodeSession` reads. As SECRET as the session itself.
 * Throws InternalError or RangeError for a session that `decodeSession` wouldn't accept.
 */
export function encodeSession(session: ResumableSession): Uint8Array<ArrayBuffer> {
  const fault = faultOf(session);
  if (fault !== undefined) throw new InternalError(`Cannot encode a session: ${fault}`);
  const writer = new Writer();
  writer.uint(1, formatVersion);
  fields.write(writer, session);
  return writer.bytes();
}

/**
 * A session from its bytes, which are copied.
 * Throws DecodeError on all bytes that `encodeSession` doesn't write.
 *
 * @example
 * decodeSession(encodeSession(session)).cipherSuite; // "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
 */
export function decodeSession(bytes: Uint8Array): ResumableSession {
  // Not slice(): that of Node's Buffer is a view.
  const reader = new Reader(new Uint8Array(bytes));
  const version = reader.uint(1, "session.formatVersion");
  if (version !== formatVersion) {
    throw new DecodeError(
      `Cannot decode session: its format has version ${version}, and only ${formatVersion} is known`,
    );
  }
  const session = fields.read(reader, "session");
  reader.end("session");
  const fault = faultOf(session);
  if (fault !== undefined) throw new DecodeError(`Cannot decode session: ${fault}`);
  return session;
}

/** To be raised with every change of what follows: bytes of another format are forgotten, never guessed. */
const formatVersion = 1;

const fields: Codec<ResumableSession> = struct({
  role: oneOf({ client: 0, server: 1 }, uint8),
  cipherSuite: oneOf(CipherSuite, uint16),
  masterSecret: fixed(48),
  extendedMasterSecret: boolean(),
  namedGroup: oneOf(NamedGroup, uint16),
  signatureScheme: oneOf(SignatureScheme, uint16),
  serverName: maybe(ascii(1, 255)),
  peerCertificates: vector(opaque(1, 2 ** 24 - 1), 0, 2 ** 24 - 1),
  ocspResponse: maybe(opaque(1, 2 ** 24 - 1)),
  signedCertificateTimestamps: vector(opaque(1, 2 ** 16 - 1), 0, 2 ** 16 - 1),
  verifiedBy: maybe(text()),
  createdAt: float64(),
  expiresAt: float64(),
  sessionId: opaque(0, 32),
  ticket: maybe(opaque(1, 2 ** 16 - 1)),
  clientSignatureScheme: maybe(oneOf(SignatureScheme, uint16)),
  maxFragmentLength: maybe(fragmentLength()),
});

/** What no single field can say. */
function faultOf({ role, cipherSuite, createdAt, expiresAt, sessionId, ticket }: ResumableSession): string | undefined {
  // Signalling values and the suites of TLS 1.3 are registered, too, but no session has them.
  if (!cipherSuite.includes("_WITH_")) return `${cipherSuite} is no cipher suite of TLS 1.2`;
  if (!Number.isFinite(createdAt) || !Number.isFinite(expiresAt)) {
    return `its times are ${createdAt} and ${expiresAt}, not ms since 1970`;
  }
  if (role === "server" && ticket !== undefined) return "a server's session holds no ticket";
  if (role === "client" && ticket === undefined && sessionId.length === 0) {
    return "neither a session ID nor a ticket names it";
  }
  return undefined;
}

/** A registered name, as its number. */
function oneOf<Name extends string>(registry: Readonly<Record<Name, number>>, number: Codec<number>): Codec<Name> {
  return {
    read: (reader, what) => {
      const value = number.read(reader, what);
      const name = registeredName(registry, value);
      if (name === undefined) throw new DecodeError(`Cannot decode ${what}: ${value} is none of its numbers`);
      return name;
    },
    write: (writer, name) => number.write(writer, registry[name]),
  };
}

/** One of the four lengths. */
function fragmentLength(): Codec<number> {
  return {
    read: (reader, what) => {
      const value = uint16.read(reader, what);
      if (!Object.hasOwn(MaxFragmentLength, value)) {
        throw new DecodeError(`Cannot decode ${what}: ${value} is no length that can be agreed on`);
      }
      return value;
    },
    write: (writer, value) => uint16.write(writer, value),
  };
}

/** 0 or 1, and nothing else: one session has one encoding. */
function boolean(): Codec<boolean> {
  return {
    read: (reader, what) => {
      const value = uint8.read(reader, what);
      if (value > 1) throw new DecodeError(`Cannot decode ${what}: ${value} is neither 0 nor 1`);
      return value === 1;
    },
    write: (writer, value) => uint8.write(writer, value ? 1 : 0),
  };
}

/** A byte that says whether the value follows. */
function maybe<Value>(codec: Codec<Value>): Codec<Value | undefined> {
  const isPresent = boolean();
  return {
    read: (reader, what) => isPresent.read(reader, what) ? codec.read(reader, what) : undefined,
    write: (writer, value) => {
      isPresent.write(writer, value !== undefined);
      if (value !== undefined) codec.write(writer, value);
    },
  };
}

function ascii(min: number, max: number): Codec<string> {
  const bytes = opaque(min, max);
  return {
    read: (reader, what) => {
      const value = bytes.read(reader, what);
      if (value.some((byte) => byte > 127)) throw new DecodeError(`Cannot decode ${what}: it is not ASCII`);
      return latin1Text(value);
    },
    write: (writer, value) => bytes.write(writer, asciiBytes(value)),
  };
}

/** UTF-16, as JavaScript has it: an embedder may name a verifier as it likes. */
function text(): Codec<string> {
  const codeUnits = vector(uint16, 0, 2 ** 16 - 2);
  return {
    read: (reader, what) => codeUnits.read(reader, what).map((unit) => String.fromCharCode(unit)).join(""),
    write: (writer, value) =>
      codeUnits.write(writer, Array.from({ length: value.length }, (_, index) => value.charCodeAt(index))),
  };
}

/** A JavaScript number, as it is: clocks may tell fractions of milliseconds. */
function float64(): Codec<number> {
  return {
    read: (reader, what) => {
      const { buffer, byteOffset, byteLength } = reader.take(8, what);
      return new DataView(buffer, byteOffset, byteLength).getFloat64(0);
    },
    write: (writer, value) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value);
      writer.put(bytes);
    },
  };
}
