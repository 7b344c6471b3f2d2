/**
 * Finds schedules that were deleted, changed or made in Temporal by somebody else, and those that the
 * next clock change has come near for, and puts them right.
 */

import type { Log } from "../../lib/ports.ts";
import { forEachOf } from "../../lib/async/for_each_concurrently.ts";
import type { ScheduleStore } from "../store/mod.ts";

export interface StrayNeeds {
  readonly schedules: Pick<ScheduleStore, "changes" | "jobs">;
  readonly temporal: {
    /** The jobs that Temporal has a schedule for. */
    jobs(): Promise<ReadonlySet<string>>;
  };
  readonly log: Log;
}

type Converge = (jobId: string, signal: AbortSignal) => Promise<boolean>;

/** A page of ids is a few kilobytes. */
const PAGE = 1_000;
/** How many a look asks Temporal about one by one, 7 ms each: of 1,000 each comes up in ten minutes. */
const ASKED = 100;

/**
 * A function that looks once, and answers what went wrong. Schedules that are missing or too many are
 * found at once, by their list; those that are other than they should be come up in turn.
 */
export function createStrayLook(
  { schedules, temporal, log }: StrayNeeds,
  converge: Converge,
): (signal: AbortSignal) => Promise<unknown[]> {
  let after = "";

  return async (signal) => {
    const [wanted, known] = [await allJobs(schedules), await temporal.jobs()];
    const strays = wanted.symmetricDifference(known);
    const inTurn = await schedules.jobs(after, ASKED);
    after = inTurn.length === ASKED ? inTurn.at(-1) ?? "" : "";
    const failed = await forEachOf([...strays.union(new Set(inTurn))], signal, mend);
    return [...failed.values()];
  };

  async function mend(jobId: string, signal: AbortSignal): Promise<void> {
    if (await converge(jobId, signal)) return;
    // Of what a job's change has just brought about there is nothing to tell.
    const due = await schedules.changes(PAGE);
    if (due.some(({ job_id }) => job_id === jobId)) return;
    log("info", "a schedule in temporal was not as it should be, and was put right", {
      job_id: jobId,
    });
  }
}

async function allJobs(schedules: StrayNeeds["schedules"]): Promise<Set<string>> {
  const jobs = new Set<string>();
  for (let after = "";;) {
    const page = await schedules.jobs(after, PAGE);
    for (const id of page) jobs.add(id);
    if (page.length < PAGE) return jobs;
    after = page.at(-1) ?? "";
  }
}
