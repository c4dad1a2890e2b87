/**
 * Where the states stand in the pictures: by hand. The road to application data runs down the page; on the left what
 * waits for the peer, as a rule, and on the right what waits for an answer, or what not every road passes.
 * A state without a place, or a place without a state, is refused.
 * @module
 */

import type { Anatomy, State } from "./anatomy.ts";
import { fail } from "./fail.ts";

export type Role = "client" | "server";

export interface Cell {
  /** All states of the opening have paths of their own: `opening.live.start`. */
  readonly state: State;
  readonly column: Column;
  readonly row: number;
}

export type Column = "left" | "right";

export const ofOpening = "opening.";

/** One line for each row. Names are paths below `live`, or below `live.handshake`. */
const places: { readonly [Name in Role]: { readonly opening: string; readonly handshake: string } } = {
  client: {
    opening: `
      start                                                       |
      loadingSession                                              |
      awaitServerHello                                            | selectingVersion`,
    handshake: `
      awaitServerHello                                            | checkingServerHello
      full.awaitCertificate                                       | full.awaitCertificateStatusOrServerKeyExchange
      full.checkingCertificate                                    | full.checkingCertificateFirst
      full.awaitServerKeyExchange                                 | full.checkingServerKeyExchange
      full.awaitCertificateRequestOrServerHelloDone               | full.awaitServerHelloDone
                                                                  | full.choosingCredential
                                                                  | full.pickingCredential
                                                                  | full.signing
      full.serverFinishes.awaitNewSessionTicketOrChangeCipherSpec | full.serverFinishes.awaitChangeCipherSpec
      full.serverFinishes.awaitFinished                           | full.serverFinishes.checkingFinished
      abbreviated.awaitNewSessionTicketOrChangeCipherSpec         | abbreviated.awaitChangeCipherSpec
      abbreviated.awaitFinished                                   | abbreviated.checkingFinished
      connected                                                   |
      peerClosed                                                  | closing`,
  },
  server: {
    opening: `
      start                                                       |
      awaitClientHello                                            | inspectingClientHello
                                                                  | selectingVersion`,
    handshake: `
      awaitClientHello                                            | loadingSession
                                                                  | checkingSession
      choosingCredential                                          |
      full.signing                                                | full.awaitCertificate
                                                                  | full.checkingCertificate
      full.anonymous.awaitClientKeyExchange                       | full.authenticated.awaitClientKeyExchange
      full.anonymous.checkingClientKeyExchange                    | full.authenticated.checkingClientKeyExchange
                                                                  | full.authenticated.awaitCertificateVerify
                                                                  | full.authenticated.checkingCertificateVerify
      full.clientFinishes.awaitChangeCipherSpec                   |
      full.clientFinishes.awaitFinished                           | full.clientFinishes.checkingFinished
      abbreviated.awaitChangeCipherSpec                           |
      abbreviated.awaitFinished                                   | abbreviated.checkingFinished
      connected                                                   |
      peerClosed                                                  | closing`,
  },
};

/** The states of both charts but for the ends, in their places. */
export function cellsOf(role: Role, opening: Anatomy, handshake: Anatomy): readonly Cell[] {
  const first = placed(opening, places[role].opening, 0)
    .map((cell) => ({ ...cell, state: { ...cell.state, path: ofOpening + cell.state.path } }));
  return [...first, ...placed(handshake, places[role].handshake, 1 + lastRow(first))];
}

export function lastRow(cells: readonly Cell[]): number {
  return Math.max(...cells.map(({ row }) => row));
}

function placed({ states }: Anatomy, table: string, firstRow: number): readonly Cell[] {
  const leaves = states.filter(({ children, isFinal }) => children.length === 0 && !isFinal);
  const rows = table.split("\n").filter((line) => line.trim() !== "");
  const cells = rows.flatMap((line, at) =>
    line.split("|").map((name) => name.trim()).flatMap((name, column): readonly Cell[] => {
      if (name === "") return [];
      const state = leaves.find(({ path }) => path === `live.${name}` || path === `live.handshake.${name}`);
      if (state === undefined) fail(`there is a place for ${name}, but no such state`);
      return [{ state, column: column === 0 ? "left" : "right", row: firstRow + at }];
    })
  );
  const homeless = leaves.find((leaf) => !cells.some(({ state }) => state === leaf));
  if (homeless !== undefined) fail(`${homeless.path} has no place in docs/charts/places.ts`);
  return cells;
}
