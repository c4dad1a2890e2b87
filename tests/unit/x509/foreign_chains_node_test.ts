import "../../support/reflect_metadata.ts";
import * as x509 from "@peculiar/x509";
import { assert, suite } from "../../harness.ts";
import { nobleProvider as provider } from "../../../lib/crypto/noble_provider.ts";
import type { SignatureAlgorithm } from "../../../lib/crypto/provider.ts";
import { CertificateError } from "../../../lib/error.ts";
import { type Certificate, decodeCertificate } from "../../../lib/x509/certificate.ts";
import { loadCertificates, loadPrivateKey } from "../../../lib/x509/load.ts";
import { type CertificatePolicy, policies } from "../../../lib/x509/policy.ts";
import { createCertificateVerifier } from "../../../lib/x509/verifier.ts";
import { now } from "./builder.ts";
import { type OpensslFolder, opensslTests } from "./openssl_folder.ts";

const test = suite("chains of other issuers");
const opensslTest = opensslTests(test);

/** `accepted`, or which check refuses. */
function verdict(
  chain: readonly Certificate[],
  root: Certificate,
  at: number,
  serverName = "example.com",
  policy: CertificatePolicy = policies.webPki,
): string {
  const verifier = createCertificateVerifier({ trustAnchors: [root], provider, policy });
  try {
    verifier.verify({ chain, serverName, purpose: "serverAuth", now: at });
    return "accepted";
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return error.check;
  }
}

/** What every good chain of `[leaf, middle, root]` with these names has to go through. */
function checkChain([leaf, middle, root]: readonly Certificate[], algorithm: SignatureAlgorithm, at: number): void {
  if (leaf === undefined || middle === undefined || root === undefined) throw new Error("the chain is too short");
  for (const certificate of [leaf, middle, root]) assert.is(certificate.signatureAlgorithm, algorithm);
  for (const name of ["example.com", "a.example.org", "192.0.2.1", "2001:db8::1"]) {
    assert.is(verdict([leaf, middle], root, at, name), "accepted", name);
  }
  for (const policy of [policies.rfc5280, policies.compatible]) {
    assert.is(verdict([leaf, middle], root, at, "example.com", policy), "accepted", policy.name);
  }
  assert.is(verdict([leaf, middle], root, at, "b.a.example.org"), "name");
  assert.is(verdict([leaf], root, at), "path");
  assert.is(verdict([leaf, middle], root, at + 1000 * 86_400_000), "validity");
  for (const [place, certificate] of [leaf, middle].entries()) {
    const chain = [leaf, middle].with(place, decodeCertificate(flipped(certificate.der)));
    assert.is(verdict(chain, root, at), "signature", `a bit is flipped in number ${place}`);
  }
}

/** A certificate whose last byte, of the signature, is another one. */
function flipped(der: Uint8Array): Uint8Array {
  return der.with(-1, (der.at(-1) ?? 0) ^ 1);
}

const altNames = ["DNS:example.com", "DNS:*.example.org", "IP:192.0.2.1", "IP:2001:db8::1"];
const authority = (pathLength: string, more = ""): string =>
  `basicConstraints=critical,CA:TRUE${pathLength}\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n${more}`;
const extensionFiles: Readonly<Record<string, string>> = {
  root: authority(""),
  middle: authority(
    ",pathlen:0",
    "authorityKeyIdentifier=keyid:always\ncertificatePolicies=1.3.6.1.4.1.99999.1\n" +
      "nameConstraints=critical,permitted;DNS:example.com,permitted;DNS:example.org," +
      "permitted;IP:192.0.2.0/255.255.255.0,permitted;IP:2001:db8::/ffff:ffff::,excluded;DNS:secret.example.com\n",
  ),
  leaf: "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n" +
    `subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\nsubjectAltName=${altNames.join(",")}\n` +
    "certificatePolicies=1.3.6.1.4.1.99999.1\ncrlDistributionPoints=URI:http://example.com/1.crl\n" +
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.com/,caIssuers;URI:http://example.com/ca.cer\n",
};

/** Three certificates by openssl, with keys that lie in the folder; the leaf first. */
function opensslChain({ openssl, read, write }: OpensslFolder, signing: readonly string[]): readonly Certificate[] {
  const names = ["root", "middle", "leaf"];
  for (const [index, name] of names.entries()) {
    write(`${name}.ext`, extensionFiles[name] ?? "");
    const subject = name === "leaf" ? "/C=DE/O=Test/CN=example.com" : `/C=DE/O=Test/CN=${name}`;
    openssl("req", "-new", "-utf8", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`);
    const issuer = names[index - 1];
    const signer = issuer === undefined
      ? ["-signkey", `${name}.key`]
      : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    const output = ["-extfile", `${name}.ext`, "-out", `${name}.pem`];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signer, "-days", "30", ...signing, ...output);
  }
  return names.toReversed().flatMap((name) => loadCertificates(read(`${name}.pem`)));
}

function opensslKeys({ openssl }: OpensslFolder, parameters: readonly string[]): void {
  for (const name of ["root", "middle", "leaf"]) openssl("genpkey", ...parameters, "-out", `${name}.key`);
}

const pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
opensslTest("with RSA keys by openssl are accepted, signed in six ways", (folder) => {
  opensslKeys(folder, ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
  for (const hash of ["sha256", "sha384", "sha512"] as const) {
    checkChain(opensslChain(folder, [`-${hash}`]), `rsa_pkcs1_${hash}`, Date.now());
    checkChain(opensslChain(folder, [`-${hash}`, ...pss]), `rsa_pss_${hash}`, Date.now());
  }
});

for (
  const [name, keys, signing, algorithm] of [
    ["P-256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-sha256"], "ecdsa_sha256"],
    ["P-384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-sha384"], "ecdsa_sha384"],
    ["P-521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], ["-sha512"], "ecdsa_sha512"],
    ["Ed25519", ["-algorithm", "ED25519"], [], "ed25519"],
    ["Ed448", ["-algorithm", "ED448"], [], "ed448"],
  ] as const
) {
  opensslTest(`with ${name} keys by openssl are accepted`, (folder) => {
    opensslKeys(folder, keys);
    checkChain(opensslChain(folder, signing), algorithm, Date.now());
    const { publicKey } = loadCertificates(folder.read("leaf.pem"))[0] ?? {};
    const key = loadPrivateKey(folder.read("leaf.key"));
    assert.equal(provider.signatureSchemes.find(({ keyType }) => keyType === key.type)?.publicKeyOf(key), publicKey);
  });
}

opensslTest("by openssl, whose keys are for RSA-PSS only, are refused: that type of key isn't known", (folder) => {
  const { openssl, read } = folder;
  opensslKeys(folder, ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]);
  const [leaf, middle, root] = opensslChain(folder, []);
  if (leaf === undefined || middle === undefined || root === undefined) throw new Error("the chain is too short");
  assert.match(openssl("x509", "-in", "leaf.pem", "-noout", "-text"), /Public Key Algorithm: rsassaPss/);
  assert.match(leaf.publicKeyDescription, /^id-RSASSA-PSS/);
  assert.is(verdict([leaf, middle], root, Date.now()), "publicKey");
  assert.throws(() => loadPrivateKey(read("leaf.key")), /keys of type id-RSASSA-PSS are not supported/);
});

type NewKey = Algorithm | RsaHashedKeyGenParams | EcKeyGenParams;
type Signing = Algorithm & { readonly hash?: string; readonly saltLength?: number };
const rsa = (name: string): RsaHashedKeyGenParams => ({
  name,
  hash: "SHA-256",
  publicExponent: Uint8Array.of(1, 0, 1),
  modulusLength: 2048,
});

/** Three certificates by @peculiar/x509; the leaf first. */
async function peculiarChain(key: NewKey, signingAlgorithm: Signing): Promise<readonly Certificate[]> {
  const made: { readonly keys: CryptoKeyPair; readonly certificate: x509.X509Certificate }[] = [];
  for (const name of ["root", "middle", "example.com"]) {
    const keys = await crypto.subtle.generateKey(key, true, ["sign", "verify"]);
    if (!("privateKey" in keys)) throw new Error(`${key.name} is not asymmetric`);
    const issuer = made.at(-1);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `C=DE, O=Prüfung, CN=${name}`,
      issuer: issuer?.certificate.subject ?? `C=DE, O=Prüfung, CN=${name}`,
      publicKey: keys.publicKey,
      signingKey: issuer?.keys.privateKey ?? keys.privateKey,
      signingAlgorithm,
      serialNumber: `0${made.length + 1}`,
      notBefore: new Date(now - 86_400_000),
      notAfter: new Date(now + 86_400_000),
      extensions: [
        ...name === "example.com" ? peculiarLeafExtensions() : peculiarAuthorityExtensions(issuer === undefined),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ...issuer === undefined ? [] : [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)],
      ],
    });
    made.push({ keys, certificate });
  }
  return made.toReversed().map(({ certificate }) => decodeCertificate(new Uint8Array(certificate.rawData)));
}

function peculiarAuthorityExtensions(isRoot: boolean): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, isRoot ? undefined : 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

function peculiarLeafExtensions(): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"]),
    new x509.SubjectAlternativeNameExtension([
      { type: "dns", value: "example.com" },
      { type: "dns", value: "*.example.org" },
      { type: "ip", value: "192.0.2.1" },
      { type: "ip", value: "2001:db8::1" },
    ]),
    new x509.CertificatePolicyExtension(["1.3.6.1.4.1.99999.1"]),
    new x509.CRLDistributionPointsExtension(["http://example.com/1.crl"]),
    new x509.AuthorityInfoAccessExtension({ ocsp: "http://ocsp.example.com/", caIssuers: "http://example.com/ca.cer" }),
  ];
}

const peculiarKinds: readonly (readonly [string, NewKey, Signing, SignatureAlgorithm])[] = [
  ["RSA", rsa("RSASSA-PKCS1-v1_5"), { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, "rsa_pkcs1_sha256"],
  ["RSA-PSS", rsa("RSA-PSS"), { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 }, "rsa_pss_sha256"],
  ["P-256", { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }, "ecdsa_sha256"],
  ["P-384", { name: "ECDSA", namedCurve: "P-384" }, { name: "ECDSA", hash: "SHA-384" }, "ecdsa_sha384"],
  ["P-521", { name: "ECDSA", namedCurve: "P-521" }, { name: "ECDSA", hash: "SHA-512" }, "ecdsa_sha512"],
  ["Ed25519", { name: "Ed25519" }, { name: "Ed25519" }, "ed25519"],
];
for (const [name, key, signing, algorithm] of peculiarKinds) {
  test(`with ${name} keys by @peculiar/x509 are accepted`, async () => {
    const chain = await peculiarChain(key, signing);
    checkChain(chain, algorithm, now);
    assert.is(chain[0]?.subject.text, "CN=example.com, O=Prüfung, C=DE");
    assert.equal(chain.map(({ serialNumber }) => serialNumber[0]), [3, 2, 1]);
    assert.equal(chain[1]?.basicConstraints, { cA: true, pathLenConstraint: 0 });
  });
}

test.run();
