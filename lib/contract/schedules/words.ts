/** Schedules in words, and the common forms that the pages offer instead of a cron expression. */

import * as v from "valibot";
import { readCron } from "./cron.ts";
import type { FireRule } from "./fire_times.ts";

/** Sunday is 0. */
const WEEKDAYS = [
  "Sundays",
  "Mondays",
  "Tuesdays",
  "Wednesdays",
  "Thursdays",
  "Fridays",
  "Saturdays",
] as const;

/** Numbers of minutes that divide an hour. With any other number the last step of an hour is shorter. */
export const MINUTE_STEPS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30] as const;

const TimeOfDaySchema = v.pipe(
  v.string(),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time from 00:00 to 23:59"),
);
const WeekdaySchema = v.pipe(
  v.number(),
  v.integer("must be 0 (Sunday) to 6"),
  v.minValue(0, "must be 0 (Sunday) to 6"),
  v.maxValue(6, "must be 0 (Sunday) to 6"),
);

/** The forms that the pages offer; any other schedule is a cron expression. Times are in the schedule's zone. */
export const SchedulePickSchema = v.variant("every", [
  v.strictObject({
    every: v.literal("minutes"),
    minutes: v.picklist(MINUTE_STEPS, `must be one of ${MINUTE_STEPS.join(", ")}`),
  }),
  v.strictObject({
    every: v.literal("hour"),
    minute: v.pipe(
      v.number(),
      v.integer("must be 0 to 59"),
      v.minValue(0, "must be 0 to 59"),
      v.maxValue(59, "must be 0 to 59"),
    ),
  }),
  v.strictObject({ every: v.literal("day"), at: TimeOfDaySchema }),
  v.strictObject({
    every: v.literal("week"),
    weekdays: v.pipe(v.array(WeekdaySchema), v.minLength(1, "must name at least one day")),
    at: TimeOfDaySchema,
  }),
]);
export type SchedulePick = v.InferOutput<typeof SchedulePickSchema>;

/** Returns the cron expression of a form. */
export function cronOf(pick: SchedulePick): string {
  if (pick.every === "minutes") {
    return pick.minutes === 1 ? "* * * * *" : `*/${pick.minutes} * * * *`;
  }
  if (pick.every === "hour") return `${pick.minute} * * * *`;
  const [hour, minute] = pick.at.split(":").map(Number);
  const days = pick.every === "day" ? "*" : [...new Set(pick.weekdays)].toSorted().join(",");
  return `${minute} ${hour} * * ${days}`;
}

/** Returns the form of a cron expression, so that it can be edited as a form; `undefined` if it has none. */
export function pickOf(cron: string): SchedulePick | undefined {
  const read = readCron(cron);
  const [minute = "", hour = "", day, month, weekday] = cron.split(" ");
  if (!("cron" in read) || day !== "*" || month !== "*") return undefined;
  const { minutes: [first = 0, ...rest], hours: [onlyHour = 0], weekdays } = read.cron;
  if (weekday === "*" && hour === "*") {
    const step = MINUTE_STEPS.find((minutes) => cron === cronOf({ every: "minutes", minutes }));
    if (step !== undefined) return { every: "minutes", minutes: step };
    return rest.length === 0 ? { every: "hour", minute: first } : undefined;
  }
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour)) return undefined;
  const at = `${twoDigits(onlyHour)}:${twoDigits(first)}`;
  return weekday === "*" ? { every: "day", at } : { every: "week", weekdays: [...weekdays], at };
}

/**
 * Returns a schedule in words, as in "Every 15 minutes", "Every day at 02:30, Europe/Berlin" or "Mondays at
 * 06:00, UTC". An expression that fits no form is shown as it is.
 */
export function scheduleInWords({ cron, time_zone }: FireRule): string {
  const pick = pickOf(cron);
  if (!pick) return `${cron}, ${time_zone}`;
  if (pick.every === "minutes") {
    return pick.minutes === 1 ? "Every minute" : `Every ${pick.minutes} minutes`;
  }
  if (pick.every === "hour") return `Every hour at ${twoDigits(pick.minute)} past, ${time_zone}`;
  const days = pick.every === "day" ? "Every day" : daysInWords(pick.weekdays);
  return `${days} at ${pick.at}, ${time_zone}`;
}

function daysInWords(weekdays: readonly number[]): string {
  if (weekdays.length === 7) return "Every day";
  if (weekdays.join() === "1,2,3,4,5") return "Mondays to Fridays";
  const names = weekdays.map((day) => WEEKDAYS[day]);
  return names.length === 1
    ? `${names[0]}`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** The rule for clock changes, for the pages. */
export const CLOCK_CHANGE_RULE =
  "When the clocks change, a time that is skipped in spring has no run that day, and a time that " +
  "occurs twice in autumn has two runs.";
