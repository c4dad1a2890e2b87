/**
 * JA3 and JA4 against published values, and of OpenSSL's ClientHellos against what other programs say of the same bytes:
 * JA3 by tshark 4.0.17, JA4 by the ja4.py of its authors.
 */
import { assert, suite } from "../../harness.ts";
import { encode } from "../../../lib/codec/codec.ts";
import { md5, sha256 } from "../../../lib/crypto/noble_fingerprint_hashes.ts";
import { clientHello } from "../../../lib/messages/client_hello.ts";
import { type ClientHelloFacts, clientHelloFacts } from "../../../lib/messages/client_hello_facts.ts";
import { ja3, ja3Text, ja4, ja4Raw } from "../../../lib/messages/fingerprint.ts";
import { handshakeMessage } from "../../../lib/messages/handshake.ts";
import { client12, clientBoth } from "../../messages/openssl_captures.ts";
import { hex } from "../crypto/fixtures.ts";

const test = suite("fingerprints");

/** Nothing but what the two fingerprints look at. */
function facts(told: Partial<ClientHelloFacts>): ClientHelloFacts {
  return {
    bytes: new Uint8Array(0),
    clientVersion: 0x0303,
    versions: [0x0303],
    sessionIdLength: 0,
    cipherSuites: [],
    compressionMethods: [0],
    extensions: [],
    serverName: undefined,
    namedGroups: [],
    signatureSchemes: [],
    pointFormats: [],
    alpnProtocols: [],
    ...told,
  };
}
const numbers = (list: string): readonly number[] => list.split(",").map((number) => Number.parseInt(number, 16));
const summary = (told: Partial<ClientHelloFacts>): string => ja4(facts(told), sha256).slice(0, 10);

/** The example of JA4's specification, with the GREASE that Chrome would add. */
const chrome = facts({
  versions: [0x6a6a, 0x0304, 0x0303],
  cipherSuites: numbers("2a2a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"),
  extensions: numbers("dada,001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,fafa,0015"),
  signatureSchemes: numbers("0403,0804,0401,0503,0805,0501,0806,0601"),
  alpnProtocols: ["h2", "http/1.1"],
});

test("have the values that JA3's authors have published", () => {
  const told = facts({
    clientVersion: 769,
    cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
    extensions: [0, 10, 11],
    namedGroups: [23, 24, 25],
    pointFormats: [0],
  });
  assert.is(ja3Text(told), "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
  assert.is(ja3(told, md5), "ada70206e40642a3e4461f35503241d5");
  const bare = facts({ clientVersion: 769, cipherSuites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99] });
  assert.is(ja3Text(bare), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
  assert.is(ja3(bare, md5), "de350869b8c85de67a350c8d186f11e6");
});

test("have the values that JA4's authors have published", () => {
  assert.is(ja4(chrome, sha256), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  assert.is(
    ja4Raw(chrome),
    "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_" +
      "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_" +
      "0403,0804,0401,0503,0805,0501,0806,0601",
  );
  assert.is(ja4({ ...chrome, signatureSchemes: [] }, sha256), "t13d1516h2_8daaf6152771_6d807ffa2a79");
});

test("have the values that JA4's authors publish for two captures: a Firefox, and an old LibreSSL", () => {
  const firefox = facts({
    versions: [0x0304, 0x0303],
    cipherSuites: numbers("1301,1303,1302,c02b,c02f,cca9,cca8,c02c,c030,c00a,c009,c013,c014,009c,009d,002f,0035"),
    extensions: [0, 23, 65281, 10, 11, 35, 16, 5, 34, 51, 43, 13, 45, 28, 21],
    signatureSchemes: numbers("0403,0503,0603,0804,0805,0806,0401,0501,0601,0203,0201"),
    alpnProtocols: ["h2", "http/1.1"],
  });
  assert.is(ja4(firefox, sha256), "t13d1715h2_5b57614c22b0_3d5424432f57");
  const libreSsl = facts({
    cipherSuites: numbers(
      "c030,c02c,c028,c024,c014,c00a,009f,006b,0039,cca9,cca8,ccaa,ff85,00c4,0088,0081,009d,003d,0035,00c0,0084,c02f," +
        "c02b,c027,c023,c013,c009,009e,0067,0033,00be,0045,009c,003c,002f,00ba,0041,c011,c007,0005,0004,c012,c008," +
        "0016,000a,00ff",
    ),
    extensions: [0, 11, 10, 13, 16],
    signatureSchemes: numbers("0601,0603,efef,0501,0503,0401,0403,eeee,eded,0301,0303,0201,0203"),
    alpnProtocols: ["h2", "http/1.1"],
  });
  assert.is(ja4(libreSsl, sha256), "t12d4605h2_85626a9a5f7f_aaf95bb78ec9");
});

test("are of OpenSSL's ClientHellos what other programs say", () => {
  const old = clientHelloFacts(hex(client12.clientHello));
  assert.is(ja3(old, md5), "3284770d6c52c96e040c5b1185939696");
  assert.is(ja4(old, sha256), "t12i280600_d943125447b4_e7e480e5a997");
  const both = clientHelloFacts(hex(clientBoth.clientHello));
  assert.is(
    ja3Text(both),
    "771,4866-4867-4865-49196-49200-159-52393-52392-52394-49195-49199-158-49188-49192-107-49187-49191-103-49162-49172-" +
      "57-49161-49171-51-157-156-61-60-53-47-255,0-11-10-35-16-22-23-13-43-45-51," +
      "29-23-30-25-24-256-257-258-259-260,0-1-2",
  );
  assert.is(ja3(both, md5), "5a1edc7f170af1014fc65c994878e63c");
  assert.is(ja4(both, sha256), "t13d3111h2_e8f1e7e78f70_1f22a2ca17c4");
});

test("ignore every GREASE value, wherever it stands", () => {
  const told = facts({
    versions: [0x0304],
    cipherSuites: [0x1301],
    extensions: [10, 13, 43],
    namedGroups: [29],
    signatureSchemes: [0x0403],
  });
  for (let step = 0; step < 16; step++) {
    const grease = 0x0a0a + step * 0x1010;
    const greased = facts({
      versions: [grease, 0x0304],
      cipherSuites: [grease, 0x1301, grease],
      extensions: [grease, 10, 13, 43, grease],
      namedGroups: [29, grease],
      signatureSchemes: [grease, 0x0403],
    });
    assert.equal([ja3Text(greased), ja4Raw(greased)], [ja3Text(told), ja4Raw(told)]);
  }
  // These four only look like it.
  assert.is(ja3Text(facts({ cipherSuites: [0x0a1a, 0x0b0b, 0xa0a0, 0x0a0b] })), "771,2586-2827-41120-2571,,,");
});

test("sort suites and extensions in JA4 and not in JA3, and leave name and ALPN out of JA4's third part", () => {
  const shuffled = {
    ...chrome,
    cipherSuites: chrome.cipherSuites.toReversed(),
    extensions: chrome.extensions.toReversed(),
  };
  assert.is(ja4(shuffled, sha256), ja4(chrome, sha256));
  assert.is.not(ja3(shuffled, md5), ja3(chrome, md5));
  const reversed = { ...chrome, signatureSchemes: chrome.signatureSchemes.toReversed() };
  assert.is.not(ja4(reversed, sha256), ja4(chrome, sha256));
  const byAddress = { ...chrome, extensions: chrome.extensions.filter((type) => type !== 0) };
  assert.is(ja4(byAddress, sha256), "t13i1515h2_8daaf6152771_e5627efa2ab1");
});

test("tell the highest version, and none that they don't know", () => {
  const versions: readonly (readonly [readonly number[], string])[] = [
    [[0x0300], "s3"],
    [[0x0301], "10"],
    [[0x0302], "11"],
    [[0x0303], "12"],
    [[0x0301, 0x0304, 0x0302], "13"],
    [[0x0303, 0x0305], "00"],
    [[0x1a1a], "00"],
  ];
  for (const [list, text] of versions) assert.is(summary({ versions: list }), `t${text}i000000`);
});

test("count up to 99", () => {
  const many = (length: number): readonly number[] => Array.from({ length }, (_, index) => index + 0x100);
  assert.is(summary({ cipherSuites: many(9), extensions: many(10) }), "t12i091000");
  assert.is(summary({ cipherSuites: many(99), extensions: many(100) }), "t12i999900");
});

test("take the ends of the first protocol, and of its hexadecimal digits where those are no letters or digits", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], "00"],
    [[""], "00"],
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h1"],
    [["x"], "xx"],
    [["A-z"], "Az"],
    [["0/9"], "09"],
    // From here on the examples of JA4's specification.
    [["\xab"], "ab"],
    [["\x20"], "20"],
    [["\xab\xcd"], "ad"],
    [["\x20\x61"], "21"],
    [["\x30\xab"], "3b"],
    [["\x61\x20"], "60"],
    [["\x30\x31\xab\xcd"], "3d"],
    [["\x30\xab\xcd\x31"], "01"],
    // The neighbours of digits and letters.
    [["/a"], "21"],
    [["a:"], "6a"],
    [["@a"], "41"],
    [["a["], "6b"],
    [["`a"], "61"],
    [["a{"], "6b"],
  ];
  for (const [alpnProtocols, ends] of cases) assert.is(summary({ alpnProtocols }).slice(8), ends);
});

test("are zeros where there is nothing to hash", () => {
  assert.is(ja4(facts({}), sha256), "t12i000000_000000000000_000000000000");
  assert.is(ja4Raw(facts({})), "t12i000000__");
  assert.is(ja4(facts({ extensions: [0, 16] }), sha256), "t12d000200_000000000000_000000000000");
  assert.is(ja3Text(facts({})), "771,,,,");
});

test("go the whole way from the bytes of a message", () => {
  const body = encode(clientHello, {
    clientVersion: 0x0301,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
    compressionMethods: [0],
    extensions: [
      { type: 0, data: hex("000e00000b6578616d706c652e636f6d") },
      { type: 10, data: hex("0006001700180019") },
      { type: 11, data: hex("0100") },
    ],
  });
  const told = clientHelloFacts(handshakeMessage("client_hello", body).bytes);
  assert.is(told.serverName, "example.com");
  assert.is(ja3(told, md5), "ada70206e40642a3e4461f35503241d5");
  assert.ok(ja4(told, sha256).startsWith("t10d120300_"));
});

test.run();
