/**
 * Whether a stored session may be resumed, for both roles: it must never weaken what the full handshake proved.
 * RFC 5246 §7.4.1.2, appendix F.1.4; RFC 7627 §5.3.
 * @module
 */

import { TlsError } from "../error.ts";
import { decodeSession, type ResumableSession } from "../session/resumable_session.ts";
import type { Settings } from "../settings.ts";
import { decodeCertificate } from "../x509/certificate.ts";

/**
 * The session in these bytes; `undefined` when it has expired, or a certificate in it, or it was made for another name,
 * under other rules of trust, or with what is no longer configured; and when the bytes are no session.
 */
export function mayResume(
  bytes: Uint8Array,
  role: ResumableSession["role"],
  serverName: string | undefined,
  config: Settings,
): ResumableSession | undefined {
  const session = decoded(bytes);
  return session !== undefined && fits(session, role, serverName, config) ? session : undefined;
}

function fits(
  session: ResumableSession,
  role: ResumableSession["role"],
  serverName: string | undefined,
  config: Settings,
): boolean {
  if (config.sessions === undefined) return false;
  const now = config.now();
  return session.role === role &&
    session.createdAt <= now && now < session.expiresAt &&
    now < session.createdAt + config.sessions.lifetime * 1000 &&
    session.serverName === serverName &&
    session.verifiedBy === config.sessions.verifiedBy &&
    // RFC 5246 §7.4.1.2 MUST: "If the session_id field is not empty (implying a session resumption request), this vector MUST include at least the cipher_suite from that session."
    config.cipherSuites.some(({ name }) => name === session.cipherSuite) &&
    config.namedGroups.some(({ name }) => name === session.namedGroup) &&
    provesByAllowedScheme(session, config) &&
    // RFC 7627 §5.3 DEVIATION: sessions without extended master secret are offered and resumed, though "The client SHOULD NOT offer an abbreviated handshake to resume a session that does not use an extended master secret." and "the server SHOULD abort the handshake.", because a peer without it has no others; requireExtendedMasterSecret refuses them all, and nothing is exported from them.
    (session.extendedMasterSecret || !config.requireExtendedMasterSecret) &&
    session.peerCertificates.every((der) => isValid(der, now));
}

function decoded(bytes: Uint8Array): ResumableSession | undefined {
  try {
    return decodeSession(bytes);
  } catch (error) {
    if (error instanceof TlsError) return undefined; // another format, or no session at all
    throw error;
  }
}

function isValid(der: Uint8Array, now: number): boolean {
  try {
    const { notBefore, notAfter } = decodeCertificate(der);
    return notBefore <= now && now < notAfter + 1000; // in seconds, the last of which belongs to it (RFC 5280 §4.1.2.5)
  } catch (error) {
    if (error instanceof TlsError) return false; // what was stored isn't what was proved
    throw error;
  }
}

/** How the peer signed must still be among what it may sign with. */
function provesByAllowedScheme(session: ResumableSession, { peerSignatureSchemes }: Settings): boolean {
  const scheme = session.role === "client" ? session.signatureScheme : session.clientSignatureScheme;
  return scheme === undefined || peerSignatureSchemes.some(({ name }) => name === scheme);
}
