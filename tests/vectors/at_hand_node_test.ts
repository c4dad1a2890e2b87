/**
 * Says which vectors of others are missing, that tests/judges.ts would run through: they are not part of the repository, but
 * lie in a folder beside it.
 */
import { existsSync } from "node:fs";
import { suite } from "../harness.ts";

const test = suite("vectors of others");

for (const name of ["limbo-consensus.json", "wycheproof/"]) {
  const { pathname } = new URL(`../../../shared/vectors/${name}`, import.meta.url);
  if (!existsSync(pathname)) test.skip("are at hand, for `npx tsx tests/judges.ts`", `${pathname} is missing`);
}

test.run();
