/** The history of a job: its runs and its skipped fire times. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { HistoryEntry, Skip } from "../../../lib/contract/job.ts";
import { SkippedMark } from "../frame/status.tsx";
import { Cell, LeadCell, Row, Table } from "../frame/table.tsx";
import { When } from "../frame/times.tsx";
import { HostLink } from "../hosts/cells.tsx";
import type { Viewer } from "../page.ts";
import { runPath } from "../paths.ts";
import { CancelLink, RunSpan, RunStanding, TRIGGER_WORDS } from "../runs/table.tsx";

const COLUMNS = ["Triggered", "Started", "Status", "Trigger", "Host", "Duration", ""];

export function HistoryTable(
  { entries, viewer, now }: { entries: readonly HistoryEntry[]; viewer: Viewer; now: Date },
): JSX.Element {
  return (
    <Table caption="History, newest first" columns={COLUMNS}>
      {entries.map((entry) =>
        entry.kind === "skip" ? <SkipRow skip={entry.skip} /> : (
          <Row>
            <LeadCell of="Triggered">
              <a href={runPath(entry.run.id)}>
                <When at={entry.run.created_at} />
              </a>
            </LeadCell>
            <Cell of="Started">
              {entry.run.started_at === null
                ? <span class="quiet">–</span>
                : <When at={entry.run.started_at} />}
            </Cell>
            <Cell of="Status">
              <RunStanding run={entry.run} />
            </Cell>
            <Cell of="Trigger">{TRIGGER_WORDS[entry.run.trigger]}</Cell>
            <Cell of="Host">
              <HostLink id={entry.run.host_id} />
            </Cell>
            <Cell of="Duration" kind="number">
              <RunSpan run={entry.run} now={now} />
            </Cell>
            <Cell of="" kind="act">
              <CancelLink run={entry.run} viewer={viewer} />
            </Cell>
          </Row>
        )
      )}
    </Table>
  );
}

function SkipRow({ skip }: { skip: Skip }): JSX.Element {
  return (
    <Row>
      <LeadCell of="Triggered">
        <When at={skip.fire_time} />
      </LeadCell>
      <Cell of="Started" />
      <Cell of="Status">
        <SkippedMark />
        <p class="quiet">
          <SkipReason skip={skip} />
        </p>
      </Cell>
      <Cell of="Trigger">Schedule</Cell>
      <Cell of="Host" />
      <Cell of="Duration" />
      <Cell of="" kind="act" />
    </Row>
  );
}

/** The message, with a link to the run that was active. */
function SkipReason({ skip: { message, active_run_id: id } }: { skip: Skip }): JSX.Element {
  // The id follows the job's name, which may contain anything.
  const at = id === null ? -1 : message.lastIndexOf(id);
  if (id === null || at < 0) return <>{message}</>;
  return (
    <>
      {message.slice(0, at)}
      <a href={runPath(id)}>{id}</a>
      {message.slice(at + id.length)}
    </>
  );
}
