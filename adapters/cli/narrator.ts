/**
 * `--steps`: watches one side of one connection and tells the eleven steps on stderr, the first ten when the handshake is
 * over, the last when the connection is.
 * @module
 */

import type { CertificateVerifier, CryptoProvider, TraceEvent } from "../../mod.ts";
import { timedProvider, timedVerifier } from "./stopwatch.ts";
import { storyLines } from "./steps.ts";
import { type Side, stepNumbers } from "./step.ts";
import { Story } from "./story.ts";
import type { Surroundings } from "./streams.ts";
import { paletteFor } from "./terminal.ts";

export interface Narrator {
  readonly story: Story;
  readonly traceOptions: { readonly trace: "secrets"; readonly onTrace: (event: TraceEvent) => void };
  timedProvider(provider: CryptoProvider): CryptoProvider;
  timedVerifier(verifier: CertificateVerifier): CertificateVerifier;
  tellHandshake(): void;
  /** What hasn't been told: the last step, or as far as a handshake came that failed. */
  tellRest(): void;
}

/** One for each connection; `undefined` unless it was asked for. */
export function narratorFor(
  side: Side,
  { steps, showsSecrets, insecure }: {
    readonly steps: boolean;
    readonly showsSecrets: boolean;
    readonly insecure?: boolean | undefined;
  },
  { stderr, env }: Surroundings,
): Narrator | undefined {
  if (!steps) return undefined;
  const story = new Story([side]);
  const options = { palette: paletteFor(stderr, env), showsSecrets, insecure };
  let told = 0;
  const tell = (until: number): void => {
    const lines = storyLines(story, stepNumbers.slice(told, until), options);
    told = Math.max(told, until);
    if (lines.length > 0) stderr.write(`${lines.join("\n")}\n\n`);
  };
  return {
    story,
    traceOptions: { trace: "secrets", onTrace: story.watch(side) },
    timedProvider: (provider) => timedProvider(provider, story.clock(side)),
    timedVerifier: (verifier) => timedVerifier(verifier, story.clock(side)),
    tellHandshake: () => tell(10),
    tellRest: () => tell(11),
  };
}
