/** What limits there are, what holds where nothing is said, and what isn't a limit. */
import { assert, suite } from "../harness.ts";
import { clientSettings, serverSettings } from "../../lib/check_config.ts";
import { createTlsClient } from "../../lib/core.ts";
import { TlsUsageError } from "../../lib/error.ts";
import { checkedLimits, defaultLimits } from "../../lib/limits.ts";
import { clientConfig, serverConfig } from "../support/fixtures.ts";

const test = suite("limits");
const refuses = (limits: unknown, says: RegExp): void =>
  assert.throws(
    () => createTlsClient(clientConfig("p256", { limits: limits as object })),
    (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
  );

test("have defaults, the same in both roles", () => {
  const expected = {
    maxHandshakeMessageLength: 262_144,
    maxCertificates: 32,
    maxExtensions: 128,
    maxWarningsInARow: 4,
    maxEmptyRecordsInARow: 32,
    maxIdleMessagesInARow: 32,
    maxWaitingBytes: 131_072,
    maxRecordsPerKey: {
      AES_128_GCM: 23_726_566, // RFC 8446 §5.5: 2^24.5
      AES_256_GCM: 23_726_566,
      CHACHA20_POLY1305: 9_007_199_254_740_991,
      AES_128_CBC: 67_108_864,
      AES_256_CBC: 67_108_864,
    },
  };
  assert.equal(defaultLimits, expected);
  assert.equal(clientSettings(clientConfig("p256")).limits, expected);
  assert.equal(serverSettings(serverConfig("p256")).limits, expected);
});

test("are replaced one by one", () => {
  const limits = checkedLimits({ maxCertificates: 5, maxRecordsPerKey: { AES_128_CBC: 7 } });
  assert.equal(limits, {
    ...defaultLimits,
    maxCertificates: 5,
    maxRecordsPerKey: { ...defaultLimits.maxRecordsPerKey, AES_128_CBC: 7 },
  });
});

test("are positive whole numbers", () => {
  for (const value of [0, -1, 1.5, NaN, Infinity, 2 ** 53, "5", null, [5], true]) {
    for (const name of Object.keys(defaultLimits).filter((each) => each !== "maxRecordsPerKey")) {
      refuses({ [name]: value }, new RegExp(`Cannot use limits: ${name} is a positive whole number`));
    }
    refuses({ maxRecordsPerKey: { AES_128_GCM: value } }, /Cannot use limits\.maxRecordsPerKey: AES_128_GCM is/);
  }
});

test("have names that there are", () => {
  refuses({ maxCertificate: 5 }, /there is no "maxCertificate" \(there are maxHandshakeMessageLength, /);
  refuses({ constructor: 5 }, /there is no "constructor"/);
  refuses({ maxRecordsPerKey: { AES_128_GCMX: 5 } }, /limits\.maxRecordsPerKey: there is no "AES_128_GCMX"/);
});

test("are an object", () => {
  for (const value of [null, 5, "none", true]) {
    refuses(value, /Cannot use limits: it is (null|number|string|boolean), not an object/);
    refuses({ maxRecordsPerKey: value }, /Cannot use limits\.maxRecordsPerKey: it is/);
  }
});

test("leave room for one record, and for what is read with it", () => {
  // RFC 5246 §6.2.3: 5 bytes of header, up to 2^14 + 2048 of fragment; 2^14 are read at once.
  refuses({ maxWaitingBytes: 34_820 }, /maxWaitingBytes is at least 34821, not 34820/);
  createTlsClient(clientConfig("p256", { limits: { maxWaitingBytes: 34_821 } }));
});

test.run();
