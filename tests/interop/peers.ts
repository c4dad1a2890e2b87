/** All peers of the wide interop run. */
import { botan } from "./botan_peer.ts";
import { curl } from "./curl_peer.ts";
import { go, java } from "./driven_peers.ts";
import { gnutls } from "./gnutls_peer.ts";
import { nss } from "./nss_peer.ts";
import { nginx } from "./nginx_peer.ts";
import { openssl } from "./openssl_peer.ts";
import type { Peer } from "./peer.ts";

const all: readonly Peer[] = [openssl, nginx, curl, gnutls, nss, botan, go, java];

/** Those that are asked for: `PEERS=Go,NSS`. Default: all. */
const wanted = process.env["PEERS"]?.toLowerCase().split(",");
export const peers: readonly Peer[] = all.filter(({ name }) => wanted?.includes(name.toLowerCase()) ?? true);
