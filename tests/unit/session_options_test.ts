/** What options say of sessions, tickets, requests and credentials, and what they can't say. */
import { assert, suite } from "../harness.ts";
import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { loadCertificates } from "../../lib/x509/load.ts";
import { clientConfig, credentialOf, serverConfig } from "../support/fixtures.ts";
import { KeepingCache, ticketKey } from "../support/visits.ts";
import { certificatePem } from "../support/x509_fixtures.ts";

const test = suite("session options");
/** What JavaScript lets through, whatever the types say. */
const client = (options: object) => clientSettings({ ...clientConfig("p256"), ...options } as ClientConfig);
const server = (options: object) => serverSettings({ ...serverConfig("p256"), ...options } as ServerConfig);
const refuses = (run: () => unknown, says: RegExp): void =>
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof TlsUsageError)) throw error;
    if (!says.test(error.message)) throw new Error(`"${error.message}" doesn't say ${says}`);
    return true;
  });

test("keep sessions for two hours, or from a second to a week", () => {
  const sessionCache = new KeepingCache();
  for (const make of [client, server]) {
    assert.is(make({ sessionCache }).sessions?.lifetime, 7200);
    for (const sessionLifetime of [1, 604_800]) {
      assert.is(make({ sessionCache, sessionLifetime }).sessions?.lifetime, sessionLifetime);
    }
    for (const sessionLifetime of [0, -1, 604_801, 1.5, NaN, Infinity, "60", null]) {
      // Also where no session is kept: what is wrong is wrong before it matters.
      for (const options of [{ sessionLifetime }, { sessionLifetime, sessionCache }]) {
        refuses(() => make(options), /sessionLifetime is a number of seconds from 1 to 604800/);
      }
    }
  }
});

test("keep no sessions where nobody says where", () => {
  assert.is(client({}).sessions, undefined);
  assert.is(server({}).sessions, undefined);
  assert.is(client({ tickets: true }).sessions, undefined);
  assert.is(server({ ticketKeys: [ticketKey(1)] }).sessions?.cache, undefined);
  assert.ok(server({ ticketKeys: [ticketKey(1)] }).sessions);
});

test("take caches with three functions, or a request", () => {
  for (const make of [client, server]) {
    assert.is(make({ sessionCache: "request" }).sessions?.cache, "request");
    const { load, store, remove } = new KeepingCache();
    const wrong = ["requests", true, null, 5, {}, new Map(), { load, store }, { load, remove }, { store, remove }, {
      load,
      store,
      remove: 1,
    }];
    for (const sessionCache of wrong) {
      refuses(
        () => make({ sessionCache }),
        /sessionCache must be an object with functions load, store and remove, or "request"/,
      );
    }
  }
});

test("take ticket keys that can seal, and ask functions for nothing less", () => {
  const wrong: readonly unknown[] = [
    [],
    "key",
    null,
    {},
    [null],
    [{}],
    [{ ...ticketKey(1), name: new Uint8Array(15) }],
    [{ ...ticketKey(1), key: new Uint8Array(31).fill(1) }],
    [{ ...ticketKey(1), key: new Uint8Array(32) }],
    [ticketKey(1), { ...ticketKey(2), name: ticketKey(1).name }],
  ];
  for (const ticketKeys of wrong) {
    refuses(() => server({ ticketKeys }), /Cannot use (the ticket keys|ticket key|the name of ticket key)/);
    const later = server({ ticketKeys: () => ticketKeys }).ticketKeys;
    refuses(() => later?.(), /Cannot use (the ticket keys|ticket key|the name of ticket key)/);
  }
  refuses(() => client({ ticketKeys: [ticketKey(1)] }), /there is no option "ticketKeys"/);
});

test("are about requests in one word only", () => {
  for (const value of ["requests", true, false, null, 1]) {
    refuses(() => client({ onMissingIssuer: value }), /onMissingIssuer is "request"/);
    refuses(() => server({ onClientHello: value }), /onClientHello is "request"/);
    const asks = { clientAuthentication: "required", trustAnchors: certificatePem.p256 };
    refuses(() => server({ ...asks, onMissingIssuer: value }), /onMissingIssuer is "request"/);
    refuses(() => client({ credentials: value }), /credentials must be a list/);
  }
  const all = [client, server].map((make) => () => make({ onMissingIssuer: () => {} }));
  for (const one of [...all, () => server({ onClientHello: function ask() {} })]) {
    refuses(one, /(onMissingIssuer|onClientHello) is "request", not a function$/);
  }
});

test("bind sessions to those whom they trust, in any order, and to what they would prove themselves with", () => {
  const sessionCache = new KeepingCache();
  const bound = (options: object): string | undefined => client({ sessionCache, ...options }).sessions?.verifiedBy;
  const { p256, p384 } = certificatePem;
  assert.is(bound({ trustAnchors: [p256, p384] }), bound({ trustAnchors: [p384, p256] }));
  const others = [
    bound({ trustAnchors: p256 }),
    bound({ trustAnchors: [p256, p384] }),
    bound({ trustAnchors: undefined, certificateVerifier: "request", verifierIdentity: "one" }),
    bound({ trustAnchors: undefined, certificateVerifier: "request", verifierIdentity: "other" }),
    bound({ trustAnchors: undefined, certificateVerifier: { verify: () => {}, identity: "one" } }),
    bound({ trustAnchors: undefined, certificateVerifier: { verify: () => {}, identity: "request one" } }),
    bound({ trustAnchors: undefined, certificateVerifier: { verify: () => {}, identity: "mine" } }),
    bound({ trustAnchors: p256, credentials: [credentialOf.p384] }),
    bound({ trustAnchors: p256, credentials: [credentialOf.rsa] }),
    bound({ trustAnchors: p256, credentials: [credentialOf.p384, credentialOf.rsa] }),
    bound({ trustAnchors: p256, credentials: "request", verifierIdentity: "one" }),
    bound({ trustAnchors: p256, credentials: "request", verifierIdentity: "other" }),
  ];
  assert.is(new Set(others).size, others.length, others.join("\n"));
  assert.not(others.includes(undefined));
  // The order says what is preferred, not who one is.
  assert.is(
    bound({ credentials: [credentialOf.p384, credentialOf.rsa] }),
    bound({ credentials: [credentialOf.rsa, credentialOf.p384] }),
  );
});

test("bind a server's sessions to its certificates: another one with the same keys resumes none of them", () => {
  const { p256, p384 } = credentialOf;
  const bound = (options: object): string | undefined => {
    const { sessions } = server({ ticketKeys: [ticketKey(1)], ...options });
    return sessions?.verifiedBy;
  };
  const all = [
    bound({}),
    bound({ credentials: [p384] }),
    bound({ credentials: [p256, p384] }),
    bound({ credentials: "request", verifierIdentity: "one" }),
    bound({ credentials: "request", verifierIdentity: "other" }),
    bound({ clientAuthentication: "optional", trustAnchors: certificatePem.p384 }),
  ];
  assert.is(new Set(all).size, all.length, all.join("\n"));
  assert.not(all.includes(undefined));
  assert.is(bound({ credentials: [p384, p256] }), bound({ credentials: [p256, p384] }));
  assert.is(bound({ credentials: [{ ...p256, ocspResponse: new Uint8Array(9) }] }), bound({}));
});

test("are kept where it has a name who decides by request, since nobody is asked again", () => {
  const needed = /Cannot keep sessions: verifierIdentity is needed, a text of up to 1000 characters that names who/;
  const asks = { trustAnchors: undefined, certificateVerifier: "request" };
  const wrong = [undefined, null, "", 5, ["a"], "x".repeat(1001)];
  const cases: readonly (readonly [(options: object) => unknown, object])[] = [
    [client, { sessionCache: new KeepingCache(), ...asks }],
    [client, { sessionCache: "request", ...asks }],
    [client, { sessionCache: new KeepingCache(), credentials: "request" }],
    [server, { sessionCache: "request", credentials: "request" }],
    [server, { ticketKeys: [ticketKey(1)], credentials: "request" }],
    [server, { ticketKeys: [ticketKey(1)], clientAuthentication: "optional", certificateVerifier: "request" }],
    [server, { sessionCache: new KeepingCache(), clientAuthentication: "required", certificateVerifier: "request" }],
  ];
  for (const [make, options] of cases) {
    for (const verifierIdentity of wrong) refuses(() => make({ ...options, verifierIdentity }), needed);
    for (const verifierIdentity of ["x", "x".repeat(1000)]) make({ ...options, verifierIdentity });
    // Where nothing is kept nobody needs a name.
    make({ ...options, sessionCache: undefined, ...(make === server ? { ticketKeys: undefined } : {}) });
  }
});

test("of a verifier that is an object go by its own name, whatever verifierIdentity says", () => {
  const sessionCache = new KeepingCache();
  const named = (identity: unknown) => ({
    trustAnchors: undefined,
    certificateVerifier: { verify: () => {}, identity },
  });
  for (const identity of [undefined, "", 5, "x".repeat(1001)]) {
    refuses(
      () => client({ sessionCache, verifierIdentity: "mine", ...named(identity) }),
      /Cannot keep sessions: certificateVerifier\.identity is needed, a text of up to 1000 characters/,
    );
  }
  client({ sessionCache, ...named("x".repeat(1000)) });
});

test("of a server without a name need a key, and a key is text", () => {
  const nameless = {
    serverName: undefined,
    trustAnchors: undefined,
    certificateVerifier: { verify: () => {}, identity: "a" },
  };
  for (const sessionCache of [new KeepingCache(), "request"]) {
    refuses(() => client({ ...nameless, sessionCache }), /without serverName a sessionKey is needed, which names the/);
    assert.is(client({ ...nameless, sessionCache, sessionKey: "printer:9100" }).sessionKey, "printer:9100");
  }
  client(nameless);
  assert.is(client({}).sessionKey, "p256.fixture.example");
  assert.is(client({ sessionKey: "its other port" }).sessionKey, "its other port");
  for (const sessionKey of ["", 5, null, {}]) {
    refuses(() => client({ sessionKey }), /sessionKey must be text, and not empty/);
  }
  refuses(() => server({ sessionKey: "a" }), /there is no option "sessionKey"/);
});

test("name each credential's fault", () => {
  const { p256 } = credentialOf;
  const [leaf] = loadCertificates(certificatePem.p256);
  const signs = { schemes: ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"], publicKey: leaf?.publicKey };
  server({ credentials: [{ certificateChain: certificatePem.p256, signer: signs }] });
  for (
    const [more, says] of [
      [{ signer: { schemes: ["ed25519"] } }, /either a privateKey or a signer/],
      [{ privateKey: undefined, signer: {} }, /its signer must have schemes, publicKey/],
      [
        { privateKey: undefined, signer: { ...signs, schemes: [] } },
        /Cannot use a credential: its signer's list of schemes is empty/,
      ],
      [
        { privateKey: undefined, signer: { ...signs, schemes: ["ed25519"] } },
        /its signer has a key of type ec, which can't sign ed25519/,
      ],
      [
        { privateKey: undefined, signer: { ...signs, schemes: ["ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"] } },
        /its signer has a key of type ec, which can't sign rsa_pss_rsae_sha256/,
      ],
      [
        { privateKey: undefined, signer: { ...signs, schemes: ["ecdsa_of_mine"] } },
        /its key \(EC secp256r1\) signs with none of/,
      ],
      [
        { privateKey: undefined, signer: { schemes: [], publicKey: { type: "ed25519", bytes: new Uint8Array(32) } } },
        /is not that of the certificate/,
      ],
    ] as const
  ) {
    refuses(() => client({ credentials: [{ ...p256, ...more }] }), says);
    refuses(() => server({ credentials: [{ ...p256, ...more }] }), says);
  }
  const point = new Uint8Array(65).fill(4);
  const keys: readonly unknown[] = [
    ...[null, 5, "key", {}, { type: "ec" }, { type: "ec", curve: "secp256r1" }, { type: "dsa" }],
    { type: "ec", curve: "secp256r1", point: [4] },
    { type: "ec", curve: "secp256r1", point },
    { type: "ec", curve: "secp384r1", point },
    { type: "ed25519", key: new Uint8Array(32) },
  ];
  for (const publicKey of keys) {
    const signer = { schemes: ["ecdsa_secp256r1_sha256"], publicKey };
    refuses(
      () => server({ credentials: [{ certificateChain: certificatePem.p256, signer }] }),
      /is not that of the cert/,
    );
  }
  refuses(
    () => server({ credentials: [p256], cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] }),
    /its key .* fits none of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256/,
  );
  refuses(() => server({ credentials: [p256], signatureSchemes: ["ed25519"] }), /signs with none of ed25519/);
});

test.run();
