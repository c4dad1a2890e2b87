import { type ByteTransport, type StartTlsSocket, type TlsStream, wrapClient } from "../adapters/streams.ts";

/** Upgrades an SMTP connection (RFC 3207) over any pair of web streams: what comes back is encrypted. */
export async function startSmtpTls(wire: ByteTransport, serverName: string, trustAnchors: string): Promise<TlsStream> {
  const smtp = wrapClient(wire, { serverName, trustAnchors, secureTransport: "starttls" });
  await reply(smtp, "220"); // the server's greeting
  await command(smtp, "EHLO client.example", "250");
  await command(smtp, "STARTTLS", "220");
  const tls = smtp.startTls();
  await tls.opened; // rejects unless the certificate is right
  return tls;
}

async function command(smtp: StartTlsSocket, text: string, expected: string): Promise<void> {
  const writer = smtp.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${text}\r\n`));
  writer.releaseLock();
  await reply(smtp, expected);
}

/** Reads up to the end of a reply, which may have several lines, and not one byte further: what follows may be TLS. */
async function reply(smtp: StartTlsSocket, expected: string): Promise<void> {
  const reader = smtp.readable.getReader();
  let text = "";
  while (!/^\d{3} .*\r\n$/m.test(text)) {
    const { done, value } = await reader.read();
    if (done || text.length > 10_000) throw new Error(`Cannot use the SMTP server: it said ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  // Whatever came behind the reply in plaintext was put there by somebody in between (CVE-2011-0411).
  const [last = ""] = text.match(/^\d{3} .*\r\n/m) ?? [];
  if (text.endsWith(last) && text.startsWith(expected)) return;
  throw new Error(`Cannot use the SMTP server: it said ${JSON.stringify(text)}, not ${expected}`);
}
