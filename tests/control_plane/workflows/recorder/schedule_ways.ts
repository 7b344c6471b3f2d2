/** Scenarios of the workflows that a job's schedule starts. */

import {
  PLANE_QUEUE,
  SCHEDULED_RUN_WORKFLOW,
  scheduleId,
} from "../../../../lib/contract/temporal_names.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";
import { KEYS } from "../../../harness/temporal/plane.ts";
import {
  type ScheduledPlane,
  startScheduledPlane,
} from "../../../harness/temporal/scheduled_plane.ts";
import { startTemporalServer } from "../../../harness/temporal/server.ts";
import type { RecordedHistory } from "../history_file.ts";
import { type Histories, withHistories } from "./scene.ts";

/** Two nights a year, so that no fire time comes during a recording. */
const NIGHTLY = {
  cron: "30 2 10,11 1 *",
  time_zone: "Europe/Berlin",
  paused: false,
  catch_up_seconds: 600,
};

interface Scheduled {
  readonly plane: ScheduledPlane;
  readonly histories: Histories;
  readonly jobId: string;
}

/** Fires a time of the schedule. Returns the history of the workflow that it starts. */
async function fire({ plane, histories, jobId }: Scheduled, day: string, outcome: string) {
  const id = scheduleId(jobId);
  const [start, end] = [new Date(`${day}T00:00:00Z`), new Date(`${day}T23:00:00Z`)];
  await histories.client.schedule.getHandle(id).backfill({ start, end, overlap: "ALLOW_ALL" });
  await plane.fired(`${day}T01:30:00.000Z`, outcome);
  return await histories.ended(`${id}-${day}T01:30:00Z`);
}

export const SCHEDULE_WAYS: Readonly<
  Record<string, (scheduled: Scheduled) => Promise<RecordedHistory>>
> = {
  scheduled: (scheduled) => fire(scheduled, "2026-01-10", "queued"),
  scheduled_while_a_run_was_active: async (scheduled) => {
    await fire(scheduled, "2026-01-10", "queued");
    return await fire(scheduled, "2026-01-11", "skipped");
  },
  // This workflow has no fire time, so that nothing is fired.
  started_by_hand: async ({ histories, jobId }) => {
    const workflowId = `${scheduleId(jobId)}-by-hand`;
    await histories.client.workflow.start(SCHEDULED_RUN_WORKFLOW, {
      workflowId,
      taskQueue: PLANE_QUEUE,
      args: [jobId],
    });
    return await histories.ended(workflowId);
  },
};

/** Plays a scenario with a new Temporal server. */
export async function playSchedule(
  play: (scheduled: Scheduled) => Promise<RecordedHistory>,
): Promise<RecordedHistory> {
  return await inFolder(async (folder) => {
    await using server = startTemporalServer();
    const { address } = server;
    await using plane = await startScheduledPlane({
      address,
      keys: KEYS,
      path: `${folder}/plane.sqlite`,
    });
    const { id: jobId } = await plane.addJob(NIGHTLY);
    await plane.settled();
    return await withHistories(address, (histories) => play({ plane, histories, jobId }));
  });
}
