/** The removal of expired rows in the store: by age, in batches, and never an active run. */

import assert from "node:assert/strict";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../../fakes/system/clock.ts";
import { storedJob } from "../../fakes/control_plane/stored_job.ts";

const DAY_MS = 86_400_000;

async function triggered(store: Store, jobId: string): Promise<string> {
  const { run } = await store.runs.trigger(
    jobId,
    { source: "manual", idempotencyKey: crypto.randomUUID() },
    MACHINE,
  );
  return run.id;
}

/** Creates a run that has ended. `ended_at` is the time that its host reports. */
async function endedRun(
  store: Store,
  jobId: string,
  { clock, ended_at }: { clock: ManualClock; ended_at?: string },
): Promise<string> {
  const id = await triggered(store, jobId);
  clock.advance(1000);
  await store.outbox.recordOutcome(id, {
    status: "succeeded",
    phases: [],
    ended_at: ended_at ?? clock.now().toISOString(),
  });
  return id;
}

async function idsOf(store: Store): Promise<readonly string[]> {
  return (await store.runs.list({ limit: 100 })).runs.map(({ id }) => id);
}

Deno.test("expired runs are removed oldest first, up to the limit", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  const { id: job } = await storedJob(store);
  await endedRun(store, job, { clock });
  const second = await endedRun(store, job, { clock });
  clock.advance(DAY_MS);
  const young = await endedRun(store, job, { clock });

  const before = new Date(clock.now().getTime() - DAY_MS / 2);
  assert.equal(await store.retention.removeRuns(before, 1), 1);
  assert.deepEqual(await idsOf(store), [young, second]);
  assert.equal(await store.retention.removeRuns(before, 10), 1);
  assert.equal(await store.retention.removeRuns(before, 10), 0);
  assert.deepEqual(await idsOf(store), [young]);
});

Deno.test("an active run is not removed at any age, and still blocks its job", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  const { id: job } = await storedJob(store);
  const id = await triggered(store, job);
  clock.advance(1000 * DAY_MS);
  assert.equal(await store.retention.removeRuns(clock.now(), 10), 0);
  await assert.rejects(triggered(store, job), { code: "run_already_active" });
  assert.deepEqual(await idsOf(store), [id]);
});

Deno.test("runs of a host with a wrong clock are neither removed at once nor kept for ever", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  const { id: job } = await storedJob(store);
  const past = await endedRun(store, job, { clock, ended_at: "1999-01-01T00:00:00.000Z" });
  const future = await endedRun(store, job, { clock, ended_at: "2099-01-01T00:00:00.000Z" });
  const since = (days: number) => new Date(clock.now().getTime() - days * DAY_MS);
  assert.equal(await store.retention.removeRuns(since(1), 10), 0);
  assert.deepEqual(await idsOf(store), [future, past]);
  clock.advance(2 * DAY_MS);
  assert.equal(await store.retention.removeRuns(since(1), 10), 1);
  assert.deepEqual(await idsOf(store), [future]);
  clock.advance(14 * DAY_MS);
  assert.equal(await store.retention.removeRuns(since(1), 10), 1);
});

Deno.test("expired audit entries are removed", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  await store.accounts.setCompanyPublicKey("old", MACHINE);
  clock.advance(DAY_MS);
  await store.accounts.setCompanyPublicKey("new", MACHINE);
  assert.equal(await store.retention.removeAudit(clock.now(), 10), 1);
  assert.equal(await store.retention.removeAudit(clock.now(), 10), 0);
  const { entries } = await store.audit.list({ limit: 10 });
  assert.deepEqual(entries.map(({ at }) => at), [clock.now().toISOString()]);
});

Deno.test("newestBefore returns the time of the newest run or audit entry before a time", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  const newest = async () => (await store.retention.newestBefore(clock.now()))?.toISOString();
  assert.equal(await newest(), undefined);
  const { id: job } = await storedJob(store);
  assert.equal(await newest(), undefined);
  clock.advance(DAY_MS);
  assert.equal(await newest(), "2026-01-01T00:00:00.000Z");
  await store.accounts.setCompanyPublicKey("new", MACHINE);
  clock.advance(DAY_MS);
  assert.equal(await newest(), "2026-01-02T00:00:00.000Z");
  await triggered(store, job);
  clock.advance(DAY_MS);
  // Removes the audit entry of the trigger, so that only the run counts.
  await store.retention.removeAudit(clock.now(), 10);
  assert.equal(await newest(), "2026-01-03T00:00:00.000Z");
});
