/** Run rows as the dispatcher's outbox, and as the record of what hosts report. */

import type { Kysely } from "kysely";
import type { AgentTask } from "../../../lib/contract/agent_types.ts";
import type { HostControlRequest } from "../../../lib/contract/dispatch.ts";
import type { PhaseStamp, RunOutcome } from "../../../lib/contract/run.ts";
import type { Clock } from "../../../lib/ports.ts";
import { mergedPhases, taskOf } from "./run_rows.ts";
import type { Tables } from "../tables.ts";
import { relaxedDurability } from "../sqlite/sqlite.ts";

/** A queued run with everything that its workflow needs. `created_at` is ISO 8601, UTC. */
export interface DispatchableRun {
  readonly run_id: string;
  readonly host_id: string;
  /** The installation that owns the host now. */
  readonly installation_id: string;
  readonly job_id: string;
  readonly job_name: string;
  readonly task: AgentTask;
  readonly run_limit_seconds: number;
  readonly created_at: string;
}

export type RunUnderWay = Pick<DispatchableRun, "run_id" | "job_id">;

/** Every call is idempotent, and none fails for a run that is unknown or has ended. */
export interface RunOutbox {
  /** Lists queued runs that are not marked dispatched, oldest first. Includes claimed runs, for a crash after the claim. */
  undispatched(limit: number): Promise<readonly DispatchableRun[]>;
  /** Claims runs just before their workflows start. Returns those still queued that no other process dispatched. */
  claim(runIds: readonly string[]): Promise<ReadonlySet<string>>;
  markDispatched(runId: string): Promise<void>;
  /** Lists claimed, still active runs whose cancel request Temporal does not have yet; oldest request first. */
  undeliveredCancels(limit: number): Promise<readonly HostControlRequest[]>;
  markCancelDelivered(runId: string): Promise<void>;
  /** Lists active runs that Temporal has had for a minute, ascending by job id, starting after `after`. */
  underWay(after: string, limit: number): Promise<readonly RunUnderWay[]>;
  /** Returns the id of the run's host. */
  hostOf(runId: string): Promise<string | undefined>;
  /** Merges phases; the first stamp of a phase wins. Any phase means that a host accepted the run. Ignored after the end. */
  recordPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /** Records the outcome; a second outcome is ignored. */
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
        // An active run keeps its job from being deleted, so it always has one.
        job_id: row.job_id ?? "",
        job_name: row.job_name,
        task: taskOf(row),
        run_limit_seconds: row.run_limit_seconds,
        created_at: row.created_at,
      }));
    },

    claim(runIds) {
      // A transaction, because concurrent claims of the same rows may conflict and must be retried.
      return db.transaction().execute(async (trx) => {
        const rows = await trx.updateTable("runs")
          .set(({ fn, ref, val }) => ({
            claimed_at: fn.coalesce(ref("claimed_at"), val(clock.now().toISOString())),
          }))
          .where("id", "in", runIds).where("status", "=", "queued")
          // Another process may have dispatched one since the scan.
          .where("dispatched_at", "is", null).returning("id").execute();
        return new Set(rows.map(({ id }) => id));
      });
    },

    async markDispatched(runId) {
      // If a power cut loses the mark, the workflow is started again and Temporal rejects the duplicate.
      const mark = db.updateTable("runs").set({ dispatched_at: clock.now().toISOString() })
        .where("id", "=", runId).where("dispatched_at", "is", null).compile();
      await db.executeQuery(relaxedDurability(mark));
    },

    async undeliveredCancels(limit) {
      // A host with an active run is neither removed nor given to another installation.
      const rows = await db.selectFrom("runs").innerJoin("hosts", "hosts.host_id", "runs.host_id")
        .select(["runs.id", "hosts.host_id", "hosts.installation_id"])
        .where("cancel_requested_at", "is not", null).where("cancel_delivered_at", "is", null)
        .where("ended_at", "is", null).where("claimed_at", "is not", null)
        .orderBy("cancel_requested_at").orderBy("id").limit(limit).execute();
      return rows.map(({ id, host_id, installation_id }) => ({
        run_id: id,
        host_id,
        installation_id,
      }));
    },

    async markCancelDelivered(runId) {
      await db.updateTable("runs").set({ cancel_delivered_at: clock.now().toISOString() })
        .where("id", "=", runId).where("cancel_delivered_at", "is", null).execute();
    },

    async underWay(after, limit) {
      const since = new Date(clock.now().getTime() - UNDER_WAY_AFTER_MS).toISOString();
      // Uses the index "runs_one_active", which holds only active runs, one per job.
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
      return db.transaction().execute(async (trx) => {
        const run = await activeRun(trx, runId);
        if (!run || phases.length === 0) return;
        const merged = mergedPhases(run.phases, phases);
        const started_at = run.started_at ??
          merged.find(({ phase }) => phase === "running")?.at ?? null;
        // A host reported it, so Temporal has it: this repairs a crash before markDispatched.
        const dispatched_at = run.dispatched_at ?? clock.now().toISOString();
        await activeRow(trx, runId).set({
          status: "running",
          phases: JSON.stringify(merged),
          started_at,
          dispatched_at,
        }).execute();
      });
    },

    recordOutcome(runId, { phases, started_at, connections = [], ...outcome }) {
      return db.transaction().execute(async (trx) => {
        const run = await activeRun(trx, runId);
        if (!run) return;
        await activeRow(trx, runId).set({
          status: outcome.status,
          reason: outcome.reason ?? null,
          message: outcome.message ?? null,
          exit_code: outcome.exit_code ?? null,
          connections: JSON.stringify(connections),
          // An outcome is signed and phases are not, so its stamps take precedence.
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

async function activeRun(trx: Kysely<Tables>, runId: string): Promise<ActiveRun | undefined> {
  const row = await trx.selectFrom("runs").select(["phases", "started_at", "dispatched_at"])
    .where("id", "=", runId).where("ended_at", "is", null).forUpdate().executeTakeFirst();
  return row && { ...row, phases: JSON.parse(row.phases) };
}

/** Updates a run only while it is active, so the first of two outcomes wins. */
function activeRow(trx: Kysely<Tables>, runId: string) {
  return trx.updateTable("runs").where("id", "=", runId).where("ended_at", "is", null);
}
