/**
 * One hop (frozen_hop.ts) as a program: JSON on its input, JSON on its output. For Deno without any permission, and
 * Bun.
 */
import process from "node:process";
import { hop } from "./frozen_hop.ts";

let text = "";
process.stdin.setEncoding("utf8");
for await (const chunk of process.stdin) text += chunk;
process.stdout.write(JSON.stringify(hop(JSON.parse(text))));
