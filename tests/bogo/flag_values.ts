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
