/** docs/certificates.md has every option and every demand that there is; examples/certificates.ts explains verdicts. */
import { existsSync, readFileSync } from "node:fs";
import { explain } from "../../examples/certificates.ts";
import { demandNames } from "../../lib/x509/demands.ts";
import { policies } from "../../lib/x509/policy.ts";
import { nobleProvider, type VerifyCertificateOptions } from "../../mod.ts";
import { verifyCertificate } from "../../lib/x509/verifier.ts";
import { assert, suite } from "../harness.ts";
import { textOf } from "../layout/source.ts";

const test = suite("docs/certificates.md");
const page = textOf("docs/certificates.md");
const rows = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/^\| `(\w+)` +\|(.*)\|$/gm)].map(([, name = "", rest = ""]) => [
    name,
    ...rest.split("|").map((cell) => cell.trim()),
  ]);
const [verify = "", demanded = ""] = ["## Verify one", "## Policies"].map((title) =>
  page.slice(page.indexOf(title)).split(/^## /m)[1] ?? ""
);

test("names every demand once, and which policy makes it", () => {
  const policyNames = ["rfc5280", "webPki", "compatible"] as const;
  const expected = demandNames.map((name) => [
    name,
    ...policyNames.map((policy) => policies[policy].demands.includes(name) ? "yes" : ""),
  ]);
  assert.equal(rows(demanded).map((cells) => cells.slice(0, 4)), expected);
});

test("names every option", () => {
  const options: unknown = { chain: [], trustAnchors: [], now: 0, provider: nobleProvider, "no such option": 1 };
  let message = "";
  try {
    Reflect.apply(verifyCertificate, undefined, [options as VerifyCertificateOptions]);
  } catch (error) {
    message = String(error);
  }
  const [, list = ""] = /\(there are (.*)\)/.exec(message) ?? [];
  const others = ["identity", "remember"];
  assert.equal(
    rows(verify).map(([name = ""]) => name).sort(),
    list.split(", ").filter((name) => !others.includes(name)).sort(),
  );
});

const vectors = new URL("../../../shared/vectors/limbo-consensus.json", import.meta.url);
const title = "examples/certificates.ts accepts a real server's certificate, and says why another is refused";
if (!existsSync(vectors)) test.skip(title, `${vectors.pathname} is missing`);
else {
  test(title, () => {
    const { testcases } = JSON.parse(readFileSync(vectors, "utf8"));
    const one = testcases.find(({ id }: { readonly id: string }) => id === "online::cloudflare.com");
    const chain = [one.peer_certificate, ...one.untrusted_intermediates].join("\n");
    const lines = explain(chain, "cloudflare.com", Date.parse(one.validation_time)).split("\n");
    assert.is(lines.at(-1), "accepted");
    assert.ok(lines.length > 30 && lines.slice(0, -1).every((line) => line.startsWith("holds ")));
    assert.match(
      explain(chain, "example.com", Date.parse(one.validation_time)),
      /\nFAILS name of .*\nrefused: Cannot accept/,
    );
  });
}

test.run();
