/** Creating a job. */

import { Problem } from "../../../lib/problem.ts";
import { allHosts } from "../all_hosts.ts";
import { PageHead } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage } from "../page.ts";
import { jobPath, PATHS } from "../paths.ts";
import { type DraftErrors, draftOf, errorsOf, jobBodyOf, type JobDraft } from "./draft.ts";
import { JobForm } from "./form_page.tsx";

const action = "create a job";

export const newJob = page({
  method: "GET",
  path: PATHS.newJob,
  who: "admin",
  action,
  answer: (call) => shown(call, { draft: draftOf(call.query), errors: {} }),
});

export const createJob = page({
  method: "POST",
  path: PATHS.newJob,
  who: "admin",
  action,
  async answer(call) {
    const draft = draftOf(call.form);
    if (call.form.get("intent") === "swap") return await shown(call, { draft, errors: {} });
    try {
      const job = await call.needs.store.jobs.create(jobBodyOf(draft), call.by);
      return { goTo: jobPath(job.id), done: "job_created" };
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 422) throw error;
      return { ...await shown(call, { draft, errors: errorsOf(error, draft) }), status: 422 };
    }
  },
});

async function shown(
  { needs: { store }, viewer, now }: PageCall<typeof PATHS.newJob>,
  { draft, errors }: { draft: JobDraft; errors: DraftErrors },
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
          draft={draft}
          errors={errors}
          hosts={await allHosts(store.hosts)}
          back={PATHS.jobs}
          now={now}
        />
      </div>
    ),
  };
}
