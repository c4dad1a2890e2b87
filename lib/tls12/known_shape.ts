/**
 * What a TLS 1.2 handshake knows, as JSON: one shape for each chapter of known.ts. A suite, group or scheme must be one
 * of the configuration's; bytes have the lengths that the RFC gives them.
 * RFC 5246 §7.4, §8.1; RFC 8422 §5.4; RFC 7748 §5.
 * @module
 */

import { bytes, checked, flag, list, mapped, maybe, oneOf, record, type Shape, text, whole } from "../codec/shape.ts";
import type { CipherSuiteElement } from "../crypto/provider.ts";
import { TlsError, TlsUsageError } from "../error.ts";
import { smallestRecordSizeLimit } from "../extensions/record_size_limit.ts";
import { recordLimitsShape } from "../freeze.ts";
import type { NamedGroupName, SignatureSchemeName } from "../registry.ts";
import { decodeSession, encodeSession, type ResumableSession } from "../session/resumable_session.ts";
import type { Settings } from "../settings.ts";
import { decodeCertificate } from "../x509/certificate.ts";
import { keyLengths } from "./cipher_suites.ts";
import type { Role } from "./common_commands.ts";
import { type DirectionKeys, recordKeysOf, verifyDataLength, type WriteKeys } from "./key_schedule.ts";
import type {
  KeyExchange,
  Known,
  Local,
  Negotiated,
  Offer,
  Peer,
  ReadKeyExchange,
  ServerAnswers,
  Ticket,
} from "./known.ts";
import type { ClientCredentialWishes, Wishes } from "./wishes.ts";

export function knownShape(role: Role, config: Settings): Shape<Known> {
  return checked(
    record<Known>({
      offer: offerShape(role),
      wishes: maybe(wishesShape),
      negotiated: maybe(negotiatedShape(config)),
      resumed: maybe(sessionShape(role)),
      peer: maybe(peerShape(config)),
      keyExchange: maybe(keyExchangeShape(role, config)),
      serverPrivateKey: maybe(number),
      readKeyExchange: maybe(readKeyExchangeShape),
      certificateRequest: maybe(certificateRequestShape),
      local: maybe(localShape),
      clientSignatureScheme: maybe(schemeShape(role === "client" ? "ours" : "the peer's", config)),
      ticket: maybe(ticketShape),
      preMasterSecret: maybe(number),
      masterSecret: maybe(masterSecret),
      writeKeys: maybe(writeKeysShape),
      clientFinished: maybe(verifyData),
      serverFinished: maybe(verifyData),
    }),
    (all) => faultOfWriteKeys(all, config) ?? faultOfPrivateKey(all),
  );
}

const max8 = 2 ** 8 - 1;
const max16 = 2 ** 16 - 1;
const max24 = 2 ** 24 - 1;

/** An ephemeral private key, or the secret that two of them make. */
const number = bytes(1, 2 ** 10);
const masterSecret = bytes(48, 48);
const verifyData = bytes(verifyDataLength, verifyDataLength);
const uint16 = whole(0, max16);
const numbers = list(uint16, max16);
const random = bytes(32, 32);
const serverName = maybe(text(255));
const timestamps = list(bytes(1, max16), max16);

const certificatesShape: Shape<readonly Uint8Array[]> = checked(
  list(bytes(1, max24), max16),
  (chain) => chain.length === 0 ? "is empty" : undefined,
);

const localShape: Shape<Local> = record<Local>({ certificates: certificatesShape });

const ticketShape: Shape<Ticket> = record<Ticket>({ lifetimeHint: whole(0, 2 ** 32 - 1), ticket: bytes(0, max16) });

export function offerShape(role: Role): Shape<Offer> {
  return record<Offer>({
    clientRandom: random,
    sessionId: bytes(0, 32),
    extensionTypes: numbers,
    serverName,
    session: maybe(sessionShape(role)),
  });
}

/** Its own bytes, which have a format version of their own. */
export function sessionShape(role: Role): Shape<ResumableSession> {
  const session = mapped<ResumableSession, Uint8Array>(bytes(1, max24), {
    freeze: encodeSession,
    thaw: (encoded, where) => read(where, () => decodeSession(encoded)),
  });
  return checked(session, (its) => its.role === role ? undefined : `is a ${its.role}'s session`);
}

const wishesShape: Shape<Wishes> = record<Wishes>({
  cipherSuites: numbers,
  groups: numbers,
  signatureSchemes: numbers,
  serverName,
  alpnProtocols: maybe(list(bytes(1, max8), max16)),
  extendedMasterSecret: flag,
  encryptThenMac: flag,
  secureRenegotiation: flag,
  ocspResponse: flag,
  signedCertificateTimestamps: flag,
  ticket: maybe(bytes(0, max16)),
  recordSizeLimit: maybe(whole(smallestRecordSizeLimit, max16)),
  maxFragmentLength: maybe(whole(0, max8)),
});

function negotiatedShape({ cipherSuites }: Settings): Shape<Negotiated> {
  return record<Negotiated>({
    serverRandom: random,
    sessionId: bytes(0, 32),
    cipherSuite: oneOf(cipherSuites.map(({ name }) => name), "a cipher suite of this configuration"),
    extendedMasterSecret: flag,
    encryptThenMac: flag,
    secureRenegotiation: flag,
    alpnProtocol: maybe(text(max8)),
    serverName,
    recordLimits: maybe(recordLimitsShape),
    signedCertificateTimestamps: timestamps,
    answers: maybe(answersShape),
  });
}

const answersShape: Shape<ServerAnswers> = record<ServerAnswers>({
  serverName: flag,
  sessionTicket: flag,
  ocspResponse: maybe(bytes(1, max24)),
  signedCertificateTimestamps: timestamps,
  recordSizeLimit: maybe(whole(smallestRecordSizeLimit, max16)),
  maxFragmentLength: maybe(whole(0, max8)),
});

type FrozenPeer = Omit<Peer, "publicKey">;

/** The public key is that of the first certificate. */
function peerShape({ limits }: Settings): Shape<Peer> {
  const shape = record<FrozenPeer>({
    certificates: checked(
      certificatesShape,
      ({ length }) =>
        length > limits.maxCertificates ? `has ${length}, more than ${limits.maxCertificates}` : undefined,
    ),
    givenIssuers: list(bytes(1, max24), max16),
    timesAsked: whole(0, max8),
    ocspResponse: maybe(bytes(1, max24)),
  });
  return mapped<Peer, FrozenPeer>(shape, {
    freeze: (peer) => peer,
    thaw: (peer, where) => {
      const [leaf] = read(where, () => [...peer.certificates, ...peer.givenIssuers].map(decodeCertificate));
      if (leaf?.publicKey !== undefined) return { ...peer, publicKey: leaf.publicKey };
      throw new TlsUsageError(`Cannot thaw: ${where}.certificates begins with a key that is not supported`);
    },
  });
}

/** Of one that signed, or is about to. */
function schemeShape(whose: "ours" | "the peer's", config: Settings): Shape<SignatureSchemeName> {
  const schemes = whose === "ours" ? config.signatureSchemes : config.peerSignatureSchemes;
  return oneOf(schemes.map(({ name }) => name), "a signature scheme of this configuration");
}

function keyExchangeShape(role: Role, config: Settings): Shape<KeyExchange> {
  const shape = record<KeyExchange>({
    namedGroup: oneOf(config.namedGroups.map(({ name }) => name), "a group of this configuration"),
    signatureScheme: schemeShape(role === "server" ? "ours" : "the peer's", config),
    serverPublicKey: bytes(1, max8),
  });
  return checked(shape, ({ namedGroup, serverPublicKey: { length } }) => {
    const wanted = keyLengthsOf[namedGroup]?.publicKey ?? length;
    // A client may have got one of another length, which it will refuse when it uses it.
    if (role === "client" || length === wanted) return undefined;
    return `has a serverPublicKey of ${length} bytes, and those of ${namedGroup} have ${wanted}`;
  });
}

const readKeyExchangeShape: Shape<ReadKeyExchange> = record<ReadKeyExchange>({
  curveType: whole(0, max8),
  namedCurve: uint16,
  public: bytes(1, max8),
  algorithm: uint16,
  signature: bytes(0, max16),
});

const certificateRequestShape: Shape<ClientCredentialWishes> = record<ClientCredentialWishes>({
  certificateTypes: list(whole(0, max8), max8),
  signatureSchemes: numbers,
  certificateAuthorities: list(bytes(1, max16), max16),
});

/** How long they are says the suite. */
const writeKeysShape: Shape<WriteKeys> = record<WriteKeys>({
  clientWriteMacKey: bytes(0, max8),
  serverWriteMacKey: bytes(0, max8),
  clientWriteKey: bytes(0, max8),
  serverWriteKey: bytes(0, max8),
  clientWriteIv: bytes(0, max8),
  serverWriteIv: bytes(0, max8),
});

/** What is wrong with the lengths of one direction's keys. */
export function faultOfKeys({ macKey, key, iv }: DirectionKeys, suite: CipherSuiteElement): string | undefined {
  const wanted = keyLengths(suite);
  if (macKey.length === wanted.mac && key.length === wanted.key && iv.length === wanted.iv) return undefined;
  return `don't fit ${suite.name}: it takes ${wanted.mac} bytes as MAC key, ${wanted.key} as key, ${wanted.iv} as IV`;
}

function faultOfWriteKeys({ negotiated, writeKeys }: Known, { cipherSuites }: Settings): string | undefined {
  const suite = cipherSuites.find(({ name }) => name === negotiated?.cipherSuite);
  if (writeKeys === undefined || suite === undefined) return undefined;
  const fault = faultOfKeys(recordKeysOf("client", writeKeys), suite) ??
    faultOfKeys(recordKeysOf("server", writeKeys), suite);
  return fault && `has writeKeys that ${fault}`;
}

function faultOfPrivateKey({ keyExchange, serverPrivateKey }: Known): string | undefined {
  if (keyExchange === undefined || serverPrivateKey === undefined) return undefined;
  const { length } = serverPrivateKey;
  const wanted = keyLengthsOf[keyExchange.namedGroup]?.privateKey ?? length;
  if (length === wanted) return undefined;
  return `has a serverPrivateKey of ${length} bytes, and those of ${keyExchange.namedGroup} have ${wanted}`;
}

/** RFC 7748 §5, RFC 8422 §5.4.1: in bytes; a point has a byte for its form and two coordinates. */
const keyLengthsOf: Partial<
  Readonly<Record<NamedGroupName, { readonly privateKey: number; readonly publicKey: number }>>
> = {
  x25519: { privateKey: 32, publicKey: 32 },
  x448: { privateKey: 56, publicKey: 56 },
  secp256r1: { privateKey: 32, publicKey: 65 },
  secp384r1: { privateKey: 48, publicKey: 97 },
  secp521r1: { privateKey: 66, publicKey: 133 },
};

function read<Value>(where: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TlsError) throw new TlsUsageError(`Cannot thaw: ${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
