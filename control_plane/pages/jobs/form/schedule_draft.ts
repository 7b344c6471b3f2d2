/** A job's schedule as it is picked or typed, every field a text. */

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

/** What `every` can be; an empty one is a job that runs on demand only. */
export const EVERY_WORDS: Readonly<Record<string, string>> = {
  "": "On demand only",
  minutes: "Every few minutes",
  hour: "Every hour",
  day: "Every day",
  week: "On days of the week",
  cron: "Cron expression",
};

/** The fields that each choice of `every` shows. */
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
  // Empty until the field was shown once: then it is the reader's own, or UTC.
  time_zone: "",
  paused: "",
  catch_up_seconds: String(CATCH_UP_SECONDS.usual),
};

/** The draft that a saved schedule opens with. */
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

/** The schedule that the draft means, to be checked. Throws `invalid_input` for a pick with faults. */
function scheduleOf(draft: ScheduleDraft): Record<string, unknown> | null {
  if (draft.every === "") return null;
  return {
    cron: draft.every === "cron" ? draft.cron : pickedCron(draft),
    time_zone: draft.time_zone.trim() || "UTC",
    paused: draft.paused !== "",
    catch_up_seconds: Number(draft.catch_up_seconds),
  };
}

/** Where the draft came from an expression of that meaning, it stays as it was written. */
function pickedCron(draft: ScheduleDraft): string {
  const picked = cronOf(checked(SchedulePickSchema, pickIn(draft)));
  const meaning = (cron: string) => JSON.stringify(readCron(cron));
  return meaning(draft.cron) === meaning(picked) ? draft.cron : picked;
}

/**
 * The same, to be saved. Without a script, or before its answer, a kind of schedule can be chosen and sent
 * before its fields and its next times were seen: the time zone is empty then.
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

/** When the draft would fire next; nothing while it cannot be told. */
export function firesNext(draft: ScheduleDraft, now: Date): readonly string[] {
  try {
    const result = v.safeParse(ScheduleSchema, scheduleOf(draft));
    if (!result.success) return [];
    return nextFireTimes(result.output, now, SHOWN_FIRE_TIMES).map((time) => time.toISOString());
  } catch {
    return [];
  }
}
