/**
 * The words after `tlschart verify`, and the options by which certificates are judged, which `connect` has too.
 * Enters: words. Leaves: a command with checked options, or CliError with one line that says what is wrong. Touches no file.
 * @module
 */

import { filled, momentOf, numberWithin, oneWordOf } from "./argument_values.ts";
import { CliError } from "./failures.ts";
import type { Command, RuleOptions } from "./options.ts";
import { parsed } from "./words.ts";

/** The options by which certificates are judged, for node:util's parser. */
export const rules: {
  readonly policy: { readonly type: "string" };
  readonly crl: { readonly type: "string"; readonly multiple: true };
  readonly pin: { readonly type: "string"; readonly multiple: true };
} = {
  policy: { type: "string" },
  crl: { type: "string", multiple: true },
  pin: { type: "string", multiple: true },
};

interface RuleValues {
  readonly policy?: string | undefined;
  readonly crl?: readonly string[] | undefined;
  readonly pin?: readonly string[] | undefined;
}

export function ruleOptions({ policy, crl = [], pin = [] }: RuleValues): RuleOptions {
  return {
    policy: oneWordOf("policy", policy, ["rfc5280", "webPki", "compatible"]) ?? "compatible",
    crls: allFilled("crl", crl),
    pins: allFilled("pin", pin),
  };
}

export function parseVerify(args: readonly string[]): Command {
  const { values, positionals: files } = parsed("verify", args, {
    ...rules,
    ca: { type: "string", multiple: true },
    name: { type: "string" },
    "any-name": { type: "boolean" },
    email: { type: "string" },
    client: { type: "boolean" },
    time: { type: "string" },
    ocsp: { type: "string" },
    "require-revocation-status": { type: "boolean" },
    "public-suffixes": { type: "string" },
    "max-intermediates": { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return { name: "help", topic: "verify" };
  if (files.length === 0 || files.includes("")) {
    throw new CliError("verify needs a FILE with a certificate (see tlschart verify --help)");
  }
  if (files.filter((file) => file === "-").length > 1) throw new CliError('"-" is stdin, which is there only once');
  const { client = false, "any-name": anyName = false, json = false } = values;
  const serverName = filled("name", values.name);
  if (serverName !== undefined && anyName) throw new CliError("give either --name or --any-name, not both");
  if (serverName === undefined && !anyName && !client) {
    throw new CliError(
      "verify needs --name NAME, the server's name or address: whose certificate is it meant to be? " +
        "(--any-name for anybody's; --client for a client's)",
    );
  }
  return {
    name: "verify",
    ...ruleOptions(values),
    files,
    ca: allFilled("ca", values.ca ?? []),
    serverName,
    anyName,
    emailAddress: filled("email", values.email),
    purpose: client ? "clientAuth" : "serverAuth",
    time: momentOf("time", values.time),
    ocsp: filled("ocsp", values.ocsp),
    requireRevocationStatus: values["require-revocation-status"] ?? false,
    publicSuffixes: filled("public-suffixes", values["public-suffixes"]),
    maxIntermediates: numberWithin("max-intermediates", values["max-intermediates"], 0, 1000),
    json,
  };
}

/** Whoever leaves a variable of a shell empty would restrict nothing, and not know it. */
function allFilled(option: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => filled(option, value) ?? []);
}
