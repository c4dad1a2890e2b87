/**
 * What may help when a handshake fails, where an option would: told in a line after the failure.
 * Enters: the error, what was asked for, which messages came and went. Leaves: lines, none where nothing would help.
 * @module
 */

import { AlertReceivedError, type Certificate, CertificateError } from "../../mod.ts";
import { byteLists } from "./fields.ts";
import type { ConnectOptions } from "./options.ts";
import type { SeenMessages } from "./seen_messages.ts";
import { counted, printable } from "./terminal.ts";

type Told = Pick<ConnectOptions, "insecure" | "ca" | "credential" | "ocsp">;

/** `own`: the chain in --cert. */
export function hintsFor(
  error: unknown,
  told: Told,
  messages: SeenMessages,
  own: readonly Certificate[],
): readonly string[] {
  if (error instanceof CertificateError) {
    if (error.check === "mustStaple" && !told.ocsp) return ["to ask the server for an OCSP response: --ocsp"];
    const mayHelp = error.check === "path" && !told.insecure && told.ca === undefined;
    return mayHelp ? ["to trust another CA: --ca FILE"] : [];
  }
  if (!(error instanceof AlertReceivedError)) return [];
  if (messages.lengthOf("received", "certificate_request") === undefined) return [];
  if (told.credential === undefined) return ["the server asked for a client certificate: --cert FILE --key FILE"];
  const reason = notShown(messages, own);
  return reason === undefined ? [] : [reason];
}

/** Why the certificate in --cert wasn't shown to a server that asked for one; `undefined` when it was. */
export function notShown(messages: SeenMessages, own: readonly Certificate[]): string | undefined {
  const shown = messages.fieldsOf("sent", "certificate");
  if (shown === undefined || byteLists(shown, "certificate_list").length > 0) return undefined;
  const wanted = byteLists(messages.fieldsOf("received", "certificate_request") ?? {}, "certificate_authorities");
  const isWanted = wanted.length === 0 || own.some(({ issuer }) => wanted.some((name) => isSame(name, issuer.der)));
  if (isWanted) return "the certificate in --cert was not shown: the server wants another kind of key or signature";
  const issuer = printable(own.at(-1)?.issuer.text ?? "");
  return `the certificate in --cert was not shown: it is issued by ${issuer}, and the server wants ` +
    `${wanted.length === 1 ? "another issuer" : `one of ${counted(wanted.length, "other issuer")}`}`;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
