/**
 * The wide interop run: our client and our server with other implementations, as far as this machine has them.
 * `npx tsx tests/interop/run.ts`; `PEERS=Go,NSS` asks for some of them only.
 */
import { promiseFeatures } from "./features.ts";
import { aeadSuites } from "./names.ts";
import { peers } from "./peers.ts";
import { promiseBasics } from "./promises.ts";
import "./tshark.ts";

for (const peer of peers) {
  promiseBasics(peer, aeadSuites, ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"]);
  promiseFeatures(peer);
}
