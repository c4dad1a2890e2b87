/**
 * The examples of docs/resumption.md and docs/client_certificates.md at work: examples/resumption.ts,
 * examples/session_database.ts, examples/client_certificates.ts, examples/choose_credential.ts.
 * @module
 */

import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { wrapClient, wrapServer } from "../../adapters/streams.ts";
import { serveNames } from "../../examples/choose_credential.ts";
import { type Identity, serveMembers, visitAs } from "../../examples/client_certificates.ts";
import { serveTickets, visitor } from "../../examples/resumption.ts";
import { type Database, databaseCache } from "../../examples/session_database.ts";
import {
  createSessionCache,
  type Credential,
  decodeCertificate,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  issueCertificateAuthority,
  nobleProvider,
  TlsError,
} from "../../mod.ts";
import { credential, errorOf, isError, pem, trusting } from "../adapters/fixtures.ts";
import { transportPair } from "../adapters/memory_runtime.ts";
import { assert, suite } from "../harness.ts";

const test = suite("examples of sessions and client certificates");
const issuing = {
  provider: nobleProvider,
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  now: Date.now(),
};
const members = issueCertificateAuthority({ ...issuing, name: "Members" });
const strangers = issueCertificateAuthority({ ...issuing, name: "Strangers" });

function identity(name: string, issuer = members): Identity {
  const { chain, privateKey } = issueCertificate({ ...issuing, issuer, names: [name] });
  return {
    certificateChain: encodePem("CERTIFICATE", chain[0]),
    privateKey: encodePem("PRIVATE KEY", encodePrivateKey(privateKey)),
  };
}

async function portOf(server: Server): Promise<number> {
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("examples/resumption.ts resumes from the second visit on", async () => {
  const server = serveTickets(0, pem.cert, pem.key);
  const visit = visitor(await portOf(server), pem.ca);
  assert.equal([await visit(), await visit(), await visit()], ["welcome", "welcome back", "welcome back"]);
  server.close();
});

/** A database in memory, which notes what it holds. */
function memoryDatabase(): Database & { readonly rows: Map<string, Uint8Array>; isGone: boolean } {
  const rows = new Map<string, Uint8Array>();
  const database = {
    rows,
    isGone: false,
    get: (key: string) => database.isGone ? Promise.reject(new Error("gone")) : Promise.resolve(rows.get(key)),
    set: (key: string, value: Uint8Array) =>
      database.isGone ? Promise.reject(new Error("gone")) : Promise.resolve(rows.set(key, value)),
    delete: (key: string) => Promise.resolve(rows.delete(key)),
  };
  return database;
}

test("examples/session_database.ts lets two servers resume each other's sessions, sealed and bound to their names", async () => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const database = memoryDatabase();
  const errors: unknown[] = [];
  const server = {
    credentials: [credential],
    sessionCache: databaseCache(database, key, (error) => errors.push(error)),
  };
  const client = { ...trusting, sessionCache: createSessionCache({ now: Date.now }) };
  const visit = async (): Promise<boolean> => {
    const { one, other } = transportPair();
    const [ours, theirs] = [wrapClient(one, client), wrapServer(other, { ...server })];
    const [{ resumed }] = await Promise.all([ours.opened, theirs.opened]);
    await Promise.all([ours.close(), theirs.close()]);
    return resumed;
  };
  assert.equal([await visit(), await visit()], [false, true]);
  const [[name, row] = ["", new Uint8Array()], ...others] = database.rows;
  assert.equal(others, []);
  database.rows.set(`${name}0`, row);
  assert.is(await server.sessionCache.load(`${name}0`, new AbortController().signal), undefined);
  assert.is(errors.length, 1);
  database.isGone = true;
  assert.is(await visit(), false);
  assert.ok(errors.length > 1);
});

test("examples/client_certificates.ts greets members by name, and refuses strangers", async () => {
  const server = serveMembers(
    0,
    { certificateChain: pem.cert, privateKey: pem.key },
    encodePem("CERTIFICATE", members.certificate),
  );
  const port = await portOf(server);
  const alice = identity("alice.example");
  const reports: unknown[] = [];
  const { error: print } = console;
  console.error = (text: unknown) => void reports.push(text);
  try {
    assert.is(await visitAs([alice], port, pem.ca), "hello alice.example");
    assert.is(await visitAs([identity("mallory.example", strangers), alice], port, pem.ca), "hello alice.example");
    isError(await errorOf(visitAs([], port, pem.ca)), TlsError, /alert handshake_failure/);
    isError(
      await errorOf(visitAs([identity("mallory.example", strangers)], port, pem.ca)),
      TlsError,
      /alert handshake_failure/,
    );
  } finally {
    console.error = print;
    server.close();
  }
  assert.is(reports.length, 2);
});

test("examples/choose_credential.ts looks certificates up by name, and refuses names that there are none for", async () => {
  const known = new Map<string, Credential>(["one.example", "two.example"].map((name) => [name, identity(name)]));
  const find = (name: string): Promise<Credential | undefined> => Promise.resolve(known.get(name));
  const visit = async (serverName: string): Promise<string | undefined> => {
    const { one, other } = transportPair();
    const ours = wrapClient(one, { serverName, trustAnchors: members.certificate });
    const theirs = serveNames(other, find);
    try {
      const { peerCertificates: [leaf = new Uint8Array()] } = await ours.opened;
      return decodeCertificate(leaf).subjectAltName?.dnsNames[0];
    } finally {
      await Promise.all([ours.close(), theirs.close()]);
    }
  };
  assert.equal([await visit("one.example"), await visit("two.example")], ["one.example", "two.example"]);
  isError(await errorOf(visit("three.example")), TlsError, /alert unrecognized_name/);
});

test.run();
