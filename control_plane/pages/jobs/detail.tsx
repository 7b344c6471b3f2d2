/** The page of one job: its definition and its paginated history. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { Facts, Live, PageHead, PostForm } from "../frame/parts.tsx";
import { Paging } from "../frame/table.tsx";
import { durationInWords, When } from "../frame/times.tsx";
import { page, type Viewer } from "../page.ts";
import { hostPath, jobPath, PATHS, withQuery } from "../paths.ts";
import { HistoryTable } from "./history_table.tsx";
import { RunNow } from "./run_now.tsx";
import { ScheduleWords } from "./schedule.tsx";

const A_PAGE = 20;

export const jobDetail = page({
  method: "GET",
  path: `${PATHS.jobs}/:id`,
  who: "anyone signed in",
  action: "show a job",
  async answer({ needs: { store }, params: { id }, query, viewer, now }) {
    const job = await store.jobs.get(id);
    const cursor = query.get("cursor") || undefined;
    const { entries, next_cursor } = await store.history.of(id, { cursor, limit: A_PAGE });
    return {
      title: job.name,
      section: "jobs",
      tables: ["jobs", "runs"],
      reloadSeconds: 30,
      content: (
        <>
          <Live id="job-head">
            <PageHead title={job.name} above={<a href={PATHS.jobs}>Jobs</a>}>
              <Actions job={job} viewer={viewer} />
            </PageHead>
          </Live>
          <Live id="job">
            <Facts of={factsOf(job)} />
            <NextTimes job={job} />
            <h2>History</h2>
            {entries.length > 0
              ? <HistoryTable entries={entries} viewer={viewer} now={now} />
              : (
                <p class="quiet">
                  {cursor === undefined ? "No runs yet." : "No older entries."}
                </p>
              )}
            <Paging
              path={jobPath(id)}
              cursor={cursor}
              next={next_cursor}
              words={{ first: "Newest", next: "Older" }}
            />
            {cursor === undefined && next_cursor === null ? null : (
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
      <PauseOrResume job={job} viewer={viewer} />
      <RunNow job={job} viewer={viewer} look="primary" />
    </>
  );
}

function PauseOrResume({ job, viewer }: { job: Job; viewer: Viewer }): JSX.Element | null {
  if (!job.schedule) return null;
  const { verb, words } = job.schedule.paused
    ? { verb: "resume", words: "Resume schedule" }
    : { verb: "pause", words: "Pause schedule" };
  return (
    <PostForm to={`${jobPath(job.id)}/${verb}`} viewer={viewer}>
      <button type="submit">{words}</button>
    </PostForm>
  );
}

function NextTimes({ job }: { job: Job }): JSX.Element | null {
  if (job.next_fire_times.length === 0) return null;
  return (
    <div class="fire-times">
      <h2>Next runs</h2>
      <ol>
        {job.next_fire_times.map((at) => (
          <li>
            <When at={at} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function factsOf(job: Job): (readonly [string, Child])[] {
  return [
    ["Agent type", AGENT_TYPE_NAMES[job.agent_type]],
    ["Host", <a href={hostPath(job.host_id)}>{job.host_id}</a>],
    ...parameterFacts(job.parameters),
    ["Schedule", <ScheduleWords job={job} />],
    ...catchUpFacts(job),
    ["Run limit", durationInWords(job.run_limit_seconds * 1000)],
    ["Changed", <When at={job.updated_at} />],
  ];
}

function catchUpFacts({ schedule }: Job): (readonly [string, Child])[] {
  if (!schedule) return [];
  return [["Catch-up window", durationInWords(schedule.catch_up_seconds * 1000)]];
}

const NAMES: Readonly<Record<string, string>> = {
  connectors: "Connector types",
  connection_name: "Connection",
  file_name: "File",
  command: "Command",
};

export function parameterFacts(
  parameters: Readonly<Record<string, unknown>>,
): (readonly [string, Child])[] {
  return Object.entries(parameters).map(([name, value]) => [
    NAMES[name] ?? name,
    <code>{Array.isArray(value) ? value.join(", ") : String(value)}</code>,
  ]);
}
