/** Computes when a schedule fires, to show it. Temporal's server computes the same to start the runs. */

import { type Cron, readCron } from "./cron.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Ten years, because the next leap day can be 8 years away. */
const HORIZON_DAYS = 3_660;

/** The part of a schedule that determines its fire times, as the schema accepts it. */
export interface FireRule {
  /** Five fields. */
  readonly cron: string;
  /** An IANA name. */
  readonly time_zone: string;
}

/**
 * Returns the first `count` fire times after `from`, or fewer if the next ten years have no more.
 *
 * A schedule fires in each minute in which the zone's clocks match the expression. So a time that the clocks
 * skip in spring does not fire that day, and a time that they show twice in autumn fires twice.
 * `lib/temporal/schedules/clock_changes.ts` makes Temporal's server do the same.
 */
export function nextFireTimes(rule: FireRule, from: Date, count: number): readonly Date[] {
  const read = readCron(rule.cron);
  if (!("cron" in read)) return [];
  const { cron } = read;
  const after = from.getTime();
  const today = Math.floor((after + offsetAt(after, rule.time_zone)) / DAY_MS);
  const found: number[] = [];
  // The search begins a day early and ends a day late: where clocks change at midnight, the times of two days
  // overlap.
  let isEnough = false;
  for (let day = today - 1; day < today + HORIZON_DAYS && !isEnough; day++) {
    isEnough = found.length >= count;
    if (!isDayOf(cron, new Date(day * DAY_MS))) continue;
    const times = timesOfDay(cron, day * DAY_MS, { zone: rule.time_zone, after, count });
    found.push(...times.filter((time) => time > after));
  }
  return found.toSorted((a, b) => a - b).slice(0, count).map((time) => new Date(time));
}

/** Returns all fire times after `after` and up to `until`; all are milliseconds since 1970. */
export function fireTimesWithin(
  { cron, time_zone: zone }: FireRule,
  { after, until }: { readonly after: number; readonly until: number },
): readonly number[] {
  const read = readCron(cron);
  if (!("cron" in read)) return [];
  const found: number[] = [];
  for (let day = Math.floor(after / DAY_MS) - 1; day <= Math.floor(until / DAY_MS) + 1; day++) {
    if (!isDayOf(read.cron, new Date(day * DAY_MS))) continue;
    found.push(...timesOfDay(read.cron, day * DAY_MS, { zone, after, count: Infinity }));
  }
  return found.filter((time) => time > after && time <= until).toSorted((a, b) => a - b);
}

/** Whether the expression matches a day; `date` is the day's midnight in UTC, whatever the zone. */
export function isDayOf({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const isDay = days.includes(date.getUTCDate());
  const isWeekday = weekdays.includes(date.getUTCDay());
  return eitherDay ? isDay || isWeekday : isDay && isWeekday;
}

/** Returns all fire times of a day, or at least the first `count` after `after`. */
function timesOfDay(
  { hours, minutes }: Cron,
  midnight: number,
  { zone, after, count }: { readonly zone: string; readonly after: number; readonly count: number },
): readonly number[] {
  const shown = (hour: number) =>
    minutes.map((minute) => midnight + hour * HOUR_MS + minute * MINUTE_MS);
  const before = offsetAt(midnight - DAY_MS / 2, zone);
  const later = offsetAt(midnight + DAY_MS * 1.5, zone);
  if (before === later) {
    // The clocks do not change, so every hour of the expression occurs once.
    return hours.filter((hour) => midnight + (hour + 1) * HOUR_MS - before > after)
      .slice(0, count + 1).flatMap(shown).map((time) => time - before);
  }
  // A clock time occurs once for each offset that is in force at that time: never, once, or twice.
  return hours.flatMap(shown).flatMap((time) =>
    [before, later].filter((offset) => offsetAt(time - offset, zone) === offset)
      .map((offset) => time - offset)
  );
}

/** Returns how far a zone's clocks are ahead of UTC, in milliseconds; `time` is milliseconds since 1970. */
export function offsetAt(time: number, zone: string): number {
  const instant = Temporal.Instant.fromEpochMilliseconds(time);
  return instant.toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;
}
