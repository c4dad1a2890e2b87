/** What goes over the wire before there are keys: handshake, alerts, and never application data. RFC 5246 §7.3. */
import { assert, suite } from "../harness.ts";
import { InternalError } from "../../lib/error.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { Tracer } from "../../lib/tracer.ts";
import { Wire } from "../../lib/wire.ts";
import { sampleBytes } from "../support/fixtures.ts";

const test = suite("wire");

test("takes no application data before a key protects them, whoever wants to send them", () => {
  const wire = new Wire(defaultLimits, new Tracer("off", () => {}));
  for (const data of [sampleBytes(20), new Uint8Array(0)]) {
    assert.throws(
      () => wire.write("application_data", data),
      (error: unknown) => error instanceof InternalError && /no key protects it yet/.test(error.message),
    );
    assert.is(wire.flush(), undefined);
  }
  wire.send({ content: "alert", level: "fatal", description: "internal_error" });
  assert.equal(wire.flush(), Uint8Array.of(21, 3, 1, 0, 2, 2, 80));
});

test.run();
