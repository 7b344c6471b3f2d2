/** The days of a weekly schedule, to tick. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Shape } from "../frame/icons.tsx";
import type { JobDraft } from "./draft.ts";

/** Sunday is 0, and stands where a working week ends. */
const DAYS = [[1, "Mon"], [2, "Tue"], [3, "Wed"], [4, "Thu"], [5, "Fri"], [6, "Sat"], [0, "Sun"]];

export function Weekdays(
  { draft, error }: { draft: JobDraft; error: string | undefined },
): JSX.Element {
  const chosen = new Set(draft.weekdays.split(","));
  return (
    <fieldset
      class="field"
      id="weekdays"
      {...(error ? { "aria-describedby": "weekdays-error" } : {})}
    >
      <legend>Days</legend>
      <div class="ticks">
        {DAYS.map(([day, word]) => (
          <label class="tick">
            <input
              type="checkbox"
              name="weekdays"
              value={String(day)}
              {...(chosen.has(String(day)) ? { checked: true } : {})}
            />
            {word}
          </label>
        ))}
      </div>
      {error
        ? (
          <p class="error" id="weekdays-error">
            <Shape name="warning" /> {error}
          </p>
        )
        : null}
    </fieldset>
  );
}
