/**
 * Certificates for the tests of `verify`, in files: a root, a CA below it, and what that CA issued. Valid around 2026-11-27.
 * @module
 */

import {
  type Certificate,
  type CertificateAuthority,
  decodeCertificate,
  encodePem,
  issueCertificate,
  issueCertificateAuthority,
  type IssueCertificateOptions,
  nobleProvider,
} from "../../mod.ts";
import { openWorkshop, type Workshop } from "./run_cli.ts";

export const now: number = Date.UTC(2026, 10, 26);
export const workshop: Workshop = openWorkshop();
export const issuing = {
  provider: nobleProvider,
  random: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
  now,
} as const;

/** A CA, its certificate, and the file in which it is. */
export interface AuthorityFile {
  readonly authority: CertificateAuthority;
  readonly certificate: Certificate;
  readonly file: string;
}

export interface Scene {
  readonly root: AuthorityFile;
  readonly intermediate: AuthorityFile;
  readonly leaf: { readonly certificate: Certificate; readonly file: string };
  /** Files: leaf and intermediate; the intermediate when it had expired; leaves of other kinds. */
  readonly chain: string;
  readonly pem: string;
  readonly expiredIntermediate: string;
  readonly stapling: string;
  readonly client: string;
  /** It says where its issuer is offered, and stands alone. */
  readonly missing: string;
}

function issued(): Scene {
  const long = { ...issuing, notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2036, 0, 1) };
  const root = authorityFile("root.pem", issueCertificateAuthority({ ...long, name: "Verify root" }));
  const below = { ...long, name: "Verify CA", issuer: root.authority };
  const intermediate = authorityFile("ca.pem", issueCertificateAuthority(below));
  const key = intermediate.authority.privateKey;
  const expired = issueCertificateAuthority({ ...below, notAfter: Date.UTC(2026, 10, 2), key });
  const base = {
    ...issuing,
    issuer: intermediate.authority,
    notBefore: Date.UTC(2026, 10, 1),
    notAfter: Date.UTC(2026, 11, 31),
  };
  const names = ["www.example.com"];
  const leaf = leafFile("leaf.pem", {
    ...base,
    names: [...names, "*.co.uk", "192.0.2.1", "2001:db8::1"],
    subjectAltName: [{ type: "rfc822Name", name: "me@example.com" }],
    purposes: ["serverAuth"],
    extensions: [timestampList],
  });
  const pem = [leaf.certificate, intermediate.certificate].map(({ der }) => encodePem("CERTIFICATE", der)).join("");
  return {
    root,
    intermediate,
    leaf,
    chain: workshop.write("chain.pem", pem),
    pem,
    expiredIntermediate: authorityFile("expired_ca.pem", expired).file,
    stapling: leafFile("stapling.pem", { ...base, names, mustStaple: true }).file,
    client: leafFile("client.pem", { ...base, names, purposes: ["clientAuth"] }).file,
    missing: leafFile("missing.pem", { ...base, names, issuerUrls: ["http://ca.example/ca.crt"] }).file,
  };
}

/** Writes a new certificate into a file of its own. */
export function leafFile(
  name: string,
  options: IssueCertificateOptions,
): { readonly certificate: Certificate; readonly file: string } {
  const [der] = issueCertificate(options).chain;
  return { certificate: decodeCertificate(der), file: workshop.write(name, encodePem("CERTIFICATE", der)) };
}

function authorityFile(name: string, authority: CertificateAuthority): AuthorityFile {
  const certificate = decodeCertificate(authority.certificate);
  return { authority, certificate, file: workshop.write(name, encodePem("CERTIFICATE", authority.certificate)) };
}

/** RFC 6962 §3.3: one timestamp of 2026-11-01, of a log whose id is 32 times 0xab, with a signature of one byte. */
const timestampList = {
  oid: "1.3.6.1.4.1.11129.2.4.2",
  critical: false,
  value: octets(vector(vector(Uint8Array.of(
    ...[0, ...new Uint8Array(32).fill(0xab)],
    ...number(Date.UTC(2026, 10, 1), 8),
    ...[0, 0, 4, 3, 0, 1, 7],
  )))),
};

function vector(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(...number(bytes.length, 2), ...bytes);
}

function octets(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(4, bytes.length, ...bytes);
}

function number(value: number, size: number): readonly number[] {
  return Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** (size - 1 - index)) % 256);
}

/** Once for all tests of a process: others of the same names would take the place of its files. */
export const scene: Scene = issued();
