/**
 * Values of flags that have a form of their own.
 * @module
 */

/** The names of a ProtocolNameList without its length (RFC 7301 §3.1), which is how the runner writes it in a flag. */
export function listOfProtocols(list: string): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += 1 + list.charCodeAt(at)) {
    names.push(list.slice(at + 1, at + 1 + list.charCodeAt(at)));
  }
  return names;
}

export function bytesOfBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** The members of a SignedCertificateTimestampList (RFC 6962 §3.3). Throws when it isn't one. */
export function listOfTimestamps(list: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const timestamps: Uint8Array[] = [];
  for (let at = 2; at + 2 <= list.length; at += 2 + view.getUint16(at)) {
    timestamps.push(list.slice(at + 2, at + 2 + view.getUint16(at)));
  }
  const isWhole = timestamps.length > 0 && timestamps.every(({ length }) => length > 0) &&
    timestamps.reduce((sum, { length }) => sum + 2 + length, 2) === list.length;
  if (isWhole && view.getUint16(0) === list.length - 2) return timestamps;
  throw new Error("The flag holds no SignedCertificateTimestampList");
}

/** DER of distinguished names, in hexadecimal with commas between them; the runner's words for none are <EMPTY> and <NULL>. */
export function listOfNames(text: string): readonly Uint8Array[] {
  if (text === "<EMPTY>" || text === "<NULL>") return [];
  return text.split(",").map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
}
