/** Compares our fire times with those of Temporal's server, around both clock changes of a year. */

import assert from "node:assert/strict";
import { optionalDateToTs, tsToDate } from "@temporalio/common/lib/time.js";
import { nextFireTimes } from "../../../lib/contract/schedules/fire_times.ts";
import { scheduleId } from "../../../lib/contract/temporal_names.ts";
import { createScheduleClient } from "../../../lib/temporal/schedules/client.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { connected, startTemporalServer } from "../../harness/temporal/server.ts";

const codec = {
  encode: <T>(payloads: T) => Promise.resolve(payloads),
  decode: <T>(payloads: T) => Promise.resolve(payloads),
};

/** Times in, before and after the hours that clocks skip or repeat, and days that not every month has. */
const CRONS = [
  "30 2 * * *",
  "0 2 * * *",
  "0 3 * * *",
  "30 1 * * *",
  "*/15 * * * *",
  "7 */2 * * *",
  "59 0-4 * * sun",
  "0 0 * * *",
  "0 6 1,15 * mon",
  "45 1-3 25-31 3,10,11 *",
];

const ZONES = ["Europe/Berlin", "America/New_York"];
/** Clocks that skip midnight, that change by half an hour, and that never change and differ by 5:45 h from UTC. */
const ODD_ZONES = ["America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"];
const HOUR_MS = 3_600_000;

/** Returns the days around each of the next two clock changes, or around now in a zone without any. */
function spansOf(zone: string): readonly { from: Date; to: Date }[] {
  const now = systemClock.now().getTime();
  let at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone)
    .getTimeZoneTransition("next");
  const changes: number[] = [];
  for (; at && changes.length < 2; at = at.getTimeZoneTransition("next")) {
    changes.push(at.epochMilliseconds);
  }
  if (changes.length === 0) changes.push(Math.ceil(now / HOUR_MS) * HOUR_MS);
  return changes.map((change) => ({
    from: new Date(change - 70 * HOUR_MS),
    to: new Date(change + 70 * HOUR_MS),
  }));
}

test("our fire times around every clock change of a year are the same as Temporal's", async () => {
  await using server = startTemporalServer();
  const connection = await connected(server.address);
  const client = createScheduleClient(connection, {
    namespace: "default",
    codec,
    clock: systemClock,
  });

  async function timesOfTemporal(jobId: string, { from, to }: { from: Date; to: Date }) {
    const { startTime } = await connection.workflowService.listScheduleMatchingTimes({
      namespace: "default",
      scheduleId: scheduleId(jobId),
      startTime: optionalDateToTs(from) ?? null,
      endTime: optionalDateToTs(to) ?? null,
    });
    return startTime.map((time) => tsToDate(time).toISOString());
  }

  try {
    for (const time_zone of [...ZONES, ...ODD_ZONES]) {
      for (const cron of CRONS) {
        const jobId = crypto.randomUUID();
        const schedule = { cron, time_zone, paused: false, catch_up_seconds: 60 };
        await client.converge(jobId, () => Promise.resolve(schedule));
        for (const span of spansOf(time_zone)) {
          const ours = nextFireTimes(schedule, span.from, 10_000)
            .filter((time) => time < span.to).map((time) => time.toISOString());
          const theirs = (await timesOfTemporal(jobId, span))
            .filter((time) => time > span.from.toISOString() && time < span.to.toISOString());
          assert.deepEqual(theirs, ours, `${cron}, ${time_zone}, ${span.from.toISOString()}`);
        }
        assert.equal(await client.converge(jobId, () => Promise.resolve(schedule)), true);
      }
    }
  } finally {
    await connection.close();
  }
});
