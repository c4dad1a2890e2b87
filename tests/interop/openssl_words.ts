/** What OpenSSL 3 is able to do, and how it is told: for its own commands, and for nginx and curl, which link it. */
import type { NamedGroupName } from "../../lib/registry.ts";
import { aeadSuites, cbcSuites, toOpenssl } from "./names.ts";
import type { PeerOptions } from "./peer.ts";

export const able = {
  kinds: ["p256", "p384", "ed25519", "rsa"],
  cipherSuites: [...aeadSuites, ...cbcSuites],
  namedGroups: ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"],
} as const;

/** The groups, as OpenSSL calls them, between colons. */
export const opensslGroupsOf = (options: PeerOptions): string =>
  (options.namedGroups ?? able.namedGroups).map((name) => opensslNames[name] ?? name).join(":");

const opensslNames: Readonly<Partial<Record<NamedGroupName, string>>> = {
  x25519: "X25519",
  x448: "X448",
  secp256r1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** The suites, as OpenSSL calls them, between colons. */
export const opensslSuitesOf = (options: PeerOptions): string =>
  toOpenssl(options.cipherSuites ?? [...aeadSuites, ...(options.cbc === undefined ? [] : cbcSuites)]);
