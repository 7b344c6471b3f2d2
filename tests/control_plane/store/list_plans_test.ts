/** The statements that lists really send, as SQLite plans them: an index for each list and each filter. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { openStore, storeOn } from "../../../control_plane/store/mod.ts";
import { sqliteDialect } from "../../../control_plane/store/sqlite.ts";
import type { Store } from "../../../control_plane/store/mod.ts";
import type { Tables } from "../../../control_plane/store/tables.ts";
import { manualClock } from "../../fakes/clock.ts";
import { inFolder } from "../../fakes/temporary_folder.ts";

const RUNS_AFTER = btoa('["runs",["2026-01-01T00:00:00.000Z","x"]]').replaceAll("=", "");
const JOBS_AFTER = btoa('["jobs",["nightly","x"]]').replaceAll("=", "");
const HOSTS_AFTER = btoa('["hosts",["h-1"]]').replaceAll("=", "");
const AUDIT_AFTER = btoa('["audit",["2026-01-01T00:00:00.000Z","x"]]').replaceAll("=", "");

/** What a caller may ask for, and the index that answers it. */
const LISTS: readonly (readonly [(store: Store) => Promise<unknown>, string])[] = [
  [({ hosts }) => hosts.list({ limit: 9 }), "sqlite_autoindex_hosts_1"],
  [({ hosts }) => hosts.list({ limit: 9, cursor: HOSTS_AFTER }), "sqlite_autoindex_hosts_1"],
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
  [({ audit }) => audit.list({ limit: 9, cursor: AUDIT_AFTER }), "audit_by_time"],
  [({ audit }) => audit.list({ limit: 9, actor: "a", cursor: AUDIT_AFTER }), "audit_by_actor_name"],
  [
    ({ audit }) => audit.list({ limit: 9, action: "job.create", cursor: AUDIT_AFTER }),
    "audit_by_action",
  ],
  [({ audit }) => audit.list({ limit: 9, target: "t", cursor: AUDIT_AFTER }), "audit_by_target_id"],
];

Deno.test("every page of every list is read from an index, in its order", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
    const sent: string[] = [];
    const db = new Kysely<Tables>({
      dialect: sqliteDialect(path),
      log: ({ query }) => void sent.push(query.sql),
    });
    await using store = storeOn(db, manualClock());
    using file = new DatabaseSync(path);
    for (const [list, index] of LISTS) {
      sent.length = 0;
      await list(store);
      const [statement = "", ...more] = sent;
      assert.deepEqual(more, []);
      // Unbound parameters are null, which the planner does not look at.
      const plan = file.prepare(`explain query plan ${statement}`).all()
        .map(({ detail }) => String(detail));
      assert.deepEqual(
        [/USING (?:COVERING )?INDEX (\w+)/.exec(plan[0] ?? "")?.[1], sorts(plan), scans(plan)],
        [index, [], []],
        plan.join("; "),
      );
    }
  }));

/** Rows that are put in order after they were read: then all of them are, not a page of them. */
const sorts = (plan: readonly string[]) => plan.filter((step) => step.includes("TEMP B-TREE"));
/** Tables that are read from end to end. */
const scans = (plan: readonly string[]) =>
  plan.filter((step) => step.startsWith("SCAN") && !step.includes("USING"));
