/**
 * What an embedder is asked, by name: in which state each request waits, and where each of its answers leads. The table
 * is by hand. What else pending states do is pending_test.ts.
 * @module
 */

import type { ClientConfig, ServerConfig } from "../../lib/config.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { createTlsClient, createTlsServer } from "../../lib/core.ts";
import type { Credential } from "../../lib/credential.ts";
import { CertificateError, type TlsError, TlsUsageError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import type { Answer, Question, TlsRequest } from "../../lib/request.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { assert, suite } from "../harness.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import type { Phrase, Role } from "../support/scripted_phrases.ts";
import {
  clientConfig,
  credential,
  incomplete,
  resumable,
  resumableByClient,
  serverConfig,
  signer,
  strange,
} from "../support/scripted_scene.ts";
import { nodesOf } from "./arrows.ts";
import { charts, parts, roles } from "./role_model.ts";

const test = suite("requests");

type Leading = readonly [answer: (request: TlsRequest) => Answer, state: string];

/** A request, and where its answers lead. */
interface Asked {
  readonly role: Role;
  readonly question: Question["type"];
  readonly state: string;
  readonly config: Partial<ClientConfig & ServerConfig>;
  /** What the peer says before; a server that hears Certificate asks for certificates. */
  readonly says: readonly Phrase[];
  readonly answers: Readonly<Record<string, Leading>>;
}

const remote: Credential = {
  certificateChain: credential.certificateChain,
  signer: { schemes: signer.schemes, publicKey: signer.publicKey },
};
const issuer = incomplete.chain.slice(1).map(decodeCertificate);
const another = decodeCertificate(strange.chain[0]);
const signature = (request: TlsRequest): Answer =>
  request.type === "sign" ? signer.sign(request.scheme, request.message) : undefined;

const full = "live.handshake.full";
const abbreviated = "live.handshake.abbreviated";

/** Certificates are verified in two states of a client: see there. */
function verifying(state: string, says: readonly Phrase[], next: string): readonly Asked[] {
  const leftOut = says.map((phrase) => phrase === "Certificate" ? "Certificate without its issuer" : phrase);
  return [
    {
      role: "client",
      question: "verifyCertificate",
      state,
      config: { trustAnchors: undefined, certificateVerifier: "request", verifierIdentity: "the embedder" },
      says,
      answers: { trusted: [() => true, next] },
    },
    {
      role: "client",
      question: "issuerMissing",
      state,
      config: { onMissingIssuer: "request" },
      says: leftOut,
      answers: {
        "the issuer": [() => issuer, next],
        "the issuer and another certificate": [() => [...issuer, another], next],
        "another certificate": [() => another, state],
        "none": [() => undefined, "failed"],
      },
    },
  ];
}

const toCertificateRequest: readonly Phrase[] = [
  "ServerHello",
  "Certificate",
  "ServerKeyExchange",
  "CertificateRequest",
];

const table: readonly Asked[] = [
  {
    role: "client",
    question: "loadSession",
    state: "live.loadingSession",
    config: { sessionCache: "request" },
    says: [],
    answers: {
      "a session": [() => resumableByClient(), "live.awaitServerHello"],
      "bytes that are no session": [() => Uint8Array.of(1), "live.awaitServerHello"],
      "none": [() => undefined, "live.awaitServerHello"],
    },
  },
  ...verifying(`${full}.checkingCertificate`, ["ServerHello", "Certificate"], `${full}.awaitServerKeyExchange`),
  ...verifying(
    `${full}.checkingCertificateFirst`,
    ["ServerHello that announces CertificateStatus", "Certificate", "ServerKeyExchange"],
    `${full}.awaitCertificateRequestOrServerHelloDone`,
  ),
  {
    role: "client",
    question: "chooseCredential",
    state: `${full}.choosingCredential`,
    config: { credentials: "request", verifierIdentity: "the embedder" },
    says: [...toCertificateRequest, "ServerHelloDone"],
    answers: {
      "a credential": [() => credential, `${full}.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec`],
      "two": [() => [credential, credential], `${full}.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec`],
      "one whose key is elsewhere": [() => remote, `${full}.signing`],
      "none": [() => undefined, `${full}.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec`],
    },
  },
  {
    role: "client",
    question: "sign",
    state: `${full}.signing`,
    config: { credentials: [remote] },
    says: [...toCertificateRequest, "ServerHelloDone"],
    answers: { "a signature": [signature, `${full}.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec`] },
  },
  {
    role: "server",
    question: "inspectClientHello",
    state: "live.inspectingClientHello",
    config: { onClientHello: "request" },
    says: ["ClientHello"],
    answers: { "go on": [() => true, `${full}.anonymous.awaitClientKeyExchange`] },
  },
  {
    role: "server",
    question: "loadSession",
    state: "live.handshake.loadingSession",
    config: { sessionCache: "request" },
    says: ["ClientHello that resumes by session ID"],
    answers: {
      "the session": [
        (request) => request.type === "loadSession" ? resumable(false).stored.get(request.key) : undefined,
        `${abbreviated}.awaitChangeCipherSpec`,
      ],
      "bytes that are no session": [() => Uint8Array.of(1), `${full}.anonymous.awaitClientKeyExchange`],
      "none": [() => undefined, `${full}.anonymous.awaitClientKeyExchange`],
    },
  },
  {
    role: "server",
    question: "chooseCredential",
    state: "live.handshake.choosingCredential",
    config: { credentials: "request", verifierIdentity: "the embedder" },
    says: ["ClientHello"],
    answers: {
      "a credential": [() => credential, `${full}.anonymous.awaitClientKeyExchange`],
      "one whose key is elsewhere": [() => remote, `${full}.signing`],
      "none": [() => undefined, "failed"],
    },
  },
  {
    role: "server",
    question: "sign",
    state: `${full}.signing`,
    config: { credentials: [remote] },
    says: ["ClientHello"],
    answers: { "a signature": [signature, `${full}.anonymous.awaitClientKeyExchange`] },
  },
  {
    role: "server",
    question: "verifyCertificate",
    state: `${full}.checkingCertificate`,
    config: {
      clientAuthentication: "optional",
      trustAnchors: undefined,
      certificateVerifier: "request",
      verifierIdentity: "the embedder",
    },
    says: ["ClientHello", "Certificate"],
    answers: { "trusted": [() => true, `${full}.authenticated.awaitClientKeyExchange`] },
  },
  {
    role: "server",
    question: "issuerMissing",
    state: `${full}.checkingCertificate`,
    config: { onMissingIssuer: "request" },
    says: ["ClientHello", "Certificate without its issuer"],
    answers: {
      "the issuer": [() => issuer, `${full}.authenticated.awaitClientKeyExchange`],
      "none": [() => undefined, "failed"],
    },
  },
];

/** What answers no such question. */
const wrongAnswers: { readonly [Type in Question["type"]]: readonly unknown[] } = {
  loadSession: [null, true, "text", 5, new Uint8Array(0), [Uint8Array.of(1)], {}],
  verifyCertificate: [undefined, null, false, 1, "true", {}],
  issuerMissing: [null, true, 5, {}, [{}], "no PEM", Uint8Array.of(1)],
  chooseCredential: [null, true, 5, "text", {}, [{}], [], { certificateChain: credential.certificateChain }],
  sign: [undefined, null, true, "text", new Uint8Array(0), [1, 2, 3], {}],
  inspectClientHello: [undefined, null, false, 1, "true", {}],
};

for (const asked of table) {
  const { role, question, state, answers } = asked;
  const where = `${question} in ${role} ${state}`;

  for (const [what, [answer, next]] of Object.entries(answers)) {
    test(`${where} lead on when they are answered: ${what}`, () => {
      const scene = new Scene(asked);
      const { request } = scene;
      assert.is(request.type, question);
      assert.is(scene.tls.state, state);
      scene.view(scene.tls.answer(request.id, answer(request)));
      assert.is(scene.tls.state, next);
      if (next !== "failed") assert.throws(() => scene.tls.answer(request.id, answer(request)), isMisuse, "twice");
    });
  }

  test(`${where} stay open when they are answered with what is no answer`, () => {
    const scene = new Scene(asked);
    const { request } = scene;
    for (const wrong of wrongAnswers[question]) {
      assert.throws(() => scene.tls.answer(request.id, wrong as Answer), isMisuse, JSON.stringify(wrong));
      assert.is(scene.tls.state, state);
    }
    for (const id of [request.id - 1, request.id + 1, NaN]) {
      assert.throws(() => scene.tls.answer(id, true), isMisuse, `${id}`);
    }
    const [[answer, next]] = Object.values(answers) as [Leading];
    scene.view(scene.tls.answer(request.id, answer(request)));
    assert.is(scene.tls.state, next, "the right answer is still taken");
  });

  test(`${where} end the connection when they are answered with an error`, () => {
    const alerts = [
      [new Error("the wire to it is cut"), "internal_error"],
      [
        new CertificateError("certificate_revoked", "it is revoked", { index: 0, check: "revocation" }),
        "certificate_revoked",
      ],
    ] as const;
    for (const [error, alert] of alerts) {
      const scene = new Scene(asked);
      assert.equal(scene.view(scene.tls.answer(scene.request.id, error)), [`fatal ${alert}`, "failed"], error.message);
      assert.is(scene.failure?.state, state);
    }
  });

  test(`${where} are canceled by close`, () => {
    const scene = new Scene(asked);
    const { request } = scene;
    const alerts = state === "live.loadingSession" ? [] : ["warning user_canceled", "warning close_notify"];
    assert.equal(scene.view(scene.tls.close()), [...alerts, "requestCanceled", "closed"]);
    const [[answer]] = Object.values(answers) as [Leading];
    assert.equal(scene.tls.answer(request.id, answer(request)), [], "an answer that comes too late does nothing");
    assert.is(scene.tls.state, "closed");
  });
}

test("ask for an issuer four times, and then no more", () => {
  const asked = table.find(({ question }) => question === "issuerMissing");
  if (asked === undefined) throw new Error("nobody asks");
  const scene = new Scene(asked);
  const ids = new Set<number>();
  for (let turn = 0; turn < 4; turn++) {
    assert.is(scene.tls.state, asked.state);
    ids.add(scene.request.id);
    scene.view(scene.tls.answer(scene.request.id, another));
  }
  assert.is(ids.size, 4);
  assert.is(scene.failure?.alert, "unknown_ca");
});

test("are asked in every pending state that isn't left within the call", () => {
  const named = /\.(loading|choosing|signing|inspecting|checkingCertificate(First)?$)/;
  const waiting = roles.flatMap((role) =>
    parts.flatMap((part) =>
      nodesOf(charts[role][part].machine).filter(({ tags }) => tags.includes("pending"))
        .map(({ path }) => `${role} ${path.join(".")}`).filter((state) => named.test(state))
    )
  );
  assert.equal([...new Set(table.map(({ role, state }) => `${role} ${state}`))].toSorted(), waiting.toSorted());
});

test.run();

function isMisuse(error: unknown): boolean {
  return error instanceof TlsUsageError;
}

/** A connection that has asked, and its peer. */
class Scene {
  readonly tls: TlsConnection;
  readonly #peer: ScriptedPeer;
  #request: TlsRequest | undefined;
  failure: TlsError | undefined;

  constructor({ role, config, says }: Asked) {
    const asksForCertificate = says.some((phrase) => phrase.startsWith("Certificate"));
    this.#peer = new ScriptedPeer({ role: role === "client" ? "server" : "client" });
    this.tls = role === "client"
      ? createTlsClient({ ...clientConfig(), ...config, credentials: config.credentials ?? clientConfig().credentials })
      : createTlsServer({ ...serverConfig(asksForCertificate), ...config });
    this.view(this.tls.start());
    for (const phrase of says) this.view(this.tls.receive(this.#peer.say(phrase)));
  }

  /** The last one. */
  get request(): TlsRequest {
    if (this.#request === undefined) throw new Error("nothing was asked");
    return this.#request;
  }

  view(outputs: readonly Output[]): readonly string[] {
    return outputs.flatMap((output) => {
      if (output.type === "request") this.#request = output.request;
      if (output.type === "failed") this.failure = output.error;
      return output.type === "transmit" ? this.#peer.hear(output.bytes) : [output.type];
    });
  }
}
