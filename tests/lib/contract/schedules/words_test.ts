/** Schedules in words, and the conversion between forms and cron expressions. */

import assert from "node:assert/strict";
import {
  cronOf,
  pickOf,
  scheduleInWords,
  type SchedulePick,
} from "../../../../lib/contract/schedules/words.ts";

const CASES: readonly [SchedulePick, string, string][] = [
  [{ every: "minutes", minutes: 1 }, "* * * * *", "Every minute"],
  [{ every: "minutes", minutes: 15 }, "*/15 * * * *", "Every 15 minutes"],
  [{ every: "hour", minute: 5 }, "5 * * * *", "Every hour at 05 past, Europe/Berlin"],
  [{ every: "day", at: "02:30" }, "30 2 * * *", "Every day at 02:30, Europe/Berlin"],
  [{ every: "week", weekdays: [1], at: "06:00" }, "0 6 * * 1", "Mondays at 06:00, Europe/Berlin"],
  [
    { every: "week", weekdays: [1, 2, 3, 4, 5], at: "06:00" },
    "0 6 * * 1,2,3,4,5",
    "Mondays to Fridays at 06:00, Europe/Berlin",
  ],
  [
    { every: "week", weekdays: [0, 1, 6], at: "23:59" },
    "59 23 * * 0,1,6",
    "Sundays, Mondays and Saturdays at 23:59, Europe/Berlin",
  ],
];

Deno.test("a form is converted to a cron expression and to words, and back from the expression", () => {
  for (const [pick, cron, words] of CASES) {
    assert.equal(cronOf(pick), cron);
    assert.equal(scheduleInWords({ cron, time_zone: "Europe/Berlin" }), words);
    assert.deepEqual(pickOf(cron), pick);
  }
});

Deno.test("an expression that fits no form is shown unchanged", () => {
  for (const cron of ["*/7 * * * *", "0 6 1 * *", "0 */2 * * *", "0,30 6 * * *", "0 6 * jan *"]) {
    assert.equal(scheduleInWords({ cron, time_zone: "UTC" }), `${cron}, UTC`);
    assert.equal(pickOf(cron), undefined);
  }
});
