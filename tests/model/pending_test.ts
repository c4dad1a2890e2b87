/**
 * Pending states as seen from outside: each one rests until it is answered, reads no further record meanwhile, and can
 * still be closed; whatever arrives waits, an alert and the end of the transport too, and is taken after the answer.
 * Checks that noble answers at once are made to answer late here (late.ts). What embedders are asked is asked_test.ts.
 * What pending charts do with each event is compared in roads_test.ts, without a connection.
 * @module
 */

import { concat } from "../../lib/codec/bytes.ts";
import type { TlsConnection } from "../../lib/connection.ts";
import { AlertReceivedError, type TlsError, TruncationError } from "../../lib/error.ts";
import type { Output } from "../../lib/output.ts";
import type { TlsRequest } from "../../lib/request.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { assert, suite } from "../harness.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import type { Phrase, Role } from "../support/scripted_phrases.ts";
import { clientConfig, incomplete, resumable, serverConfig } from "../support/scripted_scene.ts";
import { nodesOf } from "./arrows.ts";
import { keptAnswer, lateClient, lateServer } from "./late.ts";
import { type Happening, meanings } from "./phrases.ts";
import { charts, roles } from "./role_model.ts";

const test = suite("pending states");

/** Handshakes to the end, chosen so that every answer of every pending state is among theirs. */
interface Road {
  readonly role: Role;
  readonly name: string;
  /** A client that has a session to resume; a server that asks for certificates. */
  readonly special?: boolean;
  readonly says: readonly Phrase[];
}

const roads: readonly Road[] = [
  {
    role: "client",
    name: "with a staple, a ticket and a credential",
    says: [
      "ServerHello that announces CertificateStatus and NewSessionTicket",
      "Certificate",
      "CertificateStatus",
      "ServerKeyExchange",
      "CertificateRequest",
      "ServerHelloDone",
      "NewSessionTicket",
      "ChangeCipherSpec",
      "Finished",
    ],
  },
  {
    role: "client",
    name: "whose staple and issuer are left out, and that has no credential",
    says: [
      "ServerHello that announces CertificateStatus",
      "Certificate without its issuer",
      "ServerKeyExchange",
      "CertificateRequest that no credential fits",
      "ServerHelloDone",
      "ChangeCipherSpec",
      "Finished",
    ],
  },
  {
    role: "client",
    name: "that misses an issuer",
    says: [
      "ServerHello",
      "Certificate without its issuer",
      "ServerKeyExchange",
      "ServerHelloDone",
      "ChangeCipherSpec",
      "Finished",
    ],
  },
  {
    role: "client",
    name: "that resumes",
    special: true,
    says: ["ServerHello that resumes", "ChangeCipherSpec", "Finished"],
  },
  {
    role: "server",
    name: "that asks for a certificate and misses its issuer",
    special: true,
    says: [
      "ClientHello",
      "Certificate without its issuer",
      "ClientKeyExchange",
      "CertificateVerify",
      "ChangeCipherSpec",
      "Finished",
    ],
  },
  {
    role: "server",
    name: "that asks for a certificate in vain, after a session that may not be resumed",
    special: true,
    says: [
      "ClientHello that offers a session which may not be resumed",
      "Certificate without certificates",
      "ClientKeyExchange",
      "ChangeCipherSpec",
      "Finished",
    ],
  },
  {
    role: "server",
    name: "that resumes",
    says: ["ClientHello that resumes by session ID", "ChangeCipherSpec", "Finished"],
  },
];

test("rest, each of them, and are left through each of their answers", () => {
  const left = new Set<string>();
  for (const road of roads) {
    const scene = new Scene(road);
    for (const { state, answer } of scene.rests()) left.add(`${road.role} ${state}: ${answer}`);
    assert.is(scene.tls.state, "live.connected", `${road.role} ${road.name}`);
  }
  assert.equal([...left].toSorted(), roles.flatMap(answersAwaited).toSorted());
});

for (const road of roads) {
  const where = `a ${road.role} ${road.name}`;

  test(`read nothing while ${where} waits, whatever comes`, () => {
    eachRest(road, (scene, state) => {
      for (const happening of meanings(road.role).keys()) {
        if (happening === "start" || happening === "close" || happening === "end of transport") continue;
        assert.equal(scene.happen(happening), [], `${state}: ${happening}`);
        assert.is(scene.tls.state, state, happening);
      }
      assert.equal(scene.happen("end of transport"), [], state);
      assert.is(scene.tls.state, state);
    });
  });

  test(`can be closed while ${where} waits, which cancels the request`, () => {
    eachRest(road, (scene, state) => {
      const id = scene.request?.id ?? -1;
      const seen = scene.view(scene.tls.close());
      assert.equal(seen, ["warning user_canceled", "warning close_notify", "requestCanceled", "closed"], state);
      assert.is(scene.tls.state, "closed");
      assert.equal(scene.tls.answer(id, undefined), [], "an answer that comes after the end does nothing");
    });
  });

  test(`let an alert wait while ${where} waits`, () => {
    eachRest(road, (scene, state) => {
      assert.equal(scene.happen("fatal handshake_failure"), [], state);
      const error = scene.answerAll();
      assert.instance(error, AlertReceivedError, state);
      assert.is(scene.tls.state, "failed", state);
      assert.is.not(error?.state, state, "it was taken in the state that came after the answer");
    });
  });

  test(`let the end of the transport wait while ${where} waits`, () => {
    eachRest(road, (scene, state) => {
      assert.equal(scene.happen("end of transport"), [], state);
      assert.instance(scene.answerAll(), TruncationError, state);
      assert.is(scene.tls.state, "failed", state);
    });
  });

  if (road.says.includes("ServerHelloDone")) {
    test(`let a whole flight wait at the first check of ${where}, and take it answer by answer`, () => {
      const scene = new Scene(road);
      const flight = road.says.slice(0, road.says.indexOf("ServerHelloDone") + 1);
      assert.equal(scene.view(scene.tls.receive(concat(...flight.map((phrase) => scene.peer.say(phrase))))), [
        "request",
      ]);
      assert.is(scene.tls.state, "live.handshake.checkingServerHello");
      assert.is(scene.answerAll(), undefined);
      assert.match(scene.tls.state, /serverFinishes\.await/);
    });
  }
}

test("hold no more than so many bytes that wait", () => {
  for (const road of roads) {
    const scene = new Scene(road);
    scene.rests().next();
    const { state } = scene.tls;
    assert.equal(scene.tls.receive(new Uint8Array(2 ** 17)), []);
    assert.is(scene.tls.state, state);
    const seen = scene.view(scene.tls.receive(Uint8Array.of(1)));
    assert.equal(seen, ["fatal internal_error", "requestCanceled", "failed"], state);
    assert.is(scene.tls.state, "failed");
  }
});

test.run();

/** Of the TLS 1.2 charts: every pending state with every answer that it takes. */
function answersAwaited(role: Role): readonly string[] {
  return nodesOf(charts[role].tls12.machine).filter(({ tags }) => tags.includes("pending")).flatMap((node) =>
    [...node.transitions.keys()].map((answer) => `${role} ${node.path.join(".")}: ${answer}`)
  );
}

/** Drives a connection to each of its rests on the road, and lets something happen there. */
function eachRest(road: Road, meet: (scene: Scene, state: string) => void): void {
  const count = [...new Scene(road).rests()].length;
  assert.ok(count > 0);
  for (let rest = 0; rest < count; rest++) {
    const scene = new Scene(road);
    const rests = scene.rests();
    for (let nth = 0; nth <= rest; nth++) rests.next();
    meet(scene, scene.tls.state);
  }
}

interface Rest {
  readonly state: string;
  readonly answer: string;
}

/** A connection of ours whose checks answer late, and its scripted peer. */
class Scene {
  readonly peer: ScriptedPeer;
  readonly tls: TlsConnection;
  readonly #says: readonly Phrase[];
  request: TlsRequest | undefined;

  constructor({ role, special = false, says }: Road) {
    this.peer = new ScriptedPeer({
      role: role === "client" ? "server" : "client",
      resumable: resumable(role === "server" && special),
    });
    this.tls = role === "client"
      ? lateClient({ ...clientConfig(special), onMissingIssuer: "request" })
      : lateServer({ ...serverConfig(special), onMissingIssuer: special ? "request" : undefined });
    this.#says = says;
    this.view(this.tls.start());
  }

  /** Says what the road has, and answers; stops each time before an answer is given. */
  *rests(): Generator<Rest> {
    for (const phrase of this.#says) {
      this.happen(phrase);
      while (this.request !== undefined) {
        yield { state: this.tls.state, answer: keptAnswer(this.request) ?? "answer.issuersGiven" };
        this.#answer();
      }
    }
  }

  /** Answers whatever is asked, until nothing is asked any more. The error with which it failed, if it did. */
  answerAll(): TlsError | undefined {
    let error: TlsError | undefined;
    while (this.request !== undefined) error = this.#answer();
    return error;
  }

  happen(happening: Exclude<Happening, "start" | "close">): readonly string[] {
    if (happening === "end of transport") return this.view(this.tls.receiveEnd());
    return this.view(this.tls.receive(this.peer.say(happening)));
  }

  view(outputs: readonly Output[]): readonly string[] {
    return outputs.flatMap((output) => {
      if (output.type === "request") this.request = output.request;
      return output.type === "transmit" ? this.peer.hear(output.bytes) : [output.type];
    });
  }

  #answer(): TlsError | undefined {
    const { request } = this;
    if (request === undefined) throw new Error("nothing is asked");
    this.request = undefined;
    const value = request.type === "issuerMissing" ? incomplete.chain.slice(1).map(decodeCertificate) : undefined;
    const outputs = this.tls.answer(request.id, value);
    this.view(outputs);
    const failed = outputs.find(({ type }) => type === "failed");
    return failed?.type === "failed" ? failed.error : undefined;
  }
}
