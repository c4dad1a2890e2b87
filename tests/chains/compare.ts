/**
 * A plan before all judges: what each says, and what of it isn't explained.
 * @module
 */

import { DecodeError } from "../../lib/error.ts";
import { decodeCertificate } from "../../lib/x509/certificate.ts";
import { type Difference, explanation } from "./differences.ts";
import type { Judge } from "./differences_of_defects.ts";
import { type Judges, missing } from "./judges.ts";
import { ourVerdict, type Verdict } from "./our_verdict.ts";
import type { ChainPlan } from "./plan.ts";
import { defectsOf, type Scene, sceneOf } from "./random_chain.ts";

export interface Comparison {
  readonly ours: Verdict;
  readonly verdicts: Readonly<Partial<Record<Judge, Verdict>>>;
  readonly explained: readonly { readonly judge: Judge; readonly because: string }[];
  readonly unexplained: readonly Difference[];
}

/** Shows a plan's scene to all judges that there are, or to some of them. */
export async function compare(
  plan: ChainPlan,
  judges: Judges,
  asked: readonly Judge[] = ["openssl", "go"],
): Promise<Comparison> {
  const scene = sceneOf(plan);
  const ours = ourVerdict(scene);
  const present = asked.filter((judge) => missing[judge] === undefined);
  const verdicts: Partial<Record<Judge, Verdict>> = {};
  const explained: { judge: Judge; because: string }[] = [];
  const unexplained: Difference[] = [];
  await Promise.all(present.map(async (judge) => {
    const verdict = await judges[judge](scene);
    verdicts[judge] = verdict;
    if (verdict.answer === ours.answer) return;
    const difference = await essence({ plan, judge, ours, theirs: verdict }, scene, judges);
    const because = difference.ours.answer === difference.theirs.answer
      ? wayAround[ours.answer]
      : explanation(difference);
    if (because === undefined) unexplained.push(difference);
    else explained.push({ judge, because });
  }));
  return { ours, verdicts, explained, unexplained };
}

const wayAround = {
  accepted: "it doesn't find the path, and agrees to it when it is shown nothing else",
  refused: "what can't be decoded spoils everything for us; the judge finds a way around it, as we would without it",
} as const;

/** What both say when what doesn't matter is left out, so that the words of both are about the same path. */
async function essence(
  difference: Difference,
  scene: Scene,
  judges: Judges,
): Promise<Difference> {
  const { plan, judge, ours: { path, why } } = difference;
  if (path !== undefined) {
    const theirs = await judges[judge]({ ...scene, bag: path.slice(1, -1), anchors: path.slice(-1) });
    return { ...difference, theirs };
  }
  if (why.startsWith("decode: ")) {
    const faults = [...scene.bag, ...scene.anchors].flatMap((der) => decodeFault(der) ?? []);
    const isDecodable = (der: Uint8Array): boolean => decodeFault(der) === undefined;
    const ours = ourVerdict({
      ...scene,
      bag: scene.bag.filter(isDecodable),
      anchors: scene.anchors.filter(isDecodable),
    });
    return { ...difference, ours: { ...ours, why: `decode: ${[...faults, ours.why].join("; ")}` } };
  }
  // No path to an expired trust anchor is right, but it can have the last word.
  const decoys = plan.decoys.filter(({ type }) => type !== "expired twin of the anchor");
  const ours = ourVerdict(sceneOf({ ...plan, decoys }));
  return { ...difference, ours: ours.answer === "refused" ? ours : difference.ours };
}

/** Why a certificate can't be decoded; `undefined` when it can. */
function decodeFault(der: Uint8Array): string | undefined {
  try {
    decodeCertificate(der);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

/** A difference for people. */
export function differenceText({ plan, judge, ours, theirs }: Difference): string {
  const names = defectsOf(plan).map(({ defect, at, place }) => `${defect.name} (${place}, ${at} above the leaf)`);
  return [
    `we: ${ours.answer}, ${ours.why}`,
    `${judge}: ${theirs.answer}, ${theirs.why}`,
    `defects: ${names.join(", ") || "none"}`,
    `plan: ${JSON.stringify(plan)}`,
  ].join("\n  ");
}
