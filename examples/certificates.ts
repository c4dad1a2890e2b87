/** Whether a certificate is to be trusted for a name, and every reason: runs anywhere, without TLS. */
import { rootTrustAnchors } from "../lib/roots.ts";
import { loadCertificates, policies, verifyCertificate } from "../lib/x509.ts";

/** `chainPem`: the certificate, then others in any order. `now`: in ms since 1970. */
export function explain(chainPem: string, serverName: string, now: number): string {
  const { accepted, path, checks, error } = verifyCertificate({
    chain: loadCertificates(chainPem),
    trustAnchors: rootTrustAnchors(),
    policy: policies.webPki,
    serverName,
    now,
  });
  const lines = checks.map(({ step, check, rule, holds, text }) => {
    const subject = step === undefined ? "" : path[step]?.subject;
    return `${holds ? "holds" : "FAILS"} ${check} of ${subject}: ${text} (${rule})`;
  });
  return [...lines, accepted ? "accepted" : `refused: ${error?.message}`].join("\n");
}
