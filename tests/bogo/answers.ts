/**
 * What the shim answers to the library's requests. With `-async` it lets each of them wait for a while.
 * @module
 */

import type { TlsRequest } from "../../mod.ts";
import type { Flags } from "./flags.ts";
import { remoteKeys, verifierOf } from "./options.ts";

export function answerTo(request: TlsRequest, flags: Flags): Uint8Array | true | Error {
  switch (request.type) {
    case "sign": {
      const signer = remoteKeys.find(({ publicKey }) =>
        JSON.stringify(publicKey) === JSON.stringify(request.publicKey)
      );
      if (signer === undefined) return new Error("The request names a key that the shim doesn't have");
      return signer.sign(request.scheme, request.message);
    }
    case "verifyCertificate":
      try {
        verifierOf(flags).verify(request);
        return true;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
  }
}
