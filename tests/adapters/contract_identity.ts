/** The contract, sixth part: who is who. Client certificates, the choice of a credential, what a handshake proves to others. */
import type { Answer, ServerOptions } from "../../adapters/streams.ts";
import { type Credential, TlsError, type TlsRequest } from "../../mod.ts";
import { assert } from "../harness.ts";
import type { AdapterRuntime, ContractTest } from "./contract.ts";
import { connected } from "./contract_support.ts";
import {
  clientCredential,
  credential,
  errorOf,
  isError,
  otherAuthority,
  otherCredential,
  readText,
  trusting,
  writeAll,
} from "./fixtures.ts";

const { trustAnchors } = trusting;
const required: Partial<ServerOptions> = { clientAuthentication: "required", trustAnchors };

export function identityPromises(test: ContractTest, runtime: AdapterRuntime): void {
  test("shows the client's certificate to a server that requires one, and data flows", async () => {
    const pair = await connected(runtime, { client: { credentials: [clientCredential] }, server: required });
    const [client, server] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.equal(server.peerCertificates, chainOf(clientCredential));
    assert.equal(client.localCertificates, server.peerCertificates);
    assert.equal(client.peerCertificates, server.localCertificates);
    await writeAll(pair.client.writable, "it is me");
    assert.is(await readText(pair.server.readable), "it is me");
    await Promise.all([pair.server.close(), pair.client.closed]);
    await pair.stop();
  });

  test("refuses a client without a certificate where one is required, and says so to both", async () => {
    const pair = await connected(runtime, { server: required });
    isError(await errorOf(pair.server.opened), TlsError, /certificate/);
    isError(await errorOf(pair.client.closed), TlsError, /alert handshake_failure/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("goes on without a client's certificate where it is optional", async () => {
    const pair = await connected(runtime, { server: { clientAuthentication: "optional", trustAnchors } });
    const [, { peerCertificates }] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.equal(peerCertificates, []);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  });

  test("refuses a client whose certificate nobody vouches for", async () => {
    const strangers = { ...required, trustAnchors: otherAuthority.certificate, certificateAuthorities: [] };
    const pair = await connected(runtime, { client: { credentials: [clientCredential] }, server: strangers });
    isError(await errorOf(pair.server.opened), TlsError, /issuer|trust/);
    isError(await errorOf(pair.client.closed), TlsError, /alert unknown_ca/);
    await errorOf(pair.server.closed);
    await pair.stop();
  });

  test("asks for credentials by request, in both roles", async () => {
    const asked: string[] = [];
    const answering = (role: string, answer: Answer) => async (request: TlsRequest): Promise<Answer> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      asked.push(`${role}: ${request.type}${"serverName" in request ? ` for ${request.serverName}` : ""}`);
      return answer;
    };
    const pair = await connected(runtime, {
      client: { serverName: "other.test", credentials: "request", onRequest: answering("client", clientCredential) },
      server: { ...required, credentials: "request", onRequest: answering("server", [credential, otherCredential]) },
    });
    const [client, server] = await Promise.all([pair.client.opened, pair.server.opened]);
    assert.equal(client.peerCertificates, chainOf(otherCredential));
    assert.equal(server.peerCertificates, chainOf(clientCredential));
    assert.equal(asked, ["server: chooseCredential for other.test", "client: chooseCredential for other.test"]);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  });

  test("reads a credential that is answered with once, for all connections", async () => {
    let reads = 0;
    const counted: Credential = {
      privateKey: credential.privateKey,
      get certificateChain() {
        reads++;
        return credential.certificateChain;
      },
    };
    const counts: number[] = [];
    for (const answer of [counted, counted, [counted]]) {
      const pair = await connected(runtime, { server: { credentials: "request", onRequest: () => answer } });
      await Promise.all([pair.client.opened, pair.server.opened]);
      counts.push(reads);
      await Promise.all([pair.client.close(), pair.server.close()]);
      await pair.stop();
    }
    assert.ok(counts[0] !== 0);
    assert.equal(counts, [counts[0], counts[0], counts[0]]);
  });

  test("ends the handshake when a credential that is answered with can't be read", async () => {
    const onRequest = (): Answer => ({ certificateChain: "no PEM", privateKey: "no PEM" });
    const pair = await connected(runtime, { server: { credentials: "request", onRequest } });
    isError(await errorOf(pair.server.opened), TlsError, /chooseCredential was answered with an error: .*PEM/);
    isError(await errorOf(pair.client.opened), TlsError, /alert internal_error/);
    await Promise.allSettled([pair.client.closed, pair.server.closed]);
    await pair.stop();
  });

  test("lets a server look at the ClientHello before it decides", async () => {
    const seen: (string | undefined)[] = [];
    const onRequest = (request: TlsRequest): Answer => {
      if (request.type === "inspectClientHello") seen.push(request.clientHello.serverName);
      return true;
    };
    const pair = await connected(runtime, { server: { onClientHello: "request", onRequest } });
    await Promise.all([pair.client.opened, pair.server.opened]);
    assert.equal(seen, ["localhost"]);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  });

  test("gives both sides the same key material and channel bindings, and none before the handshake is over", async () => {
    const pair = await connected(runtime);
    assert.throws(() => pair.client.channelBinding("tls-exporter"), /the handshake isn't over/);
    const [client] = await Promise.all([pair.client.opened, pair.server.opened]);
    const sides = [pair.client, pair.server];
    const [ours, theirs] = sides.map((side) => side.exportKeyingMaterial("EXPORTER-test", undefined, 48));
    assert.is(ours?.length, 48);
    assert.equal(ours, theirs);
    for (const type of ["tls-unique", "tls-server-end-point", "tls-exporter"] as const) {
      assert.equal(pair.client.channelBinding(type), pair.server.channelBinding(type));
    }
    assert.equal(pair.client.channelBinding("tls-unique"), client.clientFinished);
    await Promise.all([pair.client.close(), pair.server.close()]);
    await pair.stop();
  });
}

function chainOf({ certificateChain }: typeof credential): readonly unknown[] {
  return [certificateChain].flat();
}
