/** Schedules with a real Temporal server and a real store: they fire, and stay the same as in their jobs. */

import assert from "node:assert/strict";
import { Client, type ScheduleHandle, ScheduleNotFoundError } from "@temporalio/client";
import { scheduleId } from "../../../lib/contract/temporal_names.ts";
import { createEnvelopeCodec, ENVELOPE_ENCODING } from "../../../lib/temporal/payloads/codec.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { KEYS } from "../../harness/temporal/plane.ts";
import { startScheduledPlane } from "../../harness/temporal/scheduled_plane.ts";
import { connected, startTemporalServer } from "../../harness/temporal/server.ts";

/** Two nights a year, so that no fire time comes during a test. */
const NIGHTLY = {
  cron: "30 2 10,11 1 *",
  time_zone: "Europe/Berlin",
  paused: false,
  catch_up_seconds: 600,
};
const CORRECTED = "corrected a schedule in temporal that differed from its job";

interface Stage extends AsyncDisposable {
  readonly at: { readonly address: string; readonly keys: typeof KEYS; readonly path: string };
  /** Returns a schedule in Temporal, with the control plane's key to read it. */
  schedule(jobId: string): ScheduleHandle;
  /** Kills Temporal's server. Returns a function that starts it again with the same file. */
  killTemporal(): Promise<() => void>;
}

/** Starts a Temporal server with a database file, and a client to change schedules behind the plane's back. */
async function stageIn(folder: string): Promise<Stage> {
  const file = `${folder}/temporal.sqlite`;
  let server = startTemporalServer(undefined, { file });
  const { address } = server;
  const connection = await connected(address);
  const codec = createEnvelopeCodec({
    privatePem: KEYS.bigeye.privatePem,
    recipients: () => Promise.resolve([KEYS.bigeye.publicPem]),
    clock: systemClock,
  });
  const client = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
  return {
    at: { address, keys: KEYS, path: `${folder}/plane.sqlite` },
    schedule: (jobId) => client.schedule.getHandle(scheduleId(jobId)),
    async killTemporal() {
      await server[Symbol.asyncDispose]();
      return () => void (server = startTemporalServer(address, { file }));
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const staged = (name: string, work: (stage: Stage) => Promise<void>) =>
  test(name, () =>
    inFolder(async (folder) => {
      await using stage = await stageIn(folder);
      await work(stage);
    }));

/** Makes Temporal fire the times of a day. */
function backfill(schedule: ScheduleHandle, day: string): Promise<void> {
  const [start, end] = [new Date(`${day}T00:00:00Z`), new Date(`${day}T23:00:00Z`)];
  return schedule.backfill({ start, end, overlap: "ALLOW_ALL" });
}

staged(
  "a fire time starts one run, and a fire time during an active run is skipped and recorded",
  async (stage) => {
    await using plane = await startScheduledPlane(stage.at);
    const job = await plane.addJob(NIGHTLY);
    await plane.settled();
    const schedule = stage.schedule(job.id);
    await backfill(schedule, "2026-01-10");
    await plane.fired("2026-01-10T01:30:00.000Z", "queued");
    await backfill(schedule, "2026-01-11");
    await plane.fired("2026-01-11T01:30:00.000Z", "skipped");
    await backfill(schedule, "2026-01-10");
    await plane.fired("2026-01-10T01:30:00.000Z", "repeated");

    const { entries } = await plane.store.history.of(job.id, { limit: 10 });
    const [skip, run] = entries;
    assert.ok(skip?.kind === "skip" && run?.kind === "run" && entries.length === 2);
    assert.deepEqual([run.run.trigger, run.run.scheduled_for, run.run.parameters], [
      "schedule",
      "2026-01-10T01:30:00.000Z",
      job.parameters,
    ]);
    const { fire_time, reason, active_run_id } = skip.skip;
    assert.deepEqual([fire_time, reason, active_run_id], [
      "2026-01-11T01:30:00.000Z",
      "run_active",
      run.run.id,
    ]);
  },
);

staged(
  "of several missed fire times the first starts a run, and the others are recorded as missed",
  async (stage) => {
    await using plane = await startScheduledPlane(stage.at);
    const job = await plane.addJob(NIGHTLY);
    await plane.settled();
    const schedule = stage.schedule(job.id);
    // Later than the job's last change, because fire times before it are ignored.
    const year = new Date().getUTCFullYear() + 1;
    const [start, end] = [new Date(`${year}-01-10T00:00:00Z`), new Date(`${year}-01-12T00:00:00Z`)];
    await schedule.backfill({ start, end, overlap: "SKIP" });
    await plane.fired(`${year}-01-10T01:30:00.000Z`, "queued");
    await backfill(schedule, `${year + 1}-01-10`);
    await plane.fired(`${year + 1}-01-10T01:30:00.000Z`, "skipped");

    const { entries } = await plane.store.history.of(job.id, { limit: 10 });
    assert.deepEqual(
      entries.map((entry) => entry.kind === "skip" && [entry.skip.reason, entry.skip.fire_time]),
      [
        ["run_active", `${year + 1}-01-10T01:30:00.000Z`],
        ["missed", `${year}-01-11T01:30:00.000Z`],
        false,
      ],
    );
  },
);

// Attacker: an operator of Temporal's server who reads its database.
staged("the workflow arguments in a schedule are encrypted", async (stage) => {
  await using plane = await startScheduledPlane(stage.at);
  const job = await plane.addJob(NIGHTLY);
  await plane.settled();
  const { raw, action } = await stage.schedule(job.id).describe();
  const payloads = raw.schedule?.action?.startWorkflow?.input?.payloads ?? [];
  const encodings = payloads.map(({ metadata }) =>
    new TextDecoder().decode(metadata?.["encoding"])
  );
  assert.deepEqual(encodings, [ENVELOPE_ENCODING]);
  assert.deepEqual(action.args, [job.id]);
});

staged(
  "changes of a job's schedule and its deletion reach Temporal",
  async (stage) => {
    await using plane = await startScheduledPlane(stage.at);
    const job = await plane.addJob(NIGHTLY);
    const seen = async () => {
      await plane.settled();
      const { state, spec } = await stage.schedule(job.id).describe();
      return [state.paused, spec.timezone];
    };
    const isGone = async () => {
      await plane.settled();
      await assert.rejects(stage.schedule(job.id).describe(), ScheduleNotFoundError);
    };
    assert.deepEqual(await seen(), [false, "Europe/Berlin"]);
    await plane.change(job.id, { ...NIGHTLY, paused: true });
    assert.deepEqual(await seen(), [true, "Europe/Berlin"]);
    await plane.change(job.id, { ...NIGHTLY, time_zone: "Asia/Tokyo" });
    assert.deepEqual(await seen(), [false, "Asia/Tokyo"]);
    await plane.change(job.id, null);
    await isGone();
    await plane.change(job.id, NIGHTLY);
    assert.deepEqual(await seen(), [false, "Europe/Berlin"]);
    await plane.store.jobs.remove(job.id, MACHINE);
    await isGone();
  },
);

staged(
  "changes that are made while Temporal is down reach it when it is up",
  async (stage) => {
    await using plane = await startScheduledPlane(stage.at);
    const [kept, removed] = [await plane.addJob(NIGHTLY), await plane.addJob(NIGHTLY)];
    await plane.settled();
    const start = await stage.killTemporal();
    await plane.change(kept.id, { ...NIGHTLY, time_zone: "Asia/Tokyo" });
    await plane.store.jobs.remove(removed.id, MACHINE);
    const added = await plane.addJob(NIGHTLY);
    await plane.logged("cannot bring schedules to temporal, retrying");
    start();
    await plane.settled();
    assert.equal((await stage.schedule(kept.id).describe()).spec.timezone, "Asia/Tokyo");
    assert.equal((await stage.schedule(added.id).describe()).spec.timezone, "Europe/Berlin");
    await assert.rejects(stage.schedule(removed.id).describe(), ScheduleNotFoundError);
  },
);

staged("a schedule fires after a restart of Temporal and of the control plane", async (stage) => {
  let jobId: string;
  {
    await using plane = await startScheduledPlane(stage.at);
    jobId = (await plane.addJob(NIGHTLY)).id;
    await plane.settled();
  }
  (await stage.killTemporal())();
  // It fires while the control plane is down, which handles it after its start.
  await backfill(stage.schedule(jobId), "2026-01-10");
  await using plane = await startScheduledPlane(stage.at);
  await plane.fired("2026-01-10T01:30:00.000Z", "queued");
});

staged(
  "schedules that were deleted, changed or paused by hand are corrected, and orphans are deleted",
  async (stage) => {
    const jobs: string[] = [];
    {
      await using plane = await startScheduledPlane(stage.at);
      for (let count = 0; count < 4; count++) jobs.push((await plane.addJob(NIGHTLY)).id);
      await plane.settled();
      const [, , , orphan = ""] = jobs;
      await plane.change(orphan, null);
      await plane.settled();
    }
    const [deleted = "", changed = "", paused = "", orphan = ""] = jobs;
    const { spec, action, policies } = await stage.schedule(changed).describe();
    await stage.schedule(deleted).delete();
    await stage.schedule(changed).update((was) => ({
      ...was,
      spec: { calendars: [{ hour: 5 }], timezone: "UTC" },
    }));
    await stage.schedule(paused).pause("by hand");
    const { workflowType, taskQueue } = action;
    await stage.schedule(orphan).client.create({
      scheduleId: scheduleId(orphan),
      spec: {},
      action: { type: "startWorkflow", workflowType, taskQueue, args: [orphan] },
    });

    await using plane = await startScheduledPlane(stage.at);
    await Promise.all(jobs.map((job) => plane.logged(CORRECTED, job)));
    assert.deepEqual((await stage.schedule(deleted).describe()).spec, spec);
    const corrected = await stage.schedule(changed).describe();
    assert.deepEqual([corrected.spec, corrected.policies], [spec, policies]);
    assert.equal((await stage.schedule(paused).describe()).state.paused, false);
    await assert.rejects(stage.schedule(orphan).describe(), ScheduleNotFoundError);
  },
);
