/**
 * Name constraints: which names a CA may certify.
 * Enters: the constraints of a CA and a certificate below it. Leaves: why a name isn't allowed, or `undefined`.
 * RFC 5280 §4.2.1.10. What can't be compared fails closed. Knows no path. How names are compared is `name_subtrees.ts`.
 * @module
 */

import type { Certificate } from "./certificate.ts";
import { isPreferredName } from "./dns_name.ts";
import type { NameConstraints } from "./extensions.ts";
import { type GeneralName, generalNameText, smtpUtf8Mailbox } from "./general_name.ts";
import { isContiguousMask } from "./ip_address.ts";
import { parseMailbox } from "./mailbox.ts";
import { comparableName, isWithinSubtree, type Subtree, subtreeOf } from "./name_subtrees.ts";
import { AttributeType } from "./oids.ts";

/** Why the constraints forbid a name of the certificate; `undefined` when they forbid none. */
export function nameConstraintFault(constraints: NameConstraints, certificate: Certificate): string | undefined {
  const subtrees = new Map<string, Subtrees>();
  const bases = basesByForm(constraints);
  for (const presented of namesOf(certificate)) {
    const ofForm = subtrees.get(presented.form) ?? subtreesOf(bases.get(presented.form));
    subtrees.set(presented.form, ofForm);
    const fault = faultOf(presented, ofForm);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** How many comparisons that takes at most, so that the work can be limited. Each name counts once by itself. */
export function nameConstraintEffort(constraints: NameConstraints, certificate: Certificate): number {
  const countByForm = new Map<string, number>();
  for (const base of [...constraints.permittedSubtrees, ...constraints.excludedSubtrees]) {
    const form = formOf(base);
    countByForm.set(form, (countByForm.get(form) ?? 0) + 1);
  }
  return namesOf(certificate).reduce((sum, { form }) => sum + 1 + (countByForm.get(form) ?? 0), 0);
}

/**
 * What RFC 5280 doesn't allow in constraints, whether it could be compared or not; `undefined` when there is nothing.
 * Forms without a syntax of their own (otherName, registeredID …) are allowed: no name of theirs is, below them.
 */
export function nameConstraintSyntaxFault(constraints: NameConstraints): string | undefined {
  for (const base of [...constraints.permittedSubtrees, ...constraints.excludedSubtrees]) {
    const why = baseFault(base);
    if (why !== undefined) return `its name constraint ${generalNameText(base)} is not one that RFC 5280 knows: ${why}`;
  }
  return undefined;
}

function baseFault(base: GeneralName): string | undefined {
  switch (base.type) {
    case "dNSName":
      // RFC 5280 §4.2.1.10: "DNS name restrictions are expressed as host.example.com."
      if (base.name === "" || isPreferredName(base.name)) return undefined;
      return base.name.startsWith(".") ? "a DNS name has no leading period" : "that is not a DNS name";
    case "rfc822Name": {
      const mailbox = base.name.includes("@") ? parseMailbox(base.name) : { domain: base.name.replace(/^\./, "") };
      if (mailbox !== undefined && isPreferredName(mailbox.domain)) return undefined;
      return "that is neither a mailbox nor a host nor a domain with a leading period";
    }
    case "uniformResourceIdentifier":
      // RFC 5280 §4.2.1.10 MUST: "The constraint MUST be specified as a fully qualified domain name and MAY specify a host or a domain."
      if (isPreferredName(base.name.replace(/^\./, ""))) return undefined;
      return "that is neither a host nor a domain with a leading period";
    case "iPAddress":
      return isContiguousMask(base.address) ? undefined : "that is not an address with its mask";
    default:
      return undefined;
  }
}

/** A name of a certificate, and the form of which constraints hold for it. */
interface PresentedName {
  readonly form: string;
  readonly name: GeneralName;
}

/** The subtrees for names of one form, made ready once to be compared with many names. */
interface Subtrees {
  readonly permitted: readonly Prepared[];
  readonly excluded: readonly Prepared[];
  /** One that can't be compared: then no name of the form is allowed. */
  readonly uncomparable: GeneralName | undefined;
}

interface Prepared {
  readonly base: GeneralName;
  readonly subtree: Subtree;
}

/** Each type of otherName is a form of its own. */
function formOf(name: GeneralName): string {
  return name.type === "otherName" ? `${name.type} ${name.typeId}` : name.type;
}

/** The bases of one form, as they stand. */
interface Bases {
  readonly permitted: GeneralName[];
  readonly excluded: GeneralName[];
}

/** In one pass: a certificate may have names of thousands of forms, each type of otherName being one. */
function basesByForm({ permittedSubtrees, excludedSubtrees }: NameConstraints): ReadonlyMap<string, Bases> {
  const byForm = new Map<string, Bases>();
  for (const [kind, bases] of [["permitted", permittedSubtrees], ["excluded", excludedSubtrees]] as const) {
    for (const base of bases) {
      const form = formOf(base);
      const ofForm = byForm.get(form) ?? { permitted: [], excluded: [] };
      ofForm[kind].push(base);
      byForm.set(form, ofForm);
    }
  }
  return byForm;
}

function subtreesOf({ permitted, excluded }: Bases = { permitted: [], excluded: [] }): Subtrees {
  let uncomparable: GeneralName | undefined;
  const prepared = (bases: readonly GeneralName[]): readonly Prepared[] =>
    bases.flatMap((base) => {
      const subtree = subtreeOf(base);
      if (subtree === undefined) uncomparable ??= base;
      return subtree === undefined ? [] : [{ base, subtree }];
    });
  return { permitted: prepared(permitted), excluded: prepared(excluded), uncomparable };
}

/** RFC 5280 §4.2.1.10: "Restrictions apply to the subject distinguished name and … subject alternative names." */
function namesOf({ subject, subjectAltName }: Certificate): readonly PresentedName[] {
  const names: PresentedName[] = (subjectAltName?.names ?? []).map((name) => ({ form: formOf(name), name }));
  for (const name of subjectAltName?.names ?? []) {
    // RFC 9598 §6: what constrains rfc822Name constrains these too. They aren't compared here, and so refused then.
    if (name.type === "otherName" && name.typeId === smtpUtf8Mailbox) names.push({ form: "rfc822Name", name });
  }
  for (const { type, text } of subject.attributes) {
    // RFC 5280 §4.2.1.10 MUST: "the rfc822Name constraint MUST be applied to the attribute of type emailAddress"
    // As in OpenSSL, also where the certificate has a subjectAltName.
    if (type === AttributeType.emailAddress) {
      names.push({ form: "rfc822Name", name: { type: "rfc822Name", name: text } });
    }
  }
  // RFC 5280 §4.2.1.10 MUST: "Restrictions of the form directoryName MUST be applied to the subject field in the certificate (when the certificate includes a non-empty subject field) and to any names of type directoryName in the subjectAltName extension."
  if (subject.keys.length > 0) names.push({ form: "directoryName", name: { type: "directoryName", name: subject } });
  return names;
}

function faultOf({ form, name }: PresentedName, { permitted, excluded, uncomparable }: Subtrees): string | undefined {
  if (permitted.length === 0 && excluded.length === 0 && uncomparable === undefined) return undefined;
  const comparable = comparableName(name);
  // RFC 5280 §4.2.1.10 MUST: "the application MUST either process the constraint or reject the certificate."
  // RFC 5280 §4.2.1.10 MUST: "Restrictions of the form x400Address MUST be applied to any names of type x400Address in the subjectAltName extension."
  if (uncomparable !== undefined) return unappliedText(form, name, uncomparable, baseFault(uncomparable));
  if (comparable === undefined) return unappliedText(form, name, name, incomparable[name.type]);
  const isWithin = (reach: boolean) => ({ subtree }: Prepared): boolean => isWithinSubtree(comparable, subtree, reach);
  const forbidding = excluded.find(isWithin(true));
  if (forbidding !== undefined) {
    return `${generalNameText(name)} is within the excluded ${generalNameText(forbidding.base)}`;
  }
  if (permitted.length === 0 || permitted.some(isWithin(false))) return undefined;
  const listed = permitted.slice(0, maxListed).map(({ base }) => generalNameText(base)).join(", ");
  return `${generalNameText(name)} is not within the permitted ${listed}`;
}

/** `wrong`: the name itself, or the constraint. `why` nothing can be compared with it. */
function unappliedText(form: string, name: GeneralName, wrong: GeneralName, why = "no rule says how"): string {
  return `a constraint on names of type ${form} can't be applied to ${generalNameText(name)}: ` +
    `${generalNameText(wrong)} can't be compared (${why})`;
}

/** Why a certificate's own name can't be compared, by its type. */
const incomparable: Readonly<Partial<Record<GeneralName["type"], string>>> = {
  dNSName: "that is not a DNS name",
  rfc822Name: "that is not a mailbox at a host with a DNS name",
  uniformResourceIdentifier: "it has no authority with a DNS name as its host",
};

const maxListed = 8;
