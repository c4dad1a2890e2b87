/**
 * How a TLS 1.2 server chooses: a ClientHello's wishes meet the configuration.
 * RFC 5246 §7.4.1.2 to §7.4.1.4; RFC 8422 §4, §5.1; RFC 5746 §3.6; RFC 7627 §5.2.
 * Decides only; sends nothing.
 * @module
 */

import type { CipherSuiteElement, NamedGroupElement } from "../crypto/provider.ts";
import { type Offers, PeerIncompatibleError, PeerMisbehavedError } from "../error.ts";
import { chooseProtocol, protocolNameList } from "../extensions/application_layer_protocol_negotiation.ts";
import { checkPointFormats, ecPointFormats } from "../extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../extensions/extended_master_secret.ts";
import { findExtension, hasExtension } from "../extensions/extension.ts";
import { checkInitialHandshake, renegotiationInfo } from "../extensions/renegotiation_info.ts";
import { hostNameOf, serverNameList } from "../extensions/server_name.ts";
import { signatureAlgorithms } from "../extensions/signature_algorithms.ts";
import { supportedGroups } from "../extensions/supported_groups.ts";
import type { ClientHello } from "../messages/client_hello.ts";
import {
  CipherSuite,
  CompressionMethod,
  NamedGroup,
  nameOf,
  SignatureScheme,
  type SignatureSchemeName,
} from "../registry.ts";
import type { ServerCredential, ServerSettings } from "../settings.ts";
import { certifies } from "../x509/names.ts";
import { traitsOf } from "./cipher_suites.ts";

/** What a ClientHello asks for; lists in the client's order, numbers as they came. */
export interface Wishes {
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  readonly signatureSchemes: readonly number[];
  readonly serverName: string | undefined;
  readonly alpnProtocols: readonly Uint8Array[] | undefined;
  readonly extendedMasterSecret: boolean;
  readonly secureRenegotiation: boolean;
}

export interface Agreement {
  readonly suite: CipherSuiteElement;
  readonly group: NamedGroupElement;
  readonly scheme: SignatureSchemeName;
  readonly credential: ServerCredential;
  readonly serverNameUsed: boolean;
  readonly alpnProtocol: string | undefined;
}

/** Reads a ClientHello's extensions and checks each of them on its own. */
export function wishesOf(hello: ClientHello): Wishes {
  // RFC 5246 §7.4.1.2 MUST: "This vector MUST contain, and all implementations MUST support, CompressionMethod.null."
  if (!hello.compressionMethods.includes(CompressionMethod.null)) {
    throw new PeerMisbehavedError("illegal_parameter", "Cannot accept ClientHello: no null compression is offered");
  }
  const list = hello.extensions;
  checkInitialHandshake(findExtension(list, "renegotiation_info", renegotiationInfo), "ClientHello");
  checkPointFormats(findExtension(list, "ec_point_formats", ecPointFormats), "ClientHello");
  findExtension(list, "extended_master_secret", extendedMasterSecret);
  const names = findExtension(list, "server_name", serverNameList);
  return {
    cipherSuites: hello.cipherSuites,
    groups: findExtension(list, "supported_groups", supportedGroups) ?? [],
    signatureSchemes: findExtension(list, "signature_algorithms", signatureAlgorithms) ?? [],
    serverName: names && hostNameOf(names),
    alpnProtocols: findExtension(list, "application_layer_protocol_negotiation", protocolNameList),
    extendedMasterSecret: hasExtension(list, "extended_master_secret"),
    // RFC 5746 §3.6: the extension or the signalling suite, they mean the same.
    secureRenegotiation: hasExtension(list, "renegotiation_info") ||
      hello.cipherSuites.includes(CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV),
  };
}

/** The best of what both can do, in our order of preference. Throws PeerIncompatibleError with both sides' offers. */
export function negotiate(wishes: Wishes, config: ServerSettings): Agreement {
  const { named, others } = credentialsFor(wishes, config);
  const group = chooseGroup(wishes, config);
  for (const credentials of [named, others]) {
    for (const suite of config.cipherSuites) {
      if (!wishes.cipherSuites.includes(CipherSuite[suite.name])) continue;
      for (const credential of credentials) {
        const scheme = schemeFor(suite, credential, wishes, config);
        if (scheme === undefined) continue;
        const alpnProtocol = agreedProtocol(wishes, config);
        return { suite, group, scheme, credential, serverNameUsed: credentials === named, alpnProtocol };
      }
    }
  }
  throw nothingInCommon(wishes, config);
}

/** Those whose certificate bears the name that the client asks for come first; the rest stays as the default. */
function credentialsFor(
  { serverName }: Wishes,
  { credentials }: ServerSettings,
): { readonly named: readonly ServerCredential[]; readonly others: readonly ServerCredential[] } {
  const bearsName = ({ leaf }: ServerCredential): boolean => serverName !== undefined && certifies(leaf, serverName);
  return { named: credentials.filter(bearsName), others: credentials.filter((one) => !bearsName(one)) };
}

/** RFC 8422 §5.1 lets a client without supported_groups leave the choice to the server. */
function chooseGroup(wishes: Wishes, config: ServerSettings): NamedGroupElement {
  const group = config.namedGroups.find(({ name }) => wishes.groups.includes(NamedGroup[name]));
  if (group !== undefined) return group;
  // RFC 8422 §4 DEVIATION: a ClientHello without supported_groups is refused, because such a client may know none
  // of the groups that are left, and guessing would only fail later.
  throw new PeerIncompatibleError("handshake_failure", "Cannot agree on a group", {
    ours: config.namedGroups.map(({ name }) => name),
    theirs: wishes.groups.map((number) => nameOf(NamedGroup, number)),
  });
}

/** How this credential can sign under this suite so that the client can verify it. */
function schemeFor(
  suite: CipherSuiteElement,
  { leaf, signer }: ServerCredential,
  wishes: Wishes,
  config: ServerSettings,
): SignatureSchemeName | undefined {
  const key = leaf.publicKey;
  if (key === undefined || !traitsOf(suite).authentication.includes(key.type)) return undefined;
  // RFC 8422 §5.3: the certificate's curve must be one that the client can use.
  if (key.type === "ec" && !wishes.groups.includes(NamedGroup[key.curve])) return undefined;
  return signer.schemes.find((name) =>
    wishes.signatureSchemes.includes(SignatureScheme[name]) && config.signatureSchemes.some((one) => one.name === name)
  );
}

/** RFC 7301 §3.2: a client that names no protocol gets none. */
function agreedProtocol({ alpnProtocols }: Wishes, config: ServerSettings): string | undefined {
  if (alpnProtocols === undefined || config.alpnProtocols.length === 0) return undefined;
  return chooseProtocol(config.alpnProtocols, alpnProtocols);
}

function nothingInCommon(wishes: Wishes, config: ServerSettings): PeerIncompatibleError {
  const suites: Offers = {
    ours: config.cipherSuites.map(({ name }) => name),
    theirs: wishes.cipherSuites.map((number) => nameOf(CipherSuite, number)),
  };
  if (!suites.ours.some((name) => suites.theirs.includes(name))) {
    return new PeerIncompatibleError("handshake_failure", "Cannot agree on a cipher suite", suites);
  }
  const curves = config.credentials.flatMap(({ leaf }) => leaf.publicKey?.type === "ec" ? [leaf.publicKey.curve] : []);
  const knowsNoCurve = curves.length === config.credentials.length &&
    !curves.some((curve) => wishes.groups.includes(NamedGroup[curve]));
  if (knowsNoCurve) {
    return new PeerIncompatibleError(
      "handshake_failure",
      "Cannot show a certificate: the client's supported_groups lack the curve of its key (RFC 8422 §5.3)",
      { ours: curves, theirs: wishes.groups.map((number) => nameOf(NamedGroup, number)) },
    );
  }
  const keys = config.credentials.map(({ leaf }) => leaf.publicKeyDescription).join(", ");
  const schemes: Offers = {
    ours: [...new Set(config.credentials.flatMap(({ signer }) => signer.schemes))],
    theirs: wishes.signatureSchemes.map((number) => nameOf(SignatureScheme, number)),
  };
  if (!schemes.ours.some((name) => schemes.theirs.includes(name))) {
    const what = `Cannot agree on a signature scheme that a certificate of ours fits (${keys})`;
    return new PeerIncompatibleError("handshake_failure", what, schemes);
  }
  return new PeerIncompatibleError(
    "handshake_failure",
    `Cannot agree on a cipher suite and signature scheme that a certificate of ours fits (${keys})`,
    { ours: [...suites.ours, ...schemes.ours], theirs: [...suites.theirs, ...schemes.theirs] },
  );
}
