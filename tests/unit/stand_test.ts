/** The tables of where a frozen connection may stand, held against the charts. */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { clientOpeningChart } from "../../lib/opening/client_opening_chart.ts";
import { clientOpeningStands } from "../../lib/opening/client_thaw.ts";
import { serverOpeningChart } from "../../lib/opening/server_opening_chart.ts";
import { serverOpeningStands } from "../../lib/opening/server_thaw.ts";
import { clientChart } from "../../lib/tls12/client_chart.ts";
import { clientStates } from "../../lib/tls12/client_thaw.ts";
import { serverChart } from "../../lib/tls12/server_chart.ts";
import { serverStates } from "../../lib/tls12/server_thaw.ts";
import type { Stand } from "../../lib/stand.ts";
import { assert, suite } from "../harness.ts";

const test = suite("where a frozen connection may stand");

/** States that a connection leaves in the call in which it enters them; by hand. */
const passing: Readonly<Record<string, readonly string[]>> = {
  clientOpening: ["live.selectingVersion"],
  serverOpening: ["live.selectingVersion"],
  tls12Client: [
    "live.handshake.awaitServerHello",
    "live.handshake.checkingServerHello",
    "live.handshake.full.checkingServerKeyExchange",
    "live.handshake.full.pickingCredential",
    "live.handshake.full.serverFinishes.checkingFinished",
    "live.handshake.abbreviated.checkingFinished",
  ],
  tls12Server: [
    "live.handshake.awaitClientHello",
    "live.handshake.checkingSession",
    "live.handshake.full.authenticated.checkingClientKeyExchange",
    "live.handshake.full.authenticated.checkingCertificateVerify",
    "live.handshake.full.anonymous.checkingClientKeyExchange",
    "live.handshake.full.clientFinishes.checkingFinished",
    "live.handshake.abbreviated.checkingFinished",
  ],
};

type Table = Readonly<Record<string, Stand<never> | Stand<"offer"> | Stand<string>>>;

const machines: readonly (readonly [string, AnyStateMachine, readonly Table[]])[] = [
  ["clientOpening", clientOpeningChart.machine, [clientOpeningStands.states]],
  ["serverOpening", serverOpeningChart.machine, [serverOpeningStands.states]],
  ["tls12Client", clientChart.machine, [clientStates.full, clientStates.abbreviated]],
  ["tls12Server", serverChart.machine, [serverStates.full, serverStates.abbreviated]],
];

for (const [name, machine, tables] of machines) {
  test(`is every state of ${name}, except those that are left at once and the end`, () => {
    const inTables = new Set(tables.flatMap(Object.keys));
    const leaves = nodesOf(machine.root).filter(({ type }) => type === "atomic").map(({ path }) => path.join("."));
    assert.equal([...inTables, ...passing[name] ?? []].sort(), leaves.sort());
  });

  test(`asks in the pending states of ${name} only, and in each of them`, () => {
    for (const [state, stand] of tables.flatMap(Object.entries)) {
      const node = nodesOf(machine.root).find(({ path }) => path.join(".") === state);
      assert.is(node?.tags.includes("pending"), stand.asks !== undefined, state);
      assert.is(
        stand.deaf === true,
        node?.tags.includes("maySendData") && !node.tags.includes("applicationData"),
        state,
      );
    }
  });
}

test.run();

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}
