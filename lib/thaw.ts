/**
 * A connection that goes on where it was frozen.
 * Enters: JSON that nobody has looked at, a configuration, and who makes a role's machines go on. Leaves: a connection,
 * or TlsUsageError, whatever the JSON is.
 * @module
 */

import { createConnection } from "./connection.ts";
import { TlsUsageError } from "./error.ts";
import { thawedParts, type ThawMachine } from "./freeze.ts";
import type { CheckAnswer } from "./request.ts";
import type { Settings } from "./settings.ts";
import type { FrozenConnection, TlsConnection } from "./tls_connection.ts";

export function thawConnection<Config extends Settings>(
  frozen: unknown,
  role: FrozenConnection["role"],
  settings: Config,
  checkAnswer: CheckAnswer,
  thawMachine: ThawMachine<Config>,
): TlsConnection {
  try {
    const parts = thawedParts(frozen, role, settings);
    const { machine, ...stands } = thawMachine(parts, settings);
    return createConnection(machine, settings, checkAnswer, { parts, ...stands });
  } catch (thrown) {
    if (thrown instanceof TlsUsageError) throw thrown;
    // What has the right shape may still be no certificate, no ClientHello, no key that a provider takes.
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TlsUsageError(`Cannot thaw: ${text}`, { cause: thrown });
  }
}
