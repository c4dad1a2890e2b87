/**
 * The eleven steps, told of a client and a server in memory.
 * @module
 */

import { paletteFor } from "../../adapters/cli/terminal.ts";
import { stepNumbers } from "../../adapters/cli/step.ts";
import { stepTitles } from "../../adapters/cli/step_facts.ts";
import { storyLines } from "../../adapters/cli/steps.ts";
import { timedProvider } from "../../adapters/cli/stopwatch.ts";
import { Story } from "../../adapters/cli/story.ts";
import {
  type CipherSuiteName,
  createTlsClient,
  createTlsServer,
  issueSelfSigned,
  nobleProvider,
  type Output,
  type TlsConnection,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";

const test = suite("cli story");

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const now = Date.now;
const { chain, privateKey } = issueSelfSigned({
  provider: nobleProvider,
  names: ["story.example"],
  random,
  now: now(),
});
const palette = paletteFor({ isTTY: false }, {});

interface Told {
  readonly story: Story;
  readonly masterSecret: string;
  readonly wire: { readonly client: number; readonly server: number };
}

/** A handshake, one message of data and a close, watched from one side or from both. */
function play(watched: readonly ("client" | "server")[], clientSuites?: readonly CipherSuiteName[]): Told {
  const story = new Story(watched);
  const common = { now, random, trace: "secrets", keyLog: true } as const;
  const client = createTlsClient({
    ...common,
    serverName: "story.example",
    trustAnchors: chain[0],
    cipherSuites: clientSuites,
    provider: timedProvider(nobleProvider, watched.includes("client") ? story.clock("client") : () => {}),
  });
  const server = createTlsServer({
    ...common,
    credentials: [{ certificateChain: chain, privateKey }],
    provider: timedProvider(nobleProvider, watched.includes("server") ? story.clock("server") : () => {}),
  });
  const wire = { client: 0, server: 0 };
  let masterSecret = "";
  const carry = (side: "client" | "server", outputs: readonly Output[]): void => {
    const other: readonly ["client" | "server", TlsConnection] = side === "client"
      ? ["server", server]
      : ["client", client];
    for (const output of outputs) {
      if (output.type === "trace" && watched.includes(side)) story.watch(side)(output.event);
      if (output.type === "keyLog") masterSecret = output.line.split(" ")[2] ?? "";
      if (output.type !== "transmit") continue;
      wire[side] += output.bytes.length;
      // As a transport does it: the other side hears of it when this side has told everything.
      queue.push(() => carry(other[0], other[1].receive(output.bytes)));
    }
  };
  const queue: (() => void)[] = [];
  const run = (): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
  };
  carry("server", server.start());
  carry("client", client.start());
  run();
  if (client.session === undefined) return { story, masterSecret, wire };
  carry("client", client.send(new TextEncoder().encode("hello")));
  carry("client", client.close());
  run();
  return { story, masterSecret, wire };
}

function tell(story: Story, showsSecrets = false): string {
  return storyLines(story, stepNumbers, { palette, showsSecrets }).join("\n");
}

function titles(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^ [ 1]\d {2}\S/.test(line)).map((line) => line.slice(5, 47).trim());
}

for (const watched of [["client", "server"], ["client"], ["server"]] as const) {
  test(`tells all eleven steps in order, in lines of at most 100 characters, when it watches ${watched.join(" and ")}`, () => {
    const text = tell(play(watched).story);
    assert.equal(titles(text), stepNumbers.map((number) => stepTitles[number]));
    for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  });

  test(`counts every byte on the wire once when it watches ${watched.join(" and ")}`, () => {
    const { story, wire } = play(watched);
    const counted = story.steps.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
    assert.is(counted, wire.client + wire.server);
  });

  test(`shows secrets whole only when they are asked for and it watches ${watched.join(" and ")}`, () => {
    const { story, masterSecret } = play(watched);
    assert.is(masterSecret.length, 96);
    const short = tell(story).replace(/\s+/g, "");
    assert.not.ok(short.includes(masterSecret.slice(0, 12)));
    assert.ok(short.includes(`${masterSecret.slice(0, 4)}…48bytes`));
    for (const secret of story.secrets[watched[0]].values()) {
      assert.not.ok(
        short.includes([...secret.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join("")),
      );
    }
    assert.ok(tell(story, true).replace(/\s+/g, "").includes(masterSecret));
  });
}

test("says where both charts stand in each step", () => {
  const { story } = play(["client", "server"]);
  const states = story.steps.map(({ states: { client, server } }) => [client.at(-1), server.at(-1)]);
  const full = "live.handshake.full.";
  const finishes = "serverFinishes.awaitNewSessionTicketOrChangeCipherSpec";
  assert.equal(states, [
    ["live.awaitServerHello", "live.selectingVersion"],
    [`${full}awaitCertificate`, `${full}signing`],
    [`${full}awaitServerKeyExchange`, `${full}signing`],
    [`${full}awaitCertificateRequestOrServerHelloDone`, `${full}anonymous.awaitClientKeyExchange`],
    [`${full}awaitCertificateRequestOrServerHelloDone`, `${full}anonymous.awaitClientKeyExchange`],
    [`${full}${finishes}`, `${full}anonymous.awaitClientKeyExchange`],
    [`${full}${finishes}`, `${full}anonymous.awaitClientKeyExchange`],
    [`${full}${finishes}`, `${full}clientFinishes.awaitChangeCipherSpec`],
    [`${full}${finishes}`, `${full}clientFinishes.awaitFinished`],
    ["live.connected", "live.connected"],
    ["closed", "closed"],
  ]);
});

test("colours a terminal, unless it is asked not to", () => {
  const { story } = play(["client"]);
  const coloured = (env: Record<string, string>): boolean =>
    storyLines(story, stepNumbers, { palette: paletteFor({ isTTY: true }, env), showsSecrets: false }).join("")
      .includes("\x1b[");
  assert.ok(coloured({ NO_COLOR: "" }));
  assert.not.ok(coloured({ NO_COLOR: "1" }));
  assert.not.ok(coloured({ TERM: "dumb" }));
  assert.not.ok(tell(story).includes("\x1b"));
});

test("finds the cryptography in the steps where it belongs, and the time of the steps is the whole time", () => {
  const began = performance.now();
  const { story } = play(["client", "server"]);
  const whole = performance.now() - began;
  const work = story.steps.map(({ operations }) =>
    [...new Set(operations.map(({ operation }) => operation.type))].sort()
  );
  assert.equal(work, [
    [],
    [],
    [],
    ["keyPair", "sign", "verify"],
    [],
    ["keyPair"],
    ["sharedSecret"],
    ["prf"],
    [
      "open",
      "prf",
      "seal",
    ],
    ["open", "prf", "seal"],
    ["open", "seal"],
  ]);
  const sum = story.steps.reduce((total, { duration }) => total + duration, 0);
  assert.ok(sum > 0 && sum <= whole, `${sum} of ${whole} ms`);
  for (const { duration } of story.steps) assert.ok(duration >= 0);
});

test("tells a failed handshake as far as it came, with the alert", () => {
  const { story } = play(["client", "server"], ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
  const text = tell(story);
  assert.equal(titles(text), ["Client Hello"]);
  assert.match(text, /alert +the server sent handshake_failure \(fatal\)/);
  assert.match(text, /client chart +awaitServerHello → failed/);
});

test.run();
