/**
 * What the shim answers to the library's requests. The conversation lets each of them wait for a while.
 * @module
 */

import {
  type Answer,
  type ChooseCredentialQuestion,
  type ClientHelloFacts,
  PeerIncompatibleError,
  type TlsRequest,
} from "../../mod.ts";
import type { Credentials } from "./credentials.ts";
import { listOfNames, listOfProtocols } from "./flag_values.ts";
import type { Flags } from "./flags.ts";
import type { Memory } from "./memory.ts";
import { verifierOf } from "./options.ts";

export class Answers {
  readonly #flags: Flags;
  readonly #credentials: Credentials;
  readonly #memory: Memory;

  constructor(flags: Flags, credentials: Credentials, memory: Memory) {
    this.#flags = flags;
    this.#credentials = credentials;
    this.#memory = memory;
  }

  to(request: TlsRequest): Answer {
    try {
      return this.#answer(request);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #answer(request: TlsRequest): Answer {
    switch (request.type) {
      case "sign":
        return this.#credentials.sign(request);
      case "verifyCertificate":
        verifierOf(this.#flags).verify(request);
        return true;
      case "chooseCredential":
        return this.#choose(request);
      case "loadSession":
        return this.#memory.load(request.key);
      case "issuerMissing":
        return undefined;
      case "inspectClientHello":
        return this.#inspect(request.clientHello);
    }
  }

  #choose({ certificateAuthorities }: ChooseCredentialQuestion): Answer {
    if (this.#flags.has("fail-cert-callback")) throw new Error("The flag -fail-cert-callback says so");
    if (this.#flags.has("server") && this.#flags.has("fail-ocsp-callback")) {
      throw new Error("The flag -fail-ocsp-callback says so");
    }
    const expected = this.#flags.text("expect-client-ca-list");
    if (expected !== undefined && hexOf(listOfNames(expected)) !== hexOf(certificateAuthorities)) {
      throw new Error(`The server's authorities are ${hexOf(certificateAuthorities)}, not ${expected}`);
    }
    const { list } = this.#credentials;
    const fitting = this.#flags.has("server") ? list : this.#credentials.listFor(certificateAuthorities);
    return fitting.length === 0 ? undefined : fitting;
  }

  #inspect({ serverName, alpnProtocols, signatureSchemes }: ClientHelloFacts): Answer {
    if (this.#flags.has("fail-early-callback")) {
      throw new PeerIncompatibleError("handshake_failure", "The flag -fail-early-callback says so");
    }
    if (this.#flags.has("fail-ddos-callback")) throw new Error("The flag -fail-ddos-callback says so");
    const name = this.#flags.text("expect-server-name");
    if (name !== undefined && name !== serverName) throw new Error(`The client names ${serverName}, not ${name}`);
    const protocols = this.#flags.text("expect-advertised-alpn");
    if (protocols !== undefined && listOfProtocols(protocols).join() !== alpnProtocols.join()) {
      throw new Error(`The client's protocols are ${alpnProtocols.join()}`);
    }
    const schemes = this.#flags.numbers("expect-peer-verify-pref");
    if (schemes.length > 0 && schemes.join() !== signatureSchemes.join()) {
      throw new Error(`The client's signature schemes are ${signatureSchemes.join()}, not ${schemes.join()}`);
    }
    return true;
  }
}

function hexOf(names: readonly Uint8Array[]): string {
  return names.map((name) => Buffer.from(name).toString("hex")).join(",");
}
