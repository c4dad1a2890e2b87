/**
 * Certificates, revocation lists and OCSP responses, made wrong in every way that one can list: each is decoded or refused
 * by a DecodeError, without work that the bytes aren't worth; and no chain is accepted of which a byte was changed.
 */
import { assert, suite } from "../harness.ts";
import { equalBytes } from "../../lib/codec/bytes.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { derSequence } from "../../lib/x509/der_writer.ts";
import { decodeOcspResponse } from "../../lib/x509/ocsp_response.ts";
import { decodePem, encodePem } from "../../lib/x509/pem.ts";
import {
  decodeCertificate,
  decodeCertificateRevocationList,
  loadCertificateRevocationLists,
  loadCertificates,
  loadPrivateKey,
} from "../../lib/x509.ts";
import { dice } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";
import { large } from "./large_certificates.ts";
import {
  accepts,
  askEverything,
  certificateScene,
  cheapProvider,
  decodedOrRefused,
  elementsRead,
  verifierOf,
} from "./certificate_scene.ts";
import { changedElements, cut, flipped, lengthened, lyingLengths } from "./der_mutations.ts";

const test = suite("hostile certificates");
const cheap = certificateScene(cheapProvider);
const fixtures = Object.entries(certificatePem).flatMap(([name, pem]) =>
  decodePem(pem).map(({ bytes }) => ({ name, bytes }))
);
const certificates = [
  ...fixtures,
  { name: "leaf", bytes: cheap.leaf },
  ...cheap.authorities.map((bytes, index) => ({ name: `authority ${index}`, bytes })),
];

/** A value for each byte, another kind of change from byte to byte. */
const one = (byte: number, at: number): readonly number[] => [[byte ^ (1 << (at % 7)), 0, 0xff, byte + 1][at & 3] ?? 0];
const many = (
  byte: number,
): readonly number[] => [byte ^ 1, byte ^ 2, byte ^ 0x20, byte ^ 0x80, 0, 0xff, byte + 1, byte - 1];

/** Decodes all of them; how many could be. Bytes are never decoded to others. */
function decodeAll(all: Iterable<Uint8Array>): { readonly decoded: number; readonly refused: number } {
  const count = { decoded: 0, refused: 0 };
  for (const bytes of all) {
    const certificate = decodedOrRefused(() => decodeCertificate(bytes));
    count[certificate === undefined ? "refused" : "decoded"]++;
    if (certificate === undefined) continue;
    assert.ok(equalBytes(certificate.der, bytes), "decoded to other bytes");
    if (count.decoded % 4 === 0) askEverything(certificate);
  }
  return count;
}

test("are decoded or refused when a byte is changed, and are sometimes one, sometimes the other", () => {
  for (const { name, bytes } of certificates) {
    const { decoded, refused } = decodeAll(flipped(bytes, one));
    assert.ok(decoded > 50 && refused > 50, `${name}: ${decoded} decoded, ${refused} refused`);
  }
});

test("are refused when they are cut anywhere, and when anything is added", () => {
  for (const { name, bytes } of certificates) {
    assert.is(decodeAll(cut(bytes)).decoded, 0, name);
    assert.is(decodeAll(lengthened(bytes)).decoded, 0, name);
  }
});

test("are refused when the length of an element isn't its own", () => {
  for (const { name, bytes } of certificates.slice(-3)) {
    const { decoded, refused } = decodeAll(lyingLengths(bytes));
    // A length that is written as it was changes nothing.
    assert.ok(refused > 500 && decoded < refused / 10, `${name}: ${decoded} decoded, ${refused} refused`);
  }
});

test("are decoded or refused when an element is missing, doubled, moved or of another type", () => {
  for (const bytes of [cheap.leaf, ...cheap.authorities.slice(1)]) {
    const { decoded, refused } = decodeAll(changedElements(bytes));
    assert.ok(decoded > 100 && refused > 1000, `${decoded} decoded, ${refused} refused`);
  }
});

test("and revocation lists and OCSP responses are decoded or refused likewise", () => {
  for (
    const [bytes, decode] of [
      [cheap.crl, decodeCertificateRevocationList],
      [cheap.ocspResponse, decodeOcspResponse],
    ] as const
  ) {
    assert.ok(decodedOrRefused(() => decode(bytes)) !== undefined);
    let refused = 0;
    for (
      const changes of [
        flipped(bytes, many),
        cut(bytes),
        lengthened(bytes),
        lyingLengths(bytes),
        changedElements(bytes),
      ]
    ) {
      for (const changed of changes) if (decodedOrRefused(() => decode(changed)) === undefined) refused++;
    }
    assert.ok(refused > 2000, String(refused));
  }
});

test("in PEM are loaded, or refused by a TlsUsageError", () => {
  const roll = dice(5);
  const loads = [
    [certificatePem.p256 + certificatePem.ed25519, loadCertificates],
    [privateKeyPem.p256Sec1, loadPrivateKey],
    [encodePem("X509 CRL", cheap.crl), loadCertificateRevocationLists],
  ] as const;
  for (const [pem, load] of loads) {
    load(pem);
    let refused = 0;
    for (let round = 0; round < 800; round++) {
      const changed = changedText(pem, roll);
      try {
        load(changed);
      } catch (error) {
        if (!(error instanceof TlsUsageError)) throw error;
        refused++;
      }
      decodedOrRefused(() => decodePem(changed));
    }
    assert.ok(refused > 100, String(refused));
  }
});

test("are never accepted in a chain of which a byte was changed, also when the right one is remembered", () => {
  const chain = [cheap.leaf, ...cheap.authorities];
  const verifier = verifierOf(cheap, 4);
  const isAccepted = (index: number, changed: Uint8Array): boolean =>
    accepts(verifier, cheap, chain.with(index, changed), cheap.ocspResponse);
  for (const [index, bytes] of chain.entries()) {
    assert.ok(isAccepted(index, bytes));
    for (const changed of flipped(bytes, one)) assert.not(isAccepted(index, changed), `certificate ${index}`);
  }
  for (const changed of changedElements(cheap.leaf)) {
    assert.is(isAccepted(0, changed), equalBytes(changed, cheap.leaf));
  }
});

test("are accepted only with the stapled response that was signed, as far as its signature reaches", () => {
  const chain = [cheap.leaf, ...cheap.authorities];
  const verifier = verifierOf(cheap, 4);
  const accepted = [...flipped(cheap.ocspResponse, one)].filter((changed) => accepts(verifier, cheap, chain, changed));
  assert.equal(accepted, []);
});

test("are not accepted either when their signatures are real ones", () => {
  const real = certificateScene(nobleProvider);
  const verifier = verifierOf(real);
  const chain = [real.leaf, ...real.authorities];
  assert.ok(accepts(verifier, real, chain, real.ocspResponse));
  const roll = dice(6);
  for (let round = 0; round < 30; round++) {
    const index = roll(3);
    const bytes = chain[index] ?? real.leaf;
    const changed = Uint8Array.from(bytes);
    // Half of them in the signature, which is at the end.
    const at = round % 2 === 0 ? roll(bytes.length) : bytes.length - 1 - roll(64);
    changed[at] = (changed[at] ?? 0) ^ (1 << roll(8));
    assert.not(accepts(verifier, real, chain.with(index, changed), real.ocspResponse), `${index} at ${at}`);
  }
});

test("cost no more than their bytes are worth, whatever is in them", () => {
  for (const [name, { bytes, decode }] of Object.entries(large)) {
    assert.ok(bytes.length > 50_000, `${name}: ${bytes.length} bytes`);
    const read = elementsRead(() => {
      const certificate = decodedOrRefused(() => decode(bytes));
      if (decode === decodeCertificate && certificate !== undefined) askEverything(decodeCertificate(bytes));
    });
    // An element has two bytes at least, and each is read a few times at most.
    assert.ok(read < bytes.length * 3, `${name}: ${read} elements read in ${bytes.length} bytes`);
  }
});

test("are refused when they are too long, before anything of them is read", () => {
  const long = derSequence(new Uint8Array(2 ** 18));
  assert.is(elementsRead(() => assert.is(decodedOrRefused(() => decodeCertificate(long)), undefined)), 0);
});

test.run();

/** One change of a text: a character, a line, or a cut. */
function changedText(text: string, roll: (limit: number) => number): string {
  const at = roll(text.length);
  const lines = text.split("\n");
  const line = roll(lines.length);
  switch (roll(7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return [...lines.slice(0, line), ...lines.slice(line + 1)].join("\n");
    case 3:
      return [...lines.slice(0, line + 1), ...lines.slice(line)].join("\n");
    case 4:
      return text.slice(0, at) + String.fromCharCode(roll(0x300)) + text.slice(at);
    case 5:
      return lines.with(line, ["-----BEGIN CERTIFICATE-----", "", "Proc-Type: 4,ENCRYPTED", "===="][roll(4)] ?? "")
        .join("\n");
    default:
      return text.slice(0, at) + String.fromCharCode((text.charCodeAt(at) + 1 + roll(60)) & 0x7f) + text.slice(at + 1);
  }
}
