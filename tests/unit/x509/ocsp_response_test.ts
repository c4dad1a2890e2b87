import { assert, suite } from "../../harness.ts";
import { encodeExtension } from "../../../lib/x509/certificate_writer.ts";
import {
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from "../../../lib/x509/der_writer.ts";
import { type BasicOcspResponse, decodeOcspResponse } from "../../../lib/x509/ocsp_response.ts";
import { bytes, day, hex, makeAuthority, makeLeaf, now, refusesToDecode } from "./builder.ts";
import {
  basicOf,
  type BasicRecipe,
  byKey,
  byName,
  good,
  hashes,
  revoked,
  singleOf,
  type SingleRecipe,
  successful,
  time,
  timeText,
  unknown,
  wrapped,
} from "./ocsp_builder.ts";

const test = suite("OCSP responses");
const root = makeAuthority({ name: "root" });
const leaf = makeLeaf({ name: "leaf", issuer: root, serial: 0xff80 });

const response = (recipe: BasicRecipe = {}): Uint8Array => successful(basicOf(leaf.certificate, root, recipe));
const single = (recipe: SingleRecipe = {}): Uint8Array => singleOf(leaf.certificate, root.certificate, recipe);

function decodeBasic(der: Uint8Array): BasicOcspResponse {
  const decoded = decodeOcspResponse(der);
  if (decoded.type !== "basic") throw new Error(`it is ${decoded.type}`);
  return decoded.basic;
}

// proves RFC 6960 §2.2: "There is one basic type of OCSP response"
// proves RFC 6960 §4.2.1: "Correspondingly, OCSP clients SHALL"
test("tell who said what when, of which certificate", () => {
  const nonce = encodeExtension("1.3.6.1.5.5.7.48.1.2", false, derOctetString(bytes(1, 2, 3)));
  const ours = encodeExtension("1.2.3.4", true, bytes(5, 0));
  const basic = decodeBasic(
    response({ extensions: [nonce], singles: [single({ extensions: [ours] })], certs: [root.certificate.der] }),
  );
  assert.is(basic.producedAt, now - day);
  assert.equal(basic.responderId.type === "byName" && basic.responderId.name.text, "CN=root");
  assert.equal(basic.signatureAlgorithm, "ecdsa_sha256");
  assert.is(basic.signatureAlgorithmText, "ecdsa-with-SHA256 (1.2.840.10045.4.3.2)");
  assert.equal(basic.responseExtensions, [{
    oid: "1.3.6.1.5.5.7.48.1.2",
    critical: false,
    value: bytes(4, 3, 1, 2, 3),
  }]);
  assert.equal(basic.certs, [root.certificate.der]);
  assert.is(basic.responses.length, 1);
  const [first] = basic.responses;
  assert.equal(first?.certStatus, { type: "good" });
  assert.equal([first?.thisUpdate, first?.nextUpdate], [now - day, now + day]);
  assert.equal(first?.singleExtensions, [{ oid: "1.2.3.4", critical: true, value: bytes(5, 0) }]);
  assert.equal(first?.certId.hashAlgorithm.oid, "1.3.14.3.2.26");
  assert.equal(first?.certId.issuerNameHash, hashes.sha1.digest(root.certificate.subject.der));
  assert.equal(first?.certId.issuerKeyHash, hashes.sha1.digest(root.certificate.subjectPublicKey));
  assert.equal(first?.certId.serialNumber, leaf.certificate.serialNumber);
});

test("tell a responder by its key, and statuses with all that belongs to them", () => {
  const statuses = [
    [good, { type: "good" }],
    [unknown, { type: "unknown" }],
    [revoked(now), { type: "revoked", revocationTime: now, revocationReason: undefined }],
    [revoked(now, 0), { type: "revoked", revocationTime: now, revocationReason: "unspecified" }],
    [revoked(now, 1), { type: "revoked", revocationTime: now, revocationReason: "keyCompromise" }],
    [revoked(now, 10), { type: "revoked", revocationTime: now, revocationReason: "aACompromise" }],
    // RFC 5280 §5.3.1: there is no 7.
    [revoked(now, 7), { type: "revoked", revocationTime: now, revocationReason: undefined }],
    [revoked(now, 99), { type: "revoked", revocationTime: now, revocationReason: undefined }],
  ] as const;
  const basic = decodeBasic(
    response({
      responderId: byKey(root.certificate),
      singles: statuses.map(([status]) => single({ status, nextUpdate: undefined })),
    }),
  );
  const { responderId } = basic;
  assert.equal(
    responderId.type === "byKey" && responderId.keyHash,
    hashes.sha1.digest(root.certificate.subjectPublicKey),
  );
  assert.equal(basic.responses.map(({ certStatus }) => certStatus), statuses.map(([, expected]) => expected));
  assert.equal(basic.responses.map(({ nextUpdate }) => nextUpdate), statuses.map(() => undefined));
  assert.equal([basic.responseExtensions, basic.certs, basic.responses[0]?.singleExtensions], [[], [], []]);
  assert.equal(decodeBasic(response({ singles: [] })).responses, []);
});

test("that are errors have a name and nothing else", () => {
  const named = [
    [1, "malformedRequest"],
    [2, "internalError"],
    [3, "tryLater"],
    [5, "sigRequired"],
    [6, "unauthorized"],
  ] as const;
  for (const [number, responseStatus] of named) {
    assert.equal(decodeOcspResponse(wrapped(number)), { type: "error", responseStatus });
    refusesToDecode(
      () => decodeOcspResponse(wrapped(number, derConstructed(0, derSequence()))),
      new RegExp(`responseBytes at byte 5: they must not be there with the status ${responseStatus}`),
    );
  }
  for (const number of [4, 7]) {
    refusesToDecode(
      () => decodeOcspResponse(wrapped(number)),
      new RegExp(`responseStatus at byte 2: ${number} is not`),
    );
  }
  refusesToDecode(() => decodeOcspResponse(wrapped(0)), /responseBytes at byte 5: they are missing/);
  refusesToDecode(() => decodeOcspResponse(derSequence(derInteger(3))), /ENUMERATED expected, INTEGER found/);
});

// proves RFC 6960 §4.2.1: "The value for response SHALL"
test("of another type are told apart and not looked into", () => {
  assert.equal(decodeOcspResponse(successful(bytes(1, 2, 3), "1.2.3")), { type: "unsupported", responseType: "1.2.3" });
  refusesToDecode(
    () => decodeOcspResponse(successful(bytes(1, 2, 3))),
    /BasicOCSPResponse at byte \d+: SEQUENCE expected/,
  );
});

// proves RFC 6960 §4.2.2.3: "the version of the response syntax, which MUST be v1"
test("are of version 1, said or not", () => {
  assert.is(decodeBasic(response({ version: derConstructed(0, derInteger(0)) })).responses.length, 1);
  refusesToDecode(
    () => decodeOcspResponse(response({ version: derConstructed(0, derInteger(1)) })),
    /tbsResponseData.version at byte \d+: the number 1 is not v1 \(0\)/,
  );
});

test("have times as RFC 5280 has them: GeneralizedTime, to the second, in UTC", () => {
  const wrong = [
    [
      derElement(0x17, bytes(...Array.from("300615120000Z", (c) => c.charCodeAt(0)))),
      /GeneralizedTime expected, UTCTime/,
    ],
    [timeText("20300615120000.5Z"), /is not of the form YYYYMMDDHHMMSSZ/],
    [timeText("20300615120000.0Z"), /is not of the form/],
    [timeText("203006151200Z"), /is not of the form/],
    [timeText("20300615120000"), /is not of the form/],
    [timeText("20300615120000+0100"), /is not of the form/],
    [timeText("20300631120000Z"), /is not a date and time that exists/],
  ] as const;
  for (const [producedAt, why] of wrong) refusesToDecode(() => decodeOcspResponse(response({ producedAt })), why);
  const badTime = timeText("20300615120000.5Z");
  for (const field of ["thisUpdate", "nextUpdate", "certStatus.revocationTime"]) {
    const certStatus = field.startsWith("certStatus") ? derConstructed(1, badTime) : good;
    const thisUpdate = field === "thisUpdate" ? badTime : time(now);
    const nextUpdate = field === "nextUpdate" ? badTime : time(now);
    const certId = derSequence(
      derSequence(derObjectIdentifier("1.3.14.3.2.26")),
      derOctetString(),
      derOctetString(),
      derInteger(1),
    );
    const singles = [derSequence(certId, certStatus, thisUpdate, derConstructed(0, nextUpdate))];
    refusesToDecode(
      () => decodeOcspResponse(response({ singles })),
      new RegExp(`SingleResponse.${field} at byte \\d+: "20300615120000.5" is not of the form`),
    );
  }
});

test("have nothing in them that doesn't belong there", () => {
  const certId = derSequence(
    derSequence(derObjectIdentifier("1.3.14.3.2.26")),
    derOctetString(bytes(1)),
    derOctetString(bytes(2)),
    derInteger(3),
  );
  const singleWith = (...fields: readonly Uint8Array[]): Uint8Array => response({ singles: [derSequence(...fields)] });
  assert.is(decodeBasic(singleWith(certId, good, time(now))).responses.length, 1);
  const extra = bytes(5, 0);
  const wrong: readonly (readonly [Uint8Array, RegExp])[] = [
    [bytes(), /OCSPResponse at byte 0: SEQUENCE expected, the end found/],
    [bytes(...response(), 0), /OCSPResponse at byte \d+: 1 bytes too many/],
    [wrapped(3, extra), /OCSPResponse at byte 5: 2 bytes too many/],
    [wrapped(0, derConstructed(0, derSequence(), extra)), /responseBytes at byte \d+: 2 bytes too many/],
    [
      wrapped(0, derConstructed(0, derSequence(derObjectIdentifier("1.2.3"), derOctetString(), extra))),
      /responseBytes at byte \d+: 2 bytes too many/,
    ],
    [
      successful(bytes(...basicOf(leaf.certificate, root), 5, 0)),
      /responseBytes.response at byte \d+: 2 bytes too many/,
    ],
    [
      response({ responderId: derConstructed(3, derSequence()) }),
      /responderID at byte \d+: \[2\] expected, \[3\] found/,
    ],
    [
      response({ responderId: derConstructed(2, derOctetString(), extra) }),
      /responderID at byte \d+: 2 bytes too many/,
    ],
    [response({ responderId: bytes(...byName(bytes(0x30, 2, 5, 0))) }), /responderID.byName/],
    [response({ version: derConstructed(0, derInteger(0), extra) }), /version at byte \d+: 2 bytes too many/],
    [response({ extensions: [] }), /responseExtensions at byte \d+: the list is empty/],
    [
      response({ responderId: derConstructed(1, root.certificate.subject.der, extra) }),
      /responderID at byte \d+: 2 bytes too many/,
    ],
    [
      response({ dataRest: derConstructed(1, derSequence(encodeExtension("1.2.3", false, extra)), extra) }),
      /responseExtensions at byte \d+: 2 bytes too many/,
    ],
    [
      singleWith(
        derSequence(
          derSequence(derObjectIdentifier("1.2")),
          derOctetString(),
          derOctetString(),
          derInteger(3),
          extra,
        ),
        good,
        time(now),
      ),
      /CertID at byte \d+: 2 bytes too many/,
    ],
    [response({ dataRest: extra }), /tbsResponseData at byte \d+: 2 bytes too many/],
    [response({ rest: extra }), /BasicOCSPResponse at byte \d+: 2 bytes too many/],
    [response({ rest: derConstructed(0, derSequence(), extra) }), /certs at byte \d+: 2 bytes too many/],
    [response({ certs: [derInteger(1)] }), /certs at byte \d+: SEQUENCE expected, INTEGER found/],
    [singleWith(certId, bytes(0x80, 1, 0), time(now)), /certStatus at byte \d+: NULL has 1 bytes of content/],
    [singleWith(certId, bytes(0x82, 1, 0), time(now)), /certStatus at byte \d+: NULL has 1 bytes of content/],
    [singleWith(certId, derImplicit(3), time(now)), /certStatus at byte \d+: \[1\] expected, \[3\] found/],
    [singleWith(certId, derConstructed(1, time(now), extra), time(now)), /certStatus at byte \d+: 2 bytes too many/],
    [
      singleWith(certId, derConstructed(1, time(now), derConstructed(0, derInteger(1))), time(now)),
      /revocationReason at byte \d+: ENUMERATED expected, INTEGER found/,
    ],
    [
      singleWith(certId, derConstructed(1, time(now), derConstructed(0, bytes(10, 1, 1), extra)), time(now)),
      /revocationReason at byte \d+: 2 bytes too many/,
    ],
    [singleWith(certId, good, time(now), derConstructed(0, time(now), extra)), /nextUpdate at byte \d+: 2 bytes too/],
    [singleWith(certId, good, time(now), extra), /SingleResponse at byte \d+: 2 bytes too many/],
    [singleWith(derSequence(certId), good, time(now)), /CertID.hashAlgorithm/],
    [
      singleWith(
        derSequence(
          derSequence(derObjectIdentifier("1.2")),
          derOctetString(),
          derOctetString(),
          hex("02 02 00 01"),
        ),
        good,
        time(now),
      ),
      /CertID.serialNumber at byte \d+: the INTEGER is not in its shortest form/,
    ],
  ];
  for (const [der, why] of wrong) refusesToDecode(() => decodeOcspResponse(der), why);
});

test("are refused wherever they are cut off", () => {
  const der = response({ certs: [root.certificate.der] });
  for (let length = 0; length < der.length; length++) {
    refusesToDecode(() => decodeOcspResponse(der.subarray(0, length)), /^Cannot decode /);
  }
});

test("have at most 65536 bytes", () => {
  const filler = (length: number): Uint8Array => successful(new Uint8Array(length), "1.2.3");
  const overhead = filler(65_000).length - 65_000;
  assert.is(filler(65_536 - overhead).length, 65_536);
  assert.is(decodeOcspResponse(filler(65_536 - overhead)).type, "unsupported");
  refusesToDecode(
    () => decodeOcspResponse(filler(65_537 - overhead)),
    /OCSPResponse at byte 0: 65537 bytes are more than the 65536 that are allowed/,
  );
});

test.run();
