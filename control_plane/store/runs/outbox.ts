/** The run rows as the dispatcher's outbox, and as the place where reports of hosts are written. */

import type { Kysely } from "kysely";
import type { AgentTask } from "../../../lib/contract/agent_types.ts";
import type { PhaseStamp, RunOutcome } from "../../../lib/contract/run.ts";
import type { Clock } from "../../../lib/ports.ts";
import { mergedPhases, taskOf } from "./run_rows.ts";
import type { Tables } from "../tables.ts";
import { unflushed } from "../sqlite/sqlite.ts";

/** A queued run with all that its workflow needs. `created_at` is ISO 8601, UTC. */
export interface DispatchableRun {
  readonly run_id: string;
  readonly host_id: string;
  /** Whose the host is now. */
  readonly installation_id: string;
  readonly job_id: string;
  readonly job_name: string;
  readonly task: AgentTask;
  readonly run_limit_seconds: number;
  readonly created_at: string;
}

export type RunUnderWay = Pick<DispatchableRun, "run_id" | "job_id">;

/** Every call may be repeated, and none fails for a run that is unknown or has ended. */
export interface RunOutbox {
  /** Runs to start: queued, never marked dispatched; oldest first. Includes claimed ones (a crash after the claim). */
  undispatched(limit: number): Promise<readonly DispatchableRun[]>;
  /** Claims runs just before their workflows are started: those still queued, not dispatched by others in between. */
  claim(runIds: readonly string[]): Promise<ReadonlySet<string>>;
  markDispatched(runId: string): Promise<void>;
  /** Claimed or dispatched, still active runs whose cancel was asked for and not yet handed to Temporal; oldest wish first. */
  undeliveredCancels(limit: number): Promise<readonly string[]>;
  markCancelDelivered(runId: string): Promise<void>;
  /** Active runs that Temporal has had for a minute, by job; only those whose job's id is greater than `after`. */
  underWay(after: string, limit: number): Promise<readonly RunUnderWay[]>;
  /** The id of the host that the run is for. */
  hostOf(runId: string): Promise<string | undefined>;
  /** Merges by phase, the first stamp holds; any phase means that a host accepted the run. Ignored after the end. */
  recordPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /** The first outcome holds; a later one is ignored. */
  recordOutcome(runId: string, outcome: RunOutcome): Promise<void>;
}

const UNDER_WAY_AFTER_MS = 60_000;

export function runOutbox(db: Kysely<Tables>, clock: Clock): RunOutbox {
  return {
    async undispatched(limit) {
      const rows = await db.selectFrom("runs").innerJoin("hosts", "hosts.host_id", "runs.host_id")
        .selectAll("runs").select("hosts.installation_id")
        .where("dispatched_at", "is", null).where("ended_at", "is", null)
        .orderBy("created_at").orderBy("id").limit(limit).execute();
      return rows.map((row) => ({
        run_id: row.id,
        host_id: row.host_id,
        installation_id: row.installation_id,
        // An active run holds its job, so it always names one.
        job_id: row.job_id ?? "",
        job_name: row.job_name,
        task: taskOf(row),
        run_limit_seconds: row.run_limit_seconds,
        created_at: row.created_at,
      }));
    },

    claim(runIds) {
      // A transaction, as processes that claim the same rows may spoil each other's.
      return db.transaction().execute(async (step) => {
        const rows = await step.updateTable("runs")
          .set(({ fn, ref, val }) => ({
            claimed_at: fn.coalesce(ref("claimed_at"), val(clock.now().toISOString())),
          }))
          .where("id", "in", runIds).where("status", "=", "queued")
          // Another process may have handed one over since the scan.
          .where("dispatched_at", "is", null).returning("id").execute();
        return new Set(rows.map(({ id }) => id));
      });
    },

    async markDispatched(runId) {
      // Lost in a power cut, it is found out by another start, which Temporal refuses.
      const mark = db.updateTable("runs").set({ dispatched_at: clock.now().toISOString() })
        .where("id", "=", runId).where("dispatched_at", "is", null).compile();
      await db.executeQuery(unflushed(mark));
    },

    async undeliveredCancels(limit) {
      const rows = await db.selectFrom("runs").select("id")
        .where("cancel_requested_at", "is not", null).where("cancel_delivered_at", "is", null)
        .where("ended_at", "is", null).where("claimed_at", "is not", null)
        .orderBy("cancel_requested_at").orderBy("id").limit(limit).execute();
      return rows.map(({ id }) => id);
    },

    async markCancelDelivered(runId) {
      await db.updateTable("runs").set({ cancel_delivered_at: clock.now().toISOString() })
        .where("id", "=", runId).where("cancel_delivered_at", "is", null).execute();
    },

    async underWay(after, limit) {
      const since = new Date(clock.now().getTime() - UNDER_WAY_AFTER_MS).toISOString();
      // In the order of "runs_one_active", which holds active runs only: one of them a job.
      const rows = await db.selectFrom("runs").select(["id", "job_id"])
        .where("ended_at", "is", null).where("job_id", ">", after)
        .where("dispatched_at", "<=", since).orderBy("job_id").limit(limit).execute();
      return rows.map(({ id, job_id }) => ({ run_id: id, job_id: job_id ?? "" }));
    },

    async hostOf(runId) {
      const row = await db.selectFrom("runs").select("host_id").where("id", "=", runId)
        .executeTakeFirst();
      return row?.host_id;
    },

    recordPhases(runId, phases) {
      return db.transaction().execute(async (step) => {
        const run = await activeRun(step, runId);
        if (!run || phases.length === 0) return;
        const merged = mergedPhases(run.phases, phases);
        const started_at = run.started_at ??
          merged.find(({ phase }) => phase === "running")?.at ?? null;
        // What a host reports, Temporal has: a crash before markDispatched is mended here.
        const dispatched_at = run.dispatched_at ?? clock.now().toISOString();
        await activeRow(step, runId).set({
          status: "running",
          phases: JSON.stringify(merged),
          started_at,
          dispatched_at,
        }).execute();
      });
    },

    recordOutcome(runId, { phases, started_at, connections = [], ...outcome }) {
      return db.transaction().execute(async (step) => {
        const run = await activeRun(step, runId);
        if (!run) return;
        await activeRow(step, runId).set({
          status: outcome.status,
          reason: outcome.reason ?? null,
          message: outcome.message ?? null,
          exit_code: outcome.exit_code ?? null,
          connections: JSON.stringify(connections),
          // An outcome is signed and phases are not, so its stamps outweigh those from before.
          phases: JSON.stringify(mergedPhases(phases, run.phases)),
          started_at: started_at ?? run.started_at,
          ended_at: outcome.ended_at,
        }).execute();
      });
    },
  };
}

interface ActiveRun {
  readonly phases: PhaseStamp[];
  readonly started_at: string | null;
  readonly dispatched_at: string | null;
}

async function activeRun(step: Kysely<Tables>, runId: string): Promise<ActiveRun | undefined> {
  const row = await step.selectFrom("runs").select(["phases", "started_at", "dispatched_at"])
    .where("id", "=", runId).where("ended_at", "is", null).forUpdate().executeTakeFirst();
  return row && { ...row, phases: JSON.parse(row.phases) };
}

/** An update that takes hold only while the run is active: of two outcomes the first one wins. */
function activeRow(step: Kysely<Tables>, runId: string) {
  return step.updateTable("runs").where("id", "=", runId).where("ended_at", "is", null);
}
