/** The outbox: crashes, and reports that arrive twice, late or out of order. */

import assert from "node:assert/strict";
import { MACHINE, openStore, type Store } from "../../../../control_plane/store/mod.ts";
import type { RunOutcome } from "../../../../lib/contract/run.ts";
import { inPlace, testStore } from "../../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../../../fakes/system/clock.ts";
import { INSTALLATION } from "../../../fakes/control_plane/registration.ts";
import { storedJob } from "../../../fakes/control_plane/stored_job.ts";

const FAILED: RunOutcome = {
  status: "failed",
  reason: "exit_nonzero",
  message: "two of three connections failed",
  exit_code: 3,
  connections: [{ connector: "snowflake", name: "a", status: "failed", errors: ["no route"] }],
  phases: [{ phase: "stopping", at: "2026-01-01T00:00:09.000Z" }],
  started_at: "2026-01-01T00:00:04.000Z",
  ended_at: "2026-01-01T00:00:10.000Z",
};

const atSecond = (second: number) => `2026-01-01T00:00:0${second}.000Z`;

async function queuedRun(store: Store): Promise<string> {
  const job = await storedJob(store);
  return (await store.runs.trigger(job.id, { source: "manual" }, MACHINE)).run.id;
}

async function withRun(test: (store: Store, id: string, clock: ManualClock) => Promise<void>) {
  const clock = manualClock();
  await using store = await testStore(clock);
  await test(store, await queuedRun(store), clock);
}

Deno.test("a run that was claimed before a crash is offered again until it is dispatched", () =>
  inPlace(async (place) => {
    const clock = manualClock();
    const before = await openStore(place, clock);
    const id = await queuedRun(before);
    const { job_id } = await before.runs.get(id);
    const offered = [{
      run_id: id,
      host_id: "h-1",
      installation_id: INSTALLATION,
      job_id,
      job_name: "nightly",
      task: { agent_type: "lineage", parameters: { connectors: ["snowflake"] } },
      run_limit_seconds: 60,
      created_at: "2026-01-01T00:00:00.000Z",
    }];
    assert.deepEqual(await before.outbox.undispatched(10), offered);
    assert.deepEqual(await before.outbox.claim([id]), new Set([id]));
    await before[Symbol.asyncDispose]();

    const after = await openStore(place, clock);
    assert.deepEqual(await after.outbox.undispatched(10), offered);
    assert.deepEqual(await after.outbox.claim([id]), new Set([id]));
    await after.outbox.markDispatched(id);
    assert.deepEqual(await after.outbox.undispatched(10), []);
    await after[Symbol.asyncDispose]();
  }));

Deno.test("the oldest runs are offered first, up to the limit", () =>
  withRun(async (store, first, clock) => {
    clock.advance(1000);
    const second = await queuedRun(store);
    clock.advance(1000);
    await queuedRun(store);
    const offered = await store.outbox.undispatched(2);
    assert.deepEqual(offered.map(({ run_id }) => run_id), [first, second]);
  }));

Deno.test("a run that was canceled before the claim cannot be claimed", () =>
  withRun(async (store, id) => {
    await store.runs.cancel(id, MACHINE);
    const other = await queuedRun(store);
    assert.deepEqual(await store.outbox.claim([id, "unknown", other]), new Set([other]));
    assert.deepEqual(await store.outbox.undeliveredCancels(10), []);
  }));

Deno.test("a cancel after the claim is offered until it is delivered", () =>
  withRun(async (store, id) => {
    const offered = [{ run_id: id, host_id: "h-1", installation_id: INSTALLATION }];
    await store.outbox.claim([id]);
    await store.runs.cancel(id, MACHINE);
    assert.deepEqual(await store.outbox.undeliveredCancels(10), offered);
    await store.outbox.markDispatched(id);
    assert.deepEqual(await store.outbox.undeliveredCancels(10), offered);
    await store.outbox.markCancelDelivered(id);
    assert.deepEqual(await store.outbox.undeliveredCancels(10), []);
  }));

Deno.test("a cancel of a run that has ended is not offered", () =>
  withRun(async (store, id) => {
    await store.outbox.claim([id]);
    await store.runs.cancel(id, MACHINE);
    await store.outbox.recordOutcome(id, FAILED);
    assert.deepEqual(await store.outbox.undeliveredCancels(10), []);
  }));

Deno.test("phases make a run running, and the first time of each phase is kept", () =>
  withRun(async (store, id) => {
    await store.outbox.recordPhases(id, [{ phase: "accepted", at: atSecond(1) }]);
    const accepted = await store.runs.get(id);
    assert.deepEqual([accepted.status, accepted.started_at], ["running", null]);
    await store.outbox.recordPhases(id, [
      { phase: "running", at: atSecond(3) },
      { phase: "accepted", at: atSecond(9) },
      { phase: "starting", at: atSecond(2) },
    ]);
    const { phases, started_at } = await store.runs.get(id);
    assert.deepEqual(phases, [
      { phase: "accepted", at: atSecond(1) },
      { phase: "starting", at: atSecond(2) },
      { phase: "running", at: atSecond(3) },
    ]);
    assert.equal(started_at, atSecond(3));
  }));

Deno.test("an outcome is recorded with all its fields and with the earlier phases", () =>
  withRun(async (store, id) => {
    const queued = await store.runs.get(id);
    await store.outbox.recordPhases(id, [{ phase: "accepted", at: atSecond(1) }]);
    await store.outbox.recordOutcome(id, FAILED);
    const { phases: _, ...ended } = FAILED;
    assert.deepEqual(await store.runs.get(id), {
      ...queued,
      ...ended,
      phases: [{ phase: "accepted", at: atSecond(1) }, ...FAILED.phases],
    });
  }));

Deno.test("the times of phases in an outcome replace earlier ones", () =>
  withRun(async (store, id) => {
    // Attacker: can signal a run's workflow, and sends a phase, which is not signed.
    await store.outbox.recordPhases(id, [{ phase: "stopping", at: atSecond(1) }]);
    await store.outbox.recordOutcome(id, FAILED);
    assert.deepEqual((await store.runs.get(id)).phases, FAILED.phases);
  }));

Deno.test("the host of an ended run is known, and an unknown run has none", () =>
  withRun(async (store, id) => {
    await store.outbox.recordOutcome(id, FAILED);
    assert.deepEqual(
      [await store.outbox.hostOf(id), await store.outbox.hostOf("unknown")],
      ["h-1", undefined],
    );
  }));

Deno.test("the first outcome is kept, and later reports are ignored", () =>
  withRun(async (store, id) => {
    await store.outbox.recordOutcome(id, FAILED);
    const ended = await store.runs.get(id);
    await store.outbox.recordOutcome(id, {
      status: "succeeded",
      phases: [],
      ended_at: atSecond(9),
    });
    await store.outbox.recordPhases(id, [{ phase: "accepted", at: atSecond(9) }]);
    assert.deepEqual(await store.runs.get(id), ended);
    await store.outbox.recordOutcome("unknown", FAILED);
    await store.outbox.recordPhases("unknown", FAILED.phases);
  }));

Deno.test("of many concurrent outcomes exactly one is recorded, and the job can run again", () =>
  withRun(async (store, id) => {
    const outcomes = Array.from({ length: 20 }, (_, i) => ({
      ...FAILED,
      exit_code: i + 1,
      message: `exit ${i + 1}`,
    }));
    await Promise.all(outcomes.map((outcome) => store.outbox.recordOutcome(id, outcome)));
    const { exit_code, message, job_id } = await store.runs.get(id);
    assert.equal(message, `exit ${exit_code}`);
    await store.runs.trigger(job_id ?? "", { source: "manual" }, MACHINE);
  }));

Deno.test("a run with reported phases is not offered again, although it was not marked as dispatched", () =>
  withRun(async (store, id) => {
    await store.outbox.claim([id]);
    await store.outbox.recordPhases(id, [{ phase: "accepted", at: atSecond(1) }]);
    assert.deepEqual(await store.outbox.undispatched(10), []);
    assert.deepEqual(await store.outbox.claim([id]), new Set());
  }));

Deno.test("a run is checked from a minute after its dispatch until it has ended", () =>
  withRun(async (store, id, clock) => {
    const { job_id } = await store.runs.get(id);
    await store.outbox.claim([id]);
    clock.advance(60_000);
    assert.deepEqual(await store.outbox.underWay("", 10), []);
    await store.outbox.markDispatched(id);
    clock.advance(59_999);
    assert.deepEqual(await store.outbox.underWay("", 10), []);
    clock.advance(1);
    assert.deepEqual(await store.outbox.underWay("", 10), [{ run_id: id, job_id }]);
    assert.deepEqual(await store.outbox.underWay(job_id ?? "", 10), []);
    await store.outbox.recordOutcome(id, FAILED);
    assert.deepEqual(await store.outbox.underWay("", 10), []);
  }));

Deno.test("dispatched runs are read in batches, each run once", () =>
  withRun(async (store, first, clock) => {
    const runs = [first, await queuedRun(store), await queuedRun(store)];
    for (const run of runs) await store.outbox.markDispatched(run);
    clock.advance(60_000);
    const seen: string[] = [];
    for (let after = "", step; (step = await store.outbox.underWay(after, 2)).length > 0;) {
      seen.push(...step.map(({ run_id }) => run_id));
      after = step.at(-1)?.job_id ?? "";
    }
    assert.deepEqual(seen.toSorted(), runs.toSorted());
  }));
