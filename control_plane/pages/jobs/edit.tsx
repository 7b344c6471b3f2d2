/** Edits a job; a concurrent change is shown and not overwritten. */

import type { Child } from "hono/jsx";
import type { Job } from "../../../lib/contract/job.ts";
import type { Problem } from "../../../lib/problems/problem.ts";
import { allHosts } from "../hosts/all.ts";
import { Banner, PageHead } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage } from "../page.ts";
import { jobPath, PATHS } from "../paths.ts";
import { Conflict } from "./form/conflict.tsx";
import { newJobPage } from "./create.tsx";
import { draftOf, draftOfJob, jobBodyOf, type JobDraft } from "./form/draft.ts";
import { JobForm } from "./form/page.tsx";
import { activeRunIn } from "./run_now.tsx";

const PATH = `${PATHS.jobs}/:id/edit` as const;
const action = "change a job";

export const editJob = page({
  method: "GET",
  path: PATH,
  who: "admin",
  action,
  async answer(call) {
    const job = await call.needs.store.jobs.get(call.params.id);
    return await shown(call, { job, draft: draftOfJob(job) });
  },
});

export const updateJob = page({
  method: "POST",
  path: PATH,
  who: "admin",
  action,
  async answer(call) {
    const { needs: { store }, params: { id }, form, by } = call;
    const job = await store.jobs.get(id);
    const draft = draftFor(job, form);
    if (form.get("intent") === "swap") {
      return await shown(call, { job, draft, version: versionIn(form) });
    }
    const body = jobBodyOf(draft);
    await store.jobs.update(id, () => body, by, { ifVersion: versionIn(form) });
    call.needs.dispatch.wake();
    return { goTo: jobPath(id), done: "job_changed" };
  },
  async redisplay(call, problem) {
    const { needs: { store }, params: { id }, form } = call;
    // If the job was deleted, the draft can still be saved as a new job.
    if (problem.code === "job_not_found") {
      return await newJobPage(call, { draft: draftOf(form), problem });
    }
    const job = await store.jobs.get(id);
    const draft = draftFor(job, form);
    if (problem.code === "version_conflict") {
      return await shown(call, { job, draft, note: <Conflict job={job} draft={draft} /> });
    }
    return await shown(call, { job, draft, problem, version: versionIn(form) });
  },
});

function draftFor(job: Job, form: URLSearchParams): JobDraft {
  return { ...draftOf(form), agent_type: job.agent_type };
}

/** The job's version that the form was loaded from. */
const versionIn = (form: URLSearchParams): number => Number(form.get("version")) || 0;

async function shown(
  { needs: { store }, viewer, now }: PageCall<typeof PATH>,
  { job, draft, problem, note, version = job.version }: {
    job: Job;
    draft: JobDraft;
    problem?: Problem;
    note?: Child;
    /** The version that the draft is based on. */
    version?: number;
  },
): Promise<ShownPage> {
  const back = jobPath(job.id);
  return {
    title: `Edit ${job.name}`,
    section: "jobs",
    content: (
      <div class="narrow">
        <PageHead title={`Edit ${job.name}`} above={<a href={back}>{job.name}</a>} />
        <JobForm
          viewer={viewer}
          to={`${back}/edit`}
          draft={draft}
          problem={problem}
          hosts={await allHosts(store.hosts)}
          back={back}
          now={now}
          saved={{ version: String(version) }}
          note={note ?? (
            <Banner kind="note">
              Changes apply to the next run.
              {activeRunIn(job) ? " The active run keeps the settings that it started with." : ""}
            </Banner>
          )}
        />
      </div>
    ),
  };
}
