import { assert, suite } from "../../harness.ts";
import { ipAddressText, isContiguousMask, isWithinRange, parseIpAddress } from "../../../lib/x509/ip_address.ts";
import { bytes, hex } from "./builder.ts";

const test = suite("ip_address");

test("reads IPv4 in four decimal parts", () => {
  assert.equal(parseIpAddress("192.0.2.1"), bytes(192, 0, 2, 1));
  assert.equal(parseIpAddress("0.0.0.0"), bytes(0, 0, 0, 0));
  assert.equal(parseIpAddress("255.255.255.255"), bytes(255, 255, 255, 255));
});

test("refuses other ways of writing IPv4", () => {
  for (
    const wrong of [
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.4.",
      "0x1.2.3.4",
      "1.2.3.-4",
      " 1.2.3.4",
      "1.2.3.٤",
      "",
    ]
  ) {
    assert.is(parseIpAddress(wrong), undefined, wrong);
  }
});

test("reads IPv6 in every legal form", () => {
  const one = hex("00000000000000000000000000000001");
  for (
    const text of [
      "::1",
      "0:0:0:0:0:0:0:1",
      "0::1",
      "0:0:0::0:1",
      "0000:0000:0000:0000:0000:0000:0000:0001",
      "::0.0.0.1",
    ]
  ) {
    assert.equal(parseIpAddress(text), one, text);
  }
  assert.equal(parseIpAddress("::"), new Uint8Array(16));
  assert.equal(parseIpAddress("2001:DB8::7"), hex("20010db8000000000000000000000007"));
  assert.equal(parseIpAddress("::ffff:192.0.2.1"), hex("00000000000000000000ffffc0000201"));
  assert.equal(parseIpAddress("1:2:3:4:5:6:1.2.3.4"), hex("00010002000300040005000601020304"));
  assert.equal(parseIpAddress("1:2:3:4:5:6:7::"), hex("00010002000300040005000600070000"));
  assert.equal(parseIpAddress("::2:3:4:5:6:7:8"), hex("00000002000300040005000600070008"));
});

test("refuses what is not IPv6", () => {
  const wrong = [
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "::1%eth0",
    "[::1]",
    "1:",
    ":1",
  ];
  const more = [
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::01.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
  ];
  for (const text of [...wrong, ...more]) assert.is(parseIpAddress(text), undefined, text);
});

test("writes addresses as RFC 5952 wants them", () => {
  const same = [
    "192.0.2.1",
    "::1",
    "::",
    "2001:db8::7",
    "1:2:3:4:5:6:7:8",
    "1::",
    "2001:db8:0:1:1:1:1:1",
    "1:0:0:2::3",
    "10::10:0:0:1",
  ];
  for (const text of same) assert.is(ipAddressText(parseIpAddress(text) ?? bytes()), text);
  assert.is(ipAddressText(hex("20010db8000000010000000000000001")), "2001:db8:0:1::1");
});

test("compares with ranges, and knows a mask", () => {
  const range = bytes(192, 0, 2, 0, 255, 255, 254, 0);
  assert.ok(isContiguousMask(range));
  assert.ok(isWithinRange(bytes(192, 0, 3, 255), range));
  assert.not(isWithinRange(bytes(192, 0, 4, 0), range));
  assert.not(isWithinRange(new Uint8Array(16), range));
  // An IPv4 address within IPv6 is another address.
  assert.not(isWithinRange(hex("00000000000000000000ffffc0000201"), range));
  assert.not(isWithinRange(bytes(192, 0, 2, 1), new Uint8Array(32)));
  assert.ok(isContiguousMask(new Uint8Array(32)));
  assert.ok(isWithinRange(hex("00000000000000000000000000000001"), new Uint8Array(32)));
  for (const wrong of [bytes(1, 2, 3, 4), bytes(192, 0, 2, 0, 255, 0, 255, 0), new Uint8Array(16), bytes()]) {
    assert.not(isContiguousMask(wrong));
  }
});

test.run();
