/** A change that one process saves in Postgres is announced to the others. */

import assert from "node:assert/strict";
import type { WatchedTable } from "../../../../control_plane/store/changes.ts";
import { MACHINE, openStore, type Store } from "../../../../control_plane/store/mod.ts";
import { systemClock } from "../../../../lib/system/process.ts";
import { inDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { NIGHTLY } from "../../../fakes/control_plane/stored_job.ts";

const INSTALLATION = "00000000-0000-4000-8000-000000000001";
const TABLES = ["hosts", "jobs", "runs"] as const;

/** Collects the changes that a store announces. */
interface Follower {
  /** Waits until these tables were announced since the last call. @throws if others were too. */
  receives(...tables: WatchedTable[]): Promise<void>;
}

function follow(store: Store): Follower {
  const announced = new Set<WatchedTable>();
  let onChange = () => {};
  store.changes.subscribe(TABLES, (table) => {
    announced.add(table);
    onChange();
  });
  return {
    async receives(...tables) {
      while (!tables.every((table) => announced.has(table))) {
        await new Promise<void>((resolve) => onChange = resolve);
      }
      assert.deepEqual([...announced].toSorted(), tables.toSorted());
      announced.clear();
    },
  };
}

const HOST = {
  host_id: "h-1",
  installation_id: INSTALLATION,
  managed_agents: ["lineage" as const],
  version: "1",
};

async function whereOneFollows(
  work: (one: Store, follower: Follower, place: string) => Promise<void>,
): Promise<void> {
  await inPlace(async (place) => {
    await using one = await openStore(place, systemClock);
    await using other = await openStore(place, systemClock);
    const follower = follow(other);
    // A new connection announces all tables, because earlier changes may have been missed.
    await follower.receives(...TABLES);
    await work(one, follower, place);
  });
}

test("each change that one process saves is announced in the other with its table", () =>
  whereOneFollows(async (one, follower) => {
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.receives("hosts");
    const job = await one.jobs.create(NIGHTLY, MACHINE);
    await follower.receives("jobs");
    const { run } = await one.runs.trigger(job.id, { source: "manual" }, MACHINE);
    await follower.receives("runs");
    const at = "2026-01-01T00:00:00.000Z";
    await one.outbox.recordPhases(run.id, [{ phase: "accepted", at }]);
    await follower.receives("runs");
    await one.outbox.recordOutcome(run.id, { status: "succeeded", phases: [], ended_at: at });
    await follower.receives("runs");
    await one.hosts.heartbeat("h-1", { ...HOST, report: { activeRuns: [] } });
    await follower.receives("hosts");
  }));

test("a change that is rolled back is not announced", () =>
  whereOneFollows(async (one, follower) => {
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.receives("hosts");
    const { id } = await one.jobs.create(NIGHTLY, MACHINE);
    await follower.receives("jobs");
    const absent = () => ({ ...NIGHTLY, host_id: "absent" });
    const refused = await one.jobs.update(id, absent, MACHINE).catch((error) => error.code);
    assert.equal(refused, "host_not_eligible");
    await one.runs.trigger(id, { source: "manual" }, MACHINE);
    await follower.receives("runs");
  }));

test("after a lost connection all tables are announced, because changes may have been missed", () =>
  whereOneFollows(async (one, follower, place) => {
    const database = new URL(place).pathname.slice(1);
    const cut = await inDatabase(
      "postgres",
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${database}' and query ilike 'listen%'`,
    );
    assert.equal(cut.length, 1);
    await follower.receives(...TABLES);
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.receives("hosts");
  }));
