/**
 * What the server of this page tells it: where its relay is, whom one can visit, and whom to trust.
 * @module
 */

/** Sent as JSON at `/config.json`. */
export interface ExampleConfig {
  /** `ws://127.0.0.1:PORT`. */
  readonly relay: string;
  /** The HTTPS server beside it, as `localhost:PORT`. */
  readonly target: string;
  readonly path: string;
  /** The CA of that server, in PEM. */
  readonly authority: string;
  /** The TCP port that leads to a server in the page. */
  readonly reversePort: number;
}

/** A page without such a server, or with one that says something else, begins with empty fields. */
export async function loadConfig(): Promise<ExampleConfig> {
  const nothing = { relay: "", target: "", path: "/", authority: "", reversePort: 0 };
  const response = await fetch("config.json").catch(() => undefined);
  if (response?.ok !== true) return nothing;
  const config: Partial<ExampleConfig> = await response.json();
  return { ...nothing, ...config };
}
