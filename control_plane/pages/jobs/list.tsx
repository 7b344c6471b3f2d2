/** Jobs: what is defined, how its last run went, and the button for the next one. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Paging } from "../frame/paging.tsx";
import { Empty, Live, PageHead } from "../frame/parts.tsx";
import { page, type Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";
import { JobTable } from "./table.tsx";

const A_PAGE = 25;

export const jobList = page({
  method: "GET",
  path: PATHS.jobs,
  who: "anyone signed in",
  action: "list jobs",
  async answer({ needs: { store }, query, viewer, address, now }) {
    const cursor = query.get("cursor") || undefined;
    const host = query.get("host") || undefined;
    const { jobs, next_cursor } = await store.jobs.list({ limit: A_PAGE, cursor, host });
    return {
      title: "Jobs",
      section: "jobs",
      tables: ["jobs", "runs"],
      reloadSeconds: 30,
      content: (
        <>
          <PageHead title="Jobs">
            {viewer.isAdmin ? <a class="button primary" href={PATHS.newJob}>Create job</a> : null}
          </PageHead>
          <Live id="jobs">
            {jobs.length > 0
              ? <JobTable jobs={jobs} viewer={viewer} back={address} now={now} />
              : host === undefined
              ? <NoJobs viewer={viewer} />
              : <NoJobsOf host={host} />}
            <Paging path={PATHS.jobs} query={{ host }} cursor={cursor} next={next_cursor} />
          </Live>
        </>
      ),
    };
  },
});

function NoJobs({ viewer }: { viewer: Viewer }): JSX.Element {
  return (
    <Empty title="No job yet">
      <p>
        A job says what to run and on which host: Lineage Plus, DataHealth or External Monitors.
      </p>
      {viewer.isAdmin
        ? (
          <p>
            <a class="button primary" href={PATHS.newJob}>Create the first job</a>
          </p>
        )
        : <p>Ask an admin of the account to create the first one.</p>}
    </Empty>
  );
}

function NoJobsOf({ host }: { host: string }): JSX.Element {
  return (
    <Empty title={`No job is for host ${host}`}>
      <p>
        <a href={PATHS.jobs}>See all jobs</a>
      </p>
    </Empty>
  );
}
