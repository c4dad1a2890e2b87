import { type ByteTransport, type TlsStream, wrapServer } from "../adapters/streams.ts";
import { loadCertificates } from "../mod.ts";

/** A server whose RSA key never leaves WebCrypto. An HSM, a smart card or a cloud's KMS is asked in the same way. */
export function serveWithRemoteKey(transport: ByteTransport, certificateChain: string, key: CryptoKey): TlsStream {
  const publicKey = loadCertificates(certificateChain)[0]?.publicKey;
  if (publicKey === undefined) throw new Error("There is no certificate with a key that can be used");
  return wrapServer(transport, {
    // A signer without a function `sign`: the connection asks, and waits in the state `signing`.
    credentials: [{ certificateChain, signer: { schemes: ["rsa_pss_rsae_sha256"], publicKey } }],
    halfClose: true,
    onRequest: async (request) => {
      if (request.type !== "sign") throw new Error(`There is no answer to ${request.type} here`);
      const signature = await crypto.subtle.sign({ name: "RSA-PSS", saltLength: 32 }, key, request.message);
      return new Uint8Array(signature);
    },
  });
}
