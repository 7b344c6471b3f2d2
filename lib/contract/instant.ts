/** A point in time that somebody else has stamped: it is shown and sorted as it comes, so it is checked. */

import * as v from "valibot";

const MUST = "must be a time in UTC with milliseconds, as in 2026-01-31T13:00:00.000Z";

/** ISO 8601 as `Date.prototype.toISOString` writes it, and nothing else. */
export const InstantSchema = v.pipe(
  v.string(),
  v.isoTimestamp(MUST),
  v.check((text) => isoOf(Date.parse(text)) === text, MUST),
);

const isoOf = (time: number): string | undefined =>
  Number.isNaN(time) ? undefined : new Date(time).toISOString();
