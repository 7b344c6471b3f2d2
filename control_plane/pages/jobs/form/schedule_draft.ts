/** A job's schedule as picked or typed in the form; every field is a string. */

import * as v from "valibot";
import { readCron } from "../../../../lib/contract/schedules/cron.ts";
import { nextFireTimes } from "../../../../lib/contract/schedules/fire_times.ts";
import {
  CATCH_UP_SECONDS,
  type Schedule,
  ScheduleSchema,
  SHOWN_FIRE_TIMES,
} from "../../../../lib/contract/schedules/schedule.ts";
import { cronOf, pickOf, SchedulePickSchema } from "../../../../lib/contract/schedules/words.ts";
import { inputInvalid } from "../../../../lib/problems/rest.ts";
import { checked } from "../../../http/body.ts";

export const SCHEDULE_FIELDS = [
  "every",
  "minutes",
  "minute",
  "at",
  "weekdays",
  "cron",
  "time_zone",
  "paused",
  "catch_up_seconds",
] as const;
export type ScheduleField = typeof SCHEDULE_FIELDS[number];
export type ScheduleDraft = Readonly<Record<ScheduleField, string>>;

/** The choices of `every`; the empty one means on demand only. */
export const EVERY_WORDS: Readonly<Record<string, string>> = {
  "": "On demand only",
  minutes: "Every few minutes",
  hour: "Every hour",
  day: "Every day",
  week: "On days of the week",
  cron: "Cron expression",
};

/** The fields shown for each choice of `every`. */
export const SHOWN_BY: Readonly<Record<string, readonly ScheduleField[]>> = {
  "": [],
  minutes: ["minutes"],
  hour: ["minute"],
  day: ["at"],
  week: ["weekdays", "at"],
  cron: ["cron"],
};

export const NEW_SCHEDULE: ScheduleDraft = {
  every: "",
  minutes: "15",
  minute: "0",
  at: "02:00",
  weekdays: "1",
  cron: "",
  // Empty until the field is shown for the first time; then the reader's time zone, or UTC.
  time_zone: "",
  paused: "",
  catch_up_seconds: String(CATCH_UP_SECONDS.usual),
};

/** Makes the draft of a saved schedule. */
export function draftOfSchedule(schedule: Schedule | null): ScheduleDraft {
  if (!schedule) return NEW_SCHEDULE;
  const { cron, time_zone, paused, catch_up_seconds } = schedule;
  const pick = pickOf(cron);
  const picked: Partial<Record<ScheduleField, string>> = {};
  for (const [field, value] of Object.entries(pick ?? {})) {
    picked[field as ScheduleField] = String(value);
  }
  return {
    ...NEW_SCHEDULE,
    every: "cron",
    ...picked,
    cron,
    time_zone,
    paused: paused ? "yes" : "",
    catch_up_seconds: String(catch_up_seconds),
  };
}

/** Converts a draft to a schedule, not validated yet. @throws `invalid_input` for invalid picks. */
function scheduleOf(draft: ScheduleDraft): Record<string, unknown> | null {
  if (draft.every === "") return null;
  return {
    cron: draft.every === "cron" ? draft.cron : pickedCron(draft),
    time_zone: draft.time_zone.trim() || "UTC",
    paused: draft.paused !== "",
    catch_up_seconds: Number(draft.catch_up_seconds),
  };
}

/** Keeps the original cron expression if it means the same as the draft. */
function pickedCron(draft: ScheduleDraft): string {
  const picked = cronOf(checked(SchedulePickSchema, pickIn(draft)));
  const meaning = (cron: string) => JSON.stringify(readCron(cron));
  return meaning(draft.cron) === meaning(picked) ? draft.cron : picked;
}

/**
 * The same, before saving. Without JavaScript, or before its answer, a new kind of schedule can be submitted
 * before its fields and next times were shown; the time zone is empty then.
 */
export function shownScheduleOf(draft: ScheduleDraft): Record<string, unknown> | null {
  if (draft.every === "" || draft.time_zone.trim() !== "") return scheduleOf(draft);
  throw inputInvalid([{ path: "schedule.time_zone", message: "is not chosen" }]);
}

function pickIn({ every, minutes, minute, at, weekdays }: ScheduleDraft): unknown {
  if (every === "minutes") return { every, minutes: Number(minutes) };
  if (every === "hour") return { every, minute: minute.trim() === "" ? NaN : Number(minute) };
  if (every === "day") return { every, at };
  const days = weekdays.split(",").filter((day) => day !== "").map(Number);
  return { every, weekdays: days, at };
}

/** Returns the draft's next fire times; none while it is invalid. */
export function firesNext(draft: ScheduleDraft, now: Date): readonly string[] {
  try {
    const result = v.safeParse(ScheduleSchema, scheduleOf(draft));
    if (!result.success) return [];
    return nextFireTimes(result.output, now, SHOWN_FIRE_TIMES).map((time) => time.toISOString());
  } catch {
    return [];
  }
}
