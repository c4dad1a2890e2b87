/**
 * What else is promised with peers that can: both kinds of resumption, client certificates, stapling, exported values,
 * suites with CBC in both orders, shorter records.
 */
import { assert } from "../harness.ts";
import { AlertReceivedError, CertificateError } from "../../lib/error.ts";
import type { ClientConfig } from "../../lib/config.ts";
import { createSessionCache } from "../../lib/session/session_cache.ts";
import type { TicketKey } from "../../lib/session/ticket.ts";
import {
  clientIdentity,
  type Identity,
  rootPem,
  serverIdentity,
  serverNameOf,
  strangeClientIdentity,
} from "./certificates.ts";
import { missingOf } from "./command.ts";
import { cbcSuites } from "./names.ts";
import { ocspResponseFor } from "./ocsp.ts";
import type { Peer } from "./peer.ts";
import { agrees, clientOf, combinations, credentialOfPeer, exchange, finish, PeerTests } from "./promises.ts";
import { random, type Talk } from "./talk.ts";

const credentialOf = ({ certificatePem, privateKeyPem }: Identity) => ({
  certificateChain: certificatePem,
  privateKey: privateKeyPem,
});

/** All that follows, with one peer. */
export function promiseFeatures(peer: Peer): void {
  const tests = new PeerTests(peer, "features");
  promiseResumption(tests);
  promiseClientCertificates(tests);
  promiseStapling(tests);
  promiseExporter(tests);
  promiseCbc(tests);
  promiseShortRecords(tests);
  tests.run();
}

function promiseResumption(tests: PeerTests): void {
  const { peer } = tests;
  const kind = "p256";
  for (const [word, tickets] of [["tickets", true], ["sessionIds", false]] as const) {
    const by = tickets ? "a ticket" : "its ID";
    tests.withServer(`server:${word}`, `resumes our session by ${by}`, { kind, tickets }, async (server) => {
      const config: Partial<ClientConfig> = { sessionCache: createSessionCache({ now: Date.now }), tickets };
      for (const resumed of [false, true, true]) {
        const talk = await clientOf(server.port, kind, config).established();
        await exchange(talk, server);
        await finish(talk);
        assert.is(talk.tls.session?.resumed, resumed);
        agrees(talk, await server.seen(talk), serverNameOf(kind));
      }
    });

    tests.withClients(`client:${word}`, `resumes its session with us by ${by}`, kind, async (scene) => {
      const key: TicketKey = { name: random(16), key: random(32) };
      Object.assign(
        scene.config,
        tickets ? { ticketKeys: [key] } : { sessionCache: createSessionCache({ now: Date.now }) },
      );
      const sessions = `${peer.name}-${word}`;
      const [first, talk] = await scene.connect({ sessions, tickets });
      const second = peer.resumesByItself ? scene.next() : undefined;
      await talk.established();
      assert.is(talk.tls.session?.resumed, false);
      if (second === undefined || first.exchange !== undefined) await exchange(talk, first);
      if (second === undefined) {
        talk.close();
        agrees(talk, await first.seen(talk), scene.name);
      }
      const [client, again] = second === undefined ? await scene.connect({ sessions, tickets }) : [first, await second];
      await again.established();
      await exchange(again, client);
      if (again.tls.state !== "closed") again.close();
      assert.is(again.tls.session?.resumed, true);
      agrees(again, await client.seen(again), scene.name);
    });
  }
}

function promiseClientCertificates(tests: PeerTests): void {
  const { peer } = tests;
  for (const kind of peer.kinds) {
    const required = { kind, clientAuthentication: "required" } as const;
    tests.withServer(
      "server:clientCertificates",
      `takes our client's certificate (${kind})`,
      required,
      async (server) => {
        const talk = await clientOf(server.port, kind, { credentials: [credentialOf(clientIdentity(kind))] })
          .established();
        await exchange(talk, server);
        await finish(talk);
        const seen = await server.seen(talk);
        agrees(talk, seen, serverNameOf(kind));
        assert.is(talk.tls.session?.localCertificates.length, 1);
        assert.is.not(seen.peerCertificate, false);
      },
    );
    tests.withClients(
      "client:clientCertificates",
      `proves itself with a certificate (${kind})`,
      kind,
      async (scene) => {
        Object.assign(scene.config, { clientAuthentication: "required", trustAnchors: rootPem });
        const [client, talk] = await scene.connect({ certificate: clientIdentity(kind) });
        await talk.established();
        await exchange(talk, client);
        if (talk.tls.state !== "closed") talk.close();
        agrees(talk, await client.seen(talk), scene.name);
        assert.ok((talk.tls.session?.peerCertificates.length ?? 0) > 0);
      },
    );
  }
  const kind = "p256";
  const required = { kind, clientAuthentication: "required" } as const;
  tests.withServer(
    "server:clientCertificates",
    "refuses our client without a right certificate",
    required,
    async (server) => {
      for (const credentials of [undefined, [credentialOf(strangeClientIdentity())]]) {
        const talk = clientOf(server.port, kind, { credentials });
        if (peer.judgesClientsLate) {
          await exchange(await talk.established(), server).then(() => assert.unreachable(), () => {});
        } else {
          assert.instance(await talk.failure(), AlertReceivedError);
        }
      }
    },
  );
  const optional = { kind, clientAuthentication: "optional" } as const;
  tests.withServer(
    "server:clientCertificates",
    "lets our client go without a certificate",
    optional,
    async (server) => {
      const talk = await clientOf(server.port, kind).established();
      await exchange(talk, server);
      await finish(talk);
      agrees(talk, await server.seen(talk), serverNameOf(kind));
    },
  );
  tests.withClients("client:clientCertificates", "is refused without a right certificate", kind, async (scene) => {
    Object.assign(scene.config, { clientAuthentication: "required", trustAnchors: rootPem });
    const [without, talk] = await scene.connect();
    const missing = await talk.failure();
    assert.match(missing.message, /sent no certificate, and clientAuthentication is required/);
    await without.failed();
    const [strange, other] = await scene.connect({ certificate: strangeClientIdentity() });
    // Those who choose by our list of authorities have none to show.
    const error = await other.failure();
    assert.ok(error instanceof CertificateError || error.message === missing.message, error.message);
    await strange.failed();
  });
  tests.withClients("client:clientCertificates", "may go without a certificate", kind, async (scene) => {
    Object.assign(scene.config, { clientAuthentication: "optional", trustAnchors: rootPem });
    const [client, talk] = await scene.connect();
    await talk.established();
    await exchange(talk, client);
    assert.equal(talk.tls.session?.peerCertificates, []);
  });
}

function promiseStapling(tests: PeerTests): void {
  const kind = "p256";
  const { missing, startServer } = tests.peer;
  const canMake = missing === undefined && startServer !== undefined && missingOf("openssl") === undefined;
  const ocspResponse = canMake ? ocspResponseFor(serverIdentity(kind)) : undefined;
  tests.withServer("server:stapling", "staples an OCSP response for us", { kind, ocspResponse }, async (server) => {
    const talk = await clientOf(server.port, kind, { requestOcspResponse: true }).established();
    await exchange(talk, server);
    assert.ok((talk.tls.session?.ocspResponse?.length ?? 0) > 100);
    await finish(talk);
    const unasked = await clientOf(server.port, kind).established();
    assert.is(unasked.tls.session?.ocspResponse, undefined);
    await exchange(unasked, server);
    await finish(unasked);
  });
  tests.withClients("client:stapling", "reads the OCSP response that we staple", kind, async (scene) => {
    // curl looks for the issuer in our chain only.
    const certificateChain = [serverIdentity(kind).certificatePem, rootPem];
    const ocspResponse = ocspResponseFor(serverIdentity(kind));
    scene.config.credentials = [{ ...credentialOfPeer(kind), certificateChain, ocspResponse }];
    const [client, talk] = await scene.connect({ asksStatus: true });
    await talk.established();
    await exchange(talk, client);
    if (talk.tls.state !== "closed") talk.close();
    assert.is.not((await client.seen(talk)).stapled, false);
  });
}

function promiseExporter(tests: PeerTests): void {
  const kind = "p256";
  tests.withServer("server:exporter", "exports the same as we do", { kind }, async (server) => {
    const talk = await clientOf(server.port, kind).established();
    await exchange(talk, server);
    await finish(talk);
    const seen = await server.seen(talk);
    assert.is(seen.exported?.length, 64);
    agrees(talk, seen, serverNameOf(kind));
  });
  tests.withClients("client:exporter", "exports the same as we do", kind, async (scene) => {
    const [client, talk] = await scene.connect();
    await talk.established();
    await exchange(talk, client);
    talk.close();
    const seen = await client.seen(talk);
    assert.is(seen.exported?.length, 64);
    agrees(talk, seen, scene.name);
  });
}

function promiseCbc(tests: PeerTests): void {
  const { peer } = tests;
  for (const [cbc, word] of [["encryptThenMac", "encryptThenMac"], ["macThenEncrypt", "cbc"]] as const) {
    for (const kind of ["p256", "rsa"] as const) {
      const title = `agrees with us on every suite with CBC, ${cbc} (${kind})`;
      const pairs = combinations(peer, kind, cbcSuites, ["secp256r1"]);
      const checks = (talk: Talk): void => assert.is(talk.tls.session?.encryptThenMac, cbc === "encryptThenMac");
      tests.withServer(`server:${word}`, title, { kind, cbc }, async (server) => {
        for (const [cipherSuite] of pairs) {
          const config = { legacyCbc: true, cipherSuites: [cipherSuite] };
          const talk = await clientOf(server.port, kind, config).established();
          await exchange(talk, server, 5000);
          checks(talk);
          await finish(talk);
          agrees(talk, await server.seen(talk), serverNameOf(kind));
        }
      });
      tests.withClients(`client:${word}`, title, kind, async (scene) => {
        for (const [cipherSuite] of pairs) {
          Object.assign(scene.config, { legacyCbc: true, cipherSuites: [cipherSuite] });
          const [client, talk] = await scene.connect({ cbc, cipherSuites: [cipherSuite], length: 5000 });
          await talk.established();
          await exchange(talk, client, 5000);
          checks(talk);
          if (talk.tls.state !== "closed") talk.close();
          agrees(talk, await client.seen(talk), scene.name);
          client.stop();
        }
      });
    }
  }
}

function promiseShortRecords(tests: PeerTests): void {
  const { peer } = tests;
  const kind = "p256";
  const ways = [
    ["recordSizeLimit", { recordSizeLimit: 512 }],
    ["maxFragmentLength", { maxFragmentLength: 512 }],
  ] as const;
  for (const [word, config] of ways) {
    tests.withServer(`server:${word}`, `sends us short records (${word})`, { kind, ...config }, async (server) => {
      const talk = await clientOf(server.port, kind, config).established();
      await exchange(talk, server, 5000);
      await finish(talk);
      assert.is(talk.tls.session?.maxReceiveLength, 512);
      if (word === "maxFragmentLength") assert.is(talk.tls.session?.maxSendLength, 512);
    });
    tests.withClients(`client:${word}`, `takes short records from us (${word})`, kind, async (scene) => {
      const [client, talk] = await scene.connect({ recordSizeLimit: 512, length: 5000 });
      await talk.established();
      await exchange(talk, client, 5000);
      const limit = talk.tls.session?.maxSendLength ?? 0;
      assert.ok(limit >= 511 && limit <= 512, `we may send ${limit}; ${peer.name}`);
    });
  }
}
