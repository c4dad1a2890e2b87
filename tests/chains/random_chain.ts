/**
 * What a plan of a random certification path stands for: certificates before they are signed, and then a scene that judges
 * are shown.
 * @module
 */

import { ExtensionId, KeyPurposeId } from "../../lib/x509/oids.ts";
import { dice } from "../support/fixtures.ts";
import { defectOfTwin, withDecoy } from "./decoys.ts";
import type { Defect } from "./defect.ts";
import { defects } from "./defects.ts";
import {
  basicConstraints,
  day,
  type Draft,
  encodeDraft,
  extendedKeyUsage,
  type ExtensionDraft,
  issuedBy,
  type Issuer,
  keyUsage,
  type Layout,
  nameOf,
  now,
  type Place,
  subjectKeyIdentifier,
} from "./draft.ts";
import {
  constraintBases,
  nameConstraints,
  presentedNames,
  subjectAltName,
  wantedFor,
  wantedNames,
} from "./general_names.ts";
import { chainKey } from "./keys.ts";
import type { AuthorityPlan, ChainPlan } from "./plan.ts";

/** What judges are shown. */
export interface Scene {
  readonly leaf: Uint8Array;
  /** What the peer sends beside its own certificate, in any order. */
  readonly bag: readonly Uint8Array[];
  readonly anchors: readonly Uint8Array[];
  readonly serverName: string;
  /** In ms since 1970. */
  readonly now: number;
}

/** What a plan stands for. */
export function sceneOf(plan: ChainPlan): Scene {
  const { path, extras, otherAnchors, sendsAnchor, missing, trusted, ...request } = layoutOf(plan);
  const sent = path.filter((draft, index) => !missing.includes(draft) && (sendsAnchor || index < path.length - 1));
  const [leaf, ...bag] = [...sent, ...extras].map(encodeDraft);
  if (leaf === undefined) throw new Error("a path has a leaf");
  const anchors = [...otherAnchors, ...trusted ? path.slice(-1) : []].map(encodeDraft);
  return { leaf, bag: shuffled(bag, plan.order), anchors: shuffled(anchors, plan.order), ...request };
}

/** A defect at its place in the path. */
export interface PlacedDefect {
  readonly defect: Defect;
  /** Counted from the leaf. */
  readonly at: number;
  readonly place: Place;
}

/** The defects of a plan; those that can't be where they are planned are left out. */
export function defectsOf(plan: ChainPlan): readonly PlacedDefect[] {
  const path = pathOf(plan);
  return plan.defects.flatMap(({ defect: number, at }) => {
    const defect = defects[number % defects.length];
    const places = path.flatMap(({ place }, index) => defect?.places.includes(place) ? [{ at: index, place }] : []);
    const place = places[at % Math.max(1, places.length)];
    return defect === undefined || place === undefined ? [] : [{ defect, ...place }];
  });
}

/** The defects of certificates that stand beside those of the path, for the same names and keys. */
export function twinsOf(plan: ChainPlan): readonly Omit<PlacedDefect, "at">[] {
  return plan.decoys.flatMap(({ type, defect }) =>
    type === "twin with a defect" ? [{ defect: defectOfTwin(defect), place: "ca" as const }] : []
  );
}

function layoutOf(plan: ChainPlan): Layout {
  const [first] = plan.names.flatMap((index) => presentedNames[index] ?? []);
  const wanted = plan.wanted === undefined ? undefined : wantedNames[plan.wanted];
  const serverName = wanted ?? (first === undefined ? "www.example.com" : wantedFor(first));
  const healthy: Layout = {
    path: pathOf(plan),
    extras: [],
    otherAnchors: [],
    sendsAnchor: false,
    missing: [],
    trusted: true,
    serverName,
    now,
  };
  const surrounded = plan.decoys.reduce(withDecoy, healthy);
  return defectsOf(plan).reduce((layout, { defect, at }) => defect.apply(layout, at), surrounded);
}

/** From the trust anchor down, then turned around: the leaf first. */
function pathOf(plan: ChainPlan): readonly Draft[] {
  const path: Draft[] = [];
  const last = plan.authorities.length - 1;
  let issuer: Issuer = { subject: nameOf([["CN", "Elsewhere"]]), key: chainKey("p256", 90), identifiers: true };
  for (const [index, authority] of [...plan.authorities.entries()].reverse()) {
    const subject = nameOf(index === last ? [["CN", "Root"]] : [["O", "Example Org"], ["CN", `CA ${index}`]]);
    const key = chainKey(authority.key, 2 * index);
    const { identifiers } = authority;
    const own: Issuer = { subject, key, identifiers };
    const isAnchor = index === last;
    const from = isAnchor && plan.anchor !== "cross-signed" ? own : issuer;
    const draft = authorityOf(plan, index, own, from);
    path.push(isAnchor && plan.anchor === "version 1" ? { ...draft, extensions: [] } : draft);
    issuer = own;
    if (!authority.rollover) continue;
    issuer = { subject, key: chainKey(authority.key, 2 * index + 1), identifiers };
    path.push({ ...authorityOf(plan, index, issuer, own), place: "ca", serial: 200 + index });
  }
  path.push(leafOf(plan, issuer));
  return path.reverse();
}

function authorityOf(plan: ChainPlan, index: number, own: Issuer, issuer: Issuer): Draft {
  const authority = plan.authorities[index];
  if (authority === undefined) throw new Error(`there is no authority ${index}`);
  return issuedBy({
    place: index === plan.authorities.length - 1 ? "anchor" : "ca",
    subject: own.subject,
    issuer: issuer.subject,
    key: own.key,
    signer: issuer.key,
    serial: 100 + index,
    notBefore: now - 10 * day,
    notAfter: now + 10 * day,
    extensions: [
      basicConstraints(true, authority.pathLen ? index : undefined),
      keyUsage("keyCertSign", "cRLSign"),
      ...purposesOf(authority),
      ...own.identifiers ? [subjectKeyIdentifier(own.key)] : [],
      ...constraintsOf(plan, index),
    ],
  }, issuer);
}

function purposesOf({ purposes }: AuthorityPlan): readonly ExtensionDraft[] {
  switch (purposes) {
    case "none":
      return [];
    case "server":
      return [extendedKeyUsage(KeyPurposeId.serverAuth)];
    case "any":
      return [extendedKeyUsage(KeyPurposeId.anyExtendedKeyUsage)];
    case "several":
      return [extendedKeyUsage(KeyPurposeId.clientAuth, KeyPurposeId.serverAuth)];
  }
}

function constraintsOf({ constraints, authorities }: ChainPlan, index: number): readonly ExtensionDraft[] {
  const constraint = constraints.find(({ at }) => at % authorities.length === index);
  if (constraint === undefined || constraint.permitted.length + constraint.excluded.length === 0) return [];
  const [permitted, excluded] = [constraint.permitted, constraint.excluded].map((numbers) =>
    numbers.flatMap((number) => constraintBases[number] ?? [])
  );
  const value = nameConstraints(permitted ?? [], excluded ?? []);
  return [{ oid: ExtensionId.nameConstraints, critical: constraint.critical, value }];
}

function leafOf(plan: ChainPlan, issuer: Issuer): Draft {
  const names = plan.names.flatMap((index) => presentedNames[index] ?? []);
  const isEmpty = plan.subject === "empty";
  const subject = nameOf([
    ...isEmpty ? [] : [["O", "Example Org"], ["CN", "leaf"]] as const,
    ...plan.subject === "with an e-mail address" ? [["emailAddress", "user@example.com"]] as const : [],
  ]);
  const key = chainKey(plan.leafKey, 80);
  return issuedBy({
    place: "leaf",
    subject,
    issuer: issuer.subject,
    key,
    signer: issuer.key,
    serial: 7,
    notBefore: now - 5 * day,
    notAfter: now + 5 * day,
    extensions: [
      keyUsage("digitalSignature"),
      extendedKeyUsage(KeyPurposeId.serverAuth),
      ...names.length === 0
        ? []
        : [{ oid: ExtensionId.subjectAltName, critical: isEmpty, value: subjectAltName(names) }],
    ],
  }, issuer);
}

function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const roll = dice(seed);
  const rest = [...items];
  return items.map(() => rest.splice(roll(rest.length), 1)).flat();
}
