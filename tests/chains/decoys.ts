/**
 * What lies around a path: certificates that lead nowhere, in a circle, or to another trust anchor. None of them makes a
 * path worse that was right without it.
 * @module
 */

import type { Defect } from "./defect.ts";
import { defects } from "./defects.ts";
import { day, type Draft, issuedBy, type Issuer, type Layout, nameOf, withKey } from "./draft.ts";
import { chainKey } from "./keys.ts";
import type { DecoyPlan } from "./plan.ts";

/** The layout with one decoy more; unchanged where there is no certificate that it could resemble. */
export function withDecoy(layout: Layout, { type, at, defect }: DecoyPlan, number: number): Layout {
  const { path, extras, otherAnchors } = layout;
  const authorities = path.slice(1, -1);
  const anchor = path[path.length - 1];
  const original = authorities[at % Math.max(1, authorities.length)];
  const serial = 300 + number;
  const sent = (draft: Draft): Layout => ({ ...layout, extras: [...extras, { ...draft, serial }] });
  if (anchor === undefined) return layout;
  switch (type) {
    case "anchor sent":
      return { ...layout, sendsAnchor: true };
    case "duplicate":
      return { ...layout, extras: [...extras, ...path.slice(at % path.length).slice(0, 1)] };
    case "stranger":
      return sent(selfSigned(anchor, stranger, serial));
    case "namesake of the anchor":
      return {
        ...layout,
        otherAnchors: [...otherAnchors, selfSigned(anchor, { ...stranger, subject: anchor.subject }, serial)],
      };
    case "expired twin of the anchor":
      return { ...layout, otherAnchors: [...otherAnchors, expired(anchor, serial)] };
    default:
      break;
  }
  if (original === undefined) return layout;
  switch (type) {
    case "cross-signed by a stranger":
      return sent(issuedBy(original, stranger));
    case "cross-signed by an anchor":
      return {
        ...sent(issuedBy(original, second)),
        otherAnchors: [...otherAnchors, selfSigned(anchor, second, serial)],
      };
    case "other key":
      return sent(withKey(original, chainKey("p256", 70 + number)));
    case "twin with a defect":
      return withTwin(layout, original, defect, serial);
    case "circle": {
      const above = path[path.indexOf(original) + 1] ?? anchor;
      return sent(issuedBy({ ...above, place: "ca" }, { ...original, identifiers: true }));
    }
  }
}

const stranger: Issuer = { subject: nameOf([["CN", "Stranger"]]), key: chainKey("p256", 91), identifiers: true };
const second: Issuer = { subject: nameOf([["CN", "Second Root"]]), key: chainKey("p256", 92), identifiers: true };

function selfSigned(anchor: Draft, { subject, key }: Issuer, serial: number): Draft {
  return { ...withKey(anchor, key), signer: key, subject, issuer: subject, serial };
}

function expired(anchor: Draft, serial: number): Draft {
  return { ...anchor, notAfter: anchor.notBefore + day, serial };
}

/** Beside the certificate, another one for the same name and key that has something wrong with it. */
function withTwin(layout: Layout, original: Draft, number: number, serial: number): Layout {
  const at = layout.path.indexOf(original);
  const twin = defectOfTwin(number).apply(layout, at).path[at];
  return twin === undefined ? layout : { ...layout, extras: [...layout.extras, { ...twin, serial }] };
}

/** Of what can be wrong with an authority. */
export function defectOfTwin(number: number): Defect {
  const possible = defects.filter(({ places, isOfCertificate, isUndecodable }) =>
    places.includes("ca") && isOfCertificate && !isUndecodable
  );
  const defect = possible[number % possible.length];
  if (defect === undefined) throw new Error("there are no defects");
  return defect;
}
