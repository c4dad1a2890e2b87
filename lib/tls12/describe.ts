/**
 * A TLS 1.2 handshake message, decoded for people who watch: names where there are names.
 * Used by traces only; proves nothing.
 * @module
 */

import { decode } from "../codec/codec.ts";
import { describeHello } from "../messages/describe_hello.ts";
import type { HandshakeMessage } from "../messages/handshake.ts";
import {
  CertificateStatusType,
  ClientCertificateType,
  HandshakeType,
  NamedGroup,
  nameOf,
  SignatureScheme,
} from "../registry.ts";
import type { MessageFields } from "../trace.ts";
import { certificate } from "./messages/certificate.ts";
import { certificateRequest } from "./messages/certificate_request.ts";
import { certificateStatus } from "./messages/certificate_status.ts";
import { certificateVerify } from "./messages/certificate_verify.ts";
import { clientKeyExchange } from "./messages/client_key_exchange.ts";
import { finished } from "./messages/finished.ts";
import { newSessionTicket } from "./messages/new_session_ticket.ts";
import { serverKeyExchange } from "./messages/server_key_exchange.ts";

/** Throws DecodeError for a message that is malformed. */
export function describe(message: HandshakeMessage): MessageFields | undefined {
  const describeBody = bodies[message.type];
  return describeBody === undefined ? describeHello(message) : describeBody(message.body);
}

const bodies: Readonly<Partial<Record<number, (body: Uint8Array) => MessageFields>>> = {
  [HandshakeType.hello_request]: () => ({}),
  [HandshakeType.server_hello_done]: () => ({}),
  [HandshakeType.certificate]: (body) => ({ certificate_list: decode(certificate, body, "Certificate") }),
  [HandshakeType.certificate_status]: (body) => {
    const { statusType, response } = decode(certificateStatus, body, "CertificateStatus");
    return { status_type: nameOf(CertificateStatusType, statusType), response };
  },
  [HandshakeType.server_key_exchange]: (body) => {
    const { params, algorithm, signature } = decode(serverKeyExchange, body, "ServerKeyExchange");
    return {
      named_curve: nameOf(NamedGroup, params.namedCurve),
      public: params.public,
      algorithm: nameOf(SignatureScheme, algorithm),
      signature,
    };
  },
  [HandshakeType.certificate_request]: (body) => {
    const request = decode(certificateRequest, body, "CertificateRequest");
    return {
      certificate_types: request.certificateTypes.map((type) => nameOf(ClientCertificateType, type)),
      supported_signature_algorithms: request.supportedSignatureAlgorithms.map((scheme) =>
        nameOf(SignatureScheme, scheme)
      ),
      certificate_authorities: request.certificateAuthorities,
    };
  },
  [HandshakeType.client_key_exchange]: (body) => ({
    ecdh_Yc: decode(clientKeyExchange, body, "ClientKeyExchange").ecdhYc,
  }),
  [HandshakeType.certificate_verify]: (body) => {
    const { algorithm, signature } = decode(certificateVerify, body, "CertificateVerify");
    return { algorithm: nameOf(SignatureScheme, algorithm), signature };
  },
  [HandshakeType.new_session_ticket]: (body) => {
    const { ticketLifetimeHint, ticket } = decode(newSessionTicket, body, "NewSessionTicket");
    return { ticket_lifetime_hint: `${ticketLifetimeHint} s`, ticket };
  },
  [HandshakeType.finished]: (body) => ({ verify_data: decode(finished, body, "Finished").verifyData }),
};
