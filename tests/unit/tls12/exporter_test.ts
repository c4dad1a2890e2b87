/**
 * The exporter against values computed with Python's hmac from RFC 5705 §4 (the RFC has no test vectors): master secret
 * 00 01 … 2f, client_random 64 65 … 83, server_random c8 c9 … e7.
 */
import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { sha256, sha384 } from "../../../lib/crypto/noble_hashes.ts";
import type { HashElement } from "../../../lib/crypto/provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { exportKeyingMaterial } from "../../../lib/tls12/exporter.ts";
import { counting } from "../session/fixtures.ts";

const test = suite("keying material exporter");

function exported(
  { hash = sha256, label = "EXPORTER-test", context, length = 70 }: {
    readonly hash?: HashElement;
    readonly label?: unknown;
    readonly context?: unknown;
    readonly length?: unknown;
  },
): string {
  const [masterSecret, clientRandom, serverRandom] = [counting(48), counting(32, 100), counting(32, 200)];
  return toHex(
    exportKeyingMaterial(
      hash,
      masterSecret,
      clientRandom,
      serverRandom,
      label as string,
      context as Uint8Array,
      length as number,
    ),
  );
}

const context = Uint8Array.from("context", (letter) => letter.charCodeAt(0));
const none = new Uint8Array(0);

test("gives what the RFC says with SHA-256, without a context, with an empty one and with a full one", () => {
  assert.is(
    exported({}),
    "9721c00faa8ae795d689e324ab20e443caf6b2d744928dd05351e0ee4ffc0da57e9d3875ac5166a8bfa168bed1b73e687dc9f1d4bb43149a" +
      "b819ccd7f8a5bddecf72535d1f41",
  );
  assert.is(
    exported({ context: none }),
    "5893e05f8fdb65a23097da378afc479bebdbca70d8088a31c4e1a3fa8d73e78bdb4feaaa4b8ab8d13d8b85f9b1dd885a1635434d73184efd" +
      "3014bbf70723a63b5d667b4ae1e6",
  );
  assert.is(
    exported({ context }),
    "cc536124ca15e604c0b28719974cb60b47c0165880f3f5df1a3ca5165e59f1d3717e9acfc0914ac6316d5039cf3ea0f8a151ddeb93b85896" +
      "3baf32757403c6b08007c47fcd04",
  );
});

test("gives what the RFC says with SHA-384, without a context, with an empty one and with a full one", () => {
  assert.is(
    exported({ hash: sha384 }),
    "c1825b5bfe4d9d22f7ba474d34158cd096cf9bb5f58d81bbe263428793de4b0d587915d2e77a065a79616311624e0e91ab36e85b92699e29" +
      "05a41357a3046ec0697682c5f26b",
  );
  assert.is(
    exported({ hash: sha384, context: none }),
    "da55349d97d8160a0015ca79239b6346e7cbc73ad20b3d5f5f6456c45166f411c56b4bd480d1129ade622dc389a47c04fde8584284965f36" +
      "6075fce139a5464f695523ee6b1c",
  );
  assert.is(
    exported({ hash: sha384, context }),
    "b61281e414d7dbc3d9ccc243edaab80b60fc7cc364b1f4f01cc80d94c93a3d148dba9f0df5755ae6095306368ced46edc9cac18766558d06" +
      "c1991306b7c5792c9eb0a97d3434",
  );
});

test("gives from 1 to 65535 bytes, each a beginning of the longer one", () => {
  const longest = exported({ length: 65_535 });
  assert.is(longest.length, 2 * 65_535);
  for (const length of [1, 2, 31, 32, 33, 64, 1000, 65_534]) {
    assert.is(exported({ length }), longest.slice(0, 2 * length));
  }
});

test("takes contexts up to 65535 bytes and tells them all apart", () => {
  const contexts = [undefined, 0, 1, 2, 255, 256, 65_535].map((length) =>
    length === undefined ? undefined : new Uint8Array(length)
  );
  assert.is(new Set(contexts.map((each) => exported({ context: each, length: 16 }))).size, contexts.length);
});

const refuses = (options: Parameters<typeof exported>[0], why: RegExp): void =>
  assert.throws(
    () => exported(options),
    (error: unknown) => error instanceof TlsUsageError && why.test(error.message),
    `${why}`,
  );

test("refuses the labels that TLS itself uses, and only those", () => {
  for (const sender of ["client", "server"]) {
    refuses({ label: `${sender} finished` }, new RegExp(`TLS itself uses the label "${sender} finished"`));
  }
  for (const label of ["master secret", "extended master secret", "key expansion"]) {
    refuses({ label, context }, /TLS itself uses the label/);
  }
  const others = ["", "x", "client finishe", "client finished ", "Master secret", "client EAP encryption", "~ !"];
  assert.is(new Set(others.map((label) => exported({ label }))).size, others.length);
});

test("refuses labels that aren't text in ASCII", () => {
  for (const label of ["é", "EXPORTER-\u0000", "EXPORTER\n", "\u007f", 5, null, ["EXPORTER-test"]]) {
    refuses({ label }, /a label is printable ASCII text, not /);
  }
});

test("refuses lengths that are no number of bytes", () => {
  for (const length of [0, -1, 1.5, 65_536, NaN, Infinity, "32", null]) {
    refuses({ length }, /length is a number of bytes from 1 to 65535, not /);
  }
});

test("refuses contexts that are too long or no bytes", () => {
  refuses({ context: new Uint8Array(65_536) }, /a context has up to 65535 bytes, not 65536/);
  refuses({ context: "context" }, /context must be a Uint8Array, not string/);
  refuses({ context: null }, /context must be a Uint8Array, not object/);
  refuses({ context: [1] }, /context must be a Uint8Array, not object/);
});

test.run();
