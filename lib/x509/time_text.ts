/**
 * Times as people read them, in errors.
 * Enters: ms since 1970. Leaves: text, also for what is no time.
 * @module
 */

/** ISO 8601; what is no time is named so. */
export function isoText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `no time (${time})` : date.toISOString();
}
