/**
 * What `--help` and `--version` print. Lines have at most 100 characters.
 * @module
 */

import { readFileSync } from "node:fs";
import { nobleProvider } from "../../mod.ts";
import type { Topic } from "./options.ts";

/** How this program is called from where it is: in a clone of the repository there is no command `tlschart`. */
export function commandWith(words: string): string {
  return import.meta.url.endsWith(".ts") ? `npm start -- ${words}` : `npx tlschart ${words}`;
}

/** The help for a command, or the one about everything. */
export function usage(topic: Topic | undefined): string {
  switch (topic) {
    case undefined:
      return general;
    case "demo":
      return demo + names();
    case "connect":
      return connect + names();
    case "serve":
      return serve + names();
    case "relay":
      return relay;
    case "verify":
      return verify;
  }
}

const general = `tlschart: TLS 1.2 as a statechart

  tlschart                        the demo: a handshake over TCP in eleven steps, with real values
  tlschart connect HOST[:PORT]    a TLS client: pipes stdin and stdout, or does one HTTP request
  tlschart serve PORT             a TLS server: a page of facts, or an echo
  tlschart relay PORT             a way from WebSockets to TCP servers, for TLS in a browser
  tlschart verify FILE…           whether a certificate is to be trusted, and why
  tlschart help COMMAND           what demo, connect, serve, relay and verify can be told

  -h, --help     this text
  -V, --version  the version

  The demo shows secrets shortened; tlschart --secrets shows them whole.
  When SSLKEYLOGFILE is set, each connection's secrets are appended to that file, for Wireshark.

Exit codes: 0 all went well; 1 a handshake or connection failed, a certificate is refused; 2 it
couldn't begin (arguments, files, TCP).
`;

const demo = `tlschart [demo] [options]

A client and a server, joined by TCP on this machine, shake hands before your eyes: the eleven steps
with their real values, the state of both charts, the bytes on the wire and the time. Then one HTTPS
request and its response, as they are and as a wiretap sees them.

  --secrets        show secrets whole, not only their first two bytes
  --ciphers LIST   cipher suites that both sides know, best first, with commas between them
  --groups LIST    groups for the key exchange, likewise; secp256r1 must be one, as the certificate
                   that is made for the demo has a key on it
  --keylog FILE    append the secrets to FILE, in NSS format (default: SSLKEYLOGFILE)
`;

const connect = `tlschart connect HOST[:PORT] [options]

Pipes stdin to the server and what the server says to stdout; what was agreed is one line on stderr,
as is everything else that is said. The port is 443 unless given; IPv6
addresses are written [2001:db8::1]:443. At the end of stdin it goes on reading until the server
ends. It says close_notify itself as soon as the server has been silent for a second: many servers
drop their answer when that comes earlier (RFC 5246 §7.2.1 asks them to).

  --get PATH         one HTTP/1.1 request instead: prints the body of the answer
  --ca FILE          trust the CA certificates in FILE (PEM or DER), and no others
                     (default: the root certificates of Node, and NODE_EXTRA_CA_CERTS)
  --insecure         trust everybody: whoever is on the way can read and change everything
  --servername NAME  the name that is asked for and that the certificate must bear (default: HOST)
  --cert FILE        the client's certificate, for a server that asks for one, then those that lead
                     to a root (PEM, or one in DER)
  --key FILE         its private key (PEM or DER: PKCS#8, SEC1, PKCS#1), not encrypted
  --session FILE     resume the session that is in FILE, if there is one, and save the one that the
                     server gives; only its owner may read it, as it lets others decrypt
  --tickets, --no-tickets  with --session: ask for a ticket (the default), or only for a session
                     that the server keeps itself
  --ocsp             ask for a stapled OCSP response: it must say that the certificate is good
  --policy NAME      how strict it is about certificates: rfc5280, webPki or compatible (default)
  --crl FILE         revocation lists (PEM, or one in DER), by which certificates are judged whose
                     issuer has one in them; may be given several times
  --pin PIN          sha256/BASE64 or hexadecimal: the SHA-256 of a key (SubjectPublicKeyInfo) that
                     must be in the server's path; with several, one of them
  --alpn LIST        application protocols to offer, best first (default with --get: http/1.1)
  --ciphers LIST     cipher suites to offer, best first
  --groups LIST      groups for the key exchange, best first
  --legacy-cbc       offer suites with CBC, too, after the others; for servers that know no better
  --max-fragment N   ask for records of N bytes at most both ways: 512, 1024, 2048 or 4096
  --record-size-limit N  ask the server for records of N bytes at most, 64 to 16384; one that
                     doesn't know the extension (RFC 8449) sends whole records
  --keylog FILE      append the secrets to FILE, in NSS format (default: SSLKEYLOGFILE)
  --steps            show the handshake in eleven steps, on stderr
  --secrets          with --steps: show secrets whole

  tlschart connect example.com --get / --steps
  tlschart connect example.com --get / --session example.session
  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | tlschart connect example.com
`;

const serve = `tlschart serve PORT (--cert FILE --key FILE… | --self-signed NAME[,NAME…]) [options]

Serves any number of connections at once, until Ctrl-C. Port 0 is any free one; the line that says
"listening" names it. One line on stderr for each connection, and for each failure with its reason.

  --cert FILE        the server's certificate, then those that lead to a root (PEM, or one in DER)
  --key FILE         its private key (PEM or DER: PKCS#8, SEC1, PKCS#1), not encrypted.
                     Both may be given several times, in the same order: the name that a client
                     asks for chooses, and the first one is the default
  --ocsp FILE        an OCSP response (DER) to staple to the first --cert; again for the second …
  --client-ca FILE   ask clients for a certificate that a CA in FILE vouches for, if they have one
  --require-client-cert  refuse clients without one
  --tickets, --no-tickets  give tickets to clients that can resume (the default; their keys live as
                     long as the server, and are replaced every twelve hours), or none
  --self-signed NAMES  a new certificate for these names and IP addresses. Its PEM is printed on
                     stdout, so that clients can trust it: tlschart serve … > ca.pem
  --www              answer HTTP GET with a page of facts about the connection (the default)
  --echo             send everything back
  --host ADDR        the address to listen on (default: 127.0.0.1, this machine only; 0.0.0.0 or ::
                     for every network)
  --alpn LIST        application protocols, best first (default with --www: http/1.1)
  --ciphers LIST     cipher suites to accept, best first
  --groups LIST      groups for the key exchange, best first
  --legacy-cbc       accept suites with CBC, too, after the others; for clients that know no better
  --record-size-limit N  ask clients for records of N bytes at most, 64 to 16384: those that
                     offer the extension (RFC 8449); others may send whole records
  --keylog FILE      append the secrets to FILE, in NSS format (default: SSLKEYLOGFILE)
  --steps            show each handshake in eleven steps, on stderr
  --secrets          with --steps: show secrets whole

  tlschart serve 8443 --self-signed localhost,127.0.0.1 > ca.pem
  tlschart connect localhost:8443 --ca ca.pem --get /
  tlschart serve 8443 --cert a.pem --key a.key --cert b.pem --key b.key --client-ca clients.pem
`;

const relay = `tlschart relay PORT (--allow HOST:PORT… | --reverse PORT) [options]

A program that has WebSockets and no TCP, such as a page in a browser, opens
ws://localhost:PORT/HOST:PORT and its bytes go to that server and back, until Ctrl-C. TLS in it is
end to end: the relay sees ciphertext. One line on stderr for each connection.

  --allow HOST:PORT    a server that may be reached, spelt like this; once for each of them
  --reverse PORT       for a server in a page: whoever connects to this TCP port gets the WebSocket
                       that has waited longest at ws://localhost:PORT/reverse
  --origin ORIGIN      pages that may use it, such as http://localhost:8080; once for each of them;
                       '*' for every page (default: none; programs that are no browser may always)
  --host ADDR          the address to listen on (default: 127.0.0.1, this machine only; 0.0.0.0 or
                       :: for every network, and then for everybody on it)
  --max-connections N  WebSockets at a time (default: 64)
  --max-bytes N        what one connection may carry, both ways together (default: no limit)
  --idle-timeout SECS  how long nothing may come or go (default: 300)

  tlschart relay 9000 --allow example.com:443 --origin http://localhost:8080
`;

const verify = `tlschart verify FILE… (--name NAME | --any-name | --client) [options]

Judges a certificate with the library's own verifier, and explains the verdict: the path to whom one
trusts, and what each check found at each certificate of it, with the rule that it comes from.
Nothing is ever fetched. The first certificate of the first FILE is judged; all others, of all
files, may be used for the path, in any order. FILEs are PEM or DER; "-" is stdin.

  --name NAME        the DNS name or IP address of the server that it should be for
  --any-name         a server's certificate, whatever its name
  --client           a client's certificate: its key is used for clientAuth, not serverAuth
  --email ADDRESS    an email address that it should be for, beside the name, if there is one
  --ca FILE          trust the certificates in FILE (PEM or DER), and no others; may be given
                     several times (default: the root certificates of Node, and those in
                     NODE_EXTRA_CA_CERTS)
  --time TIME        judge as if it were TIME: 2026-11-27 (its first moment in UTC),
                     2026-11-27T12:00:00Z, 2026-11-27T13:00:00+01:00, @1795780800 (seconds since
                     1970) (default: now)
  --policy NAME      how strict: rfc5280 (to the letter), webPki (the CA/Browser Forum's profile) or
                     compatible (what OpenSSL's clients accept, as far as it is without danger; the
                     default)
  --crl FILE         revocation lists (PEM, or one in DER), by which certificates are judged whose
                     issuer has one in them; may be given several times
  --ocsp FILE        an OCSP response (DER), as if the server had stapled it
  --require-revocation-status  refuse if nothing says that it, or a certificate between it and whom
                     one trusts, is good
  --pin PIN          sha256/BASE64 or hexadecimal: the SHA-256 of a key (SubjectPublicKeyInfo) that
                     must be in the path; with several, one of them
  --public-suffixes FILE  the Public Suffix List: below what is in it, no wildcard counts
  --max-intermediates N  how many certificates may be between it and whom one trusts (default: 8)
  --json             the verdict as JSON (docs/verify.md names its fields)

  tlschart verify chain.pem --ca root.pem --name example.com --time 2026-11-27
  openssl s_client -connect example.com:443 -showcerts < /dev/null | \\
    tlschart verify - --name example.com

Exit codes: 0 it is accepted; 1 it is refused; 2 there is no verdict (arguments, files).
`;

/** Those that the provider has, in its order. */
function names(): string {
  const { cipherSuites, legacyCipherSuites = [], namedGroups } = nobleProvider;
  const suites = cipherSuites.map(({ name }) => `  ${name}\n`).join("");
  const legacy = legacyCipherSuites.map(({ name }) => `  ${name}\n`).join("");
  return `\nCipher suites:\n${suites}\nWith --legacy-cbc only:\n${legacy}\nGroups: ${
    namedGroups.map(({ name }) => name).join(", ")
  }\n`;
}

/** `tlschart 0.1.0`: from the package.json above this file, which is nearer in the sources than in dist. */
export function version(): string {
  for (const above of ["../../package.json", "../../../package.json"]) {
    try {
      const text: unknown = JSON.parse(readFileSync(new URL(above, import.meta.url), "utf8"));
      if (isPackage(text)) return `tlschart ${text.version}`;
    } catch {
      // not there: look one folder higher
    }
  }
  return "tlschart";
}

function isPackage(value: unknown): value is { readonly version: string } {
  return typeof value === "object" && value !== null && "name" in value && value.name === "tlschart" &&
    "version" in value && typeof value.version === "string";
}
