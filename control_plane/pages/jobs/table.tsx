/** The table of jobs. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { StatusMark } from "../frame/status.tsx";
import { Cell, LeadCell, Row, Table } from "../frame/table.tsx";
import { Age } from "../frame/times.tsx";
import type { Viewer } from "../page.ts";
import { HostLink } from "../hosts/cells.tsx";
import { jobPath, runPath } from "../paths.ts";
import { ScheduleWords } from "./schedule.tsx";
import { RunNow } from "./run_now.tsx";

const COLUMNS = ["Job", "Agent type", "Host", "Schedule", "Last run", ""];

export function JobTable(
  { jobs, viewer, back, now }: {
    jobs: readonly Job[];
    viewer: Viewer;
    /** The page that shows the table. */
    back: string;
    now: Date;
  },
): JSX.Element {
  return (
    <Table caption="Jobs" columns={COLUMNS}>
      {jobs.map((job) => (
        <Row>
          <LeadCell of="Job">
            <a href={jobPath(job.id)}>{job.name}</a>
          </LeadCell>
          <Cell of="Agent type">{AGENT_TYPE_NAMES[job.agent_type]}</Cell>
          <Cell of="Host">
            <HostLink id={job.host_id} />
          </Cell>
          <Cell of="Schedule">
            <ScheduleWords job={job} />
          </Cell>
          <Cell of="Last run">
            <LastRun job={job} now={now} />
          </Cell>
          <Cell of="" kind="act">
            <RunNow job={job} viewer={viewer} back={back} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function LastRun({ job: { last_run }, now }: { job: Job; now: Date }): JSX.Element {
  if (!last_run) return <span class="quiet">Never run</span>;
  return (
    <>
      <a class="calm" href={runPath(last_run.id)}>
        <StatusMark status={last_run.status} />
      </a>
      <p class="quiet">
        <Age at={last_run.created_at} now={now} />
      </p>
    </>
  );
}
