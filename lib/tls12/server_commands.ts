/**
 * What each command of the TLS 1.2 server chart does: what a received message must be, and what is sent.
 * The order of messages is none of its business: that is in server_chart.ts.
 * RFC 5246 §7.4; RFC 8422 §5.
 * @module
 */

import { decode, encode } from "../codec/codec.ts";
import type { CommandTable } from "../endpoint.ts";
import { InternalError, PeerMisbehavedError } from "../error.ts";
import { protocolName, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { ecPointFormats, ourPointFormats } from "../extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { type Extension, extensionOf } from "../extensions/extension.ts";
import { renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { serverNameAnswer } from "../extensions/server_name.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { decodeClientHello } from "../messages/client_hello.ts";
import { serverHello } from "../messages/server_hello.ts";
import {
  CipherSuite,
  CompressionMethod,
  ECCurveType,
  ExtensionType,
  NamedGroup,
  ProtocolVersion,
  SignatureScheme,
} from "../registry.ts";
import type { Question } from "../request.ts";
import type { ServerCredential, ServerSettings } from "../settings.ts";
import { commonCommands, groupOf, sent } from "./common_commands.ts";
import { signedParams } from "./key_schedule.ts";
import { type KeyExchange, type Known, known } from "./known.ts";
import { certificate } from "./messages/certificate.ts";
import { clientKeyExchange } from "./messages/client_key_exchange.ts";
import { serverHelloDone } from "./messages/server_hello_done.ts";
import { type ServerEcdhParams, serverEcdhParams, serverKeyExchange } from "./messages/server_key_exchange.ts";
import { negotiate, wishesOf } from "./negotiation.ts";
import type { ServerAnswer, ServerCommands } from "./server_events.ts";

export const serverCommands: CommandTable<ServerCommands, Known, ServerSettings, ServerAnswer> = {
  ...lifecycleCommands,
  ...commonCommands("server"),

  checkClientHello: (_, { message }, { config }) => {
    const wishes = wishesOf(decodeClientHello(message.body));
    const agreed = negotiate(wishes, config);
    const { privateKey, publicKey } = agreed.group.generateKeyPair(config.random);
    return {
      learned: {
        negotiated: {
          serverRandom: config.random(32),
          cipherSuite: agreed.suite.name,
          extendedMasterSecret: wishes.extendedMasterSecret,
          secureRenegotiation: wishes.secureRenegotiation,
          alpnProtocol: agreed.alpnProtocol,
          serverName: wishes.serverName,
        },
        credentialIndex: config.credentials.indexOf(agreed.credential),
        serverNameUsed: agreed.serverNameUsed,
        keyExchange: {
          namedGroup: agreed.group.name,
          signatureScheme: agreed.scheme,
          serverPublicKey: publicKey,
          serverPrivateKey: privateKey,
        },
      },
      version: ProtocolVersion["TLSv1.2"],
      answer: { type: "answer.clientHelloAccepted" },
    };
  },

  sendServerHello: (all) => {
    const { serverRandom, cipherSuite } = known(all, "negotiated");
    return sent(
      "server_hello",
      encode(serverHello, {
        serverVersion: ProtocolVersion["TLSv1.2"],
        random: serverRandom,
        // RFC 5246 §7.4.1.3: empty, "to indicate that the session will not be cached and therefore cannot be resumed".
        sessionId: new Uint8Array(0),
        cipherSuite: CipherSuite[cipherSuite],
        compressionMethod: CompressionMethod.null,
        extensions: answeredExtensions(all),
      }),
    );
  },

  sendCertificate: (all, _, { config }) =>
    sent("certificate", encode(certificate, credentialOf(all, config).certificateChain)),

  signServerKeyExchange: (all, _, { config }) => {
    const { signatureScheme: scheme } = known(all, "keyExchange");
    const { serverRandom } = known(all, "negotiated");
    const signed = signedParams(all.offer.clientRandom, serverRandom, encode(serverEcdhParams, paramsOf(all)));
    const { signer } = credentialOf(all, config);
    if (signer.sign === undefined) {
      return { question: { type: "sign", scheme, message: signed, publicKey: signer.publicKey } };
    }
    const signature = signer.sign(scheme, signed);
    if (!(signature instanceof Uint8Array)) {
      throw new InternalError(
        "Cannot sign: the signer must answer with bytes, at once (one without a function sign lets you answer later)",
      );
    }
    return { answer: { type: "answer.signed", scheme, signature } };
  },

  sendServerKeyExchange: (all, { scheme, signature }) =>
    sent(
      "server_key_exchange",
      encode(serverKeyExchange, { params: paramsOf(all), algorithm: SignatureScheme[scheme], signature }),
    ),

  sendServerHelloDone: () => sent("server_hello_done", encode(serverHelloDone, undefined)),

  checkClientKeyExchange: (all, { message }, { config }) => {
    const { ecdhYc } = decode(clientKeyExchange, message.body, "ClientKeyExchange");
    const exchange = known(all, "keyExchange");
    const preMasterSecret = groupOf(all, config).sharedSecret(privateKeyOf(exchange), ecdhYc);
    if (preMasterSecret === undefined) {
      throw new PeerMisbehavedError(
        "illegal_parameter",
        `Cannot accept ClientKeyExchange: its public key is no valid key of ${exchange.namedGroup}`,
      );
    }
    return {
      learned: { preMasterSecret, keyExchange: { ...exchange, serverPrivateKey: undefined } },
      answer: { type: "answer.clientKeyExchangeAccepted" },
    };
  },

  // RFC 5246 §7.2.2 DEVIATION: no_renegotiation is sent as a fatal alert, because a client that asks for a
  // renegotiation can't go on without it, and a connection that waits for nothing helps nobody.
  refuseRenegotiation: () => ({
    fail: new PeerMisbehavedError("no_renegotiation", "Cannot accept ClientHello: renegotiation is not supported"),
  }),
};

/** What the embedder's answer is for the chart. That it is an answer to this question was checked. */
export function serverAnswered(question: Question, value: unknown): ServerAnswer | undefined {
  if (question.type !== "sign" || !(value instanceof Uint8Array)) return undefined;
  return { type: "answer.signed", scheme: question.scheme, signature: value };
}

function answeredExtensions(all: Known): readonly Extension[] | undefined {
  const { extendedMasterSecret: ems, secureRenegotiation, alpnProtocol } = known(all, "negotiated");
  const offered = (name: number): boolean => all.offer.extensionTypes.includes(name);
  const list: Extension[] = [];
  if (all.serverNameUsed) list.push(extensionOf("server_name", serverNameAnswer, undefined));
  if (secureRenegotiation) list.push(extensionOf("renegotiation_info", renegotiationInfo, new Uint8Array(0)));
  if (offered(ExtensionType.ec_point_formats)) {
    list.push(extensionOf("ec_point_formats", ecPointFormats, ourPointFormats));
  }
  if (ems) list.push(extensionOf("extended_master_secret", extendedMasterSecret, undefined));
  if (alpnProtocol !== undefined) {
    const chosen = [protocolName(alpnProtocol)];
    list.push(extensionOf("application_layer_protocol_negotiation", protocolNameList, chosen));
  }
  return list.length === 0 ? undefined : list;
}

function paramsOf(all: Known): ServerEcdhParams {
  const { namedGroup, serverPublicKey } = known(all, "keyExchange");
  return { curveType: ECCurveType.named_curve, namedCurve: NamedGroup[namedGroup], public: serverPublicKey };
}

function credentialOf(all: Known, config: ServerSettings): ServerCredential {
  const credential = config.credentials[known(all, "credentialIndex")];
  if (credential === undefined) throw new InternalError("Cannot authenticate: the credential is gone");
  return credential;
}

function privateKeyOf({ serverPrivateKey }: KeyExchange): Uint8Array {
  if (serverPrivateKey === undefined) throw new InternalError("Cannot agree on a key: our private key is used up");
  return serverPrivateKey;
}
