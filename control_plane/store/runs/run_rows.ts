/** Converts between a row of `runs` and a run of the contract. */

import type { AgentTask } from "../../../lib/contract/agent_types.ts";
import { type PhaseStamp, type Run, RUN_PHASES } from "../../../lib/contract/run.ts";
import type { JobsRow, RunsRow } from "../tables.ts";

/** Builds the row of a new run; it copies the job's parameters. */
export function queuedRow(
  job: JobsRow,
  { source, now }: { source: Run["trigger"]; now: Date },
): RunsRow {
  return {
    id: crypto.randomUUID(),
    job_id: job.id,
    job_name: job.name,
    host_id: job.host_id,
    agent_type: job.agent_type,
    parameters: job.parameters,
    run_limit_seconds: job.run_limit_seconds,
    trigger_source: source,
    status: "queued",
    reason: null,
    message: null,
    exit_code: null,
    connections: "[]",
    phases: "[]",
    created_at: now.toISOString(),
    started_at: null,
    ended_at: null,
    claimed_at: null,
    dispatched_at: null,
    cancel_requested_at: null,
    cancel_delivered_at: null,
    scheduled_for: null,
  };
}

export function runOf(row: RunsRow): Run {
  const { trigger_source, claimed_at: _, dispatched_at: __, cancel_delivered_at: ___, ...shown } =
    row;
  return {
    ...shown,
    trigger: trigger_source,
    parameters: JSON.parse(row.parameters),
    connections: JSON.parse(row.connections),
    phases: JSON.parse(row.phases),
  };
}

/** Reads the task, which was validated when the job was saved. */
export function taskOf(row: Pick<RunsRow, "agent_type" | "parameters">): AgentTask {
  return { agent_type: row.agent_type, parameters: JSON.parse(row.parameters) };
}

/** Merges stamps to one per phase, in the order of the phases; the first stamp of a phase wins. */
export function mergedPhases(
  known: readonly PhaseStamp[],
  news: readonly PhaseStamp[],
): readonly PhaseStamp[] {
  const stamps = [...known, ...news];
  return RUN_PHASES.flatMap((phase) => stamps.find((stamp) => stamp.phase === phase) ?? []);
}
