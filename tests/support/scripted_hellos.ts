/**
 * The hellos of a scripted peer: what it knows enters, the body of a message leaves.
 * @module
 */

import { encode } from "../../lib/codec/codec.ts";
import { ecPointFormats, ourPointFormats } from "../../lib/extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../../lib/extensions/extended_master_secret.ts";
import { type Extension, extensionOf } from "../../lib/extensions/extension.ts";
import { renegotiationInfo } from "../../lib/extensions/renegotiation_info.ts";
import { sessionTicket } from "../../lib/extensions/session_ticket.ts";
import { signatureAlgorithms } from "../../lib/extensions/signature_algorithms.ts";
import {
  certificateStatusRequest,
  ocspStatusRequest,
  statusRequestAnswer,
} from "../../lib/extensions/status_request.ts";
import { supportedGroups } from "../../lib/extensions/supported_groups.ts";
import { clientHello } from "../../lib/messages/client_hello.ts";
import { serverHello } from "../../lib/messages/server_hello.ts";
import {
  CipherSuite,
  type CipherSuiteName,
  CompressionMethod,
  NamedGroup,
  ProtocolVersion,
  SignatureScheme,
} from "../../lib/registry.ts";
import type { ClientHelloManner, ServerHelloManner } from "./scripted_phrases.ts";
import type { Resumable } from "./scripted_scene.ts";

export interface HelloFacts {
  readonly random: Uint8Array;
  /** Of the session that is offered or resumed; or one that nobody knows. */
  readonly sessionId: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly extendedMasterSecret: boolean;
}

/** The session ID with which a client offers a session, if it does; with a ticket it is one that only the client knows. */
export function offeredSessionId(
  manner: ClientHelloManner | undefined,
  { sessionId, refusedSessionId }: Resumable,
  random: (length: number) => Uint8Array,
): Uint8Array {
  switch (manner) {
    case "that resumes by session ID":
    case "that resumes without extended master secret":
      return sessionId;
    case "that offers a session which may not be resumed":
      return refusedSessionId;
    case "that resumes by ticket":
    case "that resumes by a ticket that is to be renewed":
      return random(32);
    default:
      return new Uint8Array(0);
  }
}

export function clientHelloBody(
  manner: ClientHelloManner | undefined,
  { random, sessionId, cipherSuite }: Omit<HelloFacts, "extendedMasterSecret">,
  resumable: Resumable,
): Uint8Array {
  const ticket = ticketFor(manner, resumable);
  const suite = manner === "without a suite in common" ? "TLS_AES_128_GCM_SHA256" : cipherSuite;
  return encode(clientHello, {
    clientVersion: ProtocolVersion[manner === "of TLS 1.1" ? "TLSv1.1" : "TLSv1.2"],
    random,
    sessionId,
    cipherSuites: [CipherSuite[suite]],
    compressionMethods: [CompressionMethod.null],
    extensions: [
      ...commonExtensions(manner !== "that resumes without extended master secret"),
      extensionOf("supported_groups", supportedGroups, [NamedGroup.x25519, NamedGroup.secp256r1]),
      extensionOf("signature_algorithms", signatureAlgorithms, [SignatureScheme.ecdsa_secp256r1_sha256]),
      ...ticket === undefined ? [] : [extensionOf("session_ticket", sessionTicket, ticket)],
      ...manner === "that asks for CertificateStatus and NewSessionTicket"
        ? [extensionOf("status_request", certificateStatusRequest, ocspStatusRequest)]
        : [],
    ],
  });
}

export function serverHelloBody(manner: ServerHelloManner | undefined, facts: HelloFacts): Uint8Array {
  const suite = manner === "with a suite that wasn't offered" ? "TLS_AES_128_GCM_SHA256" : facts.cipherSuite;
  return encode(serverHello, {
    serverVersion: ProtocolVersion[manner === "of TLS 1.1" ? "TLSv1.1" : "TLSv1.2"],
    random: facts.random,
    sessionId: facts.sessionId,
    cipherSuite: CipherSuite[suite],
    compressionMethod: CompressionMethod.null,
    extensions: [
      ...commonExtensions(facts.extendedMasterSecret),
      ...manner?.includes("NewSessionTicket") ? [extensionOf("session_ticket", sessionTicket, new Uint8Array(0))] : [],
      ...manner?.includes("CertificateStatus") ? [extensionOf("status_request", statusRequestAnswer, undefined)] : [],
    ],
  });
}

function ticketFor(manner: ClientHelloManner | undefined, { ticket, oldTicket }: Resumable): Uint8Array | undefined {
  switch (manner) {
    case "that asks for CertificateStatus and NewSessionTicket":
      return new Uint8Array(0);
    case "that resumes by ticket":
      return ticket;
    case "that resumes by a ticket that is to be renewed":
      return oldTicket;
    default:
      return undefined;
  }
}

function commonExtensions(extended: boolean): readonly Extension[] {
  return [
    ...extended ? [extensionOf("extended_master_secret", extendedMasterSecret, undefined)] : [],
    extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)),
    extensionOf("ec_point_formats", ecPointFormats, ourPointFormats),
  ];
}
