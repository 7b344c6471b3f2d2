/** Rows as months of use would have left them: all types, all endings, messages, connections, phases. */

import { queuedRow } from "../../../control_plane/store/runs/run_rows.ts";
import type { HostsRow, JobsRow, RunsRow } from "../../../control_plane/store/tables.ts";
import { BATCH_AGENT_TYPES, type BatchAgentType } from "../../../lib/contract/agent_types.ts";
import { RUN_PHASES } from "../../../lib/contract/run.ts";
import { VERSION } from "../../../lib/version.ts";

const DAY_MS = 86_400_000;
/** Within what is kept by default, so that no removal runs beside the measurement. */
const SPAN_MS = 80 * DAY_MS;
const SCHEDULED_EVERY = 5;
/** Of a hundred runs the first so many failed, and so on; the others succeeded. */
const ENDINGS = [
  { upTo: 10, status: "failed", reason: "exit_nonzero", exit_code: 1 },
  { upTo: 12, status: "timed_out", reason: "run_limit", exit_code: 137 },
  { upTo: 15, status: "canceled", reason: "canceled_by_user", exit_code: 143 },
  { upTo: 100, status: "succeeded", reason: null, exit_code: 0 },
] as const;

const PARAMETERS: Readonly<Record<BatchAgentType, unknown>> = {
  lineage: { connectors: ["snowflake", "tableau"] },
  datahealth: { file_name: "warehouse.properties" },
  "external-monitors": { connectors: ["dbt"], connection_name: "production" },
};

const iso = (ms: number): string => new Date(ms).toISOString();
const numbered = (index: number): string => String(index).padStart(4, "0");

export function hostOf(index: number, now: number): HostsRow {
  return {
    host_id: `warehouse-${numbered(index)}`,
    installation_id: crypto.randomUUID(),
    managed_agents: JSON.stringify(BATCH_AGENT_TYPES),
    version: VERSION,
    engine: "Docker 27.3.1",
    registered_at: iso(now - SPAN_MS - index),
    last_heartbeat_at: iso(now - (index % 10) * 1000),
    report: JSON.stringify({ active_runs: [], disk_free_bytes: 48_000_000_000, clock_skew_ms: 0 }),
  };
}

export function jobOf(
  index: number,
  { type, hostId, now }: { type: BatchAgentType; hostId: string; now: number },
): JobsRow {
  const schedule = { cron: "30 2 * * *", time_zone: "Europe/Berlin", paused: false };
  return {
    id: crypto.randomUUID(),
    name: `Nightly ${type} of warehouse ${numbered(index)}`,
    host_id: hostId,
    agent_type: type,
    parameters: JSON.stringify(PARAMETERS[type]),
    run_limit_seconds: 14_400,
    created_at: iso(now - SPAN_MS),
    updated_at: iso(now - SPAN_MS),
    version: 1,
    schedule: index % SCHEDULED_EVERY === 0
      ? JSON.stringify({ ...schedule, catch_up_seconds: 3_600 })
      : null,
    schedule_changed_at: null,
  };
}

/** The `index`th of all, oldest first, evenly over the time that is kept. */
export function runOf(
  index: number,
  { job, runs, now }: { job: JobsRow; runs: number; now: number },
): RunsRow {
  const begun = now - SPAN_MS + Math.floor(index * SPAN_MS * 0.99 / runs);
  // Coprime to the hundred, so that neighbours in time end differently.
  const share = index * 37 % 100;
  const ending = ENDINGS.find(({ upTo }) => share < upTo) ?? ENDINGS[3];
  const { status, reason, exit_code } = ending;
  const source = index % 3 === 0 ? "manual" : "schedule";
  return {
    ...queuedRow(job, { source, now: new Date(begun) }),
    status,
    reason,
    message: reason === null ? null : `The agent ended with exit code ${exit_code} (${reason})`,
    exit_code,
    connections: job.agent_type === "lineage" ? connections(reason !== null) : "[]",
    phases: JSON.stringify(
      RUN_PHASES.slice(0, 4).map((phase, place) => ({ phase, at: iso(begun + 500 * place) })),
    ),
    started_at: iso(begun + 1_800),
    ended_at: iso(begun + 300_000),
    claimed_at: iso(begun + 20),
    dispatched_at: iso(begun + 60),
    cancel_requested_at: status === "canceled" ? iso(begun + 290_000) : null,
    cancel_delivered_at: status === "canceled" ? iso(begun + 290_100) : null,
  };
}

function connections(hasFailed: boolean): string {
  return JSON.stringify([
    { connector: "snowflake", name: "production", status: "succeeded", errors: [] },
    {
      connector: "tableau",
      name: "dashboards",
      status: hasFailed ? "failed" : "succeeded",
      errors: hasFailed ? ["Cannot sign in: the token has expired"] : [],
    },
  ]);
}
