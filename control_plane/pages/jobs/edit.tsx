/** Editing a job; what somebody else has changed meanwhile is shown, not overwritten. */

import type { Child } from "hono/jsx";
import type { Job } from "../../../lib/contract/job.ts";
import { Problem } from "../../../lib/problem.ts";
import { allHosts } from "../all_hosts.ts";
import { Banner, PageHead } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage } from "../page.ts";
import { jobPath, PATHS } from "../paths.ts";
import { Conflict } from "./conflict.tsx";
import {
  type DraftErrors,
  draftOf,
  draftOfJob,
  errorsOf,
  jobBodyOf,
  type JobDraft,
} from "./draft.ts";
import { JobForm } from "./form_page.tsx";
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
    return await shown(call, { job, draft: draftOfJob(job), errors: {} });
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
    const draft = { ...draftOf(form), agent_type: job.agent_type };
    const ifVersion = Number(form.get("version")) || 0;
    if (form.get("intent") === "swap") {
      return await shown(call, { job, draft, errors: {}, version: String(ifVersion) });
    }
    try {
      const body = jobBodyOf(draft);
      await store.jobs.update(id, () => body, by, { ifVersion });
      return { goTo: jobPath(id), done: "job_changed" };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "version_conflict") {
        const latest = await store.jobs.get(id);
        const note = <Conflict job={latest} draft={draft} />;
        return { ...await shown(call, { job: latest, draft, errors: {}, note }), status: 412 };
      }
      if (error.status !== 422) throw error;
      const errors = errorsOf(error, draft);
      const version = String(ifVersion);
      return { ...await shown(call, { job, draft, errors, version }), status: 422 };
    }
  },
});

async function shown(
  { needs: { store }, viewer, now }: PageCall<typeof PATH>,
  { job, draft, errors, note, version = String(job.version) }: {
    job: Job;
    draft: JobDraft;
    errors: DraftErrors;
    note?: Child;
    /** Which one the draft was made from. */
    version?: string;
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
          errors={errors}
          hosts={await allHosts(store.hosts)}
          back={back}
          now={now}
          saved={{ version }}
          note={note ?? (
            <Banner kind="note">
              Changes apply from the next run on.
              {activeRunIn(job) ? " The run that is active now keeps what it started with." : ""}
            </Banner>
          )}
        />
      </div>
    ),
  };
}
