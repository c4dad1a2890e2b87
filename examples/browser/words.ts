/**
 * What a language has to say in this page. Words of the protocol stay the RFC's in every one.
 * @module
 */

import type { Side, StepNumber } from "../../adapters/cli/step.ts";

/** What a language has to say. */
export interface Words {
  /** For `<html lang>`. */
  readonly tag: "en" | "zh-Hans";
  readonly title: string;
  readonly subtitle: string;
  readonly roles: Readonly<Record<"client" | "server" | "both", string>>;
  readonly otherLanguage: string;
  readonly themes: Readonly<Record<"auto" | "light" | "dark", string>>;
  readonly theme: string;
  readonly sides: Readonly<Record<Side, string>>;
  readonly client: ClientWords;
  readonly server: ServerWords;
  readonly both: { readonly about: string; readonly run: string; readonly names: string };
  readonly player: PlayerWords;
  readonly steps: Readonly<Record<StepNumber, StepWords>>;
  readonly step: StepPaneWords;
  readonly chart: ChartWords;
  readonly outcome: OutcomeWords;
  readonly failure: FailureWords;
  readonly facts: FactWords;
  readonly copy: string;
  readonly copied: string;
  bytes(count: number): string;
}

export interface ClientWords {
  readonly about: string;
  readonly relay: string;
  readonly target: string;
  readonly path: string;
  readonly trust: string;
  readonly trustExample: string;
  readonly trustOther: string;
  readonly trustOwn: string;
  readonly pem: string;
  readonly connect: string;
  readonly badTarget: string;
}

export interface ServerWords {
  readonly about: string;
  readonly names: string;
  readonly mint: string;
  readonly authority: string;
  readonly certificate: string;
  readonly fingerprint: string;
  readonly validUntil: string;
  readonly download: string;
  readonly relay: string;
  readonly listen: string;
  readonly stop: string;
  readonly isWaiting: string;
  readonly isStopped: string;
  readonly commands: string;
  readonly connections: string;
  readonly noConnection: string;
  /** What to type once `openssl` has connected. */
  readonly type: string;
  noRelay(url: string): string;
  relayLeft(url: string): string;
}

export interface PlayerWords {
  readonly label: string;
  readonly start: string;
  readonly previousStep: string;
  readonly previous: string;
  readonly play: string;
  readonly pause: string;
  readonly next: string;
  readonly nextStep: string;
  readonly end: string;
  readonly slider: string;
  readonly nothing: string;
  readonly beginning: string;
  readonly over: string;
  /** Between who did it and what. */
  readonly separator: string;
  sent(name: string): string;
  received(name: string): string;
  state(name: string): string;
  secret(name: string): string;
}

export interface StepWords {
  readonly title: string;
  readonly about: string;
}

export interface StepPaneWords {
  readonly list: string;
  readonly facts: string;
  readonly states: string;
  readonly wire: string;
  readonly both: string;
  readonly alone: string;
  readonly nothingSent: string;
  readonly empty: string;
  readonly waits: string;
  readonly work: string;
  readonly secrets: string;
  readonly continued: string;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
  readonly inside: string;
  readonly notTapped: string;
  readonly less: string;
  more(count: number): string;
}

export interface ChartWords {
  readonly close: string;
  readonly whole: string;
  readonly map: string;
  title(side: string): string;
}

export interface OutcomeWords {
  readonly title: string;
  readonly succeeded: string;
  readonly leftEarly: string;
  readonly lacksRequest: string;
  readonly failed: string;
  readonly agreed: string;
  /** By whose eyes. */
  readonly request: Readonly<Record<Side, string>>;
  readonly response: Readonly<Record<Side, string>>;
  readonly keyLog: string;
  readonly keyLogAbout: string;
  readonly time: string;
  readonly sizes: string;
  cut(count: number): string;
}

export interface FailureWords {
  readonly where: string;
  readonly notBegun: string;
  readonly check: string;
  readonly alertSent: string;
  readonly alertReceived: string;
  readonly noAlert: string;
  readonly says: string;
  readonly certificate: string;
  readonly transport: string;
  readonly notTls: string;
  readonly alert: string;
  readonly incompatible: string;
  readonly misbehaved: string;
  readonly truncated: string;
  readonly timeout: string;
  readonly usage: string;
  readonly other: string;
}

export interface FactWords {
  readonly none: string;
  readonly names: string;
  readonly key: string;
  readonly signedWith: string;
  readonly issuer: string;
  readonly validUntil: string;
  readonly verdict: string;
  readonly trusted: string;
  readonly signedContent: string;
  readonly isSigned: string;
  readonly nothingInside: string;
  readonly formula: string;
  readonly sessionHash: string;
  readonly equal: string;
  readonly isEqual: string;
  readonly isUnequal: string;
  readonly otherSide: string;
  readonly sameThere: string;
  readonly cipherChange: string;
  readonly finishedAgrees: string;
  readonly alert: string;
  readonly unreadable: string;
  readonly privateTimesPublic: Readonly<Record<Side, string>>;
  encryptedFrom(side: string): string;
  alertBy(side: string, description: string, level: string): string;
  records(count: number, bytes: number): string;
  sentBy(side: string): string;
}
