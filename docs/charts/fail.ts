/**
 * What can't be drawn is refused.
 * @module
 */

export function fail(why: string): never {
  throw new Error(`Cannot draw the chart: ${why}`);
}
