/** tlschart/node and node:tls: sessions are resumed, clients prove who they are, and both export the same; both ways. */
import tls from "node:tls";
import { acceptTls, type AcceptTlsOptions, connectTls, type ConnectTlsOptions } from "../../adapters/node.ts";
import { createSessionCache } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { clientCredential, credential, pem, readText, trusting } from "./fixtures.ts";
import { listening, nodeRuntime, portOf, portOfListening } from "./node_runtime.ts";

const test = suite("tlschart/node and node:tls, sessions");
const tls12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
const { trustAnchors } = trusting;

/** Deno and Bun have a node:tls of their own, with gaps of their own. */
function leavingNothing(title: string, body: () => Promise<void>): void {
  if ("Deno" in globalThis || "Bun" in globalThis) return test.skip(title, "this is not Node's node:tls");
  test(title, async () => {
    await Promise.resolve();
    const leftovers = nodeRuntime.watch();
    await body();
    assert.equal(await leftovers(), [], "something is left behind");
  });
}

leavingNothing("node:tls resumes a session with our server, which was told nothing of tickets", async () => {
  const ours = await ourServer({});
  const first = await theirClient(ours.port);
  const second = await theirClient(ours.port, { session: first.session });
  assert.equal([first.reused, second.reused], [false, true]);
  assert.equal([first.heard, second.heard], ["resumed false", "resumed true"]);
  await ours.stop();
});

leavingNothing("node:tls resumes a session by its ID, from a cache of ours", async () => {
  const ours = await ourServer({ sessionCache: createSessionCache({ now: Date.now }) });
  const first = await theirClient(ours.port);
  const second = await theirClient(ours.port, { session: first.session });
  assert.equal([first.reused, second.reused], [false, true]);
  await ours.stop();
});

leavingNothing("our client resumes a session with node:tls", async () => {
  const theirs = await theirServer({});
  const sessionCache = createSessionCache({ now: Date.now });
  const seen = [await ourClient(theirs.port, { sessionCache }), await ourClient(theirs.port, { sessionCache })];
  assert.equal(seen, ["reused false", "reused true"]);
  await theirs.stop();
});

leavingNothing(
  "our client keeps the sessions of two ports apart, unless it is told that they are one server",
  async () => {
    // Both would resume each other's: they have the same keys.
    const ticketKeys = Buffer.alloc(48, 7);
    const [one, other] = [await theirServer({ ticketKeys }), await theirServer({ ticketKeys })];
    const visit = (port: number, options: Partial<ConnectTlsOptions>) => ourClient(port, options);
    const apart = { sessionCache: createSessionCache({ now: Date.now }) };
    const seen = [await visit(one.port, apart), await visit(other.port, apart), await visit(one.port, apart)];
    assert.equal(seen, ["reused false", "reused false", "reused true"]);
    const together = { sessionCache: createSessionCache({ now: Date.now }), sessionKey: "a cluster" };
    assert.equal([await visit(one.port, together), await visit(other.port, together)], ["reused false", "reused true"]);
    await Promise.all([one.stop(), other.stop()]);
  },
);

leavingNothing("our server sees the certificate of node:tls, and still in a resumed session", async () => {
  const ours = await ourServer({ clientAuthentication: "required", trustAnchors });
  const first = await theirClient(ours.port, { cert: pem.cert, key: pem.key });
  const second = await theirClient(ours.port, { cert: pem.cert, key: pem.key, session: first.session });
  assert.equal([first.heard, second.heard], ["resumed false, certified", "resumed true, certified"]);
  await ours.stop();
});

leavingNothing("node:tls sees the certificate of our client", async () => {
  const theirs = await theirServer({ requestCert: true, rejectUnauthorized: true, ca: pem.ca });
  assert.is(await ourClient(theirs.port, { credentials: [clientCredential] }), "reused false, client.test");
  await theirs.stop();
});

leavingNothing("node:tls exports the same key material, in a resumed session too, and the same Finished", async () => {
  const ours = await ourServer({});
  let session: Buffer | undefined;
  for (let turn = 0; turn < 2; turn++) {
    const theirs = await theirClient(ours.port, { session });
    session = theirs.session;
    const [here, there] = [ours.exported.at(-1), theirs.exported];
    assert.equal(here, there);
  }
  await ours.stop();
});

test.run();

const label = "EXPORTER-tlschart-test";
const context = Uint8Array.of(1, 2, 3);

interface OurServer {
  readonly port: number;
  /** Of each connection: key material and both Finished, in hex. */
  readonly exported: string[];
  stop(): Promise<void>;
}

/** Says of each connection what it knows of it, and ends it. */
async function ourServer(options: Partial<AcceptTlsOptions>): Promise<OurServer> {
  const exported: string[] = [];
  const all = { credentials: [credential], ...options };
  const endpoint = await listening((socket) => {
    const stream = acceptTls(socket, all);
    void stream.opened.then(async (info) => {
      const keys = [stream.exportKeyingMaterial(label, context, 20), info.serverFinished, info.clientFinished];
      exported.push(keys.map((bytes) => Buffer.from(bytes).toString("hex")).join());
      const writer = stream.writable.getWriter();
      const proof = info.peerCertificates.length > 0 ? ", certified" : "";
      await writer.write(Buffer.from(`resumed ${info.resumed}${proof}`));
      await writer.close();
    });
  });
  return { port: portOf(endpoint.address), exported, stop: () => endpoint.close() };
}

interface Seen {
  readonly heard: string;
  readonly reused: boolean;
  readonly session: Buffer | undefined;
  readonly exported: string;
}

function theirClient(port: number, options: tls.ConnectionOptions = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let heard = "";
    let seen: Omit<Seen, "heard"> | undefined;
    let session: Buffer | undefined;
    const socket = tls.connect({ ...tls12, port, ca: pem.ca, servername: "localhost", ...options });
    socket.on("session", (bytes) => session = bytes);
    socket.on("secureConnect", () => {
      const keys = [
        socket.exportKeyingMaterial(20, label, Buffer.from(context)),
        socket.getPeerFinished(),
        socket.getFinished(),
      ];
      const exported = keys.map((bytes) => bytes?.toString("hex")).join();
      seen = { reused: socket.isSessionReused(), session: undefined, exported };
    });
    socket.setEncoding("utf8").on("data", (text: string) => heard += text);
    socket.on("error", reject).on("close", () => {
      if (seen !== undefined) resolve({ ...seen, heard, session });
      else reject(new Error("It was closed before the handshake was over"));
    });
  });
}

async function theirServer(options: tls.TlsOptions): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = tls.createServer({ ...tls12, cert: pem.cert, key: pem.key, ...options }, (socket) => {
    const { subject } = socket.getPeerCertificate();
    const name = subject?.CN === undefined ? "" : `, ${subject.CN}`;
    socket.end(`reused ${socket.isSessionReused()}${name}`);
    socket.resume();
  });
  const port = await portOfListening(server);
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function ourClient(port: number, options: Partial<ConnectTlsOptions>): Promise<string> {
  const stream = connectTls({ ...trusting, ...options, host: "127.0.0.1", port, socket: undefined });
  const text = await readText(stream.readable);
  await stream.close();
  return text;
}
