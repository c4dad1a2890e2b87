/**
 * What parsing and validating a chain costs beside the signatures that have to be verified anyway: a leaf and an
 * intermediate as a server sends them, under a root that was read before.
 * @module
 */

import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { issueCertificate, issueCertificateAuthority } from "../../lib/x509/issue.ts";
import { signatureFault } from "../../lib/x509/issuer.ts";
import { policies } from "../../lib/x509/policy.ts";
import { type CertificateVerifier, createCertificateVerifier } from "../../lib/x509/verifier.ts";
import type { Contender } from "./measure.ts";
import { random } from "./scene.ts";

const provider = nobleProvider;
const now = Date.UTC(2026, 5, 1);
const serverName = "www.bench.example";

/**
 * The first is the floor. `turns`: how often all else is done before, without signatures, because the engine compiles what
 * runs often: thousands of chains, which would take minutes with cryptography.
 */
export function certificateContenders(turns: number): readonly [Contender, ...Contender[]] {
  const issuing = { provider, random, now };
  const root = issueCertificateAuthority({ ...issuing, name: "Bench root" });
  const middle = issueCertificateAuthority({
    ...issuing,
    name: "Bench intermediate",
    issuer: root,
    pathLenConstraint: 0,
  });
  const { chain: sent } = issueCertificate({ ...issuing, issuer: middle, names: [serverName, "bench.example"] });
  const trustAnchors = [decodeCertificate(root.certificate)];
  const signed = [...sent, root.certificate].map(decodeCertificate);
  const compatible = createCertificateVerifier({ trustAnchors, provider });
  const strict = createCertificateVerifier({ trustAnchors, provider, policy: policies.webPki });
  const remembering = createCertificateVerifier({ trustAnchors, provider, remember: 10 });
  const validate = (verifier: CertificateVerifier) => () => {
    const chain = sent.map(decodeCertificate);
    verifier.verify({ chain, serverName, purpose: "serverAuth", now });
  };
  const signatureSchemes = provider.signatureSchemes.map((scheme) => ({ ...scheme, verify: () => true }));
  for (const policy of [policies.compatible, policies.webPki]) {
    const unsigned = createCertificateVerifier({ trustAnchors, provider: { ...provider, signatureSchemes }, policy });
    for (let turn = 0; turn < turns; turn++) validate(unsigned)();
  }
  return [
    {
      name: "signatures alone",
      run: () => {
        for (const [index, issuer] of signed.slice(1).entries()) {
          const certificate = signed[index];
          if (
            certificate === undefined || signatureFault(certificate, issuer, provider.signatureSchemes) !== undefined
          ) {
            throw new Error("refused");
          }
        }
      },
    },
    { name: "parse and validate", run: validate(compatible) },
    { name: "parse and validate, policy webPki", run: validate(strict) },
    { name: "parse, and remember the verdict", run: validate(remembering) },
  ];
}
