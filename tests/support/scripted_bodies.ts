/**
 * Bodies of a scripted peer's messages that are the same in every handshake.
 * @module
 */

import { encode } from "../../lib/codec/codec.ts";
import { CertificateStatusType, ClientCertificateType, SignatureScheme } from "../../lib/registry.ts";
import { certificate } from "../../lib/tls12/messages/certificate.ts";
import { certificateRequest } from "../../lib/tls12/messages/certificate_request.ts";
import { certificateStatus } from "../../lib/tls12/messages/certificate_status.ts";
import { newSessionTicket } from "../../lib/tls12/messages/new_session_ticket.ts";
import type { HandshakeName } from "./scripted_phrases.ts";
import { certified, incomplete, ocspResponse, strange } from "./scripted_scene.ts";

/** Those that depend on nothing that was heard or said. */
export type PlainName = Exclude<
  HandshakeName,
  "ClientHello" | "ServerHello" | "ServerKeyExchange" | "ClientKeyExchange" | "CertificateVerify" | "Finished"
>;

/** `manner` is what a phrase has behind the name. */
export function plainBody(name: PlainName, manner: string | undefined): Uint8Array {
  switch (name) {
    case "Certificate":
      return encode(certificate, chainFor(manner));
    case "CertificateRequest":
      return encode(certificateRequest, {
        certificateTypes: [ClientCertificateType[manner === "that no credential fits" ? "rsa_sign" : "ecdsa_sign"]],
        supportedSignatureAlgorithms: [SignatureScheme.ecdsa_secp256r1_sha256],
        certificateAuthorities: [],
      });
    case "CertificateStatus": {
      const body = encode(certificateStatus, { statusType: CertificateStatusType.ocsp, response: ocspResponse });
      return manner === "of a type that isn't known" ? body.with(0, 2) : body;
    }
    case "NewSessionTicket": {
      const ticket = manner === "without a ticket" ? new Uint8Array(0) : Uint8Array.of(7);
      return encode(newSessionTicket, { ticketLifetimeHint: 3600, ticket });
    }
    case "HelloRequest":
    case "ServerHelloDone":
      return new Uint8Array(0);
    case "HelloVerifyRequest":
    case "CertificateURL":
      return Uint8Array.of(3, 3, 0);
  }
}

function chainFor(manner: string | undefined): readonly Uint8Array[] {
  switch (manner) {
    case "without certificates":
      return [];
    case "of a CA that nobody trusts":
      return strange.chain;
    case "without its issuer":
      return incomplete.chain.slice(0, 1);
    default:
      return certified.chain;
  }
}
