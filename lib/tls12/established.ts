/**
 * What a finished handshake gives to other protocols: key material and channel bindings, where they are safe.
 * RFC 5705; RFC 5929; RFC 9266; RFC 7627 §5.4.
 * @module
 */

import type { Exporter } from "../endpoint.ts";
import { TlsUsageError } from "../error.ts";
import type { Settings } from "../settings.ts";
import { tlsExporter, tlsServerEndPoint } from "./channel_binding.ts";
import { provedOf, type Role, suiteOf } from "./common_commands.ts";
import { exportKeyingMaterial } from "./exporter.ts";
import { type Known, known } from "./known.ts";

/** `undefined` until the handshake is over. */
export function exporterOf(role: Role, all: Known, config: Settings): Exporter | undefined {
  if (all.masterSecret === undefined || all.clientFinished === undefined || all.serverFinished === undefined) {
    return undefined;
  }
  return {
    exportKeyingMaterial: (label, context, length) => {
      checkMasterSecret(all, "export key material");
      return exportKeyingMaterial(...secretsOf(all, config), label, context, length);
    },
    channelBinding: (type) => {
      switch (type) {
        case "tls-unique":
          return firstFinished(all);
        case "tls-server-end-point":
          return Uint8Array.from(tlsServerEndPoint(serverCertificate(role, all), config.provider.hashes));
        case "tls-exporter":
          checkMasterSecret(all, "give the channel binding tls-exporter");
          return Uint8Array.from(tlsExporter(...secretsOf(all, config)));
        default:
          throw new TlsUsageError(
            `Cannot give the channel binding ${
              String(type)
            }: there are tls-unique, tls-server-end-point and tls-exporter`,
          );
      }
    },
  };
}

function secretsOf(
  all: Known,
  config: Settings,
): readonly [ReturnType<typeof suiteOf>["hash"], Uint8Array, Uint8Array, Uint8Array] {
  const { serverRandom } = known(all, "negotiated");
  return [suiteOf(all, config).hash, known(all, "masterSecret"), all.offer.clientRandom, serverRandom];
}

function checkMasterSecret(all: Known, aim: string): void {
  // RFC 7627 §5.4 MUST: "Hence, the client or server MUST NOT export any key material based on the new master secret for any subsequent application-level authentication."
  // RFC 7627 §5.4 MUST: "In particular, it MUST disable [RFC5705] and any Extensible Authentication Protocol (EAP) relying on compound authentication"
  if (known(all, "negotiated").extendedMasterSecret) return;
  throw new TlsUsageError(
    `Cannot ${aim}: the peer has no extended_master_secret, so the secret may be shared with others (RFC 7627 §5.4)`,
  );
}

/** RFC 5929 §3.1: the client's in a full handshake, the server's in an abbreviated one. */
function firstFinished(all: Known): Uint8Array<ArrayBuffer> {
  const { extendedMasterSecret } = known(all, "negotiated");
  // RFC 7627 §5.4 MUST: "In particular, the client MUST disable renegotiation and any use of the "tls-unique" channel binding [RFC5929] on the current connection."
  // RFC 7627 §5.4 MUST: "Hence, the client or server MUST NOT use the current handshake's "verify_data" for application-level authentication."
  if (all.resumed !== undefined && !extendedMasterSecret) {
    throw new TlsUsageError(
      "Cannot give the channel binding tls-unique: a session was resumed without extended master secret (RFC 7627 §5.4)",
    );
  }
  return Uint8Array.from(known(all, all.resumed === undefined ? "clientFinished" : "serverFinished"));
}

function serverCertificate(role: Role, all: Known): Uint8Array {
  const [certificate] = role === "client" ? provedOf(all).peerCertificates : all.local?.certificates ?? [];
  if (certificate !== undefined) return certificate;
  throw new TlsUsageError(
    "Cannot give the channel binding tls-server-end-point: the server showed no certificate in this handshake",
  );
}
