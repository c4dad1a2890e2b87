import { assert, suite } from "../../harness.ts";
import { toHex } from "../../../lib/codec/bytes.ts";
import { nobleProvider } from "../../../lib/crypto/noble_provider.ts";
import { TlsUsageError } from "../../../lib/error.ts";
import { decodePem } from "../../../lib/x509/pem.ts";
import { decodeCertificate } from "../../../lib/x509/certificate.ts";
import { type ParsedPins, parsePins, pinFault, spkiPin } from "../../../lib/x509/pins.ts";
import { certificatePem } from "../../support/x509_fixtures.ts";
import { bytes, makeAuthority, makeLeaf } from "./builder.ts";

const test = suite("pins");
const { hashes } = nobleProvider;
const root = makeAuthority({ name: "root" });
const path = [makeLeaf({ issuer: root }), root].map(({ certificate }) => certificate);
const [leafPin = "", rootPin = ""] = path.map((certificate) => spkiPin(certificate, hashes));
const [otherPin, anotherPin] = [bytes(1), bytes(2)].map((spki) => spkiPin({ spki }, hashes));

const hexOf = (certificate: { readonly spki: Uint8Array }): string => toHex(hashes.sha256.digest(certificate.spki));
const fault = (...pins: (string | undefined)[]): string | undefined =>
  pinFault(path, parsePins(pins.flatMap((pin) => pin ?? [])), hashes);

function refuses(pins: unknown, why: RegExp): void {
  assert.throws(() => {
    const parsed: ParsedPins = Reflect.apply(parsePins, undefined, [pins]);
    return parsed;
  }, (error: unknown) => error instanceof TlsUsageError && why.test(error.message));
}

test("spkiPin is what openssl makes: x509 -pubkey | pkey -pubin -outform der | dgst -sha256 -binary | base64", () => {
  const pins = Object.fromEntries(["rsa", "p256", "ed25519"].map((name) => [name, pinOf(name)]));
  assert.equal(pins, opensslPins);
});

test("parsePins reads base64 and hexadecimal digits, each pin once", () => {
  const [certificate] = path;
  if (certificate === undefined) throw new Error("the path is empty");
  const digits = hexOf(certificate);
  assert.equal(parsePins([leafPin]), { pins: [leafPin] });
  assert.equal(parsePins([digits]), { pins: [leafPin] });
  assert.equal(parsePins([digits.toUpperCase(), leafPin, rootPin, digits]), { pins: [leafPin, rootPin] });
});

test("parsePins refuses everything else", () => {
  const base64 = leafPin.slice("sha256/".length);
  const wrong = [
    "",
    base64,
    `sha1/${base64}`,
    `SHA256/${base64}`,
    `sha256/${base64} `,
    `sha256/${base64.slice(0, -1)}`,
    `sha256/${base64.slice(0, -4)}`,
    `sha256/${base64}AAAA`,
    `sha256/${base64.slice(0, -2)}B=`,
    "sha256/",
    "a".repeat(63),
    "a".repeat(65),
    "g".repeat(64),
    "ab:".repeat(31) + "ab",
  ];
  for (const pin of wrong) {
    refuses([leafPin, pin], /^Cannot use ".*" as a pin: it is neither "sha256\/" with the base64/);
  }
  refuses(["x".repeat(10_000)], /^Cannot use "x{80}" as/);
  refuses([1], /one of them is number, not a text/);
  refuses(leafPin, /a list of texts is needed, not string/);
  refuses(undefined, /a list of texts is needed, not undefined/);
});

test("parsePins refuses an empty list, which nobody could meet", () => {
  refuses([], /the list is empty, so that nobody could be accepted/);
});

test("pinFault is content when one key of the path is pinned, be it the leaf's or the trust anchor's", () => {
  assert.is(fault(leafPin), undefined);
  assert.is(fault(rootPin), undefined);
  assert.is(fault(otherPin, rootPin), undefined);
  assert.is(pinFault(path, parsePins(path.map(hexOf)), hashes), undefined);
});

test("pinFault says which keys the path has and which are pinned", () => {
  assert.is(
    fault(otherPin, anotherPin),
    `none of the path's keys is pinned: they are ${leafPin}, ${rootPin}, and pinned are ${otherPin}, ${anotherPin}`,
  );
  assert.match(pinFault([], parsePins([leafPin]), hashes) ?? "", /none of the path's keys/);
});

test("pinFault lists no more than eight of either", () => {
  const many = Array.from({ length: 20 }, (_, index) => ({ spki: bytes(9, index) }));
  const pins = parsePins(many.map((issuer) => spkiPin(issuer, hashes)));
  assert.match(fault(...pins.pins) ?? "", /pinned are (sha256\/[^,]{44}, ){7}sha256\/\S{44} and 12 more$/);
  assert.match(
    pinFault(many, parsePins([leafPin]), hashes) ?? "",
    /they are (\S+ ){8}and 12 more, and pinned are \S+$/,
  );
});

test("a pin is of the key: a certificate of another CA with the same key has it too", () => {
  const again = makeLeaf({ key: root.key, names: ["other.example"] }).certificate;
  assert.is(spkiPin(again, hashes), rootPin);
});

function pinOf(name: string): string {
  const [block] = decodePem(Object.entries(certificatePem).find(([key]) => key === name)?.[1] ?? "");
  return spkiPin(decodeCertificate(block?.bytes ?? bytes()), hashes);
}

/** By OpenSSL 3.0.19. */
const opensslPins = {
  rsa: "sha256/1AFTWdXnGaeDJNV35jb2KRu9u5VkoMDPWAwdOh61rpw=",
  p256: "sha256/IeeXWUIAsxmr6PngjQJQWLu2pYa/sHSu3wAY0acTnuU=",
  ed25519: "sha256/pwHOE25JVjo9pscOfwkfQDwNQx0V0zAx6NKbNbAqr1o=",
};

test.run();
