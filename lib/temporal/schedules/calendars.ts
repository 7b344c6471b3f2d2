/** Converts cron fields to calendars of Temporal's schedules, in the form in which its server returns them. */

import type { CalendarSpec } from "@temporalio/client";
import type { Cron } from "../../contract/schedules/cron.ts";

const MONTHS = [
  "JANUARY",
  "FEBRUARY",
  "MARCH",
  "APRIL",
  "MAY",
  "JUNE",
  "JULY",
  "AUGUST",
  "SEPTEMBER",
  "OCTOBER",
  "NOVEMBER",
  "DECEMBER",
] as const;
const WEEKDAYS = [
  "SUNDAY",
  "MONDAY",
  "TUESDAY",
  "WEDNESDAY",
  "THURSDAY",
  "FRIDAY",
  "SATURDAY",
] as const;

/** Returns the whole numbers from `first` to `last`. */
export const through = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const ALL_DAYS = through(1, 31);
const ALL_WEEKDAYS = through(0, 6);

/** Temporal requires both kinds of days to match, so a cron in which either kind matches becomes two calendars. */
export function calendarsOf(cron: Cron): CalendarSpec[] {
  if (!cron.eitherDay) return [calendar(cron)];
  return [
    calendar({ ...cron, weekdays: ALL_WEEKDAYS }),
    calendar({ ...cron, days: ALL_DAYS }),
  ];
}

/** Returns the times of one day; `date` is the day's midnight in UTC, whatever the zone. */
export function calendarOfDate(date: Date, times: Pick<Cron, "minutes" | "hours">): CalendarSpec {
  return {
    ...calendar({
      ...times,
      days: [date.getUTCDate()],
      months: [date.getUTCMonth() + 1],
      weekdays: ALL_WEEKDAYS,
    }),
    year: ranges([date.getUTCFullYear()], Number),
  };
}

function calendar(
  { minutes, hours, days, months, weekdays }: Omit<Cron, "eitherDay">,
): CalendarSpec {
  return {
    second: ranges([0], Number),
    minute: ranges(minutes, Number),
    hour: ranges(hours, Number),
    dayOfMonth: ranges(days, Number),
    month: ranges(months, (month) => MONTHS[month - 1] ?? "JANUARY"),
    dayOfWeek: ranges(weekdays, (day) => WEEKDAYS[day] ?? "SUNDAY"),
  };
}

/** Joins neighboring values into ranges, because up to sixty values would be sent with each change. */
function ranges<T>(values: readonly number[], nameOf: (value: number) => T) {
  const starts = values.filter((value) => !values.includes(value - 1));
  const ends = values.filter((value) => !values.includes(value + 1));
  return starts.map((start, index) => ({
    start: nameOf(start),
    end: nameOf(ends[index] ?? start),
    step: 1,
  }));
}
