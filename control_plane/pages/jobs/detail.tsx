/** One job: its definition and its history. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { durationInWords } from "../frame/durations.ts";
import { Facts, Live, PageHead } from "../frame/parts.tsx";
import { When } from "../frame/times.tsx";
import { page, type Viewer } from "../page.ts";
import { hostPath, jobPath, PATHS, withQuery } from "../paths.ts";
import { RunTable } from "../runs/table.tsx";
import { parameterFacts } from "./parameters.tsx";
import { RunNow } from "./run_now.tsx";

const LATEST = 20;

export const jobDetail = page({
  method: "GET",
  path: `${PATHS.jobs}/:id`,
  who: "anyone signed in",
  action: "show a job",
  async answer({ needs: { store }, params: { id }, viewer, now }) {
    const job = await store.jobs.get(id);
    const { runs, next_cursor } = await store.runs.list({ job: id, limit: LATEST });
    return {
      title: job.name,
      section: "jobs",
      tables: ["jobs", "runs"],
      content: (
        <>
          <Live id="job-head">
            <PageHead title={job.name} above={<a href={PATHS.jobs}>Jobs</a>}>
              <Actions job={job} viewer={viewer} />
            </PageHead>
          </Live>
          <Live id="job">
            <Facts of={factsOf(job)} />
            <h2>History</h2>
            {runs.length === 0
              ? <p class="quiet">It has not run yet.</p>
              : <RunTable runs={runs} viewer={viewer} now={now} />}
            {next_cursor === null ? null : (
              <p>
                <a href={withQuery(PATHS.runs, { job: id })}>All runs of this job</a>
              </p>
            )}
          </Live>
        </>
      ),
    };
  },
});

function Actions({ job, viewer }: { job: Job; viewer: Viewer }): JSX.Element | null {
  if (!viewer.isAdmin) return null;
  return (
    <>
      <a class="button" href={`${jobPath(job.id)}/edit`}>Edit</a>
      <a class="button" href={`${jobPath(job.id)}/delete`}>Delete</a>
      <RunNow job={job} viewer={viewer} look="primary" />
    </>
  );
}

function factsOf(job: Job): (readonly [string, Child])[] {
  return [
    ["Agent type", AGENT_TYPE_NAMES[job.agent_type]],
    ["Host", <a href={hostPath(job.host_id)}>{job.host_id}</a>],
    ...parameterFacts(job.parameters),
    ["Schedule", "On demand"],
    ["Run limit", durationInWords(job.run_limit_seconds * 1000)],
    ["Changed", <When at={job.updated_at} />],
  ];
}
