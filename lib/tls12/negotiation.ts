/**
 * How a TLS 1.2 server chooses: a ClientHello's wishes meet the configuration.
 * RFC 5246 §7.4.1.2 to §7.4.1.4; RFC 8422 §4, §5.1; RFC 5746 §3.6; RFC 7627 §5.2.
 * Decides only; sends nothing.
 * @module
 */

import type { CipherSuiteElement, NamedGroupElement } from "../crypto/provider.ts";
import { type Offers, PeerIncompatibleError } from "../error.ts";
import { chooseProtocol } from "../extensions/application_layer_protocol_negotiation.ts";
import { CipherSuite, NamedGroup, nameOf, SignatureScheme, type SignatureSchemeName } from "../registry.ts";
import type { LoadedCredential, ServerSettings } from "../settings.ts";
import { certifies } from "../x509/names.ts";
import { traitsOf } from "./cipher_suites.ts";
import type { Wishes } from "./wishes.ts";

export interface Agreement {
  readonly suite: CipherSuiteElement;
  readonly group: NamedGroupElement;
  readonly scheme: SignatureSchemeName;
  readonly credential: LoadedCredential;
  readonly serverNameUsed: boolean;
}

/** The best of what both can do, in our order of preference. Throws PeerIncompatibleError with both sides' offers. */
export function negotiate(
  wishes: Wishes,
  all: readonly LoadedCredential[],
  config: ServerSettings,
): Agreement {
  const { named, others } = credentialsFor(wishes, all);
  if (named.length === 0 && config.credentials !== "request") checkUnknownName(wishes, config);
  checkSuites(wishes, all, config);
  const group = chooseGroup(wishes, config);
  for (const credentials of [named, others]) {
    for (const suite of config.cipherSuites) {
      // RFC 5246 §7.4.1.2 MUST: "If the list contains cipher suites the server does not recognize, support, or wish to use, the server MUST ignore those cipher suites, and process the remaining ones as usual."
      if (!wishes.cipherSuites.includes(CipherSuite[suite.name])) continue;
      for (const credential of credentials) {
        const scheme = schemeFor(suite, credential, wishes, config);
        if (scheme === undefined) continue;
        // Whoever chose by request was told the name.
        const isByName = credentials === named || (config.credentials === "request" && wishes.serverName !== undefined);
        return { suite, group, scheme, credential, serverNameUsed: isByName };
      }
    }
  }
  throw nothingInCommon(wishes, all, config);
}

/** Comes first: a client without a suite for ECDHE names no groups, either. */
function checkSuites(wishes: Wishes, credentials: readonly LoadedCredential[], config: ServerSettings): void {
  const suites = suitesOf(wishes, config);
  if (suites.ours.some((name) => suites.theirs.includes(name))) return;
  const wouldDo = (config.provider.legacyCipherSuites ?? []).some((suite) =>
    suites.theirs.includes(suite.name) &&
    credentials.some(({ leaf }) => traitsOf(suite).authentication.some((type) => type === leaf.publicKey?.type))
  );
  const hint = wouldDo ? "; with legacyCbc: true there would be one" : "";
  throw new PeerIncompatibleError("handshake_failure", `Cannot agree on a cipher suite${hint}`, suites);
}

function suitesOf(wishes: Wishes, config: ServerSettings): Offers {
  return {
    ours: config.cipherSuites.map(({ name }) => name),
    theirs: wishes.cipherSuites.map((number) => nameOf(CipherSuite, number)),
  };
}

/** Those whose certificate bears the name that the client asks for come first; the rest stays as the default. */
function credentialsFor(
  { serverName }: Wishes,
  credentials: readonly LoadedCredential[],
): { readonly named: readonly LoadedCredential[]; readonly others: readonly LoadedCredential[] } {
  const bearsName = ({ leaf }: LoadedCredential): boolean => serverName !== undefined && certifies(leaf, serverName);
  return { named: credentials.filter(bearsName), others: credentials.filter((one) => !bearsName(one)) };
}

/** RFC 8422 §5.1 lets a client without supported_groups leave the choice to the server. */
function chooseGroup(wishes: Wishes, config: ServerSettings): NamedGroupElement {
  // RFC 8422 §4 MUST: "when a client uses these extensions, servers MUST NOT negotiate the use of an ECC cipher suite unless they can complete the handshake while respecting the choice of curves specified by the client."
  // RFC 8422 §5.1 MUST: "A server that receives a ClientHello containing one or both of these extensions MUST use the client's enumerated capabilities to guide its selection of an appropriate cipher suite."
  // RFC 8422 §5.1 MUST: "or is unable to complete the ECC handshake while restricting itself to the enumerated curves and point formats, it MUST NOT negotiate the use of an ECC cipher suite."
  const group = config.namedGroups.find(({ name }) => wishes.groups.includes(NamedGroup[name]));
  if (group !== undefined) return group;
  // RFC 5246 §7.4.1.2 DEVIATION: a ClientHello without any extension is refused, though "A server MUST accept ClientHello messages both with and without the extensions field", because it can name neither a group nor a signature that isn't SHA-1.
  // RFC 8422 §4 DEVIATION: a ClientHello without supported_groups is refused, because such a client may know none
  // of the groups that are left, and guessing would only fail later.
  throw new PeerIncompatibleError("handshake_failure", "Cannot agree on a group", {
    ours: config.namedGroups.map(({ name }) => name),
    theirs: wishes.groups.map((number) => nameOf(NamedGroup, number)),
  });
}

/** RFC 6066 §3: "by sending a fatal-level unrecognized_name(112) alert", or by going on: as the embedder has it. */
function checkUnknownName({ serverName }: Wishes, { unknownServerName }: ServerSettings): void {
  // RFC 6066 §9 MUST: "these alerts MUST NOT be sent unless the sending party has received an extended hello message from the party they are communicating with."
  if (unknownServerName !== "refuse" || serverName === undefined) return;
  throw new PeerIncompatibleError("unrecognized_name", `Cannot show a certificate: none bears the name ${serverName}`);
}

/** How this credential can sign under this suite so that the client can verify it. */
function schemeFor(
  suite: CipherSuiteElement,
  { leaf, signer }: LoadedCredential,
  wishes: Wishes,
  config: ServerSettings,
): SignatureSchemeName | undefined {
  const key = leaf.publicKey;
  // RFC 5246 §7.4.2 MUST: "The certificate MUST be appropriate for the negotiated cipher suite's key exchange algorithm and any negotiated extensions."
  // RFC 8422 §2.1 MUST: "In ECDHE_ECDSA, the server's certificate MUST contain an ECDSA- or EdDSA-capable public key."
  // RFC 8422 §2.2 MUST: "the server's certificate MUST contain an RSA public key authorized for signing"
  if (key === undefined || !traitsOf(suite).authentication.includes(key.type)) return undefined;
  // RFC 5246 §7.4.2 MUST: "The public key MUST use a curve and point format supported by the client"
  // RFC 8422 §5.1 MUST: "The server MUST consider the extensions in both cases."
  // RFC 8422 §5.3 MUST: "the public key in the server's certificate MUST respect the client's choice of elliptic curves."
  // RFC 8422 §5.3 MUST: "A server that cannot satisfy this requirement MUST NOT choose an ECC cipher suite in its ServerHello message."
  if (key.type === "ec" && !wishes.groups.includes(NamedGroup[key.curve])) return undefined;
  // RFC 5246 §7.4.3 MUST: "the server MUST check any candidate cipher suites against the "signature_algorithms" extension before selecting them."
  // RFC 5246 §7.4.1.4.1 DEVIATION: nothing is chosen for a client that doesn't send signature_algorithms, though "If the client does not send the signature_algorithms extension, the server MUST do the following:", because what follows is to sign with SHA-1, which is broken and not built.
  // RFC 5246 §7.4.2 DEVIATION: how the certificates of a chain are signed isn't looked at, though "If the client provided a "signature_algorithms" extension, then all certificates provided by the server MUST be signed by a hash/signature algorithm pair that appears in that extension.", because clients verify more signatures than they list and anchors are known to them anyway.
  return signer.schemes.find((name) =>
    wishes.signatureSchemes.includes(SignatureScheme[name]) && config.signatureSchemes.some((one) => one.name === name)
  );
}

/** RFC 7301 §3.2: a client that names no protocol gets none. Throws PeerIncompatibleError when there is none in common. */
export function agreedProtocol({ alpnProtocols }: Wishes, config: ServerSettings): string | undefined {
  if (alpnProtocols === undefined || config.alpnProtocols.length === 0) return undefined;
  return chooseProtocol(config.alpnProtocols, alpnProtocols);
}

function nothingInCommon(
  wishes: Wishes,
  credentials: readonly LoadedCredential[],
  config: ServerSettings,
): PeerIncompatibleError {
  if (credentials.length === 0) {
    return new PeerIncompatibleError("handshake_failure", "Cannot show a certificate: none was given for this client");
  }
  const suites = suitesOf(wishes, config);
  const curves = credentials.flatMap(({ leaf }) => leaf.publicKey?.type === "ec" ? [leaf.publicKey.curve] : []);
  const knowsNoCurve = curves.length === credentials.length &&
    !curves.some((curve) => wishes.groups.includes(NamedGroup[curve]));
  if (knowsNoCurve) {
    return new PeerIncompatibleError(
      "handshake_failure",
      "Cannot show a certificate: the client's supported_groups lack the curve of its key (RFC 8422 §5.3)",
      { ours: curves, theirs: wishes.groups.map((number) => nameOf(NamedGroup, number)) },
    );
  }
  const keys = credentials.map(({ leaf }) => leaf.publicKeyDescription).join(", ");
  const schemes: Offers = {
    ours: [...new Set(credentials.flatMap(({ signer }) => signer.schemes))],
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
