/** Each extension's bytes as its RFC has them, and what is refused. */
import { assert, suite } from "../../harness.ts";
import { asciiBytes } from "../../../lib/codec/bytes.ts";
import { type Codec, decode, encode } from "../../../lib/codec/codec.ts";
import { DecodeError, PeerIncompatibleError, PeerMisbehavedError, TlsError } from "../../../lib/error.ts";
import {
  checkChosenProtocol,
  chooseProtocol,
  protocolName,
  protocolNameList,
} from "../../../lib/extensions/application_layer_protocol_negotiation.ts";
import { checkPointFormats, ecPointFormats, ourPointFormats } from "../../../lib/extensions/ec_point_formats.ts";
import { extendedMasterSecret } from "../../../lib/extensions/extended_master_secret.ts";
import {
  checkNoDuplicates,
  checkSolicited,
  extensionOf,
  findExtension,
  hasExtension,
} from "../../../lib/extensions/extension.ts";
import { checkInitialHandshake, renegotiationInfo } from "../../../lib/extensions/renegotiation_info.ts";
import { hostNameOf, serverNameAnswer, serverNameList, serverNameListOf } from "../../../lib/extensions/server_name.ts";
import { checkNotAnswered, signatureAlgorithms } from "../../../lib/extensions/signature_algorithms.ts";
import { supportedGroups } from "../../../lib/extensions/supported_groups.ts";
import { supportedVersions } from "../../../lib/extensions/supported_versions.ts";

const test = suite("extensions");
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const refuses = (run: () => unknown, alert: string, why: RegExp = /./): void =>
  assert.throws(run, (error: unknown) => error instanceof TlsError && error.alert === alert && why.test(error.message));

function both<Value>(codec: Codec<Value>, value: Value, wire: Uint8Array): void {
  assert.equal(encode(codec, value), wire);
  assert.equal(encode(codec, decode(codec, wire, "extension")), wire);
}

test("are written as their RFCs show them", () => {
  both(supportedGroups, [29, 23], bytes(0, 4, 0, 29, 0, 23));
  both(signatureAlgorithms, [0x0403], bytes(0, 2, 4, 3));
  both(supportedVersions, [0x0304, 0x0303], bytes(4, 3, 4, 3, 3));
  both(ecPointFormats, ourPointFormats, bytes(1, 0));
  both(renegotiationInfo, bytes(), bytes(0));
  both(extendedMasterSecret, undefined, bytes());
  both(serverNameAnswer, undefined, bytes());
  both(serverNameList, serverNameListOf("a.b"), bytes(0, 6, 0, 0, 3, 97, 46, 98));
  both(protocolNameList, ["h2", "x"].map(protocolName), bytes(0, 5, 2, 104, 50, 1, 120));
});

test("are refused when they are empty, torn or too long", () => {
  const wrong: readonly (readonly [Codec<unknown>, readonly number[]])[] = [
    [supportedGroups as Codec<unknown>, [0, 0]],
    [supportedGroups as Codec<unknown>, [0, 3, 0, 29, 0]],
    [signatureAlgorithms as Codec<unknown>, [0, 0]],
    [supportedVersions as Codec<unknown>, [0]],
    [supportedVersions as Codec<unknown>, [3, 3, 3, 3]],
    [ecPointFormats as Codec<unknown>, [0]],
    [renegotiationInfo as Codec<unknown>, []],
    [extendedMasterSecret as Codec<unknown>, [0]],
    [serverNameList as Codec<unknown>, []],
    [serverNameList as Codec<unknown>, [0, 0]],
    [serverNameList as Codec<unknown>, [0, 3, 0, 0, 0]],
    [protocolNameList as Codec<unknown>, [0, 0]],
    [protocolNameList as Codec<unknown>, [0, 1, 0]],
  ];
  for (const [codec, data] of wrong) {
    assert.throws(() => decode(codec, bytes(...data), "extension"), (error: unknown) => error instanceof DecodeError);
  }
});

test("are found by name in a list, once each", () => {
  const list = [extensionOf("supported_groups", supportedGroups, [29]), { type: 0x0a0a, data: bytes() }];
  assert.equal(findExtension(list, "supported_groups", supportedGroups), [29]);
  assert.is(findExtension(list, "server_name", serverNameList), undefined);
  assert.is(findExtension(undefined, "server_name", serverNameList), undefined);
  assert.equal([hasExtension(list, "supported_groups"), hasExtension(undefined, "server_name")], [true, false]);
  checkNoDuplicates(list, "ClientHello");
  refuses(
    () => checkNoDuplicates([...list, ...list], "ClientHello"),
    "decode_error",
    /supported_groups is there twice/,
  );
  checkSolicited(list, [10, 0x0a0a], "ServerHello");
  refuses(() => checkSolicited(list, [10], "ServerHello"), "unsupported_extension", /GREASE was not offered/);
});

test("choose a protocol that both know, the server's best", () => {
  assert.is(chooseProtocol(["h2", "http/1.1"], ["http/1.1", "h2"].map(protocolName)), "h2");
  assert.throws(
    () => chooseProtocol(["h2"], [protocolName("h3")]),
    (error: unknown) =>
      error instanceof PeerIncompatibleError && error.alert === "no_application_protocol" &&
      error.offers?.theirs[0] === "h3",
  );
  assert.is(checkChosenProtocol(["h2", "\xff"], [bytes(255)]), "\xff");
  refuses(() => checkChosenProtocol(["h2"], [protocolName("h3")]), "illegal_parameter", /"h3" was not offered/);
  refuses(
    () => checkChosenProtocol(["h2"], [protocolName("h2"), protocolName("h2")]),
    "illegal_parameter",
    /exactly one/,
  );
});

test("hold one host name, in ASCII, without a trailing dot", () => {
  const list = (...names: readonly string[]) => names.map((name) => ({ nameType: 0, name: asciiBytes(name) }));
  assert.is(hostNameOf(list("Example.COM")), "example.com");
  assert.is(hostNameOf([{ nameType: 1, name: bytes(0) }]), undefined);
  refuses(() => hostNameOf(list("a", "b")), "illegal_parameter", /two host names/);
  for (const wrong of ["a.", "a b", "\0", "x".repeat(256)]) {
    refuses(() => hostNameOf(list(wrong)), "illegal_parameter", /no host name/);
  }
  refuses(() => hostNameOf([{ nameType: 0, name: bytes(0xc3, 0xa9) }]), "illegal_parameter", /no host name/);
});

test("are checked for what they must not say", () => {
  checkPointFormats(undefined, "ClientHello");
  checkPointFormats([1, 0], "ClientHello");
  refuses(() => checkPointFormats([1], "ClientHello"), "illegal_parameter", /lacks uncompressed/);
  checkInitialHandshake(undefined, "ServerHello");
  checkInitialHandshake(bytes(), "ServerHello");
  refuses(() => checkInitialHandshake(bytes(1), "ServerHello"), "handshake_failure", /not empty/);
  checkNotAnswered(undefined);
  assert.throws(
    () => checkNotAnswered([{ type: 13, data: bytes() }]),
    (error: unknown) => error instanceof PeerMisbehavedError && error.alert === "illegal_parameter",
  );
});

test.run();
