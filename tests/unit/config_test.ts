/** What a configuration must be, and what an embedder who gets it wrong is told, before anything is sent. */
import { assert, suite } from "../harness.ts";
import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { createTlsClient, createTlsServer } from "../../lib/default_provider.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { LoadedCredential, ServerSettings } from "../../lib/settings.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { insecureAcceptAnyCertificate } from "../../lib/x509/verifier.ts";
import { clientConfig, credentialOf, fixedNow, seededRandom, serverConfig } from "../support/fixtures.ts";
import { certificatePem, privateKeyPem } from "../support/x509_fixtures.ts";

const test = suite("config");
const refuses = (run: () => unknown, why: RegExp): void =>
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof TlsUsageError)) throw error;
    if (!why.test(error.message)) throw new Error(`"${error.message}" doesn't say ${why}`);
    return true;
  });
/** What JavaScript lets through, whatever the types say. */
const client = (overrides: Record<string, unknown>): unknown =>
  clientSettings({ ...clientConfig("p256"), ...overrides } as ClientConfig);
const server = (overrides: Record<string, unknown>): unknown =>
  serverSettings({ ...serverConfig("p256"), ...overrides } as ServerConfig);

test("fills in the defaults", () => {
  const settings = clientSettings(clientConfig("p256"));
  assert.equal(settings.cipherSuites.map(({ name }) => name), nobleProvider.cipherSuites.map(({ name }) => name));
  assert.equal([settings.alpnProtocols, settings.halfClose, settings.keyLog, settings.trace], [
    [],
    false,
    false,
    "off",
  ]);
});

test("takes names in the order in which they are given", () => {
  const settings = clientSettings(clientConfig("p256", { namedGroups: ["secp384r1", "x25519"] }));
  assert.equal(settings.namedGroups.map(({ name }) => name), ["secp384r1", "x25519"]);
});

test("refuses names that the provider doesn't have, that are there twice, and empty lists", () => {
  refuses(
    () => client({ namedGroups: ["secp256k1"] }),
    /Cannot use "secp256k1" in namedGroups: the provider has x25519/,
  );
  refuses(() => client({ cipherSuites: ["AES"] }), /Cannot use "AES" in cipherSuites/);
  refuses(() => client({ signatureSchemes: ["ed25519", "ed25519"] }), /signatureSchemes: a name is there twice/);
  refuses(() => server({ cipherSuites: [] }), /cipherSuites is empty/);
});

test("refuses options that it doesn't know, and says which there are", () => {
  refuses(() => client({ servername: "x" }), /there is no option "servername" \(there are .*serverName/);
  refuses(() => server({ serverName: "x" }), /there is no option "serverName" \(there are .*credentials/);
  refuses(() => clientSettings(undefined as unknown as ClientConfig), /undefined, not an object/);
  refuses(() => serverSettings(null as unknown as ServerConfig), /null, not an object/);
});

test("refuses what is needed and isn't there, or is of another kind", () => {
  for (const now of [undefined, 5, () => NaN, () => "now"]) refuses(() => client({ now }), /now must be a function/);
  for (const random of [undefined, new Uint8Array(3)]) refuses(() => client({ random }), /random must be a function/);
  refuses(() => client({ provider: undefined }), /provider is needed/);
  refuses(() => client({ trace: "everything" }), /trace is "off", "messages" or "secrets", not everything/);
  refuses(() => client({ serverName: undefined }), /serverName is needed/);
  refuses(() => client({ trustAnchors: undefined }), /give either trustAnchors .* or a certificateVerifier/);
  refuses(() => client({ certificateVerifier: insecureAcceptAnyCertificate }), /give either trustAnchors/);
  refuses(() => client({ trustAnchors: [] }), /trustAnchors is empty/);
  for (const serverName of ["", "a b", "ex ample", "-", 7]) refuses(() => client({ serverName }), /server ?name/i);
  for (const credentials of [undefined, [], "pem"]) refuses(() => server({ credentials }), /credentials is needed/);
});

test("refuses lists that aren't lists", () => {
  for (const name of ["cipherSuites", "namedGroups", "signatureSchemes", "alpnProtocols"]) {
    for (const value of ["h2", 7, {}, null]) {
      refuses(() => client({ [name]: value }), new RegExp(`${name} must be a list`));
      refuses(() => server({ [name]: value }), new RegExp(`${name} must be a list`));
    }
  }
});

// proves RFC 7301 §3.1: "Empty strings MUST NOT"
test("refuses ALPN names that can't be sent", () => {
  for (const name of ["", "x".repeat(256), "€", 7]) {
    refuses(() => client({ alpnProtocols: [name] }), /Cannot offer .* by ALPN/);
  }
  clientSettings(clientConfig("p256", { alpnProtocols: ["\xff", "x".repeat(255)] }));
});

test("refuses a key that isn't its certificate's, and a credential that is half a one", () => {
  const { p256, ed25519 } = credentialOf;
  refuses(
    () => server({ credentials: [{ ...p256, privateKey: ed25519.privateKey }] }),
    /the private key is not that of the certificate/,
  );
  refuses(
    () => server({ credentials: [{ certificateChain: certificatePem.p256 }] }),
    /either a privateKey or a signer/,
  );
  refuses(() => server({ credentials: [{ ...p256, certificateChain: [] }] }), /certificateChain is empty/);
  assert.throws(() => server({ credentials: [{ ...p256, privateKey: privateKeyPem.rsaEncryptedPkcs8 }] }), /encrypted/);
});

test("refuses values of another kind than they should be", () => {
  for (const name of ["halfClose", "keyLog"]) {
    refuses(() => client({ [name]: "false" }), new RegExp(`${name} is true or false, not string`));
  }
  refuses(() => client({ trustAnchors: [null] }), /Cannot use a certificate: it must be PEM/);
  for (const certificateVerifier of [{}, () => {}, 7]) {
    refuses(() => client({ trustAnchors: undefined, certificateVerifier }), /an object with a function verify/);
  }
  for (const credential of [undefined, null, "pem"]) {
    refuses(() => server({ credentials: [credential] }), /Cannot use a credential: it is .*, not an object/);
  }
  refuses(() => server({ credentials: [{ ...credentialOf.p256, key: "pem" }] }), /no option "key".*privateKey/);
  const signer = { schemes: ["ecdsa_secp256r1_sha256"], sign: () => new Uint8Array(0) };
  const [{ publicKey } = { publicKey: undefined }] = loadCertificates(certificatePem.p256);
  for (const wrong of [signer, { ...signer, publicKey, sign: "later" }, { publicKey, schemes: "ed25519" }]) {
    refuses(
      () => server({ credentials: [{ certificateChain: certificatePem.p256, signer: wrong }] }),
      /its signer must have schemes, publicKey and, to sign at once, a function sign/,
    );
  }
  for (const certificateVerifier of ["requests", { verify: true }, null]) {
    refuses(() => client({ trustAnchors: undefined, certificateVerifier }), /a function verify, or "request"/);
  }
});

test("refuses more ALPN names than an extension holds", () => {
  const names = Array.from({ length: 300 }, (_, index) => `${index}`.padStart(255, "x"));
  refuses(() => client({ alpnProtocols: names }), /together they have more than 65535 bytes/);
});

test("refuses a credential that no handshake could use", () => {
  refuses(
    () => server({ cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] }),
    /its key \(EC secp256r1\) fits none of TLS_ECDHE_RSA/,
  );
  refuses(() => server({ signatureSchemes: ["ed25519"] }), /its key \(EC secp256r1\) signs with none of ed25519/);
});

test("refuses a clock that stops being one, and copies what random returns, whatever its class", () => {
  let time = 0;
  const settings = clientSettings(clientConfig("p256", { now: () => time }));
  time = NaN;
  refuses(() => settings.now(), /now must be a function .*, not NaN/);
  class Aliasing extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return new Uint8Array(this.buffer as ArrayBuffer).subarray(start, end);
    }
  }
  const shared = new Aliasing(8);
  const drawn = clientSettings(clientConfig("p256", { random: () => shared })).random(8);
  shared.fill(7);
  assert.equal(drawn, new Uint8Array(8));
});

test("takes certificates and keys as PEM, as DER, and loaded", () => {
  const settings = serverSettings(serverConfig("p256"));
  const credential = firstCredential(settings);
  const { leaf, certificateChain } = credential;
  for (const source of [certificatePem.p256, certificateChain[0] ?? "", leaf, [leaf], [certificatePem.p256]]) {
    const again = serverSettings(
      serverConfig("p256", { credentials: [{ ...credentialOf.p256, certificateChain: source }] }),
    );
    assert.equal(firstCredential(again).certificateChain, certificateChain);
  }
});

test("uses the default provider also when a configuration says undefined", () => {
  const common = { now: fixedNow, random: seededRandom(1), provider: undefined };
  createTlsClient({ ...common, serverName: "p256.fixture.example", trustAnchors: certificatePem.p256 });
  createTlsServer({ ...common, credentials: [credentialOf.p256] });
});

test.run();

function firstCredential({ credentials }: ServerSettings): LoadedCredential {
  const [credential] = credentials === "request" ? [] : credentials;
  if (credential === undefined) throw new Error("no credential");
  return credential;
}
