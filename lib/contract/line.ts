/** A text that people give: what a name may hold, wherever it is shown. */

import * as v from "valibot";

/** Control characters, which terminals obey and SQLite cuts a text at, and halves of surrogate pairs. */
const UNSHOWN = /[\p{Cc}\p{Cs}]/u;

/** One line of at most `most` UTF-16 code units; spaces around it are taken off. */
export function lineSchema(most: number): v.GenericSchema<string, string> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(most, `must be at most ${most} characters`),
    v.check((text) => !UNSHOWN.test(text), "must not hold control characters"),
  );
}
