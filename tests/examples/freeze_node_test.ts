/** docs/freeze.md shows examples/freeze.ts to the letter, and it does what the page says. */
import { begin, wake, type Woken } from "../../examples/freeze.ts";
import {
  createSigner,
  createTlsClient,
  type FrozenConnection,
  nobleProvider,
  type Output,
  type TlsConnection,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { textOf } from "../layout/source.ts";
import { credential, leafPrivateKey, random, trusting, utf8 } from "../adapters/fixtures.ts";

const test = suite("examples/freeze.ts");

/** Texts, each of which is given out once. */
class Shelf {
  readonly texts = new Map<string, string>();

  put(id: string, frozen: FrozenConnection): Promise<void> {
    this.texts.set(id, JSON.stringify(frozen));
    return Promise.resolve();
  }

  take(id: string): Promise<FrozenConnection | undefined> {
    const text = this.texts.get(id);
    this.texts.delete(id);
    return Promise.resolve(text === undefined ? undefined : JSON.parse(text));
  }
}

test("stands in docs/freeze.md to the letter", () => {
  const example = textOf("examples/freeze.ts").replace('"../mod.ts"', '"tlschart"');
  assert.ok(textOf("docs/freeze.md").includes("```ts\n" + example + "```"));
});

test("serves a client whose connection sleeps between any two of its bytes, and signs later", async () => {
  const signer = createSigner(leafPrivateKey, nobleProvider.signatureSchemes, random);
  const { schemes, publicKey } = signer;
  const { certificateChain } = credential;
  const store = new Shelf();
  const config = { now: Date.now, random, credentials: [{ certificateChain, signer: { schemes, publicKey } }] };
  const server = { store, config, reply: (data: Uint8Array) => utf8(`you said ${new TextDecoder().decode(data)}`) };
  const heard: string[] = [];
  const client = createTlsClient({ now: Date.now, random, ...trusting });

  async function carryOut(outputs: readonly Output[]): Promise<void> {
    for (const output of outputs) {
      if (output.type === "established") await carryOut(client.send(utf8("hello")));
      if (output.type === "data") heard.push(new TextDecoder().decode(output.bytes));
      if (output.type === "data") await carryOut(client.close());
      if (output.type !== "transmit") continue;
      for (const byte of output.bytes) await step((tls) => tls.receive(Uint8Array.of(byte)));
    }
  }

  function step(happens: (tls: TlsConnection) => readonly Output[]): Promise<void> {
    return goOn(wake("one", happens, server));
  }

  async function goOn(waking: Promise<Woken>): Promise<void> {
    const { transmit, request, isOver } = await waking;
    assert.is(store.texts.has("one"), !isOver);
    for (const bytes of transmit) await carryOut(client.receive(bytes));
    if (request?.type !== "sign") return;
    const signature = signer.sign(request.scheme, request.message);
    await step((tls) => tls.answer(request.id, signature));
  }

  await goOn(begin("one", server));
  await carryOut(client.start());
  assert.equal(heard, ["you said hello"]);
  assert.is(client.state, "closed");
  assert.is(store.texts.size, 0);
  const error = await wake("one", (tls) => tls.close(), server).catch((thrown: unknown) => thrown);
  assert.match(String(error), /Nobody sleeps under one/);
});

test.run();
