/** The Run now button, or the reason why it is unavailable. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { ACTIVE_STATUSES, type RunStatus } from "../../../lib/contract/run.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { PostForm } from "../frame/parts.tsx";
import { page, type Viewer } from "../page.ts";
import { jobPath, ownPath, PATHS, runPath } from "../paths.ts";

const ACTIVE: ReadonlySet<RunStatus> = new Set(ACTIVE_STATUSES);

/** Returns the job's active run. A job has at most one, and it is its last run. */
export function activeRunIn(job: Job): Job["last_run"] {
  return job.last_run && ACTIVE.has(job.last_run.status) ? job.last_run : null;
}

/** `back` is the page to return to; default: the new run. */
export function RunNow(
  { job, viewer, back, look = "small" }: {
    job: Job;
    viewer: Viewer;
    back?: string;
    look?: string;
  },
): JSX.Element | null {
  if (!viewer.isAdmin) return null;
  const active = activeRunIn(job);
  if (active) {
    return (
      <div class="busy">
        <button type="button" class={look} disabled aria-describedby={`why-${job.id}`}>
          Run now
        </button>
        <a class="why" id={`why-${job.id}`} href={runPath(active.id)}>
          {active.status === "queued" ? "A run is queued" : "A run is in progress"}
        </a>
      </div>
    );
  }
  return (
    <PostForm to={`${jobPath(job.id)}/runs`} viewer={viewer}>
      {/* The same click sent twice is one run; after that run, the page has another word here. */}
      <input type="hidden" name="after" value={job.last_run?.id ?? "none"} />
      {back === undefined ? null : <input type="hidden" name="back" value={back} />}
      <button type="submit" class={look} data-focus={`run-${job.id}`}>
        Run now<span class="aloud">{`: ${job.name}`}</span>
      </button>
    </PostForm>
  );
}

const LONGEST_KEY = 200;

export const runNow = page({
  method: "POST",
  path: `${PATHS.jobs}/:id/runs`,
  who: "admin",
  action: "run a job",
  async answer({ needs: { store, dispatch, log }, params: { id }, form, by }) {
    const trigger = (after: string) => {
      const idempotencyKey = `page:${after}`.slice(0, LONGEST_KEY);
      return store.runs.trigger(id, { source: "manual", idempotencyKey }, by);
    };
    let queued = await trigger(form.get("after") ?? "");
    // The page was stale and its run has ended, so the viewer wants the next one.
    while (queued.repeated && queued.run.ended_at !== null) queued = await trigger(queued.run.id);
    const { run } = queued;
    dispatch.wake();
    log("info", "run queued", { run_id: run.id, job_id: id, host_id: run.host_id });
    return { goTo: ownPath(form.get("back"), runPath(run.id)), done: "run_queued" };
  },
});
