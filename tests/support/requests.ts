/**
 * Requests of a connection and their answers, as tests give them.
 * @module
 */
import { assert } from "../harness.ts";
import { TlsUsageError } from "../../lib/error.ts";
import type { Answer, TlsRequest } from "../../lib/request.ts";
import type { End, Pair } from "./pair.ts";

type RequestOf<Type extends TlsRequest["type"]> = TlsRequest & { readonly type: Type };

/** The last request, which must be of this type and not be answered yet. */
export function openRequest<Type extends TlsRequest["type"]>(end: End, type: Type): RequestOf<Type> {
  const last = end.outputs.findLast((output) => output.type === "request");
  if (last?.type === "request" && isOf(last.request, type)) return last.request;
  throw new Error(`there is no request ${type}, but ${end.story.join(", ")} in ${end.tls.state}: ${String(end.error)}`);
}

/** How many requests of this type there were. */
export function countRequests(end: End, type: TlsRequest["type"]): number {
  return end.outputs.filter((output) => output.type === "request" && output.request.type === type).length;
}

/** Answers the open request of this type, and delivers what comes of it. */
export function answer(pair: Pair, side: "client" | "server", type: TlsRequest["type"], value: Answer): void {
  const { id } = openRequest(pair[side], type);
  pair[side].take(pair[side].tls.answer(id, value));
  pair.deliver();
}

/**
 * What is no answer to the open request: each throws TlsUsageError, hands nothing back and changes nothing, and so do
 * answers to requests that aren't open.
 */
export function refusesAnswers(end: End, type: TlsRequest["type"], wrong: readonly unknown[], says: RegExp): void {
  const { id } = openRequest(end, type);
  const before = [end.tls.state, end.outputs.length];
  for (const value of wrong) {
    assert.throws(
      () => end.tls.answer(id, value as Answer), // as from JavaScript
      (error: unknown) => error instanceof TlsUsageError && says.test(error.message),
      `${type} answered with ${String(value)}`,
    );
  }
  for (const other of [id + 1, id - 1, -1, NaN, undefined as unknown as number]) {
    assert.throws(
      () => end.tls.answer(other, true),
      (error: unknown) =>
        error instanceof TlsUsageError && /Cannot answer request .*: request \d+ is open/.test(error.message),
    );
  }
  assert.equal([end.tls.state, end.outputs.length], before);
}

/** After its answer a request is closed for good. */
export function isClosed(end: End, id: number): void {
  const before = end.tls.state;
  assert.throws(
    () => end.tls.answer(id, true),
    (error: unknown) => error instanceof TlsUsageError && /Cannot answer request/.test(error.message),
  );
  assert.is(end.tls.state, before);
}

function isOf<Type extends TlsRequest["type"]>(request: TlsRequest, type: Type): request is RequestOf<Type> {
  return request.type === type;
}
