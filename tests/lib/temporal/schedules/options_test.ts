/** The options of a job's schedule at Temporal, at different times of the year. */

import assert from "node:assert/strict";
import { scheduleOptions } from "../../../../lib/temporal/schedules/options.ts";

const NIGHTLY = {
  cron: "30 2 * * *",
  time_zone: "Europe/Berlin",
  paused: false,
  catch_up_seconds: 60,
};

/** The days whose times are corrected, as "2026-3-29". */
function correctedDays(now: Date): Set<string> {
  const { skip = [] } = scheduleOptions("job", NIGHTLY, now).spec;
  return new Set(skip.map(({ year, month, dayOfMonth }) => {
    const [first, second, third] = [year, month, dayOfMonth].map((values) => {
      const [value] = Array.isArray(values) ? values : [values];
      return value && typeof value === "object" && "start" in value ? value.start : value;
    });
    return `${first} ${second} ${third}`;
  }));
}

Deno.test("at any time of the year, the clock changes of the next year are corrected", () => {
  const changes = ["2026 MARCH 29", "2026 OCTOBER 25", "2027 MARCH 28", "2027 OCTOBER 31"];
  const corrected = (day: string) => {
    const days = correctedDays(new Date(`${day}T12:00:00Z`));
    return changes.filter((change) => days.has(change));
  };
  assert.deepEqual([
    corrected("2026-01-01"),
    corrected("2026-03-29"),
    corrected("2026-04-15"),
    corrected("2026-10-26"),
    corrected("2026-11-15"),
  ], [
    ["2026 MARCH 29", "2026 OCTOBER 25"],
    ["2026 MARCH 29", "2026 OCTOBER 25", "2027 MARCH 28"],
    ["2026 OCTOBER 25", "2027 MARCH 28"],
    ["2026 OCTOBER 25", "2027 MARCH 28", "2027 OCTOBER 31"],
    ["2027 MARCH 28", "2027 OCTOBER 31"],
  ]);
});
