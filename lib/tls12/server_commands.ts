/**
 * What each command of the TLS 1.2 server chart does: what a received message must be, and what is sent.
 * The order of messages is none of its business: that is in server_chart.ts.
 * RFC 5246 §7.4; RFC 8422 §5; RFC 6066 §8.
 * @module
 */

import { decode, encode } from "../codec/codec.ts";
import type { CommandTable } from "../endpoint.ts";
import { InternalError, PeerIncompatibleError, PeerMisbehavedError } from "../error.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { decodeClientHello } from "../messages/client_hello.ts";
import { serverHello } from "../messages/server_hello.ts";
import {
  CertificateStatusType,
  CipherSuite,
  CompressionMethod,
  ECCurveType,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  SignatureScheme,
} from "../registry.ts";
import type { Question } from "../request.ts";
import type { ClientAuthentication, LoadedCredential, ServerSettings } from "../settings.ts";
import { answeredAlike } from "./answered.ts";
import { commonCommands, groupOf, sent } from "./common_commands.ts";
import { signedParams } from "./key_schedule.ts";
import { type Known, known } from "./known.ts";
import { certificate } from "./messages/certificate.ts";
import { certificateRequest } from "./messages/certificate_request.ts";
import { certificateStatus } from "./messages/certificate_status.ts";
import { certificateVerify } from "./messages/certificate_verify.ts";
import { clientKeyExchange } from "./messages/client_key_exchange.ts";
import { serverHelloDone } from "./messages/server_hello_done.ts";
import { type ServerEcdhParams, serverEcdhParams, serverKeyExchange } from "./messages/server_key_exchange.ts";
import { certificateTypeOf, named } from "./names.ts";
import { negotiate } from "./negotiation.ts";
import {
  type PeerChecks,
  peerOf,
  readCertificates,
  supportedKey,
  verifyPeer,
  verifyPeerAgain,
} from "./peer_certificate.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";
import { answeredExtensions, negotiatedBy } from "./server_hello.ts";
import { serverSessionCommands } from "./server_session.ts";
import { signed } from "./signing.ts";
import { wishesOf } from "./wishes.ts";

export const serverCommands: CommandTable<ServerCommands, Known, ServerSettings, ServerAnswer> = {
  ...lifecycleCommands,
  ...commonCommands("server"),
  ...serverSessionCommands,

  checkClientHello: (_, { message }, { config }) => {
    const wishes = wishesOf(decodeClientHello(message.body, config.limits));
    if (config.requireExtendedMasterSecret && !wishes.extendedMasterSecret) throw lacking("extended_master_secret");
    if (config.requireSecureRenegotiation && !wishes.secureRenegotiation) throw lacking("renegotiation_info");
    return { learned: { wishes }, version: ProtocolVersion["TLSv1.2"] };
  },

  chooseCredential: (all, _, { config }) =>
    config.credentials === "request"
      ? { question: credentialQuestion(all) }
      : { answer: { type: "answer.credentialsGiven", credentials: config.credentials } },

  negotiate: (all, { credentials }, { config }) => {
    const wishes = known(all, "wishes");
    const agreed = negotiate(wishes, credentials, config);
    const { privateKey, publicKey } = agreed.group.generateKeyPair(config.random);
    const negotiated = negotiatedBy(wishes, agreed, config);
    return {
      learned: {
        wishes: undefined,
        negotiated,
        local: { certificates: agreed.credential.certificateChain },
        keyExchange: {
          namedGroup: agreed.group.name,
          signatureScheme: agreed.scheme,
          serverPublicKey: publicKey,
        },
        serverPrivateKey: privateKey,
      },
      recordLimits: negotiated.recordLimits,
    };
  },

  sendServerHello: (all) => {
    const negotiated = known(all, "negotiated");
    return sent(
      "server_hello",
      encode(serverHello, {
        serverVersion: ProtocolVersion["TLSv1.2"],
        random: negotiated.serverRandom,
        sessionId: negotiated.sessionId,
        cipherSuite: CipherSuite[negotiated.cipherSuite],
        compressionMethod: CompressionMethod.null,
        extensions: answeredExtensions(negotiated, all.offer),
      }),
    );
  },

  sendCertificate: (all) => sent("certificate", encode(certificate, known(all, "local").certificates)),

  sendCertificateStatusIfAgreed: (all) => {
    const negotiated = known(all, "negotiated");
    const response = negotiated.answers?.ocspResponse;
    if (negotiated.answers === undefined || response === undefined) return {};
    return {
      learned: { negotiated: { ...negotiated, answers: { ...negotiated.answers, ocspResponse: undefined } } },
      ...sent("certificate_status", encode(certificateStatus, { statusType: CertificateStatusType.ocsp, response })),
    };
  },

  signServerKeyExchange: (all, { credentials }) => {
    const { signatureScheme } = known(all, "keyExchange");
    const { signer } = credentialOf(all, credentials);
    return signed(signer, signatureScheme, signedExchange(all));
  },

  sendServerKeyExchange: (all, { scheme, signature }) =>
    sent(
      "server_key_exchange",
      encode(serverKeyExchange, { params: paramsOf(all), algorithm: SignatureScheme[scheme], signature }),
    ),

  sendCertificateRequest: (_, __, { config }) =>
    sent(
      "certificate_request",
      encode(certificateRequest, {
        certificateTypes: [...new Set(config.peerSignatureSchemes.map(({ keyType }) => certificateTypeOf(keyType)))],
        supportedSignatureAlgorithms: config.peerSignatureSchemes.map(({ name }) => SignatureScheme[name]),
        certificateAuthorities: authenticationOf(config).certificateAuthorities,
      }),
    ),

  sendServerHelloDone: () => sent("server_hello_done", encode(serverHelloDone, undefined)),

  checkCertificate: (all, { message }, { config }) => {
    const chain = readCertificates(message.body, config);
    const [leaf] = chain;
    if (leaf === undefined) {
      // RFC 5246 §7.4.6: "If the client does not send any certificates, the server MAY at its discretion either continue
      // the handshake without client authentication, or respond with a fatal handshake_failure alert."
      if (!authenticationOf(config).required) return { answer: { type: "answer.certificateAbsent" } };
      throw new PeerIncompatibleError(
        "handshake_failure",
        "Cannot accept Certificate: the client sent no certificate, and clientAuthentication is required",
      );
    }
    const peer = peerOf(chain, supportedKey(leaf, config));
    const verdict = verifyPeer({ ...all, peer }, checksOf(config), config);
    return { ...verdict, learned: { peer: verdict.learned?.peer ?? peer } };
  },

  checkCertificateAgain: (all, { issuers }, { config }) => verifyPeerAgain(all, issuers, checksOf(config), config),

  checkClientKeyExchange: (all, { message }, { config }) => {
    const { ecdhYc } = decode(clientKeyExchange, message.body, "ClientKeyExchange");
    const { namedGroup } = known(all, "keyExchange");
    const preMasterSecret = groupOf(all, config).sharedSecret(known(all, "serverPrivateKey"), ecdhYc);
    // RFC 8422 §5.11 MUST: "With the NIST curves, each party MUST validate the public key sent by its peer in the ClientKeyExchange and ServerKeyExchange messages."
    if (preMasterSecret === undefined) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept ClientKeyExchange: its public key is no valid key of ${namedGroup}`,
      );
    }
    return {
      learned: { preMasterSecret, serverPrivateKey: undefined },
      answer: { type: "answer.clientKeyExchangeAccepted" },
    };
  },

  checkCertificateVerify: (all, { message }, { config, transcript }) => {
    const { algorithm, signature } = decode(certificateVerify, message.body, "CertificateVerify");
    const scheme = config.peerSignatureSchemes.find(({ name }) => SignatureScheme[name] === algorithm);
    // RFC 5246 §7.4.8 MUST: "The hash and signature algorithms used in the signature MUST be one of those present in the supported_signature_algorithms field of the CertificateRequest message."
    if (scheme === undefined) {
      throw misbehaved("illegal_parameter", `signature scheme ${nameOf(SignatureScheme, algorithm)} was not offered`);
    }
    const { publicKey } = known(all, "peer");
    // RFC 5246 §7.4.8 MUST: "In addition, the hash and signature algorithms MUST be compatible with the key in the client's end-entity certificate."
    if (scheme.keyType !== publicKey.type) {
      throw misbehaved("illegal_parameter", `${scheme.name} doesn't fit the certificate's ${publicKey.type} key`);
    }
    if (scheme.verify(publicKey, transcript.beforeLast(), signature) !== true) {
      throw misbehaved("decrypt_error", `its ${scheme.name} signature is wrong`);
    }
    return { learned: { clientSignatureScheme: scheme.name }, answer: { type: "answer.certificateVerified" } };
  },

  // RFC 5246 §7.2.2 DEVIATION: no_renegotiation is sent as a fatal alert, because a client that asks for a
  // renegotiation can't go on without it, and a connection that waits for nothing helps nobody.
  refuseRenegotiation: () => ({
    fail: new PeerMisbehavedError("no_renegotiation", "Cannot accept ClientHello: renegotiation is not supported"),
  }),
};

/** What the embedder's answer is for the chart. That it is an answer to this question was checked. */
export function serverAnswered(question: Question, value: unknown): ServerAnswer | undefined {
  if (question.type !== "loadSession") return answeredAlike(question, value);
  return value instanceof Uint8Array
    ? { type: "answer.sessionFound", session: value, isRenewable: false }
    : { type: "answer.sessionMissing" };
}

/** RFC 5246 §7.4.3: what the server signs. */
export function signedExchange(all: Known): Uint8Array<ArrayBuffer> {
  const { serverRandom } = known(all, "negotiated");
  return signedParams(all.offer.clientRandom, serverRandom, encode(serverEcdhParams, paramsOf(all)));
}

/** What the embedder is asked when it wants to choose itself. */
export function credentialQuestion(all: Known): Question {
  const { serverName, cipherSuites, signatureSchemes } = known(all, "wishes");
  return {
    type: "chooseCredential",
    serverName,
    cipherSuites: named(CipherSuite, cipherSuites),
    signatureSchemes: named(SignatureScheme, signatureSchemes),
    certificateAuthorities: [],
  };
}

function authenticationOf({ clientAuthentication }: ServerSettings): ClientAuthentication {
  if (clientAuthentication === undefined) throw new InternalError("Cannot ask for a certificate: nobody wants one");
  return clientAuthentication;
}

/** How a client is verified. */
export function checksOf(config: ServerSettings): PeerChecks {
  const { certificateVerifier, asksForMissingIssuers } = authenticationOf(config);
  return { verifier: certificateVerifier, asksForMissingIssuers, serverName: undefined, purpose: "clientAuth" };
}

function paramsOf(all: Known): ServerEcdhParams {
  const { namedGroup, serverPublicKey } = known(all, "keyExchange");
  return { curveType: ECCurveType.named_curve, namedCurve: NamedGroup[namedGroup], public: serverPublicKey };
}

/** The one that was negotiated, which is known by its certificates. */
function credentialOf(all: Known, credentials: readonly LoadedCredential[]): LoadedCredential {
  const { certificates } = known(all, "local");
  const found = credentials.find(({ certificateChain }) => certificateChain === certificates);
  if (found === undefined) throw new InternalError("Cannot authenticate: the credential is gone");
  return found;
}

function lacking(extension: string): PeerIncompatibleError {
  return new PeerIncompatibleError(
    "handshake_failure",
    `Cannot accept ClientHello: it has no ${extension}, and the configuration requires it`,
  );
}

function misbehaved(alert: "illegal_parameter" | "decrypt_error", why: string): PeerMisbehavedError {
  return new PeerMisbehavedError(alert, `Cannot accept CertificateVerify: ${why}`);
}
