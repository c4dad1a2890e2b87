/** OCSP responses for the certificates of the interop run, made by the openssl command. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Identity, rootFile, rootKeyFile } from "./certificates.ts";
import { folder, writeRunFile } from "./command.ts";

const made = new Map<string, Uint8Array>();

/** A response that says that a certificate is good, signed by its issuer, in DER. */
export function ocspResponseFor({ commonName, certificateFile }: Identity): Uint8Array {
  const known = made.get(commonName);
  if (known !== undefined) return known;
  const openssl = (...parameters: readonly string[]): string =>
    execFileSync("openssl", parameters, { encoding: "latin1", stdio: ["ignore", "pipe", "pipe"] });
  const serial = openssl("x509", "-in", certificateFile, "-noout", "-serial").trim().replace("serial=", "");
  const index = writeRunFile("ocsp.index", `V\t400101000000Z\t\t${serial}\tunknown\t/CN=${commonName}\n`);
  const [request, response] = [join(folder, "ocsp.request"), join(folder, `${commonName}.ocsp`)];
  openssl("ocsp", "-issuer", rootFile, "-cert", certificateFile, "-reqout", request);
  const signer = ["-CA", rootFile, "-rsigner", rootFile, "-rkey", rootKeyFile];
  openssl("ocsp", "-index", index, ...signer, "-reqin", request, "-respout", response, "-ndays", "7");
  const der = Uint8Array.from(readFileSync(response));
  made.set(commonName, der);
  return der;
}
