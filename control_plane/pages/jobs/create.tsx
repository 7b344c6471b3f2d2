/** Creates a job. */

import type { Problem } from "../../../lib/problems/problem.ts";
import { allHosts } from "../hosts/all.ts";
import { newIdIn } from "../frame/form.tsx";
import { PageHead } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage } from "../page.ts";
import { jobPath, PATHS } from "../paths.ts";
import { draftOf, jobBodyOf, type JobDraft } from "./form/draft.ts";
import { JobForm } from "./form/page.tsx";

const action = "create a job";

export const newJob = page({
  method: "GET",
  path: PATHS.newJob,
  who: "admin",
  action,
  answer: (call) => newJobPage(call, { draft: draftOf(call.query) }),
});

export const createJob = page({
  method: "POST",
  path: PATHS.newJob,
  who: "admin",
  action,
  async answer(call) {
    const draft = draftOf(call.form);
    if (call.form.get("intent") === "swap") return await newJobPage(call, { draft });
    const job = await call.needs.store.jobs.create(jobBodyOf(draft), call.by, {
      id: newIdIn(call.form),
    });
    call.needs.dispatch.wake();
    return { goTo: jobPath(job.id), done: "job_created" };
  },
  redisplay: (call, problem) => newJobPage(call, { draft: draftOf(call.form), problem }),
});

/** `problem` is why the draft was not saved. */
export async function newJobPage(
  { needs: { store }, viewer, form, now }: Pick<
    PageCall<string>,
    "needs" | "viewer" | "form" | "now"
  >,
  { draft, problem }: { draft: JobDraft; problem?: Problem },
): Promise<ShownPage> {
  return {
    title: "Create job",
    section: "jobs",
    content: (
      <div class="narrow">
        <PageHead title="Create job" above={<a href={PATHS.jobs}>Jobs</a>} />
        <JobForm
          viewer={viewer}
          to={PATHS.newJob}
          sent={form}
          draft={draft}
          problem={problem}
          hosts={await allHosts(store.hosts)}
          back={PATHS.jobs}
          now={now}
        />
      </div>
    ),
  };
}
