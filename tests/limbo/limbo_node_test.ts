/**
 * The 145 cases of x509-limbo on which at least two of OpenSSL, Go and pyca agree with the suite. They are not part of the
 * repository; they are read from the folder beside it, where there is one.
 */
import { existsSync, readFileSync } from "node:fs";
import { assert, suite } from "../harness.ts";
import { judgeCase, type LimboCase } from "./limbo.ts";

const test = suite("x509-limbo");
const path = new URL("../../../shared/vectors/limbo-consensus.json", import.meta.url);
const title = "every case has the verdict that the suite expects";

if (!existsSync(path)) test.skip(title, `${path.pathname} is missing`);
else {
  const { testcases }: { readonly testcases: readonly LimboCase[] } = JSON.parse(readFileSync(path, "utf8"));
  /** Cases that name no time are valid at this one. */
  const now = Date.UTC(2026, 5, 1);
  test(title, () => {
    const others = testcases.flatMap((one) => {
      const { result, reason } = judgeCase(one, now);
      return result === one.expected_result ? [] : [`${one.id}: ${result} ${reason}`];
    });
    assert.equal(others, []);
    assert.is(testcases.length, 145);
  });
}

test.run();
