/**
 * Alert messages.
 * RFC 5246 §7.2.
 * @module
 */

import { type Codec, decode, struct, uint8 } from "../codec/codec.ts";
import { PeerMisbehavedError } from "../error.ts";
import { AlertDescription, type AlertDescriptionName, AlertLevel, type AlertLevelName } from "../registry.ts";
import { nameOf, registeredName } from "../registry.ts";
import type { Settings } from "../settings.ts";

//  struct {
//      AlertLevel level;
//      AlertDescription description;
//  } Alert;
export interface Alert {
  readonly level: number;
  readonly description: number;
}
export const alert: Codec<Alert> = struct<{ level: number; description: number }>({ level: uint8, description: uint8 });

/** The one alert of an alert record. Throws DecodeError on a record of any other length. */
export function decodeAlert(fragment: Uint8Array): Alert {
  // RFC 5246 §6.2.1 DEVIATION: an alert cut in two and two alerts in one record are refused, because no
  // implementation sends them and both only help an attacker to confuse the order of things.
  return decode(alert, fragment, "alert");
}

/** An alert that came. `text` is its name where it has one, else its number. */
export interface ReceivedAlert {
  readonly level: AlertLevelName;
  readonly name: AlertDescriptionName | undefined;
  readonly description: number;
  readonly text: string;
}

/** The same with names. Throws PeerMisbehavedError for a level that there isn't. */
export function receivedAlert(fragment: Uint8Array): ReceivedAlert {
  const { level: number, description } = decodeAlert(fragment);
  const level = registeredName(AlertLevel, number);
  if (level === undefined) {
    throw new PeerMisbehavedError("illegal_parameter", `Cannot accept alert: its level is ${number}`);
  }
  const name = registeredName(AlertDescription, description);
  return { level, name, description, text: nameOf(AlertDescription, description) };
}

/** A peer doesn't say what it would have taken. What we offered often tells. */
export function refusalText(
  name: string | undefined,
  { provider, cipherSuites, namedGroups, signatureSchemes }: Settings,
): string {
  if (name === "protocol_version") return ": it takes no version that is spoken here (TLSv1.2)";
  if (name !== "handshake_failure" && name !== "insufficient_security") return "";
  const lists = [cipherSuites, namedGroups, signatureSchemes].map((list) => list.map((one) => one.name).join(", "));
  const isStrict = provider.legacyCipherSuites?.some((suite) => !cipherSuites.includes(suite)) ?? false;
  const hint = isStrict ? "; old peers may need legacyCbc: true" : "";
  return `: most often that nothing is in common; we know ${lists.join("; ")}${hint}`;
}
