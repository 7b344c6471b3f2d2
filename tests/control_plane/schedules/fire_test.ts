/** What a schedule's workflow can cause in the control plane. */

import assert from "node:assert/strict";
import { fireSchedule } from "../../../control_plane/schedules/fire.ts";
import { testPlane } from "../../fakes/control_plane/plane.ts";

async function firing() {
  const plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob({ schedule: { cron: "30 2 * * *", time_zone: "UTC" } });
  const lines: string[] = [];
  let wakes = 0;
  const needs = {
    schedules: plane.store.schedules,
    wake: () => void wakes++,
    log: (level: string, message: string) => void lines.push(`${level} ${message}`),
  };
  return {
    job,
    lines,
    wakes: () => wakes,
    fire: (jobId: unknown, fireTime: unknown) => fireSchedule(needs, { jobId, fireTime }),
    runs: async () => (await plane.store.runs.list({ job: job.id, limit: 10 })).runs,
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

Deno.test("a fire time queues a run and wakes the dispatcher, and a later one during the run is skipped", async () => {
  await using stage = await firing();
  await stage.fire(stage.job.id, "2026-01-01T02:30:00Z");
  await stage.fire(stage.job.id, "2026-01-01T02:30:00.000Z");
  await stage.fire(stage.job.id, "2026-01-02T02:30:00.000Z");
  assert.deepEqual((await stage.runs()).map(({ scheduled_for }) => scheduled_for), [
    "2026-01-01T02:30:00.000Z",
  ]);
  assert.equal(stage.wakes(), 1);
  assert.deepEqual(stage.lines, ["info queued a scheduled run", "info skipped a fire time"]);
});

// Attacker: can start workflows in Temporal, with any arguments.
Deno.test("a missing or invalid job or time is ignored, and does not fail", async () => {
  await using stage = await firing();
  const { id } = stage.job;
  for (const [jobId, time] of [[undefined, undefined], [id, "soon"], [{}, 7], [id, undefined]]) {
    await stage.fire(jobId, time);
  }
  await stage.fire("'; drop table jobs", "2026-01-01T02:30:00Z");
  assert.deepEqual(await stage.runs(), []);
  assert.deepEqual(
    stage.lines,
    Array(4).fill("warn ignored a schedule's workflow without a job or a time"),
  );
});
