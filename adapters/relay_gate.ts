/**
 * Who may pass the relay, and where to. Enters: the head of an HTTP request. Leaves: a target of the allow-list, or the
 * status and the reason of a refusal. Touches no network.
 * @module
 */

import type { IncomingHttpHeaders } from "node:http";
import { TlsUsageError } from "../mod.ts";

/** Where the relay connects to. An IPv6 address is without brackets here. */
export interface RelayTarget {
  readonly host: string;
  readonly port: number;
  /** `example.com:443`, `[::1]:443`. */
  readonly text: string;
}

/** The rules, read once. */
export interface RelayRules {
  /** By their text. */
  readonly targets: ReadonlyMap<string, RelayTarget>;
  readonly origins: ReadonlySet<string>;
  readonly isReverse: boolean;
}

/** What becomes of a request. */
export type Admission =
  | { readonly type: "target"; readonly target: RelayTarget }
  | { readonly type: "reverse" }
  | Refusal;

/** Said by HTTP, before there is a WebSocket. */
export interface Refusal {
  readonly type: "refused";
  readonly status: 400 | 403 | 404 | 426 | 503;
  readonly reason: string;
}

/** The head of a request, as node:http has it. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Throws TlsUsageError for what is no list of targets or origins. */
export function rulesOf(allow: readonly string[], origins: readonly string[], isReverse: boolean): RelayRules {
  if (allow.length === 0 && !isReverse) {
    throw new TlsUsageError(
      "Cannot start a relay to everywhere: give the HOST:PORT that it may connect to (--allow), or a port for the " +
        "reverse way (--reverse)",
    );
  }
  const targets = allow.map((text) => {
    const target = parseTarget(text);
    if (target !== undefined) return target;
    throw new TlsUsageError(
      `Cannot allow "${text}": HOST:PORT is needed, such as example.com:443 or [2001:db8::1]:443`,
    );
  });
  return {
    targets: new Map(targets.map((target) => [target.text, target])),
    origins: new Set(origins.map(checkedOrigin)),
    isReverse,
  };
}

/** Whether a request may have a WebSocket, and to whom it leads. */
export function admit({ method, url = "", headers }: RequestHead, rules: RelayRules): Admission {
  if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") return webSocketNeeded;
  if (headers["sec-websocket-version"] !== "13") return refused(426, "version 13 of the WebSocket protocol is needed");
  const { origin } = headers;
  // Whoever is no browser sends none, or whatever it likes: this keeps pages out, and nobody else.
  if (origin !== undefined && !rules.origins.has("*") && !rules.origins.has(origin)) {
    return refused(403, `pages of ${origin} may not use this relay: --origin ${origin} would let them`);
  }
  if (url === "/reverse") {
    return rules.isReverse
      ? { type: "reverse" }
      : refused(404, "there is no reverse way here: --reverse PORT opens one");
  }
  const wanted = targetOfPath(url);
  if (wanted === undefined) return refused(400, "the path must be /HOST:PORT, such as /example.com:443");
  const target = rules.targets.get(wanted.text);
  return target === undefined
    ? refused(403, `${wanted.text} isn't on the list: --allow ${wanted.text} would put it there`)
    : { type: "target", target };
}

/** For requests that ask for nothing that a relay has. */
export const webSocketNeeded: Refusal = refused(426, "this is a relay for WebSockets, at /HOST:PORT");

/** What was asked for may be long, and stands in the reason. */
export function refused(status: Refusal["status"], reason: string): Refusal {
  const most = 300;
  return { type: "refused", status, reason: reason.length > most ? `${reason.slice(0, most)}…` : reason };
}

/** One segment; escapes are undone once, and then only what a host's name is made of may be there. */
function targetOfPath(url: string): RelayTarget | undefined {
  if (!url.startsWith("/")) return undefined;
  try {
    return parseTarget(decodeURIComponent(url.slice(1)));
  } catch {
    return undefined;
  }
}

/** In one spelling: lower case, IPv6 as RFC 5952 writes it. */
function parseTarget(text: string): RelayTarget | undefined {
  const [, address, name = "", digits = ""] =
    /^(?:\[([\da-f:.]{2,45})\]|([\w.-]{1,253})):([1-9]\d{0,4})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (port === 0 || port > 65535) return undefined;
  if (address === undefined) return { host: name.toLowerCase(), port, text: `${name.toLowerCase()}:${port}` };
  if (!URL.canParse(`ws://[${address}]`)) return undefined;
  const { hostname } = new URL(`ws://[${address}]`);
  return { host: hostname.slice(1, -1), port, text: `${hostname}:${port}` };
}

/** As browsers write it, else it would never be equal. */
function checkedOrigin(origin: string): string {
  if (origin === "*" || origin === "null") return origin;
  const wrong = (instead: string): TlsUsageError =>
    new TlsUsageError(`Cannot use the origin "${origin}": ${instead} is needed, as the browser says it`);
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/.test(origin)) throw wrong("scheme://host[:port], null or *");
  if (!/^https?:/.test(origin)) return origin;
  const canonical = URL.canParse(origin) ? new URL(origin).origin : "scheme://host[:port]";
  if (canonical !== origin) throw wrong(canonical);
  return origin;
}
