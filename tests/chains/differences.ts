/**
 * Where OpenSSL or Go doesn't say the same as we, and why that is right. A difference that nothing here explains is a fault
 * of ours. Those of defects are known by their names, the others by the words of both.
 * @module
 */

import type { Answer } from "./defect.ts";
import { differencesOfDefects, type Judge } from "./differences_of_defects.ts";
import type { Verdict } from "./our_verdict.ts";
import type { ChainPlan } from "./plan.ts";
import { defectsOf, twinsOf } from "./random_chain.ts";

/** A plan on which we and a judge differ. */
export interface Difference {
  readonly plan: ChainPlan;
  readonly judge: Judge;
  readonly ours: Verdict;
  /** Where we accept: what the judge says to just the path that we found, without what lies around it. */
  readonly theirs: Verdict;
}

/** A way in which a judge differs from us, whatever the defects. */
interface Habit {
  readonly judge: Judge;
  readonly theirs: Answer;
  readonly because: string;
  readonly theirWords: RegExp;
  readonly ourWords: RegExp;
  readonly applies: (plan: ChainPlan) => boolean;
}

/** Why a judge differs from us here; `undefined` where nothing explains it. */
export function explanation({ plan, judge, ours, theirs }: Difference): string | undefined {
  const present = [...defectsOf(plan), ...twinsOf(plan)];
  const row = differencesOfDefects.find((each) =>
    each.judge === judge && each.theirs === theirs.answer &&
    each.defects.some(([name, ...places]) =>
      present.some(({ defect, place }) => defect.name === name && places.includes(place))
    )
  );
  if (row !== undefined) return row.because;
  return habits.find((habit) =>
    habit.judge === judge && habit.theirs === theirs.answer && habit.theirWords.test(theirs.why) &&
    habit.ourWords.test(ours.why) && habit.applies(plan)
  )?.because;
}

const always = (): boolean => true;
const ok = /^ok$/;

const habits: readonly Habit[] = [
  {
    judge: "openssl",
    theirs: "refused",
    because: "anyExtendedKeyUsage isn't taken for TLS by OpenSSL; RFC 5280 §4.2.1.12 leaves it to applications",
    theirWords: /unsuitable certificate purpose/,
    ourWords: ok,
    applies: ({ authorities }) => authorities.some(({ purposes }) => purposes === "any"),
  },
  {
    judge: "openssl",
    theirs: "refused",
    because:
      "an authority has two keys and no key identifiers: OpenSSL takes the first certificate with the right name",
    theirWords: /certificate signature failure|self-signed certificate in certificate chain|local issuer certificate/,
    ourWords: ok,
    applies: ({ authorities, anchor }) =>
      authorities.some(({ rollover, identifiers }, index) =>
        rollover && (!identifiers || (index === authorities.length - 1 && anchor === "version 1"))
      ),
  },
  {
    judge: "openssl",
    theirs: "refused",
    because: "trust anchors of version 2 are as those of version 1; OpenSSL accepts the latter only",
    theirWords: /invalid CA certificate/,
    ourWords: ok,
    applies: ({ anchor }) => anchor === "version 1",
  },
  {
    judge: "openssl",
    theirs: "refused",
    because: "a wildcard doesn't stand for a label with an underscore in OpenSSL; nothing in RFC 9525 §6.3 says so",
    theirWords: /hostname mismatch/,
    ourWords: ok,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "refused",
    because: "OpenSSL 3.0 doesn't find the host of a URI with userinfo (RFC 3986 §3.2)",
    theirWords: /subtree violation/,
    ourWords: ok,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "what can't be compared with a name constraint is refused (RFC 5280 §4.2.1.10)",
    theirWords: ok,
    ourWords: /^nameConstraints: .*can't be compared/,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "a wildcard could stand for the name that is excluded",
    theirWords: ok,
    ourWords: /^nameConstraints: .*dNSName "\*\.\S+" is within the excluded/,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "OpenSSL 3.0 doesn't find the host of a URI with userinfo (RFC 3986 §3.2)",
    theirWords: ok,
    ourWords: /^nameConstraints: .*uniformResourceIdentifier "https:\/\/user@\S+" is within the excluded/,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because:
      "an iPAddress constraint is an address with a mask of ones followed by zeros (RFC 5280 §4.2.1.10, RFC 4632)",
    theirWords: ok,
    ourWords: /^decode: .*an iPAddress constraint/,
    applies: always,
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "a wildcard is a whole label (RFC 9525 §6.3)",
    theirWords: ok,
    ourWords: /^name: .*"w\*\.example\.com"/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "refused",
    because: "self-issued certificates don't count for pathLenConstraint (RFC 5280 §4.2.1.9); in Go they do",
    theirWords: /too many intermediates for path length constraint|signed by unknown authority/,
    ourWords: ok,
    applies: ({ authorities }) =>
      authorities.some(({ rollover }, index) => rollover && authorities.slice(index).some(({ pathLen }) => pathLen)),
  },
  {
    judge: "go",
    theirs: "refused",
    because: "Go knows no constraints on directoryName, otherName and registeredID",
    theirWords: /unhandled critical extension/,
    ourWords: ok,
    applies: ({ constraints }) => constraints.length > 0,
  },
  {
    judge: "go",
    theirs: "refused",
    because:
      "a constraint on mail addresses or URIs that is a host doesn't hold for hosts below it (RFC 5280 §4.2.1.10)",
    theirWords: /(?:email address|URI) \S+ is excluded by constraint/,
    ourWords: ok,
    applies: always,
  },
  {
    judge: "go",
    theirs: "refused",
    because:
      "Go doesn't read a constraint on DNS names that ends with a period; where no DNS name is below it, it says nothing",
    theirWords: /parse: x509: failed to parse dnsName constraint/,
    ourWords: ok,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "anyPolicy is never mapped (RFC 5280 §6.1.4 (a)); Go looks at mappings only where a policy is left",
    theirWords: ok,
    ourWords: /^policies: .*anyPolicy can't be mapped/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "constraints on mail addresses hold for an emailAddress in the subject too (RFC 5280 §4.2.1.10)",
    theirWords: ok,
    ourWords: /^nameConstraints: .*rfc822Name "user@example\.com" is /,
    applies: ({ subject }) => subject === "with an e-mail address",
  },
  {
    judge: "go",
    theirs: "refused",
    because: "for Go an IPv4-mapped IPv6 address is an IPv4 address",
    theirWords: /IP address "192\.0\.2\.1" is not permitted/,
    ourWords: ok,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "for Go an IPv4-mapped IPv6 address is an IPv4 address",
    theirWords: ok,
    ourWords: /^(?:nameConstraints|name): .*::ffff:(?:192\.0\.2\.1|c000:201)/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "what can't be compared with a name constraint is refused (RFC 5280 §4.2.1.10)",
    theirWords: ok,
    ourWords: /^nameConstraints: .*can't be compared/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "constraints on directoryName count also when they are not critical; Go knows none",
    theirWords: ok,
    ourWords: /^nameConstraints: .*directoryName/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because:
      "a constraint on mail addresses or URIs that is a host doesn't hold for hosts below it (RFC 5280 §4.2.1.10)",
    theirWords: ok,
    ourWords: /^nameConstraints: .*(?:rfc822Name|uniformResourceIdentifier) \S+ is not within the permitted/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "a wildcard directly below a top-level domain stands for no name",
    theirWords: ok,
    ourWords: /^name: .*it is for .*"\*\.com"/,
    applies: always,
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "unique identifiers must not appear in version 1 (RFC 5280 §4.1.2.8)",
    theirWords: ok,
    ourWords: /^decode: .*UniqueID.* it must not appear in a certificate of version 1/,
    applies: ({ anchor }) => anchor === "version 1",
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "unique identifiers must not appear in version 1 (RFC 5280 §4.1.2.8)",
    theirWords: ok,
    ourWords: /^decode: .*UniqueID.* it must not appear in a certificate of version 1/,
    applies: ({ anchor }) => anchor === "version 1",
  },
];
