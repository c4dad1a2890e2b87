/**
 * A defect: one thing that is wrong with a path, or only looks so. The tables are in `defects.ts`.
 * @module
 */

import type { Draft, Forgery, Layout, Place } from "./draft.ts";

export type Answer = "accepted" | "refused";

/** What we say to a path that has this defect and nothing else wrong, at each of the places where it can be. */
export type Answers = Readonly<Partial<Record<Place, Answer>>>;

export interface Defect {
  readonly name: string;
  readonly places: readonly Place[];
  readonly ours: Answers;
  /** Whether it is about one certificate, which then can stand beside the path too. */
  readonly isOfCertificate: boolean;
  /** Whether we can't decode a certificate that has it: then it spoils a path also where it stands beside it. */
  readonly isUndecodable: boolean;
  apply(layout: Layout, at: number): Layout;
}

/** A defect of one certificate. */
export function ofCertificate(
  name: string,
  ours: Answers,
  change: (draft: Draft, layout: Layout, at: number) => Draft,
): Defect {
  const apply = (layout: Layout, at: number): Layout => ({
    ...layout,
    path: layout.path.map((draft, index) => index === at ? change(draft, layout, at) : draft),
  });
  return { name, places: placesOf(ours), ours, isOfCertificate: true, isUndecodable: false, apply };
}

/** A certificate that can't be decoded. */
export function undecodable(
  name: string,
  places: readonly Place[],
  change: (draft: Draft, layout: Layout, at: number) => Draft,
): Defect {
  const ours = Object.fromEntries(places.map((place) => [place, "refused"] as const));
  return { ...ofCertificate(name, ours, change), isUndecodable: true };
}

/** A defect of everything together; `place` is where it stands in the tables. */
export function ofScene(name: string, ours: Answers, change: (layout: Layout, at: number) => Layout): Defect {
  return { name, places: placesOf(ours), ours, isOfCertificate: false, isUndecodable: false, apply: change };
}

/** A change of the draft's bytes. */
export function forging(forgery: (draft: Draft) => Forgery): (draft: Draft) => Draft {
  return (draft) => ({ ...draft, forgery: { ...draft.forgery, ...forgery(draft) } });
}

function placesOf(ours: Answers): readonly Place[] {
  return (["leaf", "ca", "anchor"] as const).filter((place) => ours[place] !== undefined);
}
