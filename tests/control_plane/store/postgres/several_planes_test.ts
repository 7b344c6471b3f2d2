/** Concurrent changes by several control planes on one Postgres. */

import assert from "node:assert/strict";
import { MACHINE, openStore, type Store } from "../../../../control_plane/store/mod.ts";
import type { Job } from "../../../../lib/contract/job.ts";
import { Problem } from "../../../../lib/problems/problem.ts";
import { inDatabase, testDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";
import { NIGHTLY } from "../../../fakes/control_plane/stored_job.ts";

const INSTALLATION = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const ROUNDS = 20;

type Two = readonly [Store, Store];

function withTwo(work: (stores: Two) => Promise<void>): Promise<void> {
  return inPlace(async (place) => {
    await using one = await openStore(place, manualClock());
    await using other = await openStore(place, manualClock());
    await work([one, other]);
  });
}

function register(
  store: Store,
  { host_id = "h-1", installation_id = INSTALLATION, replace = false } = {},
) {
  const body = { host_id, installation_id, managed_agents: ["lineage" as const], version: "1" };
  return store.hosts.register({ ...body, replace }, true, MACHINE);
}

const newJob = (store: Store): Promise<Job> => store.jobs.create(NIGHTLY, MACHINE);

const trigger = (store: Store, jobId: string, idempotencyKey?: string) =>
  store.runs.trigger(jobId, { source: "manual", idempotencyKey }, MACHINE);

/** Repeats a change while the database is busy, like a caller on a busy machine. */
async function whileBusy<T>(change: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "storage_busy")) throw error;
    }
  }
}

/** Returns the codes of refused calls. @throws on an error that is not a Problem. */
function codes(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((result) => {
    if (result.status === "fulfilled") return [];
    if (result.reason instanceof Problem) return [result.reason.code];
    throw result.reason;
  });
}

test("four control planes that start at once on an empty database migrate it once", async () => {
  await using database = await testDatabase();
  const opening = Array.from({ length: 4 }, () => openStore(database.url, manualClock()));
  for (const store of await Promise.all(opening)) {
    assert.deepEqual(await store.accounts.hasUsers(), false);
    await store[Symbol.asyncDispose]();
  }
  const [row] = await inDatabase(
    database.name,
    "select count(*) = count(distinct name) as once from kysely_migration",
  );
  assert.deepEqual(row, { once: true });
});

test("when two installations register a new host id at once, one succeeds", () =>
  withTwo(async (stores) => {
    for (let round = 0; round < ROUNDS; round++) {
      const host_id = `h-${round}`;
      const results = await Promise.allSettled(
        stores.map((store, i) =>
          register(store, { host_id, installation_id: [INSTALLATION, OTHER][i] ?? "" })
        ),
      );
      assert.deepEqual(codes(results), ["host_already_registered"]);
    }
  }));

test("when many hosts set the company's first public key at once, one succeeds", () =>
  withTwo(async (stores) => {
    const keys = Array.from({ length: ROUNDS }, (_, i) => `key ${i}`);
    const results = await Promise.allSettled(keys.map((key, i) => {
      const { accounts } = stores[i % 2] ?? stores[0];
      return accounts.setCompanyPublicKey(key, MACHINE, { isFirst: true });
    }));
    assert.deepEqual(codes(results), Array(ROUNDS - 1).fill("public_key_already_set"));
    const winner = keys[results.findIndex(({ status }) => status === "fulfilled")];
    assert.equal(await stores[0].accounts.companyPublicKey(), winner);
  }));

test("of 500 triggers of one job at each control plane one starts a run and 999 are conflicts", () =>
  withTwo(async (stores) => {
    await register(stores[0]);
    const { id } = await newJob(stores[0]);
    const results = await Promise.allSettled(
      Array.from(
        { length: 1_000 },
        (_, i) => whileBusy(() => trigger(stores[i % 2] ?? stores[0], id)),
      ),
    );
    assert.deepEqual(codes(results), Array(999).fill("run_already_active"));
    assert.equal((await stores[1].outbox.undispatched(10)).length, 1);
  }));

test("a trigger with one idempotency key at both starts one run, and both return it", () =>
  withTwo(async (stores) => {
    await register(stores[0]);
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await newJob(stores[0]);
      const [one, other] = await Promise.all(stores.map((store) => trigger(store, id, "key")));
      assert.deepEqual(one?.run, other?.run);
      assert.deepEqual([one?.repeated, other?.repeated].toSorted(), [false, true]);
    }
  }));

test("a fire time at both is one run or one skip, and repeated for the other", () =>
  withTwo(async (stores) => {
    await register(stores[0]);
    const schedule = {
      cron: "30 2 * * *",
      time_zone: "UTC",
      paused: false,
      catch_up_seconds: 3_600,
    };
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await stores[0].jobs.create({ ...NIGHTLY, schedule }, MACHINE);
      const fire = async (fireTime: string) => {
        const fired = await Promise.all(
          stores.map(({ schedules }) => schedules.fire(id, fireTime)),
        );
        return fired.map(({ outcome }) => outcome).toSorted();
      };
      assert.deepEqual(await fire("2026-01-01T02:30:00.000Z"), ["queued", "repeated"]);
      assert.deepEqual(await fire("2026-01-02T02:30:00.000Z"), ["repeated", "skipped"]);
      const { entries } = await stores[1].history.of(id, { limit: 9 });
      assert.deepEqual(entries.map(({ kind }) => kind).toSorted(), ["run", "skip"]);
    }
  }));

test("when a job is triggered while its host is replaced, its run belongs to the owner", () =>
  withTwo(async ([one, other]) => {
    for (let round = 0; round < ROUNDS; round++) {
      const installation_id = crypto.randomUUID();
      await register(one, { replace: true });
      const { id } = await newJob(one);
      const results = await Promise.allSettled([
        trigger(one, id),
        register(other, { installation_id, replace: true }),
      ]);
      const active = await one.outbox.undispatched(10);
      const owner = (await one.hosts.get("h-1")).installation_id;
      const isRunOfFormer = active.length === 1 && owner === INSTALLATION;
      assert.deepEqual(codes(results), isRunOfFormer ? ["host_has_active_runs"] : []);
      assert.deepEqual(active.map((run) => run.installation_id), [owner]);
      for (const { run_id } of active) await one.runs.cancel(run_id, MACHINE);
    }
  }));

test("when a job is triggered while it is deleted, exactly one of both succeeds", () =>
  withTwo(async ([one, other]) => {
    await register(one);
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await newJob(one);
      const results = await Promise.allSettled([
        trigger(one, id),
        other.jobs.remove(id, MACHINE),
      ]);
      const [code, ...more] = codes(results);
      assert.deepEqual(more, []);
      assert.ok(code === "job_not_found" || code === "job_has_active_run", String(code));
    }
  }));

test("concurrent reports at both are all recorded, and one outcome wins", () =>
  withTwo(async ([one, other]) => {
    await register(one);
    const { id } = await newJob(one);
    const { run } = await trigger(one, id);
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    const stamps = (["accepted", "pulling", "starting", "running", "stopping"] as const)
      .map((phase, second) => ({ phase, at: at(second) }));
    await Promise.all(
      stamps.map((stamp, i) => [one, other][i % 2]?.outbox.recordPhases(run.id, [stamp])),
    );
    assert.deepEqual((await one.runs.get(run.id)).phases, stamps);
    const outcome = { phases: [], ended_at: at(9) };
    await Promise.all([
      one.outbox.recordOutcome(run.id, { ...outcome, status: "succeeded" }),
      other.outbox.recordOutcome(run.id, { ...outcome, status: "failed", reason: "oom_killed" }),
    ]);
    const { status, reason } = await one.runs.get(run.id);
    assert.ok(status === "succeeded" ? reason === null : reason === "oom_killed");
    await trigger(other, id);
  }));

test("a run that one has dispatched cannot be claimed by the other", () =>
  withTwo(async ([one, other]) => {
    await register(one);
    const { run } = await trigger(one, (await newJob(one)).id);
    assert.deepEqual((await other.outbox.undispatched(10)).map(({ run_id }) => run_id), [run.id]);
    await one.outbox.claim([run.id]);
    await one.outbox.markDispatched(run.id);
    assert.deepEqual(await other.outbox.claim([run.id]), new Set());
  }));
