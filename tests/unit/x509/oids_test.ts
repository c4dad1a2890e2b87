import { assert, suite } from "../../harness.ts";
import * as oids from "../../../lib/x509/oids.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derObjectIdentifier } from "../../../lib/x509/der_writer.ts";

const test = suite("oids");
const tables = [
  oids.AttributeType,
  oids.ExtensionId,
  oids.CrlExtensionId,
  oids.OcspId,
  oids.AccessMethod,
  oids.KeyPurposeId,
  oids.KeyAlgorithm,
  oids.NamedCurve,
  oids.SignatureId,
  oids.HashAlgorithm,
];

test("every table has each object identifier once, and each can be encoded", () => {
  for (const table of tables) {
    const values: readonly string[] = Object.values(table);
    assert.is(new Set(values).size, values.length);
    for (const oid of values) assert.is(new DerReader(derObjectIdentifier(oid)).objectIdentifier("oid"), oid);
  }
});

test("oidName gives the name, and the number where there is none", () => {
  assert.is(oids.oidName(oids.ExtensionId, "2.5.29.15"), "keyUsage");
  assert.is(oids.oidName(oids.ExtensionId, "1.2.3"), "1.2.3");
});

test.run();
