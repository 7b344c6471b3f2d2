/** Fire times around clock changes. An integration test compares them with Temporal's own. */

import assert from "node:assert/strict";
import { nextFireTimes } from "../../../../lib/contract/schedules/fire_times.ts";

function times(rule: string, from: string, count: number): readonly string[] {
  const [cron = "", time_zone = ""] = rule.split(", ");
  return nextFireTimes({ cron, time_zone }, new Date(from), count)
    .map((time) => time.toISOString().replace(":00.000Z", "Z"));
}

Deno.test("a time that the clocks skip in spring does not fire on that day", () => {
  assert.deepEqual(times("30 2 * * *, Europe/Berlin", "2026-03-28T00:00Z", 3), [
    "2026-03-28T01:30Z",
    "2026-03-30T00:30Z",
    "2026-03-31T00:30Z",
  ]);
  assert.deepEqual(times("30 2 * * *, America/New_York", "2026-03-07T00:00Z", 3), [
    "2026-03-07T07:30Z",
    "2026-03-09T06:30Z",
    "2026-03-10T06:30Z",
  ]);
});

Deno.test("a time that the clocks show twice in autumn fires twice", () => {
  assert.deepEqual(times("30 2 * * *, Europe/Berlin", "2026-10-24T00:00Z", 4), [
    "2026-10-24T00:30Z",
    "2026-10-25T00:30Z",
    "2026-10-25T01:30Z",
    "2026-10-26T01:30Z",
  ]);
  assert.deepEqual(times("30 1 * * *, America/New_York", "2026-10-31T00:00Z", 4), [
    "2026-10-31T05:30Z",
    "2026-11-01T05:30Z",
    "2026-11-01T06:30Z",
    "2026-11-02T06:30Z",
  ]);
});

Deno.test("an interval of minutes is not interrupted by either change", () => {
  assert.deepEqual(times("*/30 * * * *, Europe/Berlin", "2026-10-25T00:00Z", 4), [
    "2026-10-25T00:30Z",
    "2026-10-25T01:00Z",
    "2026-10-25T01:30Z",
    "2026-10-25T02:00Z",
  ]);
});

Deno.test("if a day of the month and a day of the week are given, either matches", () => {
  assert.deepEqual(times("0 6 1 * mon, UTC", "2026-01-02T00:00Z", 5), [
    "2026-01-05T06:00Z",
    "2026-01-12T06:00Z",
    "2026-01-19T06:00Z",
    "2026-01-26T06:00Z",
    "2026-02-01T06:00Z",
  ]);
});

Deno.test("a fire time equal to the start is not returned", () => {
  assert.deepEqual(times("0 6 * * *, UTC", "2026-01-01T06:00:00Z", 1), ["2026-01-02T06:00Z"]);
});

Deno.test("a leap day is found within ten years", () => {
  assert.deepEqual(times("0 0 29 2 *, UTC", "2026-01-01T00:00Z", 5), [
    "2028-02-29T00:00Z",
    "2032-02-29T00:00Z",
  ]);
});
