import { assert, suite } from "../../harness.ts";
import { asciiBytes, concat } from "../../../lib/codec/bytes.ts";
import { DecodeError, TlsUsageError } from "../../../lib/error.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import { loadCertificateRevocationLists } from "../../../lib/x509/load_crl.ts";
import { encodePem } from "../../../lib/x509/pem.ts";
import { bytes } from "./builder.ts";
import { entry, listDer, makeCrlIssuer } from "./crl_builder.ts";

const test = suite("load crl");
const [one, other] = [makeCrlIssuer(1), makeCrlIssuer(2, { name: "Other issuer" })];
const der = listDer({ issuer: one, entries: [entry(bytes(5))] });
const pem = encodePem("X509 CRL", der);
const otherPem = encodePem("X509 CRL", listDer({ issuer: other }));
const certificatePem = encodePem("CERTIFICATE", one.certificate.der);
const issuersOf = (source: string | Uint8Array): readonly string[] =>
  loadCertificateRevocationLists(source).map(({ issuer }) => issuer.text);

function refuses(run: () => unknown, why: RegExp): TlsUsageError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TlsUsageError)) throw error;
    assert.match(error.message, why);
    return error;
  }
  throw new Error(`TlsUsageError ${why} was expected`);
}

test("reads PEM as text or bytes, several at once, and DER", () => {
  const all = `of today:\n${pem}\n${certificatePem}${otherPem}`;
  for (const source of [all, asciiBytes(all)]) assert.equal(issuersOf(source), ["CN=CRL issuer", "CN=Other issuer"]);
  assert.equal(issuersOf(der), ["CN=CRL issuer"]);
  assert.equal(issuersOf(asciiBytes(`0 is the first character\n${pem}`)), ["CN=CRL issuer"]);
  const dashes = encodeExtension("1.2.3", false, asciiBytes("-----BEGIN, but no PEM; -----BEGIN"));
  assert.equal(issuersOf(listDer({ issuer: one, extensions: [dashes] })), ["CN=CRL issuer"]);
});

test("reads PEM that is longer than one piece of text", () => {
  const entries = Array.from({ length: 2000 }, (_, index) => entry(bytes(0x41, index >> 8, index & 255)));
  const [list] = loadCertificateRevocationLists(asciiBytes(encodePem("X509 CRL", listDer({ issuer: one, entries }))));
  assert.is(list?.revokedCertificates.count, 2000);
  assert.ok(list?.revokedCertificates.entryOf(bytes(0x41, 7, 0xcf)));
});

test("blames the caller, saying which block is broken and why", () => {
  refuses(
    () => loadCertificateRevocationLists(""),
    /^Cannot load revocation lists: there is neither PEM nor DER in it \(the content of a file is needed.*no "X509 CRL"$/,
  );
  refuses(() => loadCertificateRevocationLists(bytes(1, 2, 3)), /there is neither PEM nor DER in it/);
  refuses(
    () => loadCertificateRevocationLists(certificatePem + certificatePem),
    /there is only "CERTIFICATE" in it, no "X509 CRL"/,
  );
  const broken = encodePem("X509 CRL", concat(der, bytes(0)));
  const error = refuses(
    () => loadCertificateRevocationLists(`${pem}${broken}`),
    /^Cannot load revocation lists: Cannot decode CertificateList .* \(in the PEM block "X509 CRL" of line \d+\)$/,
  );
  assert.ok(error.cause instanceof DecodeError);
  refuses(
    () => loadCertificateRevocationLists(pem.slice(0, 100)),
    /^Cannot load revocation lists: Cannot decode PEM at/,
  );
  const cut = refuses(
    () => loadCertificateRevocationLists(der.slice(0, 99)),
    /lists: Cannot decode CertificateList at/,
  );
  assert.ok(cut.cause instanceof DecodeError);
  refuses(() => loadCertificateRevocationLists(one.certificate.der), /lists: Cannot decode tbsCertList/);
  const wrong: unknown = undefined;
  refuses(
    () => Reflect.apply(loadCertificateRevocationLists, undefined, [wrong]),
    /a string or a Uint8Array is needed, not undefined/,
  );
});

test.run();
