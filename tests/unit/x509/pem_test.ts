import { assert, suite } from "../../harness.ts";
import { decodeBase64, decodePem, encodeBase64, encodePem } from "../../../lib/x509/pem.ts";
import { bytes, countingRandom, refusesToDecode } from "./builder.ts";

const test = suite("pem");
const block = (body: string, label = "DEMO"): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

test("reads several blocks in their order, with text around and between them", () => {
  const text = `subject=/CN=one\n${block("AQID")}\nsome words: about two\r\n${block("BAUG", "X509 OTHER")}end`;
  const blocks = decodePem(text);
  assert.equal(blocks.map(({ label, bytes, line }) => ({ label, bytes, line })), [
    { label: "DEMO", bytes: bytes(1, 2, 3), line: 2 },
    { label: "X509 OTHER", bytes: bytes(4, 5, 6), line: 7 },
  ]);
});

test("reads every kind of line end, blanks around lines, and lines of any length", () => {
  const lines = ["-----BEGIN DEMO-----", "AQ", "  IDBAU  ", "=", "-----END DEMO-----"];
  for (const end of ["\n", "\r\n", "\r"]) assert.equal(decodePem(lines.join(end))[0]?.bytes, bytes(1, 2, 3, 4, 5));
});

test("keeps the header lines of an encrypted key", () => {
  const [found] = decodePem(block("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\nAQID"));
  assert.equal(found?.headers, ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,AB"]);
  assert.equal(found?.bytes, bytes(1, 2, 3));
});

test("finds no block in text without one", () => assert.equal(decodePem("no PEM here\n----- BEGIN X -----"), []));

test("says the line and the rule when a block is broken", () => {
  refusesToDecode(() => decodePem("\n-----BEGIN DEMO-----\nAQID"), /at line 2: the block "DEMO" has no END line/);
  refusesToDecode(() => decodePem("-----END DEMO-----"), /at line 1: "-----END DEMO-----" without its BEGIN/);
  refusesToDecode(() => decodePem("-----BEGIN A-----\nAQID\n-----END B-----"), /at line 3: "-----END A-----" expected/);
  refusesToDecode(
    () => decodePem(`-----BEGIN A-----\nAQID\n${block("AQID")}`),
    /at line 3: "-----END A-----" expected/,
  );
  refusesToDecode(() => decodePem(block("AQ!D")), /at line 2: the block "DEMO" has a character that is not base64/);
  refusesToDecode(() => decodePem(block("AQID\nAQ D")), /at line 3: .* not base64/);
  refusesToDecode(() => decodePem(block("AQI")), /at line 1: the base64 of the block "DEMO" is cut off/);
  refusesToDecode(() => decodePem(block("")), /at line 1: the block "DEMO" is empty/);
});

test("reads canonical base64 only", () => {
  assert.equal(decodeBase64("AQI="), bytes(1, 2));
  assert.equal(decodeBase64("AQ=="), bytes(1));
  assert.equal(decodeBase64(""), bytes());
  for (
    const wrong of ["A", "AQ", "AQ=", "AQI", "AR==", "AQJ=", "A===", "====", "AQ==AQ==", "A=ID", "AQ-_", "AQI=AQID"]
  ) {
    assert.is(decodeBase64(wrong), undefined, wrong);
  }
});

test("reads back what it writes, at every length", () => {
  const random = countingRandom();
  for (let length = 1; length < 200; length++) {
    const content = random(length);
    assert.equal(decodeBase64(encodeBase64(content)), content);
    assert.equal(decodePem(encodePem("SOME LABEL", content))[0]?.bytes, content);
  }
  assert.is(encodePem("A", new Uint8Array(49)).split("\n")[1]?.length, 64);
});

test.run();
