/**
 * The README's embedding example is examples/embedding.ts to the letter, and it works on a real socket.
 * @module
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { converse } from "../../examples/embedding.ts";
import { encodePem, encodePrivateKey, issueCertificate, issueCertificateAuthority, nobleProvider } from "../../mod.ts";
import { assert, suite } from "../harness.ts";

const test = suite("examples/embedding.ts");
const provider = nobleProvider;
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const issuer = issueCertificateAuthority({ provider, name: "Example CA", random, now: Date.now() });
const leaf = issueCertificate({ provider, issuer, names: ["example.com"], random, now: Date.now() });
const trustAnchor = encodePem("CERTIFICATE", issuer.certificate);

async function answersFrom(serverName: string): Promise<string> {
  const server = createServer(
    {
      cert: leaf.chain.map((der) => encodePem("CERTIFICATE", der)).join(""),
      key: encodePem("PRIVATE KEY", encodePrivateKey(leaf.privateKey)),
    },
    (socket) => socket.on("data", (data) => socket.end(`you said ${data}`)),
  );
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  try {
    let text = "";
    for await (const bytes of converse(socket, serverName, trustAnchor, "hello")) {
      text += new TextDecoder().decode(bytes);
    }
    return text;
  } finally {
    socket.destroy();
    server.close();
  }
}

test("stands in the README to the letter", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const example = read("../../examples/embedding.ts").replace(`"../mod.ts"`, `"tlschart"`);
  assert.ok(read("../../README.md").includes("```ts\n" + example + "```"));
});

test("talks to a server of node:tls over a socket", async () => {
  assert.is(await answersFrom("example.com"), "you said hello");
});

test("throws what went wrong", async () => {
  const error = await answersFrom("example.org").catch((thrown: unknown) => thrown);
  assert.match(String(error), /CertificateError: .*"example\.org".*"example\.com"/);
});

test.run();
