/**
 * What can go wrong, sorted by whose fault it is. Each class says which alert goes to the peer.
 * Inside the library code throws; `connection.ts` catches, sends the alert and hands the error out.
 * RFC 5246 §7.2.2.
 * @module
 */

import { AlertDescription, type AlertDescriptionName, type AlertLevelName } from "./registry.ts";

/** What an error may carry beside its message. */
export interface TlsErrorOptions {
  /** The alert that was or will be sent to the peer; `undefined` where none can be sent. */
  readonly alert?: AlertDescriptionName | undefined;
  readonly cause?: unknown;
}

/** The connection failed. The subclasses say whose fault it is; `message` says what happened and why. */
export abstract class TlsError extends Error {
  /** The alert sent to the peer, by its registered name; `undefined` where nothing is sent. */
  readonly alert: AlertDescriptionName | undefined;
  /** The chart's state in which it happened, as text (`live.handshake.awaitCertificate`). */
  state: string | undefined = undefined;

  constructor(message: string, options: TlsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // An alert that there isn't couldn't be sent, and the peer would be told nothing.
    if (options.alert !== undefined && !Object.hasOwn(AlertDescription, options.alert)) {
      throw new TlsUsageError(`Cannot make a ${new.target.name}: there is no alert "${options.alert}"`);
    }
    this.alert = options.alert;
    this.name = new.target.name;
  }
}

/** The bytes are not the structure that they should be. Alert: decode_error, unless the thrower knows a better one. */
export class DecodeError extends TlsError {
  constructor(message: string, options: TlsErrorOptions = {}) {
    super(message, { alert: "decode_error", ...options });
  }
}

/** Well-formed bytes, forbidden act: wrong order, value or signature. */
export class PeerMisbehavedError extends TlsError {
  constructor(alert: AlertDescriptionName, message: string, options: TlsErrorOptions = {}) {
    super(message, { ...options, alert });
  }
}

/** What each side offered, by registered names (or hexadecimal numbers). */
export interface Offers {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** Both sides behave, and have nothing in common. */
export class PeerIncompatibleError extends TlsError {
  /** What both sides offered, where that is why they can't agree. */
  readonly offers: Offers | undefined;

  constructor(alert: AlertDescriptionName, message: string, offers?: Offers, options: TlsErrorOptions = {}) {
    const both = offers && ` (we offered ${listed(offers.ours)}; the peer offered ${listed(offers.theirs)})`;
    super(message + (both ?? ""), { ...options, alert });
    this.offers = offers;
  }
}

/** The reason why a certificate isn't accepted. Shapes: `index` 0 is the peer's own certificate. */
export interface CertificateErrorDetails extends TlsErrorOptions {
  /** Position in the chain that the peer sent; `undefined` where the fault lies in no single one. */
  readonly index?: number | undefined;
  /** The check that failed: `signature`, `validity`, `basicConstraints`, `keyUsage`, `name`, `path` … */
  readonly check: string;
  /** Node's code for the same fault, such as `CERT_HAS_EXPIRED`, where it has one. */
  readonly code?: string | undefined;
  /** The certificate that would have helped, where one is missing. */
  readonly missingIssuer?: MissingIssuer | undefined;
}

/** What is known of a certificate that a path lacks. */
export interface MissingIssuer {
  /** DER of the distinguished name that its subject must be. */
  readonly issuer: Uint8Array;
  /** The same for people: `CN=Example CA, O=Example`. */
  readonly issuerText: string;
  /** RFC 5280 §4.2.1.1, where the certificate that it issued says so. */
  readonly keyIdentifier: Uint8Array | undefined;
  /** RFC 5280 §4.2.2.1: where it can be fetched, as the certificate that it issued says. */
  readonly urls: readonly string[];
}

/** The peer's certificate is not accepted. */
export class CertificateError extends TlsError {
  readonly index: number | undefined;
  readonly check: string;
  readonly code: string | undefined;
  readonly missingIssuer: MissingIssuer | undefined;

  constructor(alert: AlertDescriptionName, message: string, details: CertificateErrorDetails) {
    if (typeof details?.check !== "string") {
      throw new TlsUsageError("Cannot make a CertificateError: its third argument is { check }, the check that failed");
    }
    super(message, { ...details, alert });
    this.index = details.index;
    this.check = details.check;
    this.code = details.code;
    this.missingIssuer = details.missingIssuer;
  }
}

/** The peer ended the connection with an alert. Nothing is sent back. */
export class AlertReceivedError extends TlsError {
  readonly level: AlertLevelName;
  readonly description: AlertDescriptionName | undefined;
  /** The alert's number, also when no name is registered for it. */
  readonly descriptionNumber: number;

  constructor(
    level: AlertLevelName,
    description: AlertDescriptionName | undefined,
    descriptionNumber: number,
    message: string,
  ) {
    super(message);
    this.level = level;
    this.description = description;
    this.descriptionNumber = descriptionNumber;
  }
}

/** The transport ended without a close_notify: what was received may be cut short (RFC 5246 §7.2.1). */
export class TruncationError extends TlsError {}

/** A fault of this library or of what was plugged into it (a provider, a signer). Alert: internal_error. */
export class InternalError extends TlsError {
  constructor(message: string, options: TlsErrorOptions = {}) {
    super(message, { alert: "internal_error", ...options });
  }
}

/** The caller's mistake. It is thrown at the caller, changes nothing and sends nothing. */
export class TlsUsageError extends TypeError {
  override readonly name: string = "TlsUsageError";
}

/** What was thrown, sorted: whatever isn't ours is a fault of what was plugged in. */
export function asTlsError(thrown: unknown): TlsError {
  if (isTlsError(thrown)) return thrown;
  return new InternalError(`Something that the connection uses failed: ${textOf(thrown)}`, { cause: thrown });
}

/** A proxy may throw when it is asked what it is. */
function isTlsError(thrown: unknown): thrown is TlsError {
  try {
    return thrown instanceof TlsError;
  } catch {
    return false;
  }
}

/** What is thrown may be anything, even something that can't be made into text. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : String(thrown);
  } catch {
    return "what it threw has no text";
  }
}

/** Throws TlsUsageError for whatever isn't a Uint8Array. `call`: what was called with it. */
export function mustBeBytes(call: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new TlsUsageError(`Cannot ${call}: a Uint8Array is needed, not ${typeof bytes}`);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length > maxListed ? ` and ${names.length - maxListed} more` : "";
  return names.slice(0, maxListed).join(", ") + more;
}

const maxListed = 24;
