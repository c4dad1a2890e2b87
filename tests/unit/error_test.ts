import { assert, suite } from "../harness.ts";
import {
  AlertReceivedError,
  CertificateError,
  DecodeError,
  InternalError,
  PeerIncompatibleError,
  PeerMisbehavedError,
  TlsError,
  TlsUsageError,
  TruncationError,
} from "../../lib/error.ts";

const test = suite("errors");

test("carry the alert that goes to the peer, their own name and their cause", () => {
  const cause = new Error("why");
  const errors: readonly (readonly [TlsError, string, string | undefined])[] = [
    [new DecodeError("m", { cause }), "DecodeError", "decode_error"],
    [new DecodeError("m", { alert: "record_overflow", cause }), "DecodeError", "record_overflow"],
    [new PeerMisbehavedError("illegal_parameter", "m", { cause }), "PeerMisbehavedError", "illegal_parameter"],
    [
      new PeerIncompatibleError("handshake_failure", "m", undefined, { cause }),
      "PeerIncompatibleError",
      "handshake_failure",
    ],
    [new CertificateError("unknown_ca", "m", { check: "path", cause }), "CertificateError", "unknown_ca"],
    [new InternalError("m", { cause }), "InternalError", "internal_error"],
    [new TruncationError("m", { cause }), "TruncationError", undefined],
  ];
  for (const [error, name, alert] of errors) {
    assert.instance(error, TlsError);
    assert.instance(error, Error);
    assert.equal([error.name, error.alert, error.message, error.cause, error.state], [
      name,
      alert,
      "m",
      cause,
      undefined,
    ]);
  }
  assert.not("cause" in new DecodeError("m"));
});

test("say what both sides offered", () => {
  const offers = { ours: ["one", "two"], theirs: [] };
  const error = new PeerIncompatibleError("handshake_failure", "Cannot agree", offers);
  assert.is(error.message, "Cannot agree (we offered one, two; the peer offered none)");
  assert.equal(error.offers, offers);
});

test("have an alert that there is, or can't be made", () => {
  const make: readonly ((alert: never) => unknown)[] = [
    (alert) => new PeerMisbehavedError(alert, "m"),
    (alert) => new PeerIncompatibleError(alert, "m"),
    (alert) => new CertificateError(alert, "m", { check: "path" }),
    (alert) => new DecodeError("m", { alert }),
    (alert) => new InternalError("m", { alert }),
  ];
  for (const alert of ["certificate_is_bad", "", "toString", "__proto__", "constructor", 42, "42", null]) {
    for (const [index, one] of make.entries()) {
      assert.throws(
        () => one(alert as never),
        (error: unknown) =>
          error instanceof TlsUsageError && error.message.includes(`there is no alert "${String(alert)}"`) &&
          /^Cannot make a [A-Z]\w+Error: /.test(error.message),
        `${String(alert)} ${index}`,
      );
    }
  }
});

test("of certificates name the check that failed", () => {
  for (const details of [undefined, null, {}, { index: 0 }, { check: undefined }, { check: 5 }, "path"]) {
    assert.throws(
      () => new CertificateError("bad_certificate", "m", details as unknown as { readonly check: string }),
      (error: unknown) => error instanceof TlsUsageError && /its third argument is \{ check \}/.test(error.message),
    );
  }
});

test("answer no alert with an alert", () => {
  const error = new AlertReceivedError("fatal", undefined, 99, "m");
  assert.equal([error.alert, error.level, error.description, error.descriptionNumber], [
    undefined,
    "fatal",
    undefined,
    99,
  ]);
});

test("tell a caller's mistake from everything else", () => {
  const error = new TlsUsageError("m");
  assert.instance(error, TypeError);
  assert.not(error instanceof TlsError);
  assert.is(error.name, "TlsUsageError");
});

test.run();
