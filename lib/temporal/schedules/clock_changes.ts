/** Corrects a schedule for clock changes, around which Temporal's server does not fire at the right times. */

import type { CalendarSpec, IntervalSpec } from "@temporalio/client";
import type { Cron } from "../../contract/schedules/cron.ts";
import {
  type FireRule,
  fireTimesWithin,
  isDayOf,
  offsetAt,
} from "../../contract/schedules/fire_times.ts";
import { calendarOfDate, through } from "./calendars.ts";

/** Additions to a schedule's calendars: single fire times, and times that must not fire. */
export interface Corrections {
  readonly intervals: readonly IntervalSpec[];
  readonly skip: readonly CalendarSpec[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Long enough to include the next change in spring and in autumn, whatever their dates. */
const AHEAD_MS = 400 * DAY_MS;
/** A past change stays corrected until no fire time near it can be caught up on. */
const BEHIND_MS = 3 * DAY_MS;
const BEFORE_MS = 3 * HOUR_MS;
const AFTER_MS = DAY_MS;

/**
 * Returns the corrections for the clock changes of the next year. They depend on `now`, so they must be
 * computed again from time to time.
 *
 * Temporal's server (1.29 to 1.32, `service/worker/scheduler/calendar.go`) takes the repeated hour of a zone
 * east of Greenwich for the hour after it: in autumn in Berlin, "30 1" fires at 01:30 and at 02:30, and
 * "0,30 1-3" misses three times. Where clocks skip midnight it can miss the day. The server handles intervals
 * correctly, because they have no zone, and skipped times, because it compares them with the clock.
 */
export function clockCorrections(rule: FireRule, cron: Cron, now: Date): Corrections {
  const changes = clockChanges(rule.time_zone, now);
  return {
    intervals: changes.flatMap((change) => timesNear(change, rule))
      .map(once),
    skip: changes.flatMap((change) => datesNear(change, rule.time_zone))
      .flatMap((date) => wrongTimesOn(date, cron)),
  };
}

/**
 * Returns an expression that matches every hour of every day as an expression in UTC, which has no clock
 * changes; `undefined` for any other expression, and if the zone's clocks change by less than an hour.
 */
export function hourlyInUtc({ time_zone }: FireRule, cron: Cron, now: Date): Cron | undefined {
  const isHourly = cron.hours.length === 24 && cron.days.length === 31 &&
    cron.months.length === 12 && cron.weekdays.length === 7;
  const moments = [now.getTime(), ...clockChanges(time_zone, now)];
  const [shift = 0, ...others] = new Set(
    moments.map((moment) => (offsetAt(moment, time_zone) / MINUTE_MS) % 60),
  );
  if (!isHourly || others.length > 0) return undefined;
  const minutes = cron.minutes.map((minute) => (minute - shift + 60) % 60);
  return { ...cron, minutes: minutes.toSorted((a, b) => a - b) };
}

/** Returns the times of the changes, in milliseconds since 1970. */
function clockChanges(zone: string, now: Date): readonly number[] {
  const changes: number[] = [];
  const start = Temporal.Instant.fromEpochMilliseconds(now.getTime() - BEHIND_MS);
  let at = start.toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  while (at && at.epochMilliseconds < now.getTime() + AHEAD_MS) {
    changes.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition("next");
  }
  return changes;
}

function timesNear(change: number, rule: FireRule): readonly number[] {
  return fireTimesWithin(rule, { after: change - BEFORE_MS - 1, until: change + AFTER_MS });
}

/** A single time: intervals count from 1970, so the next time is half a century later. */
const once = (time: number): IntervalSpec => ({ every: time, offset: 0 });

/** Returns the days of the zone near a change, as midnights in UTC. */
function datesNear(change: number, zone: string): readonly Date[] {
  const [first = 0, last = 0] = [change - BEFORE_MS, change + AFTER_MS]
    .map((time) => Math.floor((time + offsetAt(time, zone)) / DAY_MS));
  return through(first, last).map((day) => new Date(day * DAY_MS));
}

/** Returns all times of a day that the expression does not match. */
function wrongTimesOn(date: Date, cron: Cron): readonly CalendarSpec[] {
  if (!isDayOf(cron, date)) {
    return [calendarOfDate(date, { hours: HOURS, minutes: MINUTES })];
  }
  const hours = HOURS.filter((hour) => !cron.hours.includes(hour));
  const minutes = MINUTES.filter((minute) => !cron.minutes.includes(minute));
  return [
    ...(hours.length > 0 ? [calendarOfDate(date, { hours, minutes: MINUTES })] : []),
    ...(minutes.length > 0 ? [calendarOfDate(date, { hours: HOURS, minutes })] : []),
  ];
}

const HOURS = through(0, 23);
const MINUTES = through(0, 59);
