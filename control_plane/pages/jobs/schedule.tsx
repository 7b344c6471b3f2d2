/** Pauses and resumes a job's schedule, and describes it in words. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Job } from "../../../lib/contract/job.ts";
import { scheduleInWords } from "../../../lib/contract/schedules/words.ts";
import { patchedJob } from "../../http/job_patch.ts";
import { When } from "../frame/times.tsx";
import { type Page, page } from "../page.ts";
import { jobPath, PATHS } from "../paths.ts";

export const pauseJob: Page = page({
  method: "POST",
  path: `${PATHS.jobs}/:id/pause`,
  who: "admin",
  action: "pause a job's schedule",
  async answer({ needs: { store, dispatch }, params: { id }, by }) {
    await store.jobs.update(id, (job) => patchedJob(job, { schedule: { paused: true } }), by);
    dispatch.wake();
    return { goTo: jobPath(id), done: "schedule_paused" };
  },
});

export const resumeJob: Page = page({
  method: "POST",
  path: `${PATHS.jobs}/:id/resume`,
  who: "admin",
  action: "resume a job's schedule",
  async answer({ needs: { store, dispatch }, params: { id }, by }) {
    await store.jobs.update(id, (job) => patchedJob(job, { schedule: { paused: false } }), by);
    dispatch.wake();
    return { goTo: jobPath(id), done: "schedule_resumed" };
  },
});

export function ScheduleWords({ job }: { job: Job }): JSX.Element {
  const [next] = job.next_fire_times;
  if (!job.schedule) return <span class="quiet">On demand</span>;
  return (
    <>
      {scheduleInWords(job.schedule)}
      <p class="quiet">
        {job.schedule.paused ? "Paused" : next === undefined ? "No more runs" : (
          <>
            Next <When at={next} />
          </>
        )}
      </p>
    </>
  );
}
