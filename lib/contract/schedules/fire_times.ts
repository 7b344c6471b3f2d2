/** When a schedule fires: worked out here for people to see, and by Temporal's server to act on. */

import { type Cron, readCron } from "./cron.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A leap day is at most 8 years away. */
const HORIZON_DAYS = 3_660;

/** What of a schedule decides its times; both as the schema lets them through. */
export interface FireRule {
  /** Five fields. */
  readonly cron: string;
  /** An IANA name. */
  readonly time_zone: string;
}

/**
 * The first `count` times after `from`; fewer where the next ten years have no more.
 *
 * A schedule fires in each minute in which the zone's clocks show what the expression names. So a time
 * that the clocks skip in spring is left out that day, and one that they show twice in autumn fires
 * twice. Temporal's server is made to do the same (lib/temporal/schedules/clock_changes.ts).
 */
export function nextFireTimes(rule: FireRule, from: Date, count: number): readonly Date[] {
  const read = readCron(rule.cron);
  if (!("cron" in read)) return [];
  const { cron } = read;
  const after = from.getTime();
  const today = Math.floor((after + offsetAt(after, rule.time_zone)) / DAY_MS);
  const found: number[] = [];
  // From yesterday, and to the day after the last one that is needed: where the clocks are changed at
  // midnight, times of two days lie in one another.
  let isEnough = false;
  for (let day = today - 1; day < today + HORIZON_DAYS && !isEnough; day++) {
    isEnough = found.length >= count;
    if (!isDayOf(cron, new Date(day * DAY_MS))) continue;
    const times = timesOfDay(cron, day * DAY_MS, { zone: rule.time_zone, after, count });
    found.push(...times.filter((time) => time > after));
  }
  return found.toSorted((a, b) => a - b).slice(0, count).map((time) => new Date(time));
}

/** All times after `after` and not after `until`, both in milliseconds since 1970, as those are. */
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

/** Whether the expression names a day; `date` is its midnight in UTC, whatever the zone. */
export function isDayOf({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const isDay = days.includes(date.getUTCDate());
  const isWeekday = weekdays.includes(date.getUTCDay());
  return eitherDay ? isDay || isWeekday : isDay && isWeekday;
}

/** All times of a day, or at least the first `count` of those after `after`. */
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
    // The clocks are not changed, so each hour that is still to come has a time.
    return hours.filter((hour) => midnight + (hour + 1) * HOUR_MS - before > after)
      .slice(0, count + 1).flatMap(shown).map((time) => time - before);
  }
  // A time is real under an offset that holds at that time: none, one, or both of them.
  return hours.flatMap(shown).flatMap((time) =>
    [before, later].filter((offset) => offsetAt(time - offset, zone) === offset)
      .map((offset) => time - offset)
  );
}

/** How far a zone's clocks are ahead of UTC, in milliseconds; `time` is in milliseconds since 1970. */
export function offsetAt(time: number, zone: string): number {
  const instant = Temporal.Instant.fromEpochMilliseconds(time);
  return instant.toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;
}
