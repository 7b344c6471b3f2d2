/** Accepted and refused schedules, with the messages of the refusals. */

import assert from "node:assert/strict";
import * as v from "valibot";
import { ScheduleSchema, shownFireTimes } from "../../../../lib/contract/schedules/schedule.ts";

const BERLIN = { cron: "30 2 * * *", time_zone: "Europe/Berlin" };

function refused(schedule: unknown): readonly string[] {
  const { issues = [] } = v.safeParse(ScheduleSchema, schedule);
  return issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
}

Deno.test("spaces are normalized, a zone gets its exact spelling, and absent fields their defaults", () => {
  assert.deepEqual(v.parse(ScheduleSchema, { cron: "  30 2  * * *", time_zone: "europe/BERLIN" }), {
    ...BERLIN,
    paused: false,
    catch_up_seconds: 3_600,
  });
});

Deno.test("an alias of a zone is kept", () => {
  for (const time_zone of ["Asia/Kolkata", "Europe/Kyiv", "UTC", "Etc/GMT+1"]) {
    assert.equal(v.parse(ScheduleSchema, { ...BERLIN, time_zone }).time_zone, time_zone);
  }
});

Deno.test("each wrong field of the cron is named, with its valid values", () => {
  const how = "in lists (1,2), ranges (1-5) and steps (*/5), not";
  assert.deepEqual(refused({ ...BERLIN, cron: "60 24 0 foo 1-9" }), [
    `cron must have 0 to 59 as its minute, ${how} "60"`,
    `cron must have 0 to 23 as its hour, ${how} "24"`,
    `cron must have 1 to 31 as its day of the month, ${how} "0"`,
    `cron must have 1 to 12 or jan to dec as its month, ${how} "foo"`,
    `cron must have 0 to 7 or sun to sat as its day of the week, ${how} "1-9"`,
  ]);
});

Deno.test("an extension of cron that Temporal does not support is refused", () => {
  for (
    const cron of [
      "0 0 L * *",
      "0 0 ? * *",
      "0 0 * * 1#2",
      "5-1 * * * *",
      "*/0 * * * *",
      "~ * * * *",
    ]
  ) {
    assert.equal(refused({ ...BERLIN, cron }).length, 1, cron);
  }
});

Deno.test("a field for seconds is refused: the shortest interval is a minute", () => {
  for (const cron of ["*/5 * * * * *", "@daily", "", "* * * *"]) {
    assert.deepEqual(refused({ ...BERLIN, cron }), [
      "cron must have 5 fields: minute, hour, day of the month, month, day of the week; " +
      "the shortest interval is a minute",
    ]);
  }
});

Deno.test("a day that never comes is refused, and a leap day is accepted", () => {
  assert.deepEqual(refused({ ...BERLIN, cron: "0 0 31 4,6 *" }), [
    "cron must name a day that exists: no month has it",
  ]);
  assert.deepEqual(refused({ ...BERLIN, cron: "0 0 29 2 *" }), []);
});

Deno.test("an offset and an unknown name are not accepted as zones", () => {
  for (const time_zone of ["+01:00", "Europe/Nowhere", ""]) {
    assert.deepEqual(refused({ ...BERLIN, time_zone }), [
      'time_zone must be the name of a time zone, as in "Europe/Berlin" or "UTC"',
    ]);
  }
});

Deno.test("the catch-up window is between a minute and a day", () => {
  assert.deepEqual(
    [59, 60, 86_400, 86_401].map((catch_up_seconds) =>
      refused({ ...BERLIN, catch_up_seconds }).length
    ),
    [1, 0, 0, 1],
  );
});

Deno.test("a job shows its next five fire times, and none while it is paused", () => {
  const schedule = { cron: "0 6 * * mon", time_zone: "UTC", paused: false, catch_up_seconds: 60 };
  const now = new Date("2026-01-01T00:00:00Z");
  assert.deepEqual(shownFireTimes(schedule, now), [
    "2026-01-05T06:00:00.000Z",
    "2026-01-12T06:00:00.000Z",
    "2026-01-19T06:00:00.000Z",
    "2026-01-26T06:00:00.000Z",
    "2026-02-02T06:00:00.000Z",
  ]);
  assert.deepEqual(shownFireTimes({ ...schedule, paused: true }, now), []);
  assert.deepEqual(shownFireTimes(null, now), []);
});
