/** A job's schedule: when Bigeye triggers its runs. */

import * as v from "valibot";
import { readCron } from "./cron.ts";
import { nextFireTimes } from "./fire_times.ts";

/** How late a run may start if Temporal or the control plane was down at its fire time, in seconds. */
export const CATCH_UP_SECONDS = { least: 60, most: 86_400, usual: 3_600 } as const;

/** Number of the next fire times that a job shows. */
export const SHOWN_FIRE_TIMES = 5;

const CronSchema = v.pipe(
  v.string(),
  v.maxLength(200, "must be at most 200 characters"),
  v.transform((text) => text.trim().replaceAll(/\s+/g, " ")),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const read = readCron(dataset.value);
    if ("faults" in read) { for (const message of read.faults) addIssue({ message }); }
    else if (nextFireTimes({ cron: dataset.value, time_zone: "UTC" }, EPOCH, 1).length === 0) {
      addIssue({ message: "must name a day that exists: no month has it" });
    }
  }),
);

/** Any start serves to find out whether the expression ever matches a day. */
const EPOCH = new Date("2000-01-01T00:00:00Z");

const UNKNOWN_ZONE = 'must be the name of a time zone, as in "Europe/Berlin" or "UTC"';

const TimeZoneSchema = v.pipe(
  v.string(),
  v.maxLength(100, UNKNOWN_ZONE),
  v.check((name) => zoneName(name) !== undefined, UNKNOWN_ZONE),
  // Temporal's server finds a zone only under the exact spelling of its name.
  v.transform((name) => zoneName(name) ?? name),
);

const fields = {
  /** Five fields. If both kinds of days are restricted, a day of either kind matches. */
  cron: CronSchema,
  /** IANA name of the zone whose clocks the expression is matched with. */
  time_zone: TimeZoneSchema,
  /** While true, no run is triggered. Fire times that pass meanwhile are not made up for. */
  paused: v.boolean(),
  /** How late a run may be triggered, in seconds; a fire time that is later gets no run. */
  catch_up_seconds: v.pipe(
    v.number(),
    v.integer("must be a whole number of seconds"),
    v.minValue(CATCH_UP_SECONDS.least, `must be at least ${CATCH_UP_SECONDS.least} seconds`),
    v.maxValue(CATCH_UP_SECONDS.most, `must be at most ${CATCH_UP_SECONDS.most} seconds (1 day)`),
  ),
} as const;

/** The schedule of a job. A fire time is skipped while a run of the job is active. */
export const ScheduleSchema = v.strictObject({
  ...fields,
  paused: v.optional(fields.paused, false),
  catch_up_seconds: v.optional(fields.catch_up_seconds, CATCH_UP_SECONDS.usual),
});
export type Schedule = v.InferOutput<typeof ScheduleSchema>;

/** A change of a schedule. Absent fields do not change, so `{"paused": true}` pauses. */
export const SchedulePatchSchema = v.partial(v.strictObject(fields));
export type SchedulePatch = v.InferOutput<typeof SchedulePatchSchema>;

/** Returns the fire times that a job shows (ISO 8601, UTC): none without a schedule, or while it is paused. */
export function shownFireTimes(schedule: Schedule | null, now: Date): string[] {
  if (!schedule || schedule.paused) return [];
  return nextFireTimes(schedule, now, SHOWN_FIRE_TIMES).map((time) => time.toISOString());
}

/** Returns the zone's name in its exact spelling, or `undefined` if there is none. An offset is not a name. */
function zoneName(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return undefined;
  }
}
