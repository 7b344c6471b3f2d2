/** What one process saves on Postgres, the open pages of another one hear of. */

import assert from "node:assert/strict";
import type { WatchedTable } from "../../../../control_plane/store/changes.ts";
import { MACHINE, openStore, type Store } from "../../../../control_plane/store/mod.ts";
import { systemClock } from "../../../../lib/system/process.ts";
import { inDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { NIGHTLY } from "../../../fakes/control_plane/stored_job.ts";

const INSTALLATION = "00000000-0000-4000-8000-000000000001";
const TABLES = ["hosts", "jobs", "runs"] as const;

/** A store that follows, with what it has heard of since it was last asked. */
interface Follower {
  /** Resolves once all of these, and nothing else, have been announced. */
  hears(...tables: WatchedTable[]): Promise<void>;
}

function follow(store: Store): Follower {
  const heard = new Set<WatchedTable>();
  let onHeard = () => {};
  store.changes.subscribe(TABLES, (table) => {
    heard.add(table);
    onHeard();
  });
  return {
    async hears(...tables) {
      while (!tables.every((table) => heard.has(table))) {
        await new Promise<void>((resolve) => onHeard = resolve);
      }
      assert.deepEqual([...heard].toSorted(), tables.toSorted());
      heard.clear();
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
    // It begins with all of it: nobody knows what was saved just before.
    await follower.hears(...TABLES);
    await work(one, follower, place);
  });
}

test("each change that one process saves is announced in the other, by its table", () =>
  whereOneFollows(async (one, follower) => {
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.hears("hosts");
    const job = await one.jobs.create(NIGHTLY, MACHINE);
    await follower.hears("jobs");
    const { run } = await one.runs.trigger(job.id, { source: "manual" }, MACHINE);
    await follower.hears("runs");
    const at = "2026-01-01T00:00:00.000Z";
    await one.outbox.recordPhases(run.id, [{ phase: "accepted", at }]);
    await follower.hears("runs");
    await one.outbox.recordOutcome(run.id, { status: "succeeded", phases: [], ended_at: at });
    await follower.hears("runs");
    await one.hosts.heartbeat("h-1", { ...HOST, active_runs: [] });
    await follower.hears("hosts");
  }));

test("a change that is undone is not announced", () =>
  whereOneFollows(async (one, follower) => {
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.hears("hosts");
    const { id } = await one.jobs.create(NIGHTLY, MACHINE);
    await follower.hears("jobs");
    const absent = () => ({ ...NIGHTLY, host_id: "absent" });
    const refused = await one.jobs.update(id, absent, MACHINE).catch((error) => error.code);
    assert.equal(refused, "host_not_eligible");
    await one.runs.trigger(id, { source: "manual" }, MACHINE);
    await follower.hears("runs");
  }));

test("a connection that is cut is made again, and all is announced, as some of it was missed", () =>
  whereOneFollows(async (one, follower, place) => {
    const database = new URL(place).pathname.slice(1);
    const cut = await inDatabase(
      "postgres",
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${database}' and query ilike 'listen%'`,
    );
    assert.equal(cut.length, 1);
    await follower.hears(...TABLES);
    await one.hosts.register({ ...HOST, replace: false }, true, MACHINE);
    await follower.hears("hosts");
  }));
