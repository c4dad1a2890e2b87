/** The packed roots beside those of the Node that runs the tests, which is seldom the one that they come from. */

import process from "node:process";
import { rootCertificates } from "node:tls";
import { assert, suite } from "../harness.ts";
import { dataText, faults, listText } from "../../docs/roots/generate.ts";
import { equalBytes, toHex } from "../../lib/codec/bytes.ts";
import { packedRoots, packedSource } from "../../lib/roots/data.ts";
import { packedBytes } from "../../lib/roots/unpack.ts";
import { rootTrustAnchors } from "../../lib/roots.ts";
import type { Certificate } from "../../lib/x509/certificate.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import type { TrustAnchor } from "../../lib/x509/trust_anchor.ts";

const test = suite("roots beside those of Node");
const ofNode = rootCertificates.flatMap((pem) => loadCertificates(pem));

/** Node's root of the same name or the same key. */
const counterpart = ({ subject, spki }: TrustAnchor): Certificate | undefined =>
  ofNode.find((root) => equalBytes(root.subject.der, subject.der) || equalBytes(root.spki, spki));

/** What of a root the packed form keeps. */
const kept = ({ subject, spki, subjectKeyIdentifier, notAfter }: TrustAnchor | Certificate): readonly unknown[] => [
  toHex(subject.der),
  toHex(spki),
  subjectKeyIdentifier && toHex(subjectKeyIdentifier),
  notAfter,
];

test("have the same name, key, key identifier and end where both have a root", () => {
  const anchors = rootTrustAnchors();
  const shared = anchors.filter((anchor) => counterpart(anchor) !== undefined);
  for (const anchor of shared) {
    const root = counterpart(anchor);
    assert.equal(kept(anchor), root && kept(root), anchor.subject.text);
  }
  console.log(
    `roots: ${shared.length} of ${anchors.length} are in Node.js ${process.versions.node} too, ` +
      `${anchors.length - shared.length} are not; it has ${ofNode.length - shared.length} others`,
  );
  assert.ok(shared.length > anchors.length * 3 / 4);
});

test("are what generate.ts writes, and so is the list of them", () => {
  assert.equal(faults(), []);
  const packed = packedBytes(packedRoots);
  const other = { ...packedSource, count: 1 };
  assert.not(dataText(other, packed) === dataText(packedSource, packed));
  assert.not(listText(other, packed) === listText(packedSource, packed));
});

test.run();
