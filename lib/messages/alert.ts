/**
 * Alert messages.
 * RFC 5246 §7.2.
 * @module
 */

import { type Codec, struct, uint8 } from "../codec/codec.ts";
import { decode } from "../codec/codec.ts";

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
