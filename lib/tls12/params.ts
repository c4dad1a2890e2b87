/**
 * How a chart hands the content of an event to a command: one function for each kind of content.
 * @module
 */

import type { HandshakeMessage } from "../messages/handshake.ts";
import type { SignatureSchemeName } from "../registry.ts";
import type { LoadedCredential } from "../settings.ts";
import type { Certificate } from "../x509/certificate.ts";

type Of<Content> = (args: { event: Content }) => Content;

/** A received message. */
export const its: Of<{ message: HandshakeMessage }> = ({ event: { message } }) => ({ message });

/** Credentials to choose from. */
export const itsCredentials: Of<{ credentials: readonly LoadedCredential[] }> = ({ event: { credentials } }) => ({
  credentials,
});

/** The credential that was chosen, and how its key signs. */
export const itsChoice: Of<{ credential: LoadedCredential; scheme: SignatureSchemeName }> = (
  { event: { credential, scheme } },
) => ({ credential, scheme });

export const itsSignature: Of<{ scheme: SignatureSchemeName; signature: Uint8Array }> = (
  { event: { scheme, signature } },
) => ({ scheme, signature });

/** Certificates that the peer didn't send. */
export const itsIssuers: Of<{ issuers: readonly Certificate[] }> = ({ event: { issuers } }) => ({ issuers });

/** A session's bytes. */
export const itsSession: Of<{ session: Uint8Array; isRenewable: boolean }> = ({ event: { session, isRenewable } }) => ({
  session,
  isRenewable,
});
