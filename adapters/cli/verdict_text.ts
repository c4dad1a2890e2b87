/**
 * A verdict for people: what was asked, the path from the certificate to whom one trusts, what each check found there and
 * where its rule is written, what would help, and in the last line the verdict.
 * @module
 */

import { type Certificate, demands, type VerdictCheck, type VerdictStep } from "../../mod.ts";
import { certificateFacts, foundAmong, namesOf, shortTime, shown } from "./certificate_facts.ts";
import { fewer } from "./fields.ts";
import type { FoundCertificate, Judgement } from "./judgement.ts";
import { counted, type Fact, fact, factLines, hex, lineWidth, type Palette } from "./terminal.ts";

export function verdictLines(judgement: Judgement, palette: Palette): readonly string[] {
  const { verdict } = judgement;
  const paragraphs = [
    ...verdict.path.map((step, index) => stepFacts(step, index, judgement, palette)),
    strayFacts(judgement, palette),
    helpFacts(judgement),
  ];
  return [
    palette.strong(questionText(judgement)),
    palette.faint("─".repeat(lineWidth)),
    ...factLines(questionFacts(judgement), palette),
    ...paragraphs.flatMap((facts) => facts.length === 0 ? [] : ["", ...factLines(facts, palette)]),
    "",
    palette[verdict.accepted ? "good" : "bad"](conclusion(judgement)),
  ];
}

function questionText({ options, chain: [first] }: Judgement): string {
  const { serverName, emailAddress, purpose } = options;
  const whose = purpose === "serverAuth" ? "a server's" : "a client's";
  const names = [serverName, emailAddress].flatMap((name) => name === undefined ? [] : JSON.stringify(name));
  const whom = names.length === 0 ? "" : `, for ${names.join(" and ")}`;
  return `${shown(first?.from ?? "")}: is it to be trusted as ${whose} certificate${shown(whom)}?`;
}

function questionFacts({ options, now, chain, trustAnchors, revocationLists }: Judgement): readonly Fact[] {
  const { ca, ocsp, policy, pins } = options;
  const trusted = ca.length === 0 ? "the roots of Node" : `in ${shown(ca.join(", "))}`;
  const status = [
    ...revocationLists === 0 ? [] : [counted(revocationLists, "revocation list")],
    ...ocsp === undefined ? [] : [`the OCSP response in ${shown(ocsp)}`],
  ];
  return [
    fact("at", shortTime(now)),
    fact("trusted", `${counted(trustAnchors.length, "certificate")}, ${trusted}`),
    fact("others", `${counted(chain.length - 1, "certificate")} that may stand in the path`),
    fact("revocation", status.length === 0 ? "not looked at: there is neither --crl nor --ocsp" : status.join(", ")),
    ...pins.length === 0 ? [] : [fact("pinned", counted(pins.length, "key"))],
    fact("policy", policy),
  ];
}

/** A certificate of the path, and what the checks found at it. */
function stepFacts(step: VerdictStep, index: number, judgement: Judgement, palette: Palette): readonly Fact[] {
  const { verdict, chain, trustAnchors } = judgement;
  const { certificate, subject, isTrustAnchor } = step;
  const role = isTrustAnchor ? "trust anchor" : index === 0 ? "certificate" : "intermediate";
  const found = certificate && foundAmong(certificate, isTrustAnchor ? trustAnchors : chain);
  return [
    headline(`${index + 1}  ${role}`, certificate === undefined ? subject : subjectText(certificate), palette),
    ...found === undefined ? [] : [...certificateFacts(found, index === 0), gap],
    ...checkFacts(verdict.checks.filter((check) => check.step === index), judgement, palette),
  ];
}

/** What was found at a certificate that was tried as the next one of the path, and didn't become a part of it. */
function strayFacts(judgement: Judgement, palette: Palette): readonly Fact[] {
  const checks = judgement.verdict.checks.filter(({ step }) => step === undefined);
  if (checks.length === 0) return [];
  const isAtFault = checks.some(({ holds }) => !holds);
  const found = triedLast(judgement, isAtFault);
  const subject = found === undefined ? "one of several of this name" : subjectText(found.certificate);
  return [
    headline("?  tried as issuer", subject, palette),
    ...found === undefined || !isAtFault ? [] : [...certificateFacts(found, false), gap],
    ...checkFacts(checks, judgement, palette),
  ];
}

/** The error knows it if it's about that certificate; otherwise the name tells, where only one has it. */
function triedLast(
  { verdict: { error, path }, chain, trustAnchors }: Judgement,
  isAtFault: boolean,
): FoundCertificate | undefined {
  if (isAtFault && error?.index !== undefined) return chain[error.index];
  const name = path.at(-1)?.certificate?.issuer.text;
  const [issuer, ...others] = [...trustAnchors, ...chain].filter(({ certificate }) =>
    certificate.subject.text === name
  );
  return others.length === 0 ? issuer : undefined;
}

function headline(label: string, subject: string, { strong }: Palette): Fact {
  return { ...fact(label, shown(subject), strong), paintLabel: strong };
}

function subjectText(certificate: Certificate): string {
  const { subject } = certificate;
  if (subject.text !== "") return subject.text;
  const [first] = namesOf(certificate);
  return first?.name === undefined ? "no subject" : `no subject (${first.name})`;
}

/** One for each check; of what the policy demands, that which holds is told together. */
function checkFacts(checks: readonly VerdictCheck[], judgement: Judgement, { good, bad }: Palette): readonly Fact[] {
  const demanded = demandText(checks, judgement);
  const facts = checks.filter((check) => !isMetDemand(check)).map(({ check, rule, holds, text }) => {
    const value = `${shown(text)} (${whole(rule)})`;
    return holds ? checkFact(`✓ ${check}`, value, good) : { ...checkFact(`✗ ${check}`, value, bad), paint: bad };
  });
  const together = demanded === undefined ? [] : [checkFact("✓ demands", demanded, good)];
  // A check that failed is the last one.
  const isBroken = checks.some(({ holds }) => !holds);
  return isBroken ? [...facts.slice(0, -1), ...together, ...facts.slice(-1)] : [...facts, ...together];
}

function isMetDemand({ check, holds }: VerdictCheck): boolean {
  return holds && Object.hasOwn(demands, check);
}

/** Each in full at the first certificate that fulfils it. */
function demandText(checks: readonly VerdictCheck[], { verdict, options }: Judgement): string | undefined {
  const met = checks.filter(isMetDemand);
  if (met.length === 0) return undefined;
  const step = checks[0]?.step ?? 0;
  const isTold = ({ check }: VerdictCheck): boolean =>
    verdict.checks.some((other) => other.check === check && isMetDemand(other) && (other.step ?? 0) < step);
  const fresh = met.filter((check) => !isTold(check)).map(({ check, rule }) => `${check} (${whole(rule)})`).join(", ");
  const again = met.filter(isTold).length;
  if (again === 0) return `of the policy ${options.policy}: ${fresh}`;
  return `of the policy ${options.policy}: ${again} of those before${fresh === "" ? "" : `, and ${fresh}`}`;
}

function checkFact(label: string, value: string, paintLabel: Fact["paintLabel"]): Fact {
  const { values } = fact(label, value);
  return { label, values: values.map((line) => line.replaceAll(unbroken, " ")), paintLabel };
}

/** A rule isn't torn apart by a line's end. */
function whole(rule: string): string {
  return rule.replaceAll(" ", unbroken);
}

/** NO-BREAK SPACE */
const unbroken = "\u00a0";

/** An empty line. */
const gap: Fact = { label: "", values: [""] };

/** What would help, where that is known. */
function helpFacts({ verdict: { error }, options }: Judgement): readonly Fact[] {
  if (error?.check !== "path") return [];
  const own = options.ca.length === 0 ? [fact("to trust another CA", "--ca FILE")] : [];
  const { missingIssuer } = error;
  if (missingIssuer === undefined) return own;
  const { issuerText, keyIdentifier, urls } = missingIssuer;
  return [
    fact("missing", `the certificate of ${shown(issuerText)}`),
    ...keyIdentifier === undefined ? [] : [fact("  key identifier", shown(hex(keyIdentifier), 128))],
    ...urls.length === 0 ? [] : [fact("  offered at", fewer(urls.map((url) => shown(url, 253))))],
    fact("  give it", "as another FILE, or by --ca FILE if it is trusted; nothing was fetched"),
    ...own,
  ];
}

/** One line, however long. */
function conclusion({ verdict, options, chain: [first] }: Judgement): string {
  const { accepted, error, holdsFrom, holdsUntil } = verdict;
  if (!accepted) return `refused: ${shown(error?.message.replace(/^Cannot accept /, "") ?? "")}`;
  const { serverName, emailAddress } = options;
  const unnamed = serverName === undefined && emailAddress === undefined ? ", whatever its name" : "";
  const subject = first === undefined ? "" : shown(subjectText(first.certificate), 100);
  return `accepted: ${subject}${unnamed}; the same verdict from ${shortTime(holdsFrom)} until ${shortTime(holdsUntil)}`;
}
