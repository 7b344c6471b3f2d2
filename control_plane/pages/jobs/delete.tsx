/** Deletes a job after a confirmation; during an active run, shows how to proceed. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Job } from "../../../lib/contract/job.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { Banner, PageHead, PostForm } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage, type Viewer } from "../page.ts";
import { jobPath, PATHS, runPath } from "../paths.ts";
import { activeRunIn } from "./run_now.tsx";

const PATH = `${PATHS.jobs}/:id/delete` as const;
const action = "delete a job";

export const askDelete = page({
  method: "GET",
  path: PATH,
  who: "admin",
  action,
  answer: (call) => shown(call),
});

async function shown(
  { needs: { store }, params: { id }, viewer }: PageCall<typeof PATH>,
  note: Child = null,
): Promise<ShownPage> {
  const job = await store.jobs.get(id);
  return {
    title: `Delete ${job.name}`,
    section: "jobs",
    content: (
      <div class="narrow">
        <PageHead
          title={`Delete ${job.name}?`}
          above={<a href={jobPath(id)}>{job.name}</a>}
        />
        {note}
        <Question job={job} viewer={viewer} />
      </div>
    ),
  };
}

function Question({ job, viewer }: { job: Job; viewer: Viewer }): JSX.Element {
  const active = activeRunIn(job);
  if (active) {
    return (
      <>
        <Banner kind="bad">
          This job has an active run. You can delete the job once the run has ended.
        </Banner>
        <div class="deciding">
          <a class="button danger" href={`${runPath(active.id)}/cancel`}>Cancel the run</a>
          <a class="button" href={jobPath(job.id)}>Keep the job</a>
        </div>
      </>
    );
  }
  return (
    <>
      <p>The job's definition is deleted. Its runs stay in the history under its name.</p>
      <PostForm to={`${jobPath(job.id)}/delete`} viewer={viewer} name="deciding">
        <input type="hidden" name="version" value={String(job.version)} />
        <button type="submit" class="danger">Delete the job</button>
        <a class="button" href={jobPath(job.id)}>Keep it</a>
      </PostForm>
    </>
  );
}

export const deleteJob = page({
  method: "POST",
  path: PATH,
  who: "admin",
  action,
  async answer(call) {
    const { needs: { store }, params: { id }, form, by } = call;
    try {
      await store.jobs.remove(id, by, { ifVersion: Number(form.get("version")) || 0 });
      call.needs.dispatch.wake();
      return { goTo: PATHS.jobs, done: "job_deleted" };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "version_conflict") throw error;
      const note = (
        <Banner kind="bad">
          This job was changed after you opened this page. Check <a href={jobPath(id)}>the job</a>
          {" "}
          before you delete it.
        </Banner>
      );
      return { ...await shown(call, note), status: 412 };
    }
  },
});
