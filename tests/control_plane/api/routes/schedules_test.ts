/** Schedules over REST: creation, changes, pauses and removal with the job, and the history. */

import assert from "node:assert/strict";
import { registration } from "../../../fakes/control_plane/registration.ts";
import type { HistoryEntry, Job } from "../../../../lib/contract/job.ts";
import {
  ANY,
  LINEAGE_JOB,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;
const DAY_MS = 86_400_000;
const DAILY = { cron: "30 2 * * *", time_zone: "Europe/Berlin" };

async function scheduledJob() {
  const plane = await testPlane();
  await plane.addHost("h-1");
  const job: Job = await plane.addJob({ schedule: DAILY });
  const patch = (schedule: unknown) =>
    plane.call("PATCH", `${JOBS}/${job.id}`, { body: { schedule }, headers: ANY });
  const history = async (query = "") =>
    (await plane.call("GET", `${JOBS}/${job.id}/history${query}`, { as: "member" })).body;
  return { plane, job, patch, history, [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() };
}

Deno.test("a job with a schedule shows its next five fire times", async () => {
  await using opened = await scheduledJob();
  const { job } = opened;
  assert.deepEqual([job.schedule, job.next_fire_times], [
    { ...DAILY, paused: false, catch_up_seconds: 3_600 },
    ["01", "02", "03", "04", "05"].map((day) => `2026-01-${day}T01:30:00.000Z`),
  ]);
});

Deno.test("a schedule can be paused, resumed, changed and removed", async () => {
  await using opened = await scheduledJob();
  const { plane, job, patch } = opened;
  const paused = await patch({ paused: true });
  assert.deepEqual([paused.body.schedule.paused, paused.body.next_fire_times], [true, []]);
  const moved = await patch({ cron: "0 4 * * *", paused: false });
  assert.deepEqual(moved.body.schedule, { ...job.schedule, cron: "0 4 * * *" });
  const named = await plane.call("PATCH", `${JOBS}/${job.id}`, {
    body: { name: "other" },
    headers: ANY,
  });
  assert.deepEqual(named.body.schedule, moved.body.schedule);
  assert.deepEqual((await patch(null)).body.schedule, null);
  assert.deepEqual((await patch(DAILY)).body.schedule, job.schedule);
});

Deno.test("an invalid schedule is refused with the path of each wrong field", async () => {
  await using opened = await scheduledJob();
  const { plane, patch } = opened;
  const schedule = { cron: "61 2 * * *", time_zone: "Berlin", catch_up_seconds: 5 };
  const created = await plane.call("POST", JOBS, { body: { ...LINEAGE_JOB, schedule } });
  assert.deepEqual(refusal(created), {
    status: 422,
    code: "invalid_input",
    paths: ["schedule.cron", "schedule.time_zone", "schedule.catch_up_seconds"],
  });
  assert.deepEqual(refusal(await patch({ time_zone: "Berlin" })).paths, ["schedule.time_zone"]);
  await patch(null);
  assert.deepEqual(refusal(await patch({ paused: true })).paths, [
    "schedule.cron",
    "schedule.time_zone",
  ]);
});

Deno.test("only changes of the schedule and the deletion of a job are queued for Temporal", async () => {
  await using opened = await scheduledJob();
  const { plane, job, patch } = opened;
  const { schedules } = plane.store;
  async function isQueued(): Promise<boolean> {
    const [change] = await schedules.changes(10);
    if (change) await schedules.settle(change);
    return change?.job_id === job.id;
  }
  assert.equal(await isQueued(), true);
  await plane.call("PATCH", `${JOBS}/${job.id}`, { body: { name: "other" }, headers: ANY });
  await patch({ paused: false });
  assert.equal(await isQueued(), false);
  for (const change of [{ paused: true }, null, DAILY]) {
    await patch(change);
    assert.equal(await isQueued(), true);
  }
  await plane.call("DELETE", `${JOBS}/${job.id}`, { headers: ANY });
  assert.equal(await isQueued(), true);
  assert.deepEqual([await schedules.wanted(job.id), plane.wakes()], [null, 6]);
});

Deno.test("a change stays queued when an earlier change is settled", async () => {
  await using opened = await scheduledJob();
  const { plane, patch } = opened;
  const { schedules } = plane.store;
  const [earlier] = await schedules.changes(10);
  assert.ok(earlier);
  await patch({ paused: true });
  await schedules.settle(earlier);
  assert.equal((await schedules.changes(10)).length, 1);
});

Deno.test("a repeated fire time starts one run with the job's parameters", async () => {
  await using opened = await scheduledJob();
  const { plane, job } = opened;
  const fireTime = "2026-01-01T01:30:00.000Z";
  const outcomes = [];
  for (let time = 0; time < 3; time++) {
    outcomes.push((await plane.store.schedules.fire(job.id, fireTime)).outcome);
  }
  assert.deepEqual(outcomes, ["queued", "repeated", "repeated"]);
  const { body } = await plane.call("GET", `${ORCHESTRATOR}/runs?job=${job.id}`);
  assert.equal(body.runs.length, 1);
  const [{ trigger, scheduled_for, parameters }] = body.runs;
  assert.deepEqual([trigger, scheduled_for, parameters], [
    "schedule",
    fireTime,
    LINEAGE_JOB.parameters,
  ]);
});

Deno.test("a fire time is skipped and recorded once if a run is active or the host is not eligible", async () => {
  await using opened = await scheduledJob();
  const { plane, job, history } = opened;
  const { fire } = plane.store.schedules;
  const active = await plane.trigger(job.id);
  plane.clock.advance(1_000);
  for (let time = 0; time < 2; time++) await fire(job.id, "2026-01-01T01:30:00.000Z");
  await plane.call("POST", `${ORCHESTRATOR}/runs/${active.id}/cancel`);
  // Only another registration removes an agent type from a host.
  const claim = registration({ managed_agents: ["datahealth"] });
  await plane.call("POST", `${ORCHESTRATOR}/register`, claim);
  plane.clock.advance(1_000);
  await fire(job.id, "2026-01-02T01:30:00.000Z");

  const { entries, paginationInfo } = await history();
  const canceled = (await plane.call("GET", `${ORCHESTRATOR}/runs/${active.id}`)).body;
  assert.deepEqual([entries, paginationInfo], [[
    {
      kind: "skip",
      at: "2026-01-01T00:00:02.000Z",
      skip: {
        fire_time: "2026-01-02T01:30:00.000Z",
        reason: "host_not_eligible",
        message: 'Cannot run lineage jobs on host "h-1": the agent type is not in its set',
        active_run_id: null,
      },
    },
    {
      kind: "skip",
      at: "2026-01-01T00:00:01.000Z",
      skip: {
        fire_time: "2026-01-01T01:30:00.000Z",
        reason: "run_active",
        message: `Cannot trigger job "nightly": its run "${active.id}" is still active`,
        active_run_id: active.id,
      },
    },
    { kind: "run", at: active.created_at, run: canceled },
  ], {}]);
});

Deno.test("missed fire times are recorded when the next one fires", async () => {
  await using opened = await scheduledJob();
  const { plane, job, patch, history } = opened;
  const { fire } = plane.store.schedules;
  const recorded = async () => {
    const entries: HistoryEntry[] = (await history()).entries;
    return entries.map((entry) =>
      entry.kind === "run"
        ? `run ${entry.run.scheduled_for}`
        : `${entry.skip.reason} ${entry.skip.fire_time}`
    );
  };
  await fire(job.id, "2026-01-01T01:30:00.000Z");
  await patch({ catch_up_seconds: 60 });
  plane.clock.advance(4 * DAY_MS);
  await fire(job.id, "2026-01-05T01:30:00.000Z");
  assert.deepEqual(await recorded(), [
    "run_active 2026-01-05T01:30:00.000Z",
    "missed 2026-01-02T01:30:00.000Z",
    "run 2026-01-01T01:30:00.000Z",
  ]);
  // Fire times before the last change of the schedule are not missed, because they were of another schedule.
  plane.clock.advance(3 * DAY_MS);
  await patch({ catch_up_seconds: 120 });
  await fire(job.id, "2026-01-08T01:30:00.000Z");
  plane.clock.advance(2 * DAY_MS);
  await fire(job.id, "2026-01-10T01:30:00.000Z");
  assert.deepEqual((await recorded()).slice(0, 4), [
    "run_active 2026-01-10T01:30:00.000Z",
    "missed 2026-01-09T01:30:00.000Z",
    "run_active 2026-01-08T01:30:00.000Z",
    "run_active 2026-01-05T01:30:00.000Z",
  ]);
});

Deno.test("missed fire times before the first run of a job are recorded too", async () => {
  await using opened = await scheduledJob();
  const { plane, job, history } = opened;
  plane.clock.advance(3 * DAY_MS);
  await plane.store.schedules.fire(job.id, "2026-01-04T01:30:00.000Z");
  const entries: HistoryEntry[] = (await history()).entries;
  assert.deepEqual(entries.map((entry) => entry.kind === "skip" && entry.skip.fire_time), [
    false,
    "2026-01-01T01:30:00.000Z",
  ]);
});

Deno.test("the pages of a job's history have each entry once, in the order of the whole list", async () => {
  await using opened = await scheduledJob();
  const { plane, job, history } = opened;
  const run = await plane.trigger(job.id);
  for (let day = 1; day <= 5; day++) {
    plane.clock.advance(day % 2 * 1_000);
    await plane.store.schedules.fire(job.id, `2026-01-0${day}T01:30:00.000Z`);
  }
  const whole = (await history()).entries;
  assert.deepEqual([whole.length, whole.at(-1).run.id], [6, run.id]);
  const paged = [];
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const page = await history(`?pageSize=2${cursor && `&pageCursor=${cursor}`}`);
    paged.push(...page.entries);
    cursor = page.paginationInfo.nextCursor;
  }
  assert.deepEqual(paged, whole);
});

Deno.test("a job that is deleted, paused or without a schedule does not fire", async () => {
  await using opened = await scheduledJob();
  const { plane, job, patch } = opened;
  const fire = async () =>
    (await plane.store.schedules.fire(job.id, "2026-01-01T01:30:00.000Z")).outcome;
  await patch({ paused: true });
  assert.equal(await fire(), "off");
  await patch(null);
  assert.equal(await fire(), "off");
  await plane.call("DELETE", `${JOBS}/${job.id}`, { headers: ANY });
  assert.equal(await fire(), "off");
  const foreign = await plane.call("GET", `${JOBS}/${job.id}/history`);
  assert.deepEqual(refusal(foreign), { status: 404, code: "job_not_found", paths: [] });
});
