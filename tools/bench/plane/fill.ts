/** Fills a control plane's SQLite file like an account that was used for months. */

import { type Kysely, sql } from "kysely";
import { openFile } from "../../../control_plane/store/open.ts";
import { queuedRow } from "../../../control_plane/store/runs/run_rows.ts";
import type { HostsRow, JobsRow, RunsRow, Tables } from "../../../control_plane/store/tables.ts";
import { BATCH_AGENT_TYPES, type BatchAgentType } from "../../../lib/contract/agent_types.ts";
import { RUN_PHASES } from "../../../lib/contract/run.ts";
import { VERSION } from "../../../lib/version.ts";
import { tell } from "../../cli/steps.ts";

export const HOSTS = 1_000;
export const JOBS = 1_000;
/** Rows per statement: SQLite binds at most 32,766 values, and a run has 22. */
const BATCH = 500;
/** Rows per transaction: with one for all, the write-ahead log would become as large as the database. */
const TRANSACTION = 100_000;
/** In KiB, negative as SQLite requires. Ids are random, so that the whole index is in use. */
const CACHE = -512 * 1024;

export interface Filled {
  readonly hosts: readonly HostsRow[];
  readonly jobs: readonly JobsRow[];
  /** One more job, which is triggered many times at once. */
  readonly contended: JobsRow;
}

/** Writes hosts, jobs and ended runs into a database that no process has open, and shows progress. */
export async function fillPlane(database: string, runs: number): Promise<Filled> {
  const now = Date.now();
  const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(index, now));
  const jobs = Array.from({ length: JOBS + 1 }, (_, index) => {
    const type = BATCH_AGENT_TYPES[index % BATCH_AGENT_TYPES.length] ?? "lineage";
    return jobOf(index, { type, hostId: hosts[index % HOSTS]?.host_id ?? "", now });
  });
  const [contended] = jobs.splice(JOBS);
  if (!contended) throw new Error("Cannot fill a store without jobs");
  const db = await openFile(database);
  try {
    await sql`pragma cache_size=${sql.lit(CACHE)}`.execute(db);
    await db.insertInto("hosts").values(hosts).execute();
    await db.insertInto("jobs").values([...jobs, contended]).execute();
    for (let first = 0; first < runs; first += TRANSACTION) {
      const end = Math.min(first + TRANSACTION, runs);
      await db.transaction().execute((trx) => insertRuns(trx, { first, end, jobs, runs, now }));
      if (end < runs) tell(`         ${end} of ${runs} runs`);
    }
  } finally {
    await db.destroy();
  }
  return { hosts, jobs, contended };
}

interface Span {
  readonly first: number;
  readonly end: number;
  readonly jobs: readonly JobsRow[];
  readonly runs: number;
  readonly now: number;
}

async function insertRuns(
  trx: Kysely<Tables>,
  { first, end, jobs, runs, now }: Span,
): Promise<void> {
  for (let next = first; next < end; next += BATCH) {
    const length = Math.min(BATCH, end - next);
    const rows = Array.from({ length }, (_, place): RunsRow => {
      const index = next + place;
      const job = jobs[index % jobs.length];
      if (!job) throw new Error("Cannot make runs without jobs");
      return runOf(index, { job, runs, now });
    });
    await trx.insertInto("runs").values(rows).execute();
  }
}

const DAY_MS = 86_400_000;
/** Shorter than the default retention, so that no removal disturbs the measurement. */
const SPAN_MS = 80 * DAY_MS;
const SCHEDULED_EVERY = 5;
/** The shares of endings, in percent, summed up. */
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
    report: JSON.stringify({ activeRuns: [], diskFreeBytes: 48_000_000_000, clockSkewMs: 0 }),
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

/** Makes the run of an index, from the oldest, evenly spread over the retention. */
export function runOf(
  index: number,
  { job, runs, now }: { job: JobsRow; runs: number; now: number },
): RunsRow {
  const begun = now - SPAN_MS + Math.floor(index * SPAN_MS * 0.99 / runs);
  // 37 is coprime to 100, so that consecutive runs end differently.
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
