/** The contract, fifth part: requests of the core are answered by promises. */
import {
  CertificateError,
  createCertificateVerifier,
  createSigner,
  InternalError,
  loadCertificates,
  nobleProvider,
} from "../../mod.ts";
import { type Signer, TlsError, type TlsRequest, TlsUsageError } from "../../mod.ts";
import type { Answer, ClientOptions, ServerOptions } from "../../adapters/streams.ts";
import { deferred } from "../../adapters/deferred.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { client, connected } from "./contract_support.ts";
import { credential, errorOf, isError, leafPrivateKey, random, readText, trusting, writeAll } from "./fixtures.ts";

export function requestPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("answers requests by promises, in both roles", async () => {
    const pair = await connected(runtime, asking());
    const [ours] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.is(ours.serverName, "localhost");
    await writeAll(pair.client.writable, "signed elsewhere");
    assert.is(await readText(pair.server.readable), "signed elsewhere");
    await Promise.all([pair.server.close(), pair.client.closed]);
    await pair.stop();
  });

  test("ends the handshake when a request is answered with an error, and tells the peer", async () => {
    const revoked = new CertificateError("certificate_revoked", "The list says so", { index: 0, check: "revocation" });
    const refusing = { ...asking().client, onRequest: () => Promise.reject(revoked) };
    const pair = await connected(runtime, { client: refusing });
    assert.is(await errorOf(pair.client.opened), revoked);
    isError(await errorOf(pair.server.opened), TlsError, /certificate_revoked/);
    await Promise.allSettled([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  for (const [what, value] of wrongAnswers) {
    test(`takes ${what} for no consent`, async () => {
      const pair = await connected(runtime, { client: { ...asking().client, onRequest: () => value as true } }); // as from JavaScript
      isError(
        await errorOf(pair.client.opened),
        InternalError,
        /verifyCertificate is answered with true, or with an Error/,
      );
      isError(await errorOf(pair.server.opened), TlsError, /internal_error/);
      await Promise.allSettled([pair.client.closed, pair.server.closed]);
      await pair.stop();
    });
  }

  test("can be closed while a request is open, and takes no answer then", async () => {
    const asked = deferred<void>();
    const late = deferred<Answer>();
    const onRequest = (): Promise<Answer> => {
      asked.resolve();
      return late.promise;
    };
    const pair = await connected(runtime, { client: { ...asking().client, onRequest } });
    await asked.promise;
    assert.is(pair.client.state, "live.handshake.full.checkingCertificate");
    await pair.client.close();
    late.resolve(true);
    isError(await errorOf(pair.client.opened), TlsUsageError, /the stream was closed/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("tells who answers, by a signal, that the answer isn't awaited any more, and why", async () => {
    const asked = deferred<AbortSignal>();
    const onRequest = (_: TlsRequest, signal: AbortSignal): Promise<Answer> => {
      asked.resolve(signal);
      return new Promise<Answer>(() => {});
    };
    const pair = await connected(runtime, { client: { ...asking().client, onRequest } });
    const signal = await asked.promise;
    assert.not(signal.aborted);
    const reason = new Error("the user went away");
    await pair.client.close(reason);
    assert.is(signal.reason, reason);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("aborts the signal of no request that was answered", async () => {
    const signals: AbortSignal[] = [];
    const { onRequest = () => true } = asking().client;
    const noting = (request: TlsRequest, signal: AbortSignal): Answer | Promise<Answer> => {
      signals.push(signal);
      return onRequest(request, signal);
    };
    const pair = await connected(runtime, { client: { ...asking().client, onRequest: noting } });
    await Promise.all([pair.client.opened, pair.server.opened]);
    await Promise.all([pair.client.close(), pair.server.close()]);
    assert.equal(signals.map(({ aborted }) => aborted), [false]);
    await pair.stop();
  });

  test("gives up on an answer that doesn't come, naming the state", async () => {
    const signals: AbortSignal[] = [];
    const onRequest = (_: TlsRequest, signal: AbortSignal): Promise<Answer> => {
      signals.push(signal);
      return new Promise<Answer>(() => {});
    };
    const unanswered = { ...asking().client, onRequest, handshakeTimeout: 1_000 };
    const pair = await connected(runtime, { client: unanswered });
    isError(
      await errorOf(pair.client.opened),
      TlsError,
      /within 1000 ms, in state live\.handshake\.full\.checkingCertificate/,
    );
    assert.equal(signals.map(({ reason }) => reason), [await errorOf(pair.client.closed)]);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("wants somebody who answers before it makes a transport", async () => {
    const endpoint = await runtime.serveRaw((peer) => peer.reset());
    const { onRequest: _, ...unanswered } = asking().client;
    assert.throws(() => runtime.connect(endpoint, { ...client, ...unanswered }), /question open: give onRequest/);
    await endpoint.close();
  });
}

const wrongAnswers: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["false", false],
  ["bytes", Uint8Array.of(1)],
];

const { signatureSchemes } = nobleProvider;
const signer: Signer = createSigner(leafPrivateKey, signatureSchemes, random);
const verifier = createCertificateVerifier({ trustAnchors: loadCertificates(trusting.trustAnchors) });

/** A client that has its certificates checked elsewhere, and a server whose key lives elsewhere. */
function asking(): { readonly client: Partial<ClientOptions>; readonly server: Partial<ServerOptions> } {
  const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  const { schemes, publicKey } = signer;
  return {
    client: {
      trustAnchors: undefined,
      certificateVerifier: "request",
      onRequest: async (request: TlsRequest): Promise<Answer> => {
        await later();
        if (request.type === "verifyCertificate") verifier.verify(request);
        return true;
      },
    },
    server: {
      credentials: [{ certificateChain: credential.certificateChain, signer: { schemes, publicKey } }],
      onRequest: async (request: TlsRequest): Promise<Answer> => {
        await later();
        return request.type === "sign" ? signer.sign(request.scheme, request.message) : true;
      },
    },
  };
}
