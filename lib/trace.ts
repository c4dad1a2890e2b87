/**
 * What a connection shows to those who watch it, and the key log line.
 * A trace holds secrets only when it was asked for by name (`trace: "secrets"`).
 * @module
 */

import { toHex } from "./codec/bytes.ts";
import type { AlertLevelName, ContentTypeName, HandshakeTypeName } from "./registry.ts";

/** `state` is the chart's state at that moment, as text. */
export type TraceEvent =
  /** A record on the wire; `length` is the whole record's, header included, in bytes. */
  | {
    readonly type: "record";
    readonly direction: Direction;
    readonly contentType: ContentTypeName;
    readonly length: number;
    readonly protected: boolean;
  }
  /** A handshake message; `bytes` with its header of 4 bytes, `fields` decoded as far as they can be. */
  | {
    readonly type: "message";
    readonly direction: Direction;
    readonly name: HandshakeTypeName;
    readonly bytes: Uint8Array;
    readonly fields: MessageFields | undefined;
    readonly state: string;
  }
  | { readonly type: "changeCipherSpec"; readonly direction: Direction; readonly state: string }
  | {
    readonly type: "alert";
    readonly direction: Direction;
    readonly level: AlertLevelName;
    /** Registered name, or the number as text. */
    readonly description: string;
    readonly state: string;
  }
  | { readonly type: "state"; readonly from: string; readonly to: string }
  /** Only with `trace: "secrets"`. */
  | { readonly type: "secret"; readonly name: SecretName; readonly bytes: Uint8Array };

/** From our point of view. */
export type Direction = "sent" | "received";

/** The secrets of RFC 5246 §6.3 and §8.1, by the RFC's names. */
export type SecretName =
  | "pre_master_secret"
  | "master_secret"
  | "client_write_MAC_key"
  | "server_write_MAC_key"
  | "client_write_key"
  | "server_write_key"
  | "client_write_IV"
  | "server_write_IV";

/** A decoded message for people: names instead of numbers where there are names, bytes where there are bytes. */
export type MessageFields = Readonly<Record<string, string | Uint8Array | readonly string[] | readonly Uint8Array[]>>;

/** NSS Key Log Format: what Wireshark needs to decrypt a TLS 1.2 connection. */
export function keyLogLine(clientRandom: Uint8Array, masterSecret: Uint8Array): string {
  return `CLIENT_RANDOM ${toHex(clientRandom)} ${toHex(masterSecret)}`;
}
