/**
 * As much of HTTP/1.1 as one GET needs, on both sides. RFC 9112.
 * @module
 */

import { joined, utf8, utf8Text } from "./text.ts";

/** More of a response isn't kept, in bytes, and in pieces, as each of them is shown. */
const maxResponseBytes = 2 ** 20;
const maxPieces = 1_000;

/** `authority` is the host, with the port unless that is 443. */
export function getRequest(authority: string, path: string): Uint8Array<ArrayBuffer> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: ${authority}`,
    "user-agent: tlschart",
    "accept: */*",
    "connection: close",
  ];
  return utf8(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Everything until the end, up to a limit. `onData` hears each piece. */
export async function readResponse(
  readable: ReadableStream<Uint8Array>,
  onData: (bytes: Uint8Array) => void,
): Promise<void> {
  let [length, pieces] = [0, 0];
  for await (const bytes of readable) {
    onData(bytes);
    length += bytes.length;
    if (length > maxResponseBytes || ++pieces > maxPieces) return;
  }
}

/** The head of a request, up to the empty line (RFC 9112 §2.2: also with bare LF); none when the stream ends before. */
export async function readHead(
  readable: ReadableStream<Uint8Array>,
  onData: (bytes: Uint8Array) => void,
): Promise<string | undefined> {
  const reader = readable.getReader();
  let head = "";
  try {
    while (!/\r?\n\r?\n/.test(head) && head.length < maxHeadLength) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      onData(value);
      head += utf8Text(value);
    }
    return head;
  } finally {
    reader.releaseLock();
  }
}

const maxHeadLength = 2 ** 16;

export interface Response {
  readonly head: string;
  /** Put together when it came in chunks. */
  readonly body: string;
}

/** Takes a response apart; one without an empty line is all head. */
export function parseResponse(bytes: Uint8Array): Response {
  const end = indexOfBlankLine(bytes);
  const head = utf8Text(bytes.subarray(0, end));
  const body = bytes.subarray(end + 4);
  const isChunked = /^transfer-encoding:.*\bchunked\s*$/im.test(head);
  return { head, body: utf8Text(isChunked ? unchunked(body) : body) };
}

/** A response with this body, over which the connection ends. */
export function response(status: string, type: string, body: string): Uint8Array<ArrayBuffer> {
  const content = utf8(body);
  const lines = [
    `HTTP/1.1 ${status}`,
    `content-type: ${type}`,
    `content-length: ${content.length}`,
    "connection: close",
  ];
  return joined([utf8(`${lines.join("\r\n")}\r\n\r\n`), content]);
}

function indexOfBlankLine(bytes: Uint8Array): number {
  for (let index = 0; index + 3 < bytes.length; index++) {
    if (bytes[index] === 13 && bytes[index + 1] === 10 && bytes[index + 2] === 13 && bytes[index + 3] === 10) {
      return index;
    }
  }
  return bytes.length;
}

/** RFC 9112 §7.1; what can't be read as chunks stays as it is. */
function unchunked(body: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < body.length;) {
    const lineEnd = body.indexOf(10, offset);
    const size = Number.parseInt(utf8Text(body.subarray(offset, lineEnd)), 16);
    if (lineEnd === -1 || !(size >= 0)) return body;
    if (size === 0) break;
    chunks.push(body.subarray(lineEnd + 1, lineEnd + 1 + size));
    offset = lineEnd + 1 + size + 2;
  }
  return joined(chunks);
}
