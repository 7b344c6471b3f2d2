/** The queries of lists and of the control plane's scans, each with the index that it must use. */

import assert from "node:assert/strict";
import { type CompiledQuery, type Dialect, Kysely } from "kysely";
import { type Store, storeOn } from "../../../control_plane/store/mod.ts";
import { activeRunOf, type RunFilter } from "../../../control_plane/store/runs/runs.ts";
import type { Tables } from "../../../control_plane/store/tables.ts";
import { manualClock } from "../../fakes/system/clock.ts";

/** The primary key. Its index has another name in each database. */
export const HOSTS_KEY = "primary key of hosts";
const RUNS_AFTER = btoa('["runs",["2026-01-01T00:00:00.000Z","x"]]').replaceAll("=", "");
const JOBS_AFTER = btoa('["jobs",["nightly","x"]]').replaceAll("=", "");
const HOSTS_AFTER = btoa('["hosts",["h-1"]]').replaceAll("=", "");
const AUDIT_AFTER = btoa('["audit",["2026-01-01T00:00:00.000Z","x"]]').replaceAll("=", "");

const [job, host, agent_type, status] = ["j", "h", "lineage", "failed"] as const;
/** Several filters use the index of the most selective one: job, then active status, then host. */
const FILTERED_RUNS: readonly (readonly [Partial<RunFilter>, string])[] = [
  [{ job, host }, "runs_by_job_id"],
  [{ job, agent_type }, "runs_by_job_id"],
  [{ job, status }, "runs_by_job_id"],
  [{ host, agent_type }, "runs_by_host_id"],
  [{ host, status }, "runs_by_host_id"],
  [{ agent_type, status }, "runs_by_agent_type_and_status"],
  [{ host, status: "running" }, "runs_by_status"],
  [{ agent_type, status: "queued" }, "runs_by_status"],
  [{ job, status: "running" }, "runs_by_job_id"],
  [{ host, agent_type, status }, "runs_by_host_id"],
  [{ job, host, agent_type, status }, "runs_by_job_id"],
];

type Ask = (store: Store, db: Kysely<Tables>) => Promise<unknown>;

export const LISTS: readonly (readonly [Ask, string])[] = [
  [({ hosts }) => hosts.list({ limit: 9 }), HOSTS_KEY],
  [({ hosts }) => hosts.list({ limit: 9, cursor: HOSTS_AFTER }), HOSTS_KEY],
  [({ jobs }) => jobs.list({ limit: 9 }), "jobs_by_name"],
  [({ jobs }) => jobs.list({ limit: 9, cursor: JOBS_AFTER }), "jobs_by_name"],
  [({ jobs }) => jobs.list({ limit: 9, host: "h" }), "jobs_by_host_id"],
  [({ jobs }) => jobs.list({ limit: 9, host: "h", cursor: JOBS_AFTER }), "jobs_by_host_id"],
  [({ jobs }) => jobs.list({ limit: 9, agent_type: "lineage" }), "jobs_by_agent_type"],
  [
    ({ jobs }) => jobs.list({ limit: 9, agent_type: "lineage", cursor: JOBS_AFTER }),
    "jobs_by_agent_type",
  ],
  [({ runs }) => runs.list({ limit: 9 }), "runs_by_time"],
  [({ runs }) => runs.list({ limit: 9, cursor: RUNS_AFTER }), "runs_by_time"],
  [({ runs }) => runs.list({ limit: 9, host: "h", cursor: RUNS_AFTER }), "runs_by_host_id"],
  [({ runs }) => runs.list({ limit: 9, job: "j", cursor: RUNS_AFTER }), "runs_by_job_id"],
  [
    ({ runs }) => runs.list({ limit: 9, status: "failed", cursor: RUNS_AFTER }),
    "runs_by_status",
  ],
  [
    ({ runs }) => runs.list({ limit: 9, agent_type: "lineage", cursor: RUNS_AFTER }),
    "runs_by_agent_type",
  ],
  ...FILTERED_RUNS.map(([filter, index]) =>
    [
      ({ runs }: Store) => runs.list({ limit: 9, ...filter, cursor: RUNS_AFTER }),
      index,
    ] as const
  ),
  [({ audit }) => audit.list({ limit: 9, cursor: AUDIT_AFTER }), "audit_by_time"],
  [({ audit }) => audit.list({ limit: 9, actor: "a", cursor: AUDIT_AFTER }), "audit_by_actor_name"],
  [
    ({ audit }) => audit.list({ limit: 9, action: "job.create", cursor: AUDIT_AFTER }),
    "audit_by_action",
  ],
  [({ audit }) => audit.list({ limit: 9, target: "t", cursor: AUDIT_AFTER }), "audit_by_target_id"],
  [({ outbox }) => outbox.undispatched(9), "runs_undispatched"],
  [({ outbox }) => outbox.undeliveredCancels(9), "runs_undelivered_cancels"],
  [({ outbox }) => outbox.underWay("j", 9), "runs_one_active"],
  [({ runs }) => runs.active(), "runs_one_active"],
  [(_, db) => activeRunOf(db, "j"), "runs_one_active"],
];

interface Listener {
  readonly store: Store;
  readonly db: Kysely<Tables>;
  /** Runs a list, which must send one query, and returns the query. */
  queryOf(list: Ask): Promise<CompiledQuery>;
}

/** Opens a store that records its queries. */
export function listening(dialect: Dialect): Listener {
  const sent: CompiledQuery[] = [];
  const db = new Kysely<Tables>({ dialect, log: ({ query }) => void sent.push(query) });
  return {
    store: storeOn(db, manualClock()),
    db,
    async queryOf(list: Ask): Promise<CompiledQuery> {
      sent.length = 0;
      await list(this.store, db);
      const [query, ...more] = sent;
      assert.ok(query && more.length === 0);
      return query;
    },
  };
}
