/** Reads and writes the jobs' schedules at Temporal. */

import { Client, ScheduleNotFoundError } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { Schedule } from "../../contract/schedules/schedule.ts";
import {
  jobOfSchedule,
  SCHEDULED_RUN_WORKFLOW,
  scheduleId,
} from "../../contract/temporal_names.ts";
import type { Clock } from "../../ports.ts";
import { isAsWanted, scheduleOptions } from "./options.ts";

/** Every call may be repeated, and rejects if Temporal has not answered within 10 s. */
export interface ScheduleClient {
  /**
   * Makes a job's schedule at Temporal equal to the wanted one, null for none; resolves with whether it was so
   * already. `wanted` is called only after the current schedule was read: of two callers at the same time, the
   * later one then cannot write the older state.
   */
  converge(jobId: string, wanted: () => Promise<Schedule | null>): Promise<boolean>;
  /** Returns the jobs that have a schedule at Temporal; changes of the last second may be missing. */
  jobs(): Promise<ReadonlySet<string>>;
}

export interface ScheduleClientNeeds {
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Pick<Clock, "now">;
}

const ANSWER_MS = 10_000;
const PAGE = 1_000;

export function createScheduleClient(
  connection: NativeConnection,
  { namespace, codec, clock }: ScheduleClientNeeds,
): ScheduleClient {
  const dataConverter = { payloadCodecs: [codec] };
  const { schedule } = new Client({ connection, namespace, dataConverter });
  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(clock.now().getTime() + ANSWER_MS, call);

  return {
    async converge(jobId, wanted) {
      const handle = schedule.getHandle(scheduleId(jobId));
      const known = await soon(() => unlessMissing(handle.describe()));
      const definition = await wanted();
      if (!definition) {
        if (known) await soon(() => unlessMissing(handle.delete()));
        return !known;
      }
      const options = scheduleOptions(jobId, definition, clock.now());
      if (!known) await soon(() => schedule.create(options));
      else if (isAsWanted(known, options)) return true;
      else await soon(() => handle.update(() => options));
      return false;
    },

    async jobs() {
      const jobs = new Set<string>();
      await soon(async () => {
        for await (const { scheduleId: id, action } of schedule.list({ pageSize: PAGE })) {
          // The namespace may hold schedules of other programs.
          const jobId = jobOfSchedule(id);
          if (jobId !== undefined && action?.workflowType === SCHEDULED_RUN_WORKFLOW) {
            jobs.add(jobId);
          }
        }
      });
      return jobs;
    },
  };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
