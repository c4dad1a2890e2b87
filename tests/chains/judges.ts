/**
 * What two independent judges say to a scene: the openssl command, one process for each scene, and Go's crypto/x509 in a
 * program of ours that is compiled when it is first needed.
 * @module
 */

import { type ChildProcessByStdio, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { encodeBase64, encodePem } from "../../lib/x509/pem.ts";
import { isIpAddress } from "../../lib/x509/names.ts";
import type { Verdict } from "./our_verdict.ts";
import type { Scene } from "./random_chain.ts";

/** Why there is no such judge; `undefined` when there is one. */
export const missing: { readonly openssl: string | undefined; readonly go: string | undefined } = {
  openssl: reasonWithout("openssl", ["version"], /^OpenSSL 3\./),
  go: reasonWithout("go", ["version"], /^go version go1\.(?:2[4-9]|[3-9]\d)/),
};

function reasonWithout(program: string, parameters: readonly string[], version: RegExp): string | undefined {
  try {
    const said = execFileSync(program, parameters, { encoding: "utf8", stdio: "pipe" });
    return version.test(said) ? undefined : `"${said.trim()}" is not ${version}`;
  } catch {
    return `there is no ${program} command`;
  }
}

/** Both judges, with a folder for their files. Whoever opens them closes them. */
export class Judges {
  readonly #folder = mkdtempSync(join(tmpdir(), "tlschart-chains-"));
  #number = 0;
  #go: GoJudge | undefined;

  /** What `openssl verify` says at security level 2 (112 bits), which is what TLS has by default. */
  openssl({ leaf, bag, anchors, serverName, now }: Scene): Promise<Verdict> {
    const number = this.#number++ % 64;
    const written = (name: string, certificates: readonly Uint8Array[]): string => {
      const path = join(this.#folder, `${name}-${number}.pem`);
      writeFileSync(path, certificates.map((der) => encodePem("CERTIFICATE", der)).join(""));
      return path;
    };
    const name = serverName.replace(/\.$/, "");
    const parameters = [
      "verify",
      ...["-no-CApath", "-no-CAstore", "-partial_chain", "-auth_level", "2", "-purpose", "sslserver"],
      ...["-attime", String(Math.floor(now / 1000)), isIpAddress(name) ? "-verify_ip" : "-verify_hostname", name],
      ...["-CAfile", written("anchors", anchors)],
      ...bag.length === 0 ? [] : ["-untrusted", written("untrusted", bag)],
      written("leaf", [leaf]),
    ];
    return new Promise((resolve) =>
      execFile("openssl", parameters, { env: { ...process.env, LC_ALL: "C" } }, (error, stdout, stderr) => {
        const [reason] = /error \d+ at .*|^.*(?:error:|Unable to load|Could not).*$/m.exec(stderr + stdout) ?? [];
        const why = (reason ?? (stderr + stdout)).replaceAll(this.#folder, "").trim();
        resolve(error === null ? { answer: "accepted", why: "ok" } : { answer: "refused", why });
      })
    );
  }

  /** What `Certificate.Verify` says. */
  go(scene: Scene): Promise<Verdict> {
    this.#go ??= new GoJudge(this.#folder);
    return this.#go.verdict(scene);
  }

  close(): void {
    this.#go?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

class GoJudge {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((verdict: Verdict) => void)[] = [];

  constructor(folder: string) {
    const binary = join(folder, "peer");
    execFileSync("go", ["build", "-o", binary, fileURLToPath(new URL("peer.go", import.meta.url))], {
      env: { ...process.env, GO111MODULE: "off", GOFLAGS: "", CGO_ENABLED: "0" },
      stdio: "pipe",
    });
    this.#child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const [answer, why = ""] = line.split("\t");
      this.#waiting.shift()?.({ answer: answer === "accepted" ? "accepted" : "refused", why });
    });
  }

  verdict({ leaf, bag, anchors, serverName, now }: Scene): Promise<Verdict> {
    const list = (certificates: readonly Uint8Array[]): string => certificates.map(encodeBase64).join(",");
    const fields = [list([leaf]), list(bag), list(anchors), serverName, String(Math.floor(now / 1000))];
    this.#child.stdin.write(`${fields.join("\t")}\n`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#child.stdin.end();
  }
}
