/**
 * What each command of the TLS 1.2 client chart does: what a received message must be, and what is sent.
 * The order of messages is none of its business: that is in client_chart.ts.
 * RFC 5246 §7.4; RFC 8422 §5.
 * @module
 */

import { decode, encode } from "../codec/codec.ts";
import type { CipherSuiteElement, NamedGroupElement, PublicKey } from "../crypto/provider.ts";
import type { CommandTable } from "../endpoint.ts";
import { CertificateError, DecodeError, InternalError, PeerMisbehavedError } from "../error.ts";
import { checkChosenProtocol, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { checkPointFormats, ecPointFormats } from "../extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { checkSolicited, findExtension, hasExtension } from "../extensions/extension.ts";
import { serverNameAnswer } from "../extensions/server_name.ts";
import { checkInitialHandshake, renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { checkNotAnswered } from "../extensions/signature_algorithms.ts";
import { lifecycleCommands } from "../lifecycle.ts";
import { decodeServerHello, type ServerHello } from "../messages/server_hello.ts";
import {
  CipherSuite,
  CompressionMethod,
  ExtensionType,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  SignatureScheme,
  type SignatureSchemeName,
} from "../registry.ts";
import type { Question } from "../request.ts";
import type { ClientSettings } from "../settings.ts";
import { type Certificate, decodeCertificate } from "../x509/certificate.ts";
import { traitsOf } from "./cipher_suites.ts";
import type { ClientAnswer, ClientCommands } from "./client_events.ts";
import { commonCommands, groupOf, sent, suiteOf } from "./common_commands.ts";
import { signedParams } from "./key_schedule.ts";
import { type Known, known, type Negotiated, type Offer } from "./known.ts";
import { certificate } from "./messages/certificate.ts";
import { certificateRequest } from "./messages/certificate_request.ts";
import { clientKeyExchange } from "./messages/client_key_exchange.ts";
import { helloRequest } from "./messages/hello_request.ts";
import { serverHelloDone } from "./messages/server_hello_done.ts";
import { serverEcdhParams, type ServerKeyExchange, serverKeyExchange } from "./messages/server_key_exchange.ts";

export const clientCommands: CommandTable<ClientCommands, Known, ClientSettings, ClientAnswer> = {
  ...lifecycleCommands,
  ...commonCommands("client"),

  checkServerHello: ({ offer }, { message }, { config }) => {
    const hello = decodeServerHello(message.body);
    checkSolicited(hello.extensions, offer.extensionTypes, "ServerHello");
    checkNotAnswered(hello.extensions);
    return {
      learned: { negotiated: negotiatedBy(hello, offer, config) },
      version: ProtocolVersion["TLSv1.2"],
      answer: { type: "answer.serverHelloAccepted" },
    };
  },

  checkCertificate: (all, { message }, { config }) => {
    const certificates = decode(certificate, message.body, "Certificate");
    const [leaf, ...others] = certificates.map(decodeCertificate);
    // RFC 5246 §7.4.2 MUST: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses certificates for authentication"
    if (leaf === undefined) throw new DecodeError("Cannot accept Certificate: the server sent no certificate");
    const publicKey = checkedKey(leaf, suiteOf(all, config), config);
    const copies = certificates.map((der) => der.slice());
    const learned = { peer: { certificates: copies, publicKey } };
    const asked = { serverName: config.serverName, purpose: "serverAuth", now: config.now() } as const;
    if (config.certificateVerifier === "request") {
      // The question outlives this call, and so must the bytes that the certificates are views of.
      return { learned, question: { type: "verifyCertificate", chain: copies.map(decodeCertificate), ...asked } };
    }
    const verdict: unknown = config.certificateVerifier.verify({ chain: [leaf, ...others], ...asked });
    // A promise that may yet reject, or `false`, is no consent.
    if (verdict !== undefined) {
      throw new InternalError(
        "Cannot accept Certificate: certificateVerifier.verify must return nothing, or throw, at once " +
          '(certificateVerifier: "request" lets you answer later)',
      );
    }
    return { learned, answer: { type: "answer.certificateTrusted" } };
  },

  checkServerKeyExchange: (all, { message }, { config }) => {
    const exchange = decode(serverKeyExchange, message.body, "ServerKeyExchange");
    const group = offeredGroup(exchange.params.namedCurve, config);
    const signatureScheme = checkSignature(all, exchange, config);
    return {
      learned: {
        keyExchange: {
          namedGroup: group.name,
          signatureScheme,
          serverPublicKey: exchange.params.public,
          serverPrivateKey: undefined,
        },
      },
      answer: { type: "answer.serverKeyExchangeVerified" },
    };
  },

  checkCertificateRequest: (_, { message }) => {
    decode(certificateRequest, message.body, "CertificateRequest");
    return {};
  },

  checkServerHelloDone: (_, { message }) => {
    decode(serverHelloDone, message.body, "ServerHelloDone");
    return {};
  },

  // RFC 5246 §7.4.6 MUST: "If no suitable certificate is available, the client MUST send a certificate message containing no certificates."
  sendEmptyCertificate: () => sent("certificate", encode(certificate, [])),

  sendClientKeyExchange: (all, _, { config }) => {
    const { namedGroup, serverPublicKey } = known(all, "keyExchange");
    const group = groupOf(all, config);
    const { privateKey, publicKey } = group.generateKeyPair(config.random);
    const preMasterSecret = group.sharedSecret(privateKey, serverPublicKey);
    // RFC 8422 §5.11: whoever gets an invalid point, or an all-zero secret, aborts.
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

  declineRenegotiation: (_, { message }) => {
    decode(helloRequest, message.body, "HelloRequest");
    // RFC 5246 §7.2.2, no_renegotiation: "when that is not appropriate, the recipient should respond with this alert."
    return { send: { content: "alert", level: "warning", description: "no_renegotiation" } };
  },
};

/** What the embedder's answer is for the chart. That it is an answer to this question was checked. */
export function clientAnswered({ type }: Question): ClientAnswer | undefined {
  return type === "verifyCertificate" ? { type: "answer.certificateTrusted" } : undefined;
}

function negotiatedBy(hello: ServerHello, offer: Offer, config: ClientSettings): Negotiated {
  const suite = config.cipherSuites.find(({ name }) => CipherSuite[name] === hello.cipherSuite);
  if (suite === undefined) throw refused("ServerHello", "cipher suite", nameOf(CipherSuite, hello.cipherSuite));
  if (hello.compressionMethod !== CompressionMethod.null) {
    throw refused("ServerHello", "compression method", `${hello.compressionMethod}`);
  }
  const list = hello.extensions;
  checkInitialHandshake(findExtension(list, "renegotiation_info", renegotiationInfo), "ServerHello");
  checkPointFormats(findExtension(list, "ec_point_formats", ecPointFormats), "ServerHello");
  const alpn = findExtension(list, "application_layer_protocol_negotiation", protocolNameList);
  findExtension(list, "extended_master_secret", extendedMasterSecret);
  findExtension(list, "server_name", serverNameAnswer);
  return {
    serverRandom: hello.random.slice(),
    cipherSuite: suite.name,
    extendedMasterSecret: hasExtension(list, "extended_master_secret"),
    secureRenegotiation: hasExtension(list, "renegotiation_info"),
    alpnProtocol: alpn && checkChosenProtocol(config.alpnProtocols, alpn),
    serverName: offer.extensionTypes.includes(ExtensionType.server_name) ? config.serverName : undefined,
  };
}

/** RFC 5246 §7.4.2, RFC 8422 §5.3: the certificate's key must be one that the suite can be authenticated with. */
function checkedKey(
  { publicKey, publicKeyDescription }: Certificate,
  suite: CipherSuiteElement,
  config: ClientSettings,
): PublicKey {
  if (publicKey === undefined) {
    throw new CertificateError(
      "unsupported_certificate",
      `Cannot accept Certificate: its key (${publicKeyDescription}) is not supported`,
      {
        index: 0,
        check: "publicKey",
      },
    );
  }
  // RFC 5246 §7.4.2 MUST: "The end entity certificate's public key (and associated restrictions) MUST be compatible with the selected key exchange algorithm."
  if (!traitsOf(suite).authentication.includes(publicKey.type)) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept Certificate: its key (${publicKeyDescription}) doesn't fit ${suite.name}`,
    );
  }
  // RFC 8422 §5.3: the server's certificate uses a curve that the client listed in supported_groups.
  if (publicKey.type === "ec" && !config.namedGroups.some(({ name }) => name === publicKey.curve)) {
    throw refused("Certificate", "the curve of its key,", publicKey.curve);
  }
  return publicKey;
}

function offeredGroup(number: number, config: ClientSettings): NamedGroupElement {
  const group = config.namedGroups.find(({ name }) => NamedGroup[name] === number);
  if (group === undefined) throw refused("ServerKeyExchange", "group", nameOf(NamedGroup, number));
  return group;
}

function checkSignature(all: Known, exchange: ServerKeyExchange, config: ClientSettings): SignatureSchemeName {
  const scheme = config.signatureSchemes.find(({ name }) => SignatureScheme[name] === exchange.algorithm);
  // RFC 5246 §7.4.3 MUST: "If the client has offered the "signature_algorithms" extension, the signature algorithm and hash algorithm MUST be a pair listed in that extension."
  if (scheme === undefined) {
    throw refused("ServerKeyExchange", "signature scheme", nameOf(SignatureScheme, exchange.algorithm));
  }
  const key = known(all, "peer").publicKey;
  if (scheme.keyType !== key.type) {
    throw new PeerMisbehavedError(
      "illegal_parameter",
      `Cannot accept ServerKeyExchange: ${scheme.name} doesn't fit the certificate's ${key.type} key`,
    );
  }
  const { serverRandom } = known(all, "negotiated");
  const signed = signedParams(all.offer.clientRandom, serverRandom, encode(serverEcdhParams, exchange.params));
  if (scheme.verify(key, signed, exchange.signature) !== true) {
    throw new PeerMisbehavedError(
      "decrypt_error",
      `Cannot accept ServerKeyExchange: its ${scheme.name} signature is wrong`,
    );
  }
  return scheme.name;
}

function refused(message: string, what: string, value: string): PeerMisbehavedError {
  return new PeerMisbehavedError("illegal_parameter", `Cannot accept ${message}: ${what} ${value} was not offered`);
}
