/** What adapters make of their options before there is a transport: tickets by default, and names from elsewhere. */
import { prepareClient, prepareServer, type ServerOptions } from "../../adapters/endpoints.ts";
import { ticketKeysFor } from "../../adapters/ticket_keys.ts";
import { createSessionCache, type Credential, insecureAcceptAnyCertificate, type TicketKey } from "../../mod.ts";
import { assert, suite } from "../harness.ts";
import { credential, otherCredential, random, trusting } from "./fixtures.ts";

const test = suite("options of adapters");
const common = { now: Date.now, random };
const sessionCache = "request";

/** The keys themselves, which a server would have by default. */
function keysOf(credentials: readonly Credential[] | "request", others: object = {}): readonly TicketKey[] | undefined {
  const keys = ticketKeysFor({ ...common, credentials, ...others });
  return typeof keys === "function" ? keys() : keys;
}

test("connections share ticket keys exactly when their credentials begin with the same object", () => {
  const one = keysOf([credential]);
  assert.is(one?.length, 1);
  assert.is(keysOf([credential, otherCredential]), one);
  assert.is.not(keysOf([otherCredential, credential]), one);
  assert.is.not(keysOf([{ ...credential }]), one);
});

test("there are no ticket keys by default where only the embedder knows who may share them", () => {
  assert.is(keysOf("request"), undefined);
  assert.is(keysOf([credential], { certificateVerifier: insecureAcceptAnyCertificate }), undefined);
  assert.is(keysOf([credential], { certificateVerifier: "request" }), undefined);
  assert.is(keysOf([credential], { sessionCache }), undefined);
  assert.is(keysOf([credential], { tickets: false }), undefined);
  const given = [{ name: new Uint8Array(16), key: new Uint8Array(32).fill(1) }];
  assert.is(keysOf("request", { ticketKeys: given }), given);
});

const wrong: readonly (readonly [Partial<Record<keyof ServerOptions, unknown>>, RegExp])[] = [
  [{ tickets: "yes" }, /tickets: it is true or false, not string/],
  [{ tickets: false, ticketKeys: [] }, /Cannot use ticketKeys: tickets is false/],
  [{ tickets: true, sessionCache: createSessionCache({ now: Date.now }) }, /Cannot issue tickets: .* give ticketKeys/],
  [{ tickets: true, credentials: "request", onRequest: () => undefined }, /Cannot issue tickets/],
  [{ ticketKeys: [] }, /Cannot use the ticket keys/],
  [{ credentials: "request" }, /question open: give onRequest/],
  [{ sessionCache: "request" }, /sessionCache: it must be an object with functions/],
];

for (const [options, says] of wrong) {
  test(`a server refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => prepareServer({ credentials: [credential], ...options } as ServerOptions), says);
  });
}

test("a session cache leaves no question open that onRequest would have to answer", () => {
  prepareServer({ credentials: [credential], sessionCache: createSessionCache({ now: Date.now }) });
  prepareClient({ ...trusting, sessionCache: createSessionCache({ now: Date.now }) });
});

const elsewhere: readonly (readonly ["client" | "server", string, RegExp])[] = [
  ["server", "requestCert", /clientAuthentication is what it is called here/],
  ["server", "rejectUnauthorized", /clientAuthentication is what it is called here/],
  ["client", "rejectUnauthorized", /certificateVerifier is what it is called here/],
  ["client", "session", /sessionCache is what it is called here/],
  ["server", "sessionTimeout", /sessionLifetime is what it is called here/],
  ["server", "SNICallback", /credentials is what it is called here/],
  ["client", "ecdhCurve", /namedGroups is what it is called here/],
  ["client", "sigalgs", /signatureSchemes is what it is called here/],
  ["client", "crl", /certificateRules is what it is called here/],
  ["server", "crls", /certificateRules is what it is called here/],
  ["client", "pins", /certificateRules is what it is called here/],
  ["client", "policy", /certificateRules is what it is called here/],
  ["server", "certificatePolicies", /certificateRules is what it is called here/],
  ["client", "requireRevocationStatus", /certificateRules is what it is called here/],
  ["client", "isPublicSuffix", /certificateRules is what it is called here/],
  ["client", "certificateRule", /is it certificateRules\? there are/],
  ["client", "checkServerIdentity", /certificateVerifier is what it is called here/],
  ["client", "allowPartialTrustChain", /trustAnchors is what it is called here/],
  ["server", "ocspResponse", /credentials is what it is called here/],
  ["client", "minVersion", /TLS 1\.2 is the only version/],
  ["server", "honorCipherOrder", /always goes by its own order/],
  ["server", "dhparam", /there is no DHE, only ECDHE/],
  ["client", "passphrase", /encrypted keys aren't read/],
  ["server", "credentails", /is it credentials\? there are .*\bcredentials\b/],
  ["client", "TRUSTANCHORS", /is it trustAnchors\? there are/],
  ["client", "trustAnchrs", /is it trustAnchors\? there are/],
  ["client", "sigs", /\(there are/],
  ["client", "clientAuthentication", /\(there are .*\btrustAnchors\b/],
];

for (const [role, name, says] of elsewhere) {
  test(`a ${role} that is told ${name} hears what there is instead`, () => {
    const prepare = role === "client" ? prepareClient : prepareServer;
    assert.throws(() => prepare({ [name]: true } as never), says);
  });
}

test.run();
