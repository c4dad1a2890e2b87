/**
 * What each command of the TLS 1.2 client chart does: what a received message must be, and what is sent.
 * The order of messages is none of its business: that is in client_chart.ts.
 * RFC 5246 §7.4; RFC 8422 §5; RFC 6066 §8; RFC 5077 §3.3.
 * @module
 */

import { decode, encode } from "../codec/codec.ts";
import type { NamedGroupElement } from "../crypto/provider.ts";
import type { CommandTable } from "../endpoint.ts";
import { DecodeError, PeerMisbehavedError } from "../error.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { decodeServerHello } from "../messages/server_hello.ts";
import { NamedGroup, nameOf, ProtocolVersion, SignatureScheme, type SignatureSchemeName } from "../registry.ts";
import type { ClientSettings } from "../settings.ts";
import { traitsOf } from "./cipher_suites.ts";
import { pickedCredential, questionFor } from "./client_credential.ts";
import type { ClientAnswer, ClientCommands } from "./client_events.ts";
import { clientSessionCommands } from "./client_session.ts";
import { commonCommands, groupOf, sent, suiteOf } from "./common_commands.ts";
import { signedParams } from "./key_schedule.ts";
import { type Known, known } from "./known.ts";
import { certificate } from "./messages/certificate.ts";
import { certificateStatus } from "./messages/certificate_status.ts";
import { certificateVerify } from "./messages/certificate_verify.ts";
import { clientKeyExchange } from "./messages/client_key_exchange.ts";
import { helloRequest } from "./messages/hello_request.ts";
import { serverHelloDone } from "./messages/server_hello_done.ts";
import { serverEcdhParams, serverKeyExchange } from "./messages/server_key_exchange.ts";
import {
  type PeerChecks,
  peerOf,
  readCertificates,
  supportedKey,
  verifyPeer,
  verifyPeerAgain,
} from "./peer_certificate.ts";
import { checkedServerHello } from "./hello_check.ts";
import { signed } from "./signing.ts";
import { clientCredentialWishesOf } from "./wishes.ts";

export const clientCommands: CommandTable<ClientCommands, Known, ClientSettings, ClientAnswer> = {
  ...lifecycleCommands,
  ...commonCommands("client"),
  ...clientSessionCommands,

  checkServerHello: ({ offer }, { message }, { config }) => {
    const checked = checkedServerHello(decodeServerHello(message.body, config.limits), offer, config);
    const { negotiated, resumed, announcesCertificateStatus, announcesTicket } = checked;
    return {
      learned: {
        negotiated,
        resumed,
        masterSecret: resumed?.masterSecret,
        ...(resumed && { offer: { ...offer, session: undefined } }),
      },
      version: ProtocolVersion["TLSv1.2"],
      recordLimits: negotiated.recordLimits,
      answer: {
        type: resumed === undefined ? "answer.serverHelloAccepted" : "answer.sessionResumed",
        announcesCertificateStatus,
        announcesTicket,
      },
    };
  },

  readCertificate: (all, { message }, { config }) => {
    const chain = readCertificates(message.body, config);
    const [leaf] = chain;
    // RFC 5246 §7.4.2 MUST: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses certificates for authentication"
    if (leaf === undefined) throw new DecodeError("Cannot accept Certificate: the server sent no certificate");
    const publicKey = supportedKey(leaf, config);
    const suite = suiteOf(all, config);
    // RFC 5246 §7.4.2 MUST: "The end entity certificate's public key (and associated restrictions) MUST be compatible with the selected key exchange algorithm."
    // RFC 8422 §5.3 MUST: "Certificate MUST contain an ECDSA- or EdDSA-capable"
    // RFC 8422 §5.3 MUST: "Certificate MUST contain an RSA public key."
    if (!traitsOf(suite).authentication.includes(publicKey.type)) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept Certificate: its key (${leaf.publicKeyDescription}) doesn't fit ${suite.name}`,
      );
    }
    return { learned: { peer: peerOf(chain, publicKey) } };
  },

  readCertificateStatus: (all, { message }) => {
    const { response } = decode(certificateStatus, message.body, "CertificateStatus");
    return { learned: { peer: { ...known(all, "peer"), ocspResponse: response.slice() } } };
  },

  checkCertificate: (all, _, { config }) => verifyPeer(all, checksOf(config), config),

  checkCertificateAgain: (all, { issuers }, { config }) => verifyPeerAgain(all, issuers, checksOf(config), config),

  readServerKeyExchange: (_, { message }) => {
    const { params, algorithm, signature } = decode(serverKeyExchange, message.body, "ServerKeyExchange");
    return {
      learned: {
        readKeyExchange: {
          curveType: params.curveType,
          namedCurve: params.namedCurve,
          public: params.public.slice(),
          algorithm,
          signature: signature.slice(),
        },
      },
    };
  },

  checkServerKeyExchange: (all, _, { config }) => {
    const read = known(all, "readKeyExchange");
    const group = offeredGroup(read.namedCurve, config);
    const signatureScheme = checkSignature(all, config);
    return {
      learned: {
        readKeyExchange: undefined,
        keyExchange: {
          namedGroup: group.name,
          signatureScheme,
          serverPublicKey: read.public,
        },
      },
      answer: { type: "answer.serverKeyExchangeVerified" },
    };
  },

  checkCertificateRequest: (_, { message }) => ({
    learned: { certificateRequest: clientCredentialWishesOf(message.body) },
  }),

  checkServerHelloDone: (_, { message }) => {
    decode(serverHelloDone, message.body, "ServerHelloDone");
    return {};
  },

  chooseCredential: (all, _, { config }) =>
    config.credentials === "request"
      ? { question: questionFor(all) }
      : { answer: { type: "answer.credentialsGiven", credentials: config.credentials } },

  pickCredential: (all, { credentials }, { config }) => {
    const picked = pickedCredential(known(all, "certificateRequest"), credentials, config);
    return {
      learned: { certificateRequest: undefined },
      answer: picked ? { type: "answer.credentialChosen", ...picked } : { type: "answer.noCredential" },
    };
  },

  sendCertificate: (_, { credential }) => ({
    learned: { local: { certificates: credential.certificateChain } },
    ...sent("certificate", encode(certificate, credential.certificateChain)),
  }),

  // RFC 5246 §7.4.6 MUST: "If no suitable certificate is available, the client MUST send a certificate message containing no certificates."
  sendEmptyCertificate: () => sent("certificate", encode(certificate, [])),

  sendClientKeyExchange: (all, _, { config }) => {
    const { namedGroup, serverPublicKey } = known(all, "keyExchange");
    const group = groupOf(all, config);
    const { privateKey, publicKey } = group.generateKeyPair(config.random);
    const preMasterSecret = group.sharedSecret(privateKey, serverPublicKey);
    // RFC 8422 §5.11 MUST: "With the NIST curves, each party MUST validate the public key sent by its peer in the ClientKeyExchange and ServerKeyExchange messages."
    // RFC 8422 §5.10 MUST: "if either party obtains all-zeroes x_S, it MUST abort the handshake"
    if (preMasterSecret === undefined) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept ServerKeyExchange: its public key is no valid key of ${namedGroup}`,
      );
    }
    return {
      learned: { preMasterSecret },
      ...sent("client_key_exchange", encode(clientKeyExchange, { ecdhYc: publicKey })),
    };
  },

  // RFC 5246 §7.4.8: over "all handshake messages sent or received, starting at client hello and up to, but not
  // including, this message".
  signCertificateVerify: (_, { credential, scheme }, { transcript }) =>
    signed(credential.signer, scheme, Uint8Array.from(transcript.whole())),

  sendCertificateVerify: (_, { scheme, signature }) => ({
    learned: { clientSignatureScheme: scheme },
    ...sent("certificate_verify", encode(certificateVerify, { algorithm: SignatureScheme[scheme], signature })),
  }),

  declineRenegotiation: (_, { message }) => {
    decode(helloRequest, message.body, "HelloRequest");
    // RFC 5246 §7.2.2, no_renegotiation: "when that is not appropriate, the recipient should respond with this alert."
    // RFC 5746 §4.2 MUST: "Clients that do so MUST respond to such requests with a "no_renegotiation" alert (RFC 5246 requires this alert to be at the "warning" level)."
    return { send: { content: "alert", level: "warning", description: "no_renegotiation" } };
  },

  // RFC 5246 §7.2.2 DEVIATION: with onHelloRequest "fail" no_renegotiation is a fatal alert, because who chooses that wants the connection to end, and another alert would not say why.
  refuseRenegotiation: () => ({
    fail: new PeerMisbehavedError("no_renegotiation", 'Cannot accept HelloRequest: onHelloRequest is "fail"'),
  }),
};

/** How a server is verified. */
export function checksOf({ certificateVerifier, asksForMissingIssuers, serverName }: ClientSettings): PeerChecks {
  return { verifier: certificateVerifier, asksForMissingIssuers, serverName, purpose: "serverAuth" };
}

function offeredGroup(number: number, config: ClientSettings): NamedGroupElement {
  const group = config.namedGroups.find(({ name }) => NamedGroup[name] === number);
  if (group === undefined) throw refused("group", nameOf(NamedGroup, number));
  return group;
}

function checkSignature(all: Known, config: ClientSettings): SignatureSchemeName {
  const { algorithm, signature, ...params } = known(all, "readKeyExchange");
  const scheme = config.peerSignatureSchemes.find(({ name }) => SignatureScheme[name] === algorithm);
  // RFC 5246 §7.4.3 MUST: "If the client has offered the "signature_algorithms" extension, the signature algorithm and hash algorithm MUST be a pair listed in that extension."
  if (scheme === undefined) throw refused("signature scheme", nameOf(SignatureScheme, algorithm));
  const key = known(all, "peer").publicKey;
  // RFC 5246 §7.4.3 MUST: "In addition, the hash and signature algorithms MUST be compatible with the key in the server's end-entity certificate."
  // RFC 8422 §5.9 MUST: "EdDSA keys using the Ed25519 algorithm MUST use the ed25519 signature algorithm, and Ed448 keys MUST use the ed448 signature algorithm."
  // RFC 8422 §5.9 MUST: "Ed25519, Ed25519ph, Ed448, and Ed448ph keys MUST NOT be used with ECDSA."
  if (scheme.keyType !== key.type) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept ServerKeyExchange: ${scheme.name} doesn't fit the certificate's ${key.type} key`,
    );
  }
  const { serverRandom } = known(all, "negotiated");
  const proved = signedParams(all.offer.clientRandom, serverRandom, encode(serverEcdhParams, params));
  // RFC 8422 §2.1 MUST: "These parameters MUST be signed with ECDSA or EdDSA using the private key corresponding to the public key in the server's Certificate."
  if (scheme.verify(key, proved, signature) !== true) {
    throw new PeerMisbehavedError(
      "decrypt_error",
      `Cannot accept ServerKeyExchange: its ${scheme.name} signature is wrong`,
    );
  }
  return scheme.name;
}

function refused(what: string, value: string): PeerMisbehavedError {
  return new PeerMisbehavedError(
    "illegal_parameter",
    `Cannot accept ServerKeyExchange: ${what} ${value} was not offered`,
  );
}
