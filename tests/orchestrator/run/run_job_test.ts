/** One run on a host, from its order to its outcome. */

import assert from "node:assert/strict";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import { Detached } from "../../../orchestrator/run/needs.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  RUN_FOLDER,
  RUN_ID,
  signed,
  untilRunning,
} from "../world.ts";

Deno.test("a run that exits with 0 succeeds, with its phases and its output on disk", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["says-hello", "exit-0"]));
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  const { phases, started_at, ended_at, ...rest } = outcome;
  assert.deepEqual(rest, { status: "succeeded", exit_code: 0 });
  assert.deepEqual(phases.map(({ phase }) => phase), ["accepted", "starting", "running"]);
  assert.ok(started_at !== undefined && started_at <= ended_at);
  assert.match(
    world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "",
    /^2026-01-01T[0-9:.]{18}Z out hello\n$/,
  );
  assert.deepEqual(world.engine.changes, [`create ${NAME}`, `start ${NAME}`]);
});

Deno.test("a run that exits with 3 fails with its code and its last lines", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["says-oops", "says-hunter2secret", "exit-3"]));
  const { status, reason, message, exit_code } = await runAgentJob(needs, {
    signed: order,
    attempt: newAttempt(),
  });
  assert.deepEqual({ status, reason, message, exit_code }, {
    status: "failed",
    reason: "exit_nonzero",
    message: "The agent exited with code 3; its last output:\noops\n[redacted]",
    exit_code: 3,
  });
});

Deno.test("an agent that was killed for its memory says so, with its limit", async () => {
  const { needs } = makeWorld().process();
  const order = await signed(orderOf(["oom"]));
  const { reason, message } = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.equal(reason, "oom_killed");
  assert.equal(
    message,
    "Killed for lack of memory: its limit is 24576 MiB, without any output",
  );
});

Deno.test("a run at its limit is stopped, by force after the grace, and timed out", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["runs", "ignores-term"]));
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.reason, outcome.exit_code], [
    "timed_out",
    "run_limit",
    137,
  ]);
  const seconds = (Date.parse(outcome.ended_at) - Date.parse(outcome.started_at ?? "")) / 1_000;
  assert.equal(seconds, 70);
  const changes = ["create", "start", "kill", "kill"].map((change) => `${change} ${NAME}`);
  assert.deepEqual(world.engine.changes, changes);
});

Deno.test("a canceled run is answered once its container has stopped", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["runs"]));
  const running = runAgentJob(needs, { signed: order, attempt: newAttempt() });
  await untilRunning(world);
  await cancelRun(needs, RUN_ID);
  const outcome = await running;
  assert.deepEqual([outcome.status, outcome.reason], ["canceled", "canceled_by_user"]);
  assert.equal(world.engine.containers.get(NAME)?.status, "exited");
});

Deno.test("a cancel that comes before its order leaves a run that is never started", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  await cancelRun(needs, RUN_ID);
  const order = await signed(orderOf(["exit-0"]));
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.message], [
    "canceled",
    "Canceled before the agent was started",
  ]);
  assert.deepEqual(world.engine.changes, []);
});

Deno.test("no container is started before Bigeye has the acceptance", async () => {
  const world = makeWorld();
  world.temporalDown = true;
  const { needs } = world.process();
  const order = await signed(orderOf(["exit-0"]));
  const running = runAgentJob(needs, { signed: order, attempt: newAttempt() });
  while (!world.engine.containers.has(NAME)) await world.clock.sleep(100);
  await world.clock.sleep(30_000);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`]);
  world.temporalDown = false;
  assert.equal((await running).status, "succeeded");
});

Deno.test("an attempt that is handed back leaves the container, and the next one adopts it", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["says-first", "runs-20"]));
  const first = newAttempt();
  const running = runAgentJob(world.process().needs, { signed: order, attempt: first });
  await untilRunning(world);
  await world.clock.sleep(5_000);
  first.detach.abort();
  await assert.rejects(running, Detached);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
  world.engine.containers.get(NAME)?.say("second");
  const { needs } = world.process();
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.equal(outcome.status, "succeeded");
  assert.equal(world.engine.containers.get(NAME)?.starts, 1);
  const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
  assert.deepEqual(output.trim().split("\n").map((line) => line.split(" ")[2]), [
    "first",
    "second",
  ]);
});

Deno.test("an outcome that was lost on the way is answered again, without a second run", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["exit-3"]));
  const attempt = newAttempt();
  const first = await runAgentJob(world.process().needs, { signed: order, attempt });
  const again = await runAgentJob(world.process().needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual(again, first);
  assert.equal(world.engine.containers.get(NAME)?.starts, 1);
});

Deno.test("a container that others made under the run's name is left alone, and the run fails", async () => {
  // Who: a local user of Docker who guesses the name of a run, to have his container taken for the agent.
  const world = makeWorld();
  const body = { Image: "fake/lineage:1", Cmd: ["runs"], Labels: {}, HostConfig: { Memory: 0 } };
  const url = `http://engine/v1.41/containers/create?name=${NAME}`;
  await world.engine.fetch(
    new Request(url, { method: "POST", body: JSON.stringify(body) }),
  );
  const { needs } = world.process();
  const order = await signed(orderOf(["exit-0"]));
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "internal"]);
  assert.match(outcome.message ?? "", new RegExp(NAME));
  await releaseRun(needs, RUN_ID);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`]);
});

Deno.test("a missing image is pulled, and then its container runs to its end", async () => {
  const world = makeWorld();
  world.engine.images.clear();
  const { needs } = world.process();
  const order = await signed(orderOf(["exit-0"]));
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  const at = "2026-01-01T00:00:00.000Z";
  assert.deepEqual(outcome, {
    status: "succeeded",
    exit_code: 0,
    phases: ["accepted", "pulling", "starting", "running"].map((phase) => ({ phase, at })),
    started_at: at,
    ended_at: at,
  });
  assert.deepEqual([...world.engine.images], ["fake/lineage:1"]);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`, `start ${NAME}`]);
});

Deno.test("a missing image is pulled, and a failed pull says why", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["exit-0"]));
  world.engine.images.clear();
  world.engine.pullErrors.set("fake/lineage:1", "toomanyrequests: You have reached your limit");
  const { needs } = world.process();
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual(
    [outcome.status, outcome.reason, outcome.phases.map(({ phase }) => phase)],
    ["failed", "rate_limited", ["accepted", "pulling"]],
  );
});

Deno.test("a container that somebody removed while its run was on is lost", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["runs-20"]));
  const first = newAttempt();
  const running = runAgentJob(world.process().needs, { signed: order, attempt: first });
  await untilRunning(world);
  first.detach.abort();
  await assert.rejects(running, Detached);
  world.engine.containers.get(NAME)?.exit(137);
  world.engine.containers.delete(NAME);
  const { needs } = world.process();
  const outcome = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "lost_container"]);
  assert.equal(world.engine.containers.size, 0);
});
