/**
 * What thawing refuses, and in which words: each rule by an example that was changed by hand.
 */
import {
  createTlsClient,
  type FrozenConnection,
  type Json,
  thawTlsClient,
  thawTlsServer,
  type TlsConnection,
} from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { assert, suite } from "../harness.ts";
import { rememberingProvider as provider } from "../support/fixtures.ts";
import { asking, scenes } from "../support/freeze_plays.ts";
import { Conversation, freezing, plainClient, plainServer, type Play, type Side } from "../support/freezing.ts";

const test = suite("thawing");

type Change = readonly [path: string, value: unknown, says: RegExp];

/** The JSON of a connection when it stands there for the first time, with the configuration that goes with it. */
function frozenAt(side: Side, state: string, play: Play = asking()): { readonly json: string; readonly play: Play } {
  let json: string | undefined;
  new Conversation(play, (tls, its) => {
    if (its !== side || tls.state !== state || json !== undefined) return tls;
    json = JSON.stringify(tls.freeze());
    return thawed(side, JSON.parse(json), play);
  }).run();
  if (json === undefined) throw new Error(`no ${side} ever stood in ${state}`);
  return { json, play };
}

function thawed(side: Side, frozen: FrozenConnection, play: Play): TlsConnection {
  return side === "client" ? thawTlsClient(frozen, play.client) : thawTlsServer(frozen, play.server);
}

/** Each change alone is refused in these words; without any, the connection goes on. */
function refuses(side: Side, state: string, changes: readonly Change[], play?: Play): void {
  const at = frozenAt(side, state, play);
  assert.is(thawed(side, JSON.parse(at.json), at.play).state, state);
  for (const [path, value, says] of changes) {
    const frozen = JSON.parse(at.json);
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const holder = keys.reduce((inner, key) => inner[key], frozen);
    if (value === undefined) delete holder[last];
    else holder[last] = typeof value === "function" ? value(holder[last]) : value;
    throwsUsage(() => thawed(side, frozen, at.play), says, path);
  }
}

function throwsUsage(call: () => unknown, says: RegExp, where: string): void {
  let caught: unknown;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  assert.instance(caught, TlsUsageError, where);
  assert.match(String(caught), says, where);
}

const awaiting = "live.handshake.full.awaitCertificateRequestOrServerHelloDone";
const zeros = (length: number): string => btoa("\0".repeat(length));

test("refuses what isn't a frozen connection at all", () => {
  const wrong: readonly [unknown, RegExp][] = [
    [undefined, /frozen is missing, and must be an object/],
    [null, /frozen must be an object, not null/],
    ["{}", /frozen must be an object, not text of 2 characters/],
    [7, /frozen must be an object, not 7/],
    [[], /frozen must be an object, not a list/],
    [() => {}, /frozen must be an object, not a function/],
    [{}, /frozen\.format is missing, and must be a whole number/],
    [{ format: 2, other: true }, /frozen\.format is 2, and only 1 is known here/],
    [{ format: "1" }, /frozen\.format must be a whole number .*, not text of 1 characters/],
    [{ format: 1, __proto__: { role: "client" } }, /frozen\.role is missing/],
    [JSON.parse('{"format":1,"__proto__":{}}'), /there is no "__proto__" in frozen/],
    [
      new Proxy({}, {
        ownKeys: () => {
          throw new RangeError("a trap");
        },
      }),
      /Cannot thaw: a trap/,
    ],
  ];
  for (const [json, says] of wrong) {
    throwsUsage(() => thawTlsClient(json as FrozenConnection, plainClient()), says, String(says));
  }
});

test("refuses the other role, another machine, fields that there aren't", () => {
  refuses("client", awaiting, [
    ["role", "server", /frozen\.role is server: the other function thaws it/],
    ["role", "both", /frozen\.role is "both", which is not "client" or "server"/],
    ["machine", "tls12Server", /frozen\.machine is "tls12Server", which is not a machine of a client/],
    ["machine", "clientOpening", /there is no "halfClose" in frozen\.context/],
    ["extra", 1, /there is no "extra" in frozen \(there are format, role, /],
    ["wire", undefined, /frozen\.wire is missing in state/],
    ["wire", null, /frozen\.wire must be an object, not null/],
    ["floods.warnings", -1, /frozen\.floods\.warnings must be a whole number from 0 .*, not -1/],
  ]);
  const client = createTlsClient(plainClient()).freeze();
  throwsUsage(() => thawTlsServer(client, plainServer()), /frozen\.role is client: the other function/, "role");
});

test("refuses a state that there isn't, that is left at once, or that doesn't fit what is known", () => {
  refuses("client", awaiting, [
    ["state", "live.handshake.full.awaitNothing", /frozen\.state is ".*awaitNothing", where no tls12Client stands/],
    ["state", "live.handshake.full", /where no tls12Client stands between two calls/],
    ["state", "live.handshake.full.checkingServerKeyExchange", /where no tls12Client stands between two calls/],
    ["state", "toString", /where no tls12Client stands between two calls/],
    ["state", 7, /frozen\.state must be text/],
    ["state", "live.handshake.abbreviated.awaitFinished", /where no tls12Client stands between two calls/],
    ["state", "live.handshake.full.awaitCertificate", /frozen\.known\.peer can't be there in state/],
    ["state", "live.handshake.full.awaitServerHelloDone", /frozen\.known\.certificateRequest is missing in state/],
    ["state", "live.connected", /frozen\.known\.masterSecret is missing in state live\.connected/],
    ["state", "live.start", /where no tls12Client stands between two calls/],
  ]);
});

test("refuses a context with other keys, or that the configuration contradicts", () => {
  refuses("client", awaiting, [
    ["context", [], /frozen\.context must be an object, not a list/],
    ["context.halfClose", undefined, /frozen\.context\.halfClose is missing, and must be true or false/],
    ["context.halfClose", 1, /frozen\.context\.halfClose must be true or false, not 1/],
    ["context.secret", true, /there is no "secret" in frozen\.context/],
    ["context.halfClose", false, /frozen\.context\.halfClose is false, and this configuration makes it true/],
    ["context.declinesRenegotiation", false, /declinesRenegotiation is false, and this configuration makes it true/],
  ]);
  refuses("server", "live.connected", [["context.asksForCertificate", false, /asksForCertificate is false, and this/]]);
});

test("refuses chapters that are missing, that there aren't, or of another kind", () => {
  refuses("client", awaiting, [
    ["known", null, /frozen\.known must be an object, not null/],
    ["known.offer", undefined, /frozen\.known\.offer is missing, and must be an object/],
    ["known.keyExchange", undefined, /frozen\.known\.keyExchange is missing in state/],
    ["known.masterSecret", zeros(48), /frozen\.known\.masterSecret can't be there in state/],
    ["known.plans", {}, /there is no "plans" in frozen\.known/],
    ["known.negotiated.cipherSuite", 49195, /frozen\.known\.negotiated\.cipherSuite must be a cipher suite of this/],
    ["known.offer.extensionTypes", {}, /frozen\.known\.offer\.extensionTypes must be a list, not an object/],
    ["known.offer.extensionTypes.0", 70000, /extensionTypes\[0\] must be a whole number from 0 to 65535, not 70000/],
    ["known.peer.certificates", [], /frozen\.known\.peer\.certificates is empty/],
    ["known.peer.certificates.0", zeros(9), /frozen\.known\.peer: Cannot decode Certificate/],
    ["known.peer.givenIssuers", [zeros(9)], /frozen\.known\.peer: Cannot decode Certificate/],
    ["known.offer.session", zeros(40), /frozen\.known\.offer\.session: Cannot decode session/],
  ]);
});

test("refuses bytes that aren't base64, or of a length that they can't have", () => {
  refuses("client", awaiting, [
    ["known.offer.clientRandom", zeros(31), /clientRandom must be 32 bytes as base64, not 31/],
    ["known.offer.clientRandom", (text: string) => text.slice(0, -1), /clientRandom must be 32 bytes .* is no base64/],
    ["known.offer.clientRandom", (text: string) => `${text} `, /is no base64/],
    ["known.offer.clientRandom", 5, /clientRandom must be 32 bytes as base64, not 5/],
    ["known.offer.clientRandom", zeros(32), /clientRandom isn't that of frozen\.transcript\[0\]/],
    ["known.negotiated.serverRandom", zeros(32), /serverRandom isn't that of frozen\.transcript\[1\]/],
  ]);
  refuses("server", "live.handshake.full.signing", [
    ["known.serverPrivateKey", zeros(31), /serverPrivateKey of 31 bytes, and those of x25519 have 32/],
    ["known.keyExchange.serverPublicKey", zeros(33), /serverPublicKey of 33 bytes, and those of x25519 have 32/],
  ]);
});

test("refuses keys that don't fit the suite, and records that are counted wrongly", () => {
  refuses("server", "live.connected", [
    ["wire.reading.keys.key", zeros(16), /wire\.reading\.keys don't fit TLS_ECDHE_ECDSA_WITH_CHACHA20.*: it takes 0 /],
    ["wire.writing.keys.iv", zeros(4), /wire\.writing\.keys don't fit .* 12 as IV/],
    ["wire.writing.keys.macKey", zeros(20), /wire\.writing\.keys don't fit/],
    [
      "wire.writing.keys.cipherSuite",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      /wire\.writing\.keys are for TLS_ECDHE_RSA/,
    ],
    ["wire.writing.keys.encryptThenMac", true, /wire\.writing\.keys are for/],
    ["wire.writing.sequenceNumber", -1, /sequenceNumber must be a whole number from 0 to 9007199254740991, not -1/],
    ["wire.writing.sequenceNumber", 2 ** 53, /sequenceNumber must be a whole number/],
    ["wire.writing.sequenceNumber", 0.5, /sequenceNumber must be a whole number/],
    ["wire.reading", undefined, /wire\.reading is missing in state live\.connected/],
    ["wire.recordLimits", undefined, /wire\.recordLimits aren't those of known\.negotiated/],
    ["wire.recordLimits.send", 20000, /recordLimits\.send must be a whole number from 64 to 16384, not 20000/],
    ["wire.version", 770, /wire\.version is 770, and must be TLSv1\.2/],
    ["wire.received", zeros(2 ** 17 + 1), /wire\.received must be 0 to 131072 bytes/],
  ]);
  refuses("client", awaiting, [
    ["wire.reading", { keys: {}, sequenceNumber: 0 }, /wire\.reading\.keys\.cipherSuite is missing/],
    ["wire.version", undefined, /wire\.version is missing, and must be TLSv1\.2/],
  ]);
  const finishing = "live.handshake.full.serverFinishes.awaitFinished";
  refuses("client", finishing, [
    [
      "known.writeKeys.clientWriteKey",
      zeros(16),
      /frozen\.known has writeKeys that don't fit TLS_ECDHE_ECDSA_WITH_CHACHA/,
    ],
    ["wire.reading", undefined, /wire\.reading is missing in state/],
  ]);
});

test("refuses a transcript that is too large, cut, out of order, or there too long", () => {
  refuses("client", awaiting, [
    // As long as the length of a message can say: what we send isn't bound by what we take.
    ["transcript.0", zeros(2 ** 24 + 4), /transcript\[0\] must be 4 to 16777219 bytes/],
    ["transcript.0", zeros(3), /transcript\[0\] must be 4 to 16777219 bytes as base64, not 3/],
    ["transcript.0", zeros(9), /transcript\[0\] is no handshake message: it says that 0 bytes follow, and 5 do/],
    [
      "transcript",
      (list: Json[]) => list.slice(1),
      /transcript is server_hello certificate .*, and in state .* must be/,
    ],
    [
      "transcript",
      (list: Json[]) => [...list, ...list, ...list, ...list],
      /transcript is a list of 20, .* more than 16/,
    ],
    ["transcript", [], /transcript is empty, and in state/],
    ["transcript", undefined, /transcript is missing in state/],
  ]);
  refuses("client", "live.connected", [["transcript", [], /transcript can't be there in state live\.connected/]]);
});

test("refuses a pending state without its request, and a request without its state", () => {
  refuses("client", "live.handshake.full.checkingCertificate", [
    ["question", undefined, /question is missing: in state .* one is open \(verifyCertificate or issuerMissing\)/],
    ["question", { type: "sign", scheme: "ed25519" }, /question is sign, which can't be open in state/],
    ["question.type", "guess", /question\.type is "guess", which is not one of/],
    ["question.now", "noon", /question\.now must be a time in milliseconds/],
    ["question.why", "", /there is no "why" in frozen\.question/],
    ["marks.requests", 0, /marks\.requests is 0, and a question is open/],
  ]);
  refuses("client", awaiting, [
    ["question", { type: "verifyCertificate", now: 0 }, /question is verifyCertificate, which can't be open in state/],
  ]);
  refuses("client", "closed", [["question", { type: "loadSession" }, /question is loadSession, which can't be open/]]);
  refuses("client", "live.handshake.full.signing", [
    ["question.scheme", "ed25519", /question\.scheme ed25519 doesn't fit the key in known\.local/],
    ["question.scheme", "ecdsa_sha1", /question\.scheme is "ecdsa_sha1", which is not a signature scheme of this/],
  ]);
  refuses("server", "live.inspectingClientHello", [
    ["known.message", zeros(9), /known\.message isn't that of the transcript/],
  ]);
});

test("refuses marks that would leave the connection asleep for ever", () => {
  refuses("client", awaiting, [
    ["marks.started", false, /marks\.started is false in state/],
    ["marks.transportEnded", true, /marks\.transportEnded is true, and state .* still waits for bytes/],
  ]);
  refuses("client", "live.start", [
    ["marks.started", true, /marks\.started is true in state live\.start/],
    ["wire.recordLimits", { send: 512, receive: 512, onlyProtected: false }, /wire\.recordLimits come too early/],
  ], { client: plainClient(), server: plainServer(), steps: [] });
});

test("refuses a configuration without what is in use, or for somebody else", () => {
  const { json, play } = frozenAt("client", awaiting);
  const others: readonly (readonly [object, RegExp])[] = [
    [{ serverName: "other.example" }, /is to server\.example, and this configuration's serverName is other\.example/],
    [
      { cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] },
      /cipherSuite is "TLS_.*", which is not a cipher suite/,
    ],
    [{ namedGroups: ["secp384r1"] }, /namedGroup is "x25519", which is not a group of this configuration/],
    [{ peerSignatureSchemes: ["ed25519"] }, /signatureScheme is "ecdsa_secp256r1_sha256", which is not a signature/],
    [{ limits: { maxWaitingBytes: 40_000 } }, /wire\.received must be 0 to 40000 bytes/],
    [{ limits: { maxCertificates: 1 } }, /known\.peer\.certificates has 2, more than 1/],
    [{ provider: { ...provider, cipherSuites: [] } }, /cipherSuite is ".*", which is not a cipher suite/],
    [{ now: 5 }, /Cannot create a connection: now must be a function/],
  ];
  for (const [other, says] of others) {
    const frozen = JSON.parse(json);
    frozen.wire.received = zeros(40_002);
    throwsUsage(() => thawTlsClient(frozen, { ...play.client, ...other }), says, String(says));
  }
  const other = { ...play.client, namedGroups: ["secp384r1", "x25519"], alpnProtocols: [] } as const;
  assert.is(thawTlsClient(JSON.parse(json), other).state, awaiting);
});

test("refuses keys and messages where nothing happens any more", () => {
  refuses("client", "closed", [
    ["wire", {}, /frozen\.wire\.received is missing/],
    ["wire", { received: "", fragments: "" }, /frozen\.wire can't be there in state closed/],
    ["transcript", [zeros(4)], /transcript is hello_request, and in state closed it must be empty/],
    ["known.masterSecret", undefined, /frozen\.known\.masterSecret is missing in state closed/],
    ["known.peer", undefined, /frozen\.known\.peer is missing in state closed/],
  ]);
});

test("finds no secret in a connection that failed, or was closed before it was established", () => {
  let ends = 0;
  for (const { title, play, kept } of scenes) {
    const secrets = { client: new Set<string>(), server: new Set<string>() };
    const see = (frozen: FrozenConnection, json: string): void => {
      const { known, wire, state, role, transcript } = JSON.parse(json);
      if (state === "failed" || (state === "closed" && transcript !== undefined)) {
        ends++;
        assert.equal([...secrets[frozen.role]].filter((secret) => json.includes(secret)), [], `${title}, ${role}`);
      }
      const { masterSecret, serverPrivateKey, resumed, offer, writeKeys = {}, ticket } = known;
      const keys = [wire?.reading?.keys, wire?.writing?.keys].flatMap((its) =>
        its ? [its.key, its.iv, its.macKey] : []
      );
      const all = [
        masterSecret,
        serverPrivateKey,
        resumed,
        offer?.session,
        ...Object.values(writeKeys),
        ...keys,
        ticket,
      ];
      for (const secret of all) if (typeof secret === "string" && secret !== "") secrets[frozen.role].add(secret);
    };
    const talk = new Conversation(play(), freezing(see, 20), kept?.());
    talk.stopsAfter(title.length % 2 === 0 ? 1_000 : Number.POSITIVE_INFINITY);
    for (const side of ["client", "server"] as const) talk.call(side, (tls) => tls.close());
  }
  assert.ok(ends > 20, `${ends}`);
});

test("says nothing of the secrets in what it refuses", () => {
  const { json, play } = frozenAt("server", "live.connected");
  const frozen = JSON.parse(json);
  const secret: string = frozen.known.masterSecret;
  frozen.known.masterSecret = secret.slice(0, -4);
  throwsUsage(
    () => thawTlsServer(frozen, play.server),
    /^TlsUsageError: Cannot thaw: frozen\.known\.masterSecret must be 48 bytes as base64, not 45$/,
    "",
  );
});

test.run();
