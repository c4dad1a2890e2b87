/** Which alerts the library can send at all: those that its sources name. RFC 5246 §7.2.2. */
import { assert, suite } from "../harness.ts";
import { librarySources } from "../layout/source.ts";

const test = suite("alerts by the RFCs");

// proves RFC 5246 §7.2.2: "It MUST NOT be sent by compliant implementations"
test("that the RFC calls RESERVED are named by the registry alone, and sent by nobody", () => {
  const sources = librarySources();
  const naming = (alert: string): readonly string[] =>
    sources.filter(({ text }) => new RegExp(`\\b${alert}\\b`).test(text)).map(({ path }) => path);
  for (const alert of ["no_certificate_RESERVED", "export_restriction_RESERVED", "decryption_failed_RESERVED"]) {
    assert.equal(naming(alert), ["lib/registry.ts"], alert);
  }
  assert.ok(naming("bad_record_mac").length > 1, "others are found where they are sent");
});

test.run();
