/**
 * A connection that lives in another runtime for each piece that its peer sends: frozen in Node in the middle of a
 * handshake with a request pending, answered in Deno, established in Bun, and so on, with a live peer of node:tls at
 * the other end of a socket. `npx tsx tests/interop/frozen_runtimes_node_test.ts`
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServerOfNode, type TLSSocket } from "node:tls";
import { toHex } from "../../lib/codec/bytes.ts";
import {
  createTlsClient,
  createTlsServer,
  encodePem,
  encodePrivateKey,
  type FrozenConnection,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider as provider,
  type Output,
  thawTlsClient,
  thawTlsServer,
  type TlsConnection,
} from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { type Hop, hop, hopConfig, type Landing, serverConfigOf, serverName } from "../support/frozen_hop.ts";

const test = suite("a frozen connection");
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const issuer = issueCertificateAuthority({ provider, name: "Example CA", random, now: Date.now() });
const leaf = issueCertificate({ provider, issuer, names: [serverName], random, now: Date.now() });
const authority = encodePem("CERTIFICATE", issuer.certificate);
const chain = leaf.chain.map((der) => encodePem("CERTIFICATE", der)).join("");
const privateKey = encodePem("PRIVATE KEY", encodePrivateKey(leaf.privateKey));
const program = "tests/support/frozen_program.ts";

interface Runtime {
  readonly name: string;
  readonly hop: (its: Hop) => Landing;
}

/** Where the command is; `undefined` where the runtime can't be had. */
function pathOf(name: "deno" | "bun"): string | undefined {
  const how = name === "deno"
    ? ["deno@2.9.6", "eval", "console.log(Deno.execPath())"]
    : ["bun@1.4.5", "-e", "console.log(process.execPath)"];
  const { status, stdout } = spawnSync("npx", ["-y", ...how], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function foreign(name: string, command: string, parameters: readonly string[]): Runtime {
  return {
    name,
    hop: (its) => {
      const limits = { timeout: 60_000, killSignal: "SIGKILL", encoding: "utf8" } as const;
      const input = JSON.stringify(its);
      const cwd = new URL("../../", import.meta.url);
      const run = spawnSync(command, ["run", ...parameters, program], { cwd, input, ...limits });
      if (run.status !== 0) throw new Error(`${name} failed: ${run.stderr}`);
      return JSON.parse(run.stdout);
    },
  };
}

const deno = pathOf("deno");
const bun = pathOf("bun");
const node: Runtime = { name: "Node", hop: (its) => JSON.parse(JSON.stringify(hop(its))) };

for (const role of ["client", "server"] as const) {
  const title = `as a ${role} goes from Node to Deno to Bun and on, and its peer notices nothing`;
  if (deno === undefined || bun === undefined) {
    test.skip(title, `npx can't get ${deno === undefined ? "Deno" : "Bun"}`);
    continue;
  }
  const tour = [foreign("Deno", deno, ["--no-prompt"]), foreign("Bun", bun, []), node];
  test(title, () => role === "client" ? clientOnTour(tour) : serverOnTour(tour));
}

async function clientOnTour(tour: readonly Runtime[]): Promise<void> {
  const server = createTlsServerOfNode({ cert: chain, key: privateKey, maxVersion: "TLSv1.2" });
  const socket = connect(await portOf(server), "127.0.0.1");
  const secured = once(server, "secureConnection").then(([peer]): TLSSocket => peer);
  const its = { certificates: authority, privateKey: "" };
  await travels(createTlsClient(hopConfig), its, socket, secured, tour, "live.handshake.full.checkingCertificate");
  server.close();
}

async function serverOnTour(tour: readonly Runtime[]): Promise<void> {
  const server = createServer();
  const accepted = once(server, "connection").then(([socket]): Socket => socket);
  const client = connectTls({ port: await portOf(server), host: "127.0.0.1", ca: authority, servername: serverName });
  const secured = once(client, "secureConnect").then(() => client);
  const its = { certificates: chain, privateKey };
  await travels(
    createTlsServer(serverConfigOf(its)),
    its,
    await accepted,
    secured,
    tour,
    "live.handshake.full.signing",
  );
  server.close();
}

/**
 * From a request that Node leaves open through all runtimes in turn, until each has said something and got an answer.
 */
async function travels(
  tls: TlsConnection,
  its: Pick<Hop, "certificates" | "privateKey">,
  socket: Socket,
  secured: Promise<TLSSocket>,
  tour: readonly Runtime[],
  stands: string,
): Promise<void> {
  void secured.then((peer) => peer.on("data", (data) => peer.write(`you said ${data}`)));
  const pieces = piecesOf(socket);
  let frozen = await frozenAtRequest(tls, socket, pieces);
  assert.is(frozen.state, stands);
  const [seen, exported, expected, heard] = [[frozen.state], new Set<string>(), [""], [""]];
  for (let turn = 0; heard.length <= tour.length; turn++) {
    const runtime = tour[turn % tour.length] ?? node;
    const received = turn === 0 ? undefined : toHex(await next(pieces));
    const landing = runtime.hop({ frozen, ...its, received, says: `hello from ${runtime.name}` });
    socket.write(Buffer.from(landing.transmitted, "hex"));
    frozen = landing.frozen;
    seen.push(`${runtime.name} ${frozen.state}`);
    if (landing.data !== "") heard.push(landing.data);
    if (landing.exported === "") continue;
    exported.add(landing.exported);
    expected.push(`you said hello from ${runtime.name}`);
  }
  console.log(`  ${seen.join(", ")}; at the end ${JSON.stringify(frozen).length} characters of JSON`);
  assert.equal(heard, expected.slice(0, heard.length));
  const peer = await secured;
  assert.equal([...exported], [peer.exportKeyingMaterial(16, "EXPORTER hop", Buffer.alloc(0)).toString("hex")]);
  const ended = once(peer.resume(), "end");
  const home = frozen.role === "client" ? thawTlsClient(frozen, hopConfig) : thawTlsServer(frozen, serverConfigOf(its));
  for (const output of home.close()) if (output.type === "transmit") socket.write(output.bytes);
  await ended;
  peer.destroy();
  socket.destroy();
}

async function frozenAtRequest(
  tls: TlsConnection,
  socket: Socket,
  pieces: AsyncIterator<Uint8Array>,
): Promise<FrozenConnection> {
  const write = (outputs: readonly Output[]): void => {
    for (const output of outputs) if (output.type === "transmit") socket.write(output.bytes);
  };
  write(tls.start());
  while (tls.request === undefined) write(tls.receive(await next(pieces)));
  return JSON.parse(JSON.stringify(tls.freeze()));
}

async function* piecesOf(socket: Socket): AsyncGenerator<Uint8Array> {
  yield* socket;
}

async function next(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const { value, done } = await pieces.next();
  if (done === true) throw new Error("the peer has hung up");
  return value;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test.run();
