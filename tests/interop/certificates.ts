/**
 * Certificates for the wide interop run: per kind of key a root, a server's and a client's certificate, issued by our
 * own code, so that every peer judges that too; and one root that nobody trusts.
 */
import { generateKeyPairSync } from "node:crypto";
import {
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  loadPrivateKey,
  nobleProvider,
} from "../../mod.ts";
import type { KeyKind } from "../support/fixtures.ts";
import { folder } from "./command.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate with its key, as text and as files. */
export interface Identity {
  readonly commonName: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const common = { provider: nobleProvider, random, now: Date.now() };
const authority = issueCertificateAuthority({ ...common, name: "Interop root" });
const stranger = issueCertificateAuthority({ ...common, name: "Unknown root" });

/** Whom both sides trust. */
export const rootPem: string = encodePem("CERTIFICATE", authority.certificate);
export const rootFile: string = written("root.crt", rootPem);
/** The root's key, for OCSP responses. */
export const rootKeyFile: string = written(
  "root.key",
  encodePem("PRIVATE KEY", encodePrivateKey(authority.privateKey)),
);
/** Whom nobody trusts. */
export const strangerPem: string = encodePem("CERTIFICATE", stranger.certificate);
export const strangerFile: string = written("stranger.crt", strangerPem);

/** The name of a server with this kind of key; `localhost` and 127.0.0.1 are in its certificate too. */
export const serverNameOf = (kind: KeyKind): string => `${kind}.peer.example`;

const made = new Map<string, Identity>();

/** A server's certificate. */
export const serverIdentity = (kind: KeyKind): Identity =>
  identity(`server-${kind}`, kind, [serverNameOf(kind), "localhost", "127.0.0.1"], "serverAuth");

/** A client's certificate. */
export const clientIdentity = (kind: KeyKind): Identity =>
  identity(`client-${kind}`, kind, [`client-${kind}.peer.example`], "clientAuth");

/** A client's certificate from a root that nobody trusts. */
export const strangeClientIdentity = (): Identity =>
  identity("client-strange", "p256", ["client-strange.peer.example"], "clientAuth");

function identity(
  file: string,
  kind: KeyKind,
  names: readonly [string, ...string[]],
  purpose: "serverAuth" | "clientAuth",
): Identity {
  const known = made.get(file);
  if (known !== undefined) return known;
  const issuer = file === "client-strange" ? stranger : authority;
  const privateKeyPem = newKey(kind);
  const key = loadPrivateKey(privateKeyPem);
  const { chain } = issueCertificate({ ...common, issuer, names, key, purposes: [purpose] });
  const certificatePem = chain.map((der) => encodePem("CERTIFICATE", der)).join("");
  const fresh: Identity = {
    commonName: names[0],
    certificatePem,
    privateKeyPem,
    certificateFile: written(`${file}.crt`, certificatePem),
    privateKeyFile: written(`${file}.key`, privateKeyPem),
  };
  made.set(file, fresh);
  return fresh;
}

/** We make no RSA keys, so Node makes them all. */
function newKey(kind: KeyKind): string {
  const { privateKey } = kind === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : kind === "ed25519"
    ? generateKeyPairSync("ed25519")
    : generateKeyPairSync("ec", { namedCurve: kind === "p256" ? "P-256" : "P-384" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
