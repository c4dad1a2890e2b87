/**
 * Finds out before anything begins which ports can be had, so that what is said names the busy one.
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:net";
import { errorCode, systemReason } from "../../adapters/cli/failures.ts";
import { ExampleOptionsError, type PortChoice } from "./example_options.ts";

/** The ports that were chosen; any free one in place of a default that is in use. Throws ExampleOptionsError. */
export async function availablePorts(choices: readonly PortChoice[]): Promise<readonly number[]> {
  const named = choices.filter(({ port, isNamed }) => isNamed && port !== 0);
  return await Promise.all(choices.map((choice) => {
    const rival = named.find((other) => other !== choice && other.port === choice.port);
    if (rival === undefined) return availablePort(choice);
    if (!choice.isNamed) return 0;
    throw new ExampleOptionsError(`port ${choice.port} is given twice (${choice.option}, ${rival.option})`);
  }));
}

async function availablePort({ option, port, isNamed }: PortChoice): Promise<number> {
  try {
    await tried(port);
    return port;
  } catch (error) {
    const isBusy = errorCode(error) === "EADDRINUSE";
    if (isBusy && !isNamed) return 0;
    const reason = isBusy ? "is in use" : `can't be listened on: ${systemReason(error) ?? String(error)}`;
    throw new ExampleOptionsError(`port ${port} (${option}) ${reason}; give another`);
  }
}

async function tried(port: number): Promise<void> {
  const server = createServer().listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  server.close();
  await once(server, "close");
}
