/**
 * The benchmark: full handshakes and 16 KiB of bulk, both ends in memory, against node:tls and against the floor; and
 * chains of certificates against their signatures.
 * `npm run bench`; `npm run bench -- --quick` for a first look. Says what was wanted and what came; never fails.
 * @module
 */

import process from "node:process";
import { certificateContenders } from "./certificates.ts";
import { watchCharts } from "./charts.ts";
import { floorBulk, floorHandshake } from "./floor.ts";
import { nullProvider, nullSigner } from "./null_provider.ts";
import { type Contender, type Measured, median, ratio, takeTurns } from "./measure.ts";
import {
  bulkLength,
  caPem,
  carry,
  clientConfig,
  type Duel,
  keyPem,
  leaf,
  leafPem,
  newPair,
  random,
  serverConfig,
  shakeHands,
  type SuiteName,
  transcriptLength,
} from "./scene.ts";

const quick = process.argv.includes("--quick");
const rounds = quick ? 5 : 25;
const sliceMs = quick ? 50 : 100;

const chacha: SuiteName = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
const aes: SuiteName = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
const goals: string[] = [];

/** The handshake's duel as the defaults choose it, and the one with P-256 alone. */
const duels: readonly Duel[] = [{ suite: chacha, group: "x25519" }, { suite: chacha, group: "secp256r1" }];

async function handshakes(duel: Duel): Promise<void> {
  const ours = "tlschart";
  const fromPem = "tlschart, configured from PEM each time";
  const alone = "tlschart without its cryptography";
  const floor = "floor";
  const node = "node:tls";
  const client = clientConfig(duel);
  const server = serverConfig(duel);
  const pemClient = { ...client, trustAnchors: caPem };
  const pemServer = { ...server, credentials: [{ certificateChain: leafPem, privateKey: keyPem }] };
  const runAlone = handshakeAlone(duel);
  // The engine compiles what runs often: thousands of handshakes, which would take minutes with cryptography.
  for (let turn = 0; turn < (quick ? 300 : 3000); turn++) runAlone();
  const contenders: Contender[] = [
    { name: floor, run: floorHandshake(duel, transcriptLength(newPair({ ...client, trace: "messages" }, server))) },
    { name: ours, run: () => shakeHands(newPair(client, server)) },
    { name: alone, run: runAlone },
    { name: fromPem, run: () => shakeHands(newPair(pemClient, pemServer)) },
  ];
  const nodeTls = await nodeModule();
  if (nodeTls !== undefined) contenders.push({ name: node, run: nodeTls.nodeHandshake(duel) });
  const measured = await takeTurns(contenders, rounds, sliceMs);
  heading(`full handshake, ${duel.suite}, ${duel.group}, P-256 certificate`, "CPU/handshake", "× floor", "× node:tls");
  for (const { name } of contenders) {
    row(
      name,
      `${(median(measured.get(name) ?? []) / 1000).toFixed(2)} ms`,
      times(measured, name, floor),
      times(measured, name, node),
    );
  }
  goal(`handshake (${duel.group}) at most 1.15 × floor`, ratio(measured, ours, floor), (got) => got <= 1.15);
  charts(duel);
}

/** A handshake in which every cryptographic operation is replaced by nothing. */
function handshakeAlone(duel: Duel): () => void {
  if (leaf.publicKey === undefined) throw new Error("the leaf has no key");
  const client = { ...clientConfig(duel), provider: nullProvider };
  const credentials = [{ certificateChain: [leaf], signer: nullSigner(leaf.publicKey) }];
  const server = { ...serverConfig(duel), provider: nullProvider, credentials };
  return () => shakeHands(newPair(client, server));
}

function charts(duel: Duel): void {
  const client = clientConfig(duel);
  const server = serverConfig(duel);
  const shares: number[] = [];
  const times: number[] = [];
  const count = 10;
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    const watch = watchCharts();
    const start = performance.now();
    for (let turn = 0; turn < count; turn++) shakeHands(newPair(client, server));
    shares.push(watch.time / (performance.now() - start) * 100);
    times.push(watch.time / count * 1000);
    watch.end();
    events = watch.events / count;
  }
  console.log(`charts: ${events} events in a handshake (both ends), ${median(times).toFixed(0)} µs of it`);
  goal(`charts (${duel.group}) at most 6 % of a handshake`, median(shares), (got) => got <= 6, " %");
}

async function bulk(suite: SuiteName): Promise<number> {
  const duel: Duel = { suite, group: "x25519" };
  const pair = newPair(clientConfig(duel), serverConfig(duel));
  shakeHands(pair);
  const data = random(bulkLength);
  const contenders: Contender[] = [
    { name: "floor", run: floorBulk(duel) },
    { name: "tlschart", run: () => void carry(pair, data) },
  ];
  const nodeTls = await nodeModule();
  const node = await nodeTls?.nodeBulk(duel);
  if (node !== undefined) contenders.push({ name: "node:tls", run: node.run });
  const watch = watchCharts();
  const measured = await takeTurns(contenders, rounds, sliceMs);
  watch.end();
  node?.close();
  heading(`bulk, 16 KiB records, ${suite}`, "throughput", "× floor", "× node:tls");
  for (const { name } of contenders) {
    const rate = `${(bulkLength / median(measured.get(name) ?? [])).toFixed(1)} MB/s`;
    row(name, rate, times(measured, "floor", name), times(measured, "node:tls", name));
  }
  goal(`bulk (${suite}) at least 0.9 × floor`, ratio(measured, "floor", "tlschart"), (got) => got >= 0.9);
  goal("no chart transition per application record", watch.events, (got) => got === 0, " transitions");
  return median(measured.get("tlschart") ?? []);
}

async function certificates(): Promise<void> {
  const contenders = certificateContenders(quick ? 300 : 3000);
  const measured = await takeTurns(contenders, rounds, sliceMs);
  const [floor, whole] = contenders;
  heading(
    "a chain of three certificates, P-256: leaf and intermediate under a known root",
    "CPU/chain",
    "× signatures",
  );
  for (const { name } of contenders) {
    row(name, `${(median(measured.get(name) ?? []) / 1000).toFixed(2)} ms`, times(measured, name, floor.name));
  }
  const got = ratio(measured, whole?.name ?? "", floor.name);
  goal("parsing and validating a chain at most 1.10 × its signatures", got, (cost) => cost <= 1.1);
}

type NodeTls = typeof import("./node_tls.ts");

/** Another runtime may lack what this needs of node:tls. */
async function nodeModule(): Promise<NodeTls | undefined> {
  try {
    const nodeTls = await import("./node_tls.ts");
    await nodeTls.nodeHandshake({ suite: chacha, group: "x25519" })();
    return nodeTls;
  } catch (error) {
    console.log(`node:tls is left out: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function heading(title: string, ...columns: readonly string[]): void {
  console.log(`\n${title}`);
  row("", ...columns);
}

function row(name: string, ...cells: readonly string[]): void {
  console.log(`  ${name.padEnd(42)}${cells.map((cell) => cell.padStart(15)).join("")}`);
}

function times(measured: Measured, one: string, other: string): string {
  return measured.has(other) ? ratio(measured, one, other).toFixed(2) : "–";
}

function goal(wanted: string, got: number, holds: (got: number) => boolean, unit = ""): void {
  goals.push(
    `wanted: ${wanted.padEnd(72)} got: ${got.toFixed(2).padStart(6)}${unit.padEnd(13)} ${holds(got) ? "yes" : "no"}`,
  );
}

async function main(): Promise<void> {
  console.log(`${process.version}, CPU time, medians of ${rounds} interleaved rounds`);
  for (const duel of duels) await handshakes(duel);
  await certificates();
  const times = { chacha: await bulk(chacha), aes: await bulk(aes) };
  goal("ChaCha20-Poly1305 preferred to AES-GCM: throughput × AES-128-GCM", times.aes / times.chacha, (got) => got >= 1);
  console.log(`\n${goals.join("\n")}`);
}

void main();
