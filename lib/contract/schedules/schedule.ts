/** A job's schedule: when Bigeye triggers its runs, and how that reads. */

import * as v from "valibot";
import { readCron } from "./cron.ts";
import { nextFireTimes } from "./fire_times.ts";

/** How late a run may still be started whose time came while Temporal or the control plane was away. */
export const CATCH_UP_SECONDS = { least: 60, most: 86_400, usual: 3_600 } as const;

/** How many of the next fire times a job shows. */
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
      addIssue({ message: "must name a day that comes: no month has it" });
    }
  }),
);

/** Whether a day ever comes is the same from anywhere in time. */
const EPOCH = new Date("2000-01-01T00:00:00Z");

const UNKNOWN_ZONE = 'must be the name of a time zone, as in "Europe/Berlin" or "UTC"';

const TimeZoneSchema = v.pipe(
  v.string(),
  v.maxLength(100, UNKNOWN_ZONE),
  v.check((name) => zoneName(name) !== undefined, UNKNOWN_ZONE),
  // Temporal's server finds a zone only under the very letters of its name.
  v.transform((name) => zoneName(name) ?? name),
);

const fields = {
  /** Five fields; of both kinds of days, where both are restricted, either will do. */
  cron: CronSchema,
  /** IANA name; the cron's fields are read off this zone's clocks. */
  time_zone: TimeZoneSchema,
  /** No run is triggered until it is false again; what was due meanwhile is not made up for. */
  paused: v.boolean(),
  /** How late a run may still be triggered; what is later is left out. */
  catch_up_seconds: v.pipe(
    v.number(),
    v.integer("must be a whole number of seconds"),
    v.minValue(CATCH_UP_SECONDS.least, `must be at least ${CATCH_UP_SECONDS.least} seconds`),
    v.maxValue(CATCH_UP_SECONDS.most, `must be at most ${CATCH_UP_SECONDS.most} seconds (1 day)`),
  ),
} as const;

/** A schedule as a job has it. While a run of the job is active, a time that comes is skipped. */
export const ScheduleSchema = v.strictObject({
  ...fields,
  paused: v.optional(fields.paused, false),
  catch_up_seconds: v.optional(fields.catch_up_seconds, CATCH_UP_SECONDS.usual),
});
export type Schedule = v.InferOutput<typeof ScheduleSchema>;

/** A change of a schedule; what is absent stays, so `{"paused": true}` pauses. */
export const SchedulePatchSchema = v.partial(v.strictObject(fields));
export type SchedulePatch = v.InferOutput<typeof SchedulePatchSchema>;

/** The times that a job shows: none while it has no schedule, or a paused one. ISO 8601, UTC. */
export function shownFireTimes(schedule: Schedule | null, now: Date): string[] {
  if (!schedule || schedule.paused) return [];
  return nextFireTimes(schedule, now, SHOWN_FIRE_TIMES).map((time) => time.toISOString());
}

/** The zone's name in its own letters, or nothing when there is none; an offset is no name. */
function zoneName(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return undefined;
  }
}
