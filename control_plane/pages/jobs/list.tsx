/** The list of jobs: definition, last run, and the Run now button. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Paging } from "../frame/table.tsx";
import { Empty, Live, PageHead } from "../frame/parts.tsx";
import { page, type Viewer } from "../page.ts";
import { HostLink } from "../hosts/cells.tsx";
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
            {jobs.length === 0
              ? <NoJobs host={host} isLater={cursor !== undefined} viewer={viewer} />
              : (
                <>
                  {host === undefined ? null : <Narrowed host={host} />}
                  <JobTable jobs={jobs} viewer={viewer} back={address} now={now} />
                </>
              )}
            <Paging path={PATHS.jobs} query={{ host }} cursor={cursor} next={next_cursor} />
          </Live>
        </>
      ),
    };
  },
});

function Narrowed({ host }: { host: string }): JSX.Element {
  return (
    <p class="intro">
      Jobs of host <HostLink id={host} look="id" /> only. <a href={PATHS.jobs}>See all jobs</a>
    </p>
  );
}

function NoJobs(
  { host, isLater, viewer }: {
    /** The filter in effect. */
    host: string | undefined;
    /** Shown when a later page has become empty. */
    isLater: boolean;
    viewer: Viewer;
  },
): JSX.Element {
  if (host === undefined && !isLater) return <NoneAtAll viewer={viewer} />;
  return (
    <Empty title={isLater ? "No jobs on this page" : `No jobs for host ${host}`}>
      <p>
        <a href={PATHS.jobs}>See all jobs</a>
      </p>
    </Empty>
  );
}

function NoneAtAll({ viewer }: { viewer: Viewer }): JSX.Element {
  return (
    <Empty title="No jobs yet">
      <p>
        A job defines which agent runs on which host, and when: Lineage Plus, DataHealth or External
        Monitors.
      </p>
      {viewer.isAdmin
        ? (
          <p>
            <a class="button primary" href={PATHS.newJob}>Create the first job</a>
          </p>
        )
        : <p>Ask an admin to create the first one.</p>}
    </Empty>
  );
}
