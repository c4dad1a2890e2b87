import { assert, suite } from "../../harness.ts";
import { concat, toHex } from "../../../lib/codec/bytes.ts";
import { sha256, sha384 } from "../../../lib/crypto/noble_hashes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { DecodeError, TlsUsageError } from "../../../lib/error.ts";
import { tlsExporter, tlsServerEndPoint } from "../../../lib/tls12/channel_binding.ts";
import { der, hex } from "../crypto/fixtures.ts";
import { counting } from "../session/fixtures.ts";

const test = suite("channel binding");
const { hashes } = nobleProvider;

/** An AlgorithmIdentifier from the content of its OBJECT IDENTIFIER. */
const algorithm = (oid: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
  der(0x30, der(0x06, hex(oid)), ...parameters);
const nothing = hex("0500");

/** As much of a certificate as says how it is signed. */
const signedWith = (signatureAlgorithm: Uint8Array): Uint8Array =>
  der(0x30, der(0x30, hex("0201ff")), signatureAlgorithm, hex("0303000102"));

const oids = { sha1: "2b0e03021a", sha224: "608648016503040204", sha256: "608648016503040201" };
const moreOids = { ...oids, sha384: "608648016503040202", sha512: "608648016503040203", md5: "2a864886f70d0205" };
const mgf1 = "2a864886f70d010108";
const pss = "2a864886f70d01010a";

/** RFC 4055 §3.1: RSASSA-PSS-params with the fields that are given. */
const pssParameters = (hash: Uint8Array | undefined, mask: Uint8Array | undefined, ...more: readonly Uint8Array[]) =>
  der(0x30, ...hash ? [der(0xa0, hash)] : [], ...mask ? [der(0xa1, mask)] : [], ...more);

const bindsBy = (name: "sha256" | "sha384" | "sha512", signatureAlgorithm: Uint8Array): void => {
  const certificate = signedWith(signatureAlgorithm);
  assert.is(toHex(tlsServerEndPoint(certificate, hashes)), toHex(hashes[name].digest(certificate)), name);
};

const isUndefined = (signatureAlgorithm: Uint8Array, why: RegExp): void =>
  assert.throws(
    () => tlsServerEndPoint(signedWith(signatureAlgorithm), hashes),
    (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
    `${why}`,
  );

test("to the end point hashes the certificate as its signature does", () => {
  bindsBy("sha256", algorithm("2a864886f70d01010b", nothing));
  bindsBy("sha384", algorithm("2a864886f70d01010c", nothing));
  bindsBy("sha512", algorithm("2a864886f70d01010d", nothing));
  bindsBy("sha256", algorithm("2a8648ce3d040302"));
  bindsBy("sha384", algorithm("2a8648ce3d040303"));
  bindsBy("sha512", algorithm("2a8648ce3d040304"));
});

test("to the end point takes SHA-256 for MD5 and SHA-1", () => {
  bindsBy("sha256", algorithm("2a864886f70d010104", nothing));
  bindsBy("sha256", algorithm("2a864886f70d010105", nothing));
  bindsBy("sha256", algorithm("2a8648ce3d0401"));
});

test("to the end point takes the hash from the parameters of RSASSA-PSS", () => {
  for (const name of ["sha256", "sha384", "sha512"] as const) {
    for (const parameters of [[], [nothing]]) {
      const hash = algorithm(moreOids[name], ...parameters);
      bindsBy(name, algorithm(pss, pssParameters(hash, algorithm(mgf1, hash), hex("a203020120"))));
    }
  }
});

test("to the end point takes SHA-1, and so SHA-256, where RSASSA-PSS says nothing", () => {
  const sha1 = algorithm(oids.sha1, nothing);
  bindsBy("sha256", algorithm(pss));
  bindsBy("sha256", algorithm(pss, pssParameters(undefined, undefined)));
  bindsBy("sha256", algorithm(pss, pssParameters(undefined, undefined, hex("a203020120"))));
  bindsBy("sha256", algorithm(pss, pssParameters(sha1, undefined)));
  bindsBy("sha256", algorithm(pss, pssParameters(undefined, algorithm(mgf1, sha1))));
  bindsBy("sha256", algorithm(pss, pssParameters(sha1, algorithm(mgf1, sha1))));
});

test("to the end point isn't defined with several hashes", () => {
  const [one, other] = [algorithm(oids.sha256), algorithm(moreOids.sha384)];
  const text = /isn't defined for its signature, id-RSASSA-PSS/;
  isUndefined(algorithm(pss, pssParameters(one, algorithm(mgf1, other))), text);
  isUndefined(algorithm(pss, pssParameters(one, undefined)), text);
  isUndefined(algorithm(pss, pssParameters(undefined, algorithm(mgf1, one))), text);
});

test("to the end point isn't defined with a mask that nobody knows, nor with hashes that we don't have", () => {
  const [one, unknown] = [algorithm(oids.sha256), algorithm(oids.sha224)];
  isUndefined(algorithm(pss, pssParameters(one, algorithm("2a03", one))), /id-RSASSA-PSS/);
  isUndefined(algorithm(pss, pssParameters(one, algorithm(mgf1))), /id-RSASSA-PSS/);
  isUndefined(algorithm(pss, pssParameters(unknown, algorithm(mgf1, unknown))), /id-RSASSA-PSS/);
  isUndefined(algorithm("2a864886f70d01010e", nothing), /1\.2\.840\.113549\.1\.1\.14/);
  isUndefined(algorithm("2a03"), /1\.2\.3/);
});

test("to the end point isn't defined for EdDSA, which has no hash of its own", () => {
  isUndefined(algorithm("2b6570"), /Cannot bind to the certificate: .* its signature, id-Ed25519$/);
  isUndefined(algorithm("2b6571"), /id-Ed448$/);
});

test("to the end point says which hash a provider lacks", () => {
  const lacking = { ...hashes, sha512: undefined };
  assert.throws(
    () => tlsServerEndPoint(signedWith(algorithm("2a8648ce3d040304")), lacking as unknown as typeof hashes),
    (error: unknown) => error instanceof TlsUsageError && /ecdsa-with-SHA512 \(sha512\)/.test(error.message),
  );
});

test("to the end point refuses bytes that are no certificate, however they are cut", () => {
  const hash = algorithm(moreOids.sha384, nothing);
  const certificate = signedWith(algorithm(pss, pssParameters(hash, algorithm(mgf1, hash), hex("a203020130"))));
  for (let length = 0; length < certificate.length; length++) {
    assert.throws(
      () => tlsServerEndPoint(certificate.subarray(0, length), hashes),
      (error: unknown) => error instanceof DecodeError,
    );
  }
  assert.throws(
    () => tlsServerEndPoint(concat(certificate, Uint8Array.of(0)), hashes),
    (error: unknown) => error instanceof DecodeError,
  );
  for (let offset = 0; offset < certificate.length; offset++) {
    for (let change = 1; change < 256; change++) {
      const changed = Uint8Array.from(certificate);
      changed[offset] = (certificate[offset] ?? 0) ^ change;
      try {
        assert.not.equal(tlsServerEndPoint(changed, hashes), tlsServerEndPoint(certificate, hashes));
      } catch (error) {
        assert.ok(error instanceof DecodeError || error instanceof TlsUsageError, String(error));
      }
    }
  }
});

test("by the exporter is 32 bytes, computed here with Python's hmac", () => {
  const [masterSecret, clientRandom, serverRandom] = [counting(48), counting(32, 100), counting(32, 200)];
  assert.is(
    toHex(tlsExporter(sha256, masterSecret, clientRandom, serverRandom)),
    "c263a9bc6ee740a48f2fb6399b8f453531f1396ffadcf6c12c69adf55cf983e8",
  );
  assert.is(
    toHex(tlsExporter(sha384, masterSecret, clientRandom, serverRandom)),
    "da1e780c140b78bf7d18102f00d0d92e6e8f35b3ff57c3024750cff4ef85591a",
  );
});

test.run();
