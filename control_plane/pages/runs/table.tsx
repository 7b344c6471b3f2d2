/** The table of runs. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { StatusMark } from "../frame/status.tsx";
import { Cell, LeadCell, Row, Table } from "../frame/table.tsx";
import { Span, When } from "../frame/times.tsx";
import type { Viewer } from "../page.ts";
import { HostLink } from "../hosts/cells.tsx";
import { runPath } from "../paths.ts";
import { REASONS } from "./reasons.ts";

export const TRIGGER_WORDS: Readonly<Record<Run["trigger"], string>> = {
  manual: "Manual",
  schedule: "Schedule",
};

const COLUMNS = ["Job", "Status", "Host", "Triggered", "Duration", ""];

export function RunTable(
  { runs, viewer, now }: { runs: readonly Run[]; viewer: Viewer; now: Date },
): JSX.Element {
  return (
    <Table caption="Runs, newest first" columns={COLUMNS}>
      {runs.map((run) => (
        <Row>
          <LeadCell of="Job">
            <a href={runPath(run.id)}>{run.job_name}</a>
            <p class="quiet">{AGENT_TYPE_NAMES[run.agent_type]}</p>
          </LeadCell>
          <Cell of="Status">
            <RunStanding run={run} />
          </Cell>
          <Cell of="Host">
            <HostLink id={run.host_id} />
          </Cell>
          <Cell of="Triggered">
            <When at={run.created_at} />
            <p class="quiet">{TRIGGER_WORDS[run.trigger]}</p>
          </Cell>
          <Cell of="Duration" kind="number">
            <RunSpan run={run} now={now} />
          </Cell>
          <Cell of="" kind="act">
            <CancelLink run={run} viewer={viewer} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function RunStanding({ run }: { run: Run }): JSX.Element {
  return (
    <>
      <StatusMark status={run.status} />
      <StatusNote run={run} />
    </>
  );
}

/** A short explanation of the status. */
function StatusNote({ run }: { run: Run }): JSX.Element | null {
  if (run.ended_at === null && run.cancel_requested_at !== null) {
    return <p class="quiet">Canceling</p>;
  }
  if (run.reason === null || run.reason === "canceled_by_user") return null;
  return <p class="quiet">{REASONS[run.reason].says}</p>;
}

/** How long the agent ran; empty if it never started. */
export function RunSpan({ run, now }: { run: Run; now: Date }): JSX.Element {
  if (run.started_at === null) return <span class="quiet">–</span>;
  return <Span from={run.started_at} to={run.ended_at} now={now} />;
}

export function CancelLink(
  { run, viewer, look = "button small" }: { run: Run; viewer: Viewer; look?: string },
): JSX.Element | null {
  if (run.ended_at !== null || run.cancel_requested_at !== null || !viewer.isAdmin) return null;
  return (
    <a class={look} href={`${runPath(run.id)}/cancel`}>
      Cancel<span class="aloud">{` the run of ${run.job_name}`}</span>
    </a>
  );
}
