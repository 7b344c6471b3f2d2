/** One run on a host, from its order to its signed outcome. */

import assert from "node:assert/strict";
import { importKey } from "../../../lib/crypto/keys.ts";
import { authenticOutcome } from "../../../lib/crypto/signed_outcome.ts";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { Detached } from "../../../orchestrator/run/run.ts";
import { runAndSign } from "../../../orchestrator/run/run_job.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  run,
  RUN_FOLDER,
  RUN_ID,
  signed,
  untilRunning,
} from "../world.ts";

Deno.test("a run that exits with 0 succeeds, with its phases and its output on disk", async () => {
  const world = makeWorld();
  const outcome = await run(world.process().needs, orderOf(["says-hello", "exit-0"]));
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

Deno.test("what an agent says of its success is the message, redacted and within its limit", async () => {
  const world = makeWorld();
  const running = run(world.process().needs, orderOf(["runs-5", "exit-0"]));
  await untilRunning(world);
  const message = `42 views read with hunter2secret\n${"é".repeat(4_096)}`;
  await world.files.writeText(`${RUN_FOLDER}/files/result.json`, JSON.stringify({ message }), {
    mode: 0o644,
  });
  const { status, reason, message: said = "" } = await running;
  assert.deepEqual([status, reason, said.split("\n")[0]], [
    "succeeded",
    undefined,
    "42 views read with [redacted]",
  ]);
  const bytes = new TextEncoder().encode(said).length;
  assert.ok(bytes > 4_000 && bytes <= 4_096, `${bytes}`);
});

Deno.test("a run that exits with 3 fails with its code and its last lines", async () => {
  const order = orderOf(["says-oops", "says-hunter2secret", "exit-3"]);
  const { status, reason, message, exit_code } = await run(makeWorld().process().needs, order);
  assert.deepEqual({ status, reason, message, exit_code }, {
    status: "failed",
    reason: "exit_nonzero",
    message: "The agent exited with code 3; its last output:\noops\n[redacted]",
    exit_code: 3,
  });
});

Deno.test("the message of a run that was killed for lack of memory has the limit", async () => {
  const { reason, message } = await run(makeWorld().process().needs, orderOf(["oom"]));
  assert.equal(reason, "oom_killed");
  assert.equal(message, "Killed for lack of memory: its limit is 24576 MiB, without any output");
});

Deno.test("a run whose cancel comes before its order is never started", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  await cancelRun(needs, RUN_ID);
  const outcome = await run(needs, orderOf(["exit-0"]));
  assert.deepEqual([outcome.status, outcome.message], [
    "canceled",
    "Canceled before the agent was started",
  ]);
  assert.deepEqual(world.engine.changes, []);
});

Deno.test("no container is started before Bigeye knows that the host has accepted the run", async () => {
  const world = makeWorld();
  world.temporalDown = true;
  const running = run(world.process().needs, orderOf(["exit-0"]));
  while (!world.engine.containers.has(NAME)) await world.clock.sleep(100);
  await world.clock.sleep(30_000);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`]);
  world.temporalDown = false;
  assert.equal((await running).status, "succeeded");
});

Deno.test("an attempt that detaches leaves the container, and the next attempt adopts it", async () => {
  const world = makeWorld();
  const order = orderOf(["says-first", "runs-20"]);
  const first = newAttempt();
  const running = run(world.process().needs, order, first);
  await untilRunning(world);
  await world.clock.sleep(5_000);
  first.detach.abort();
  await assert.rejects(running, Detached);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
  world.engine.containers.get(NAME)?.say("second");
  assert.equal((await run(world.process().needs, order)).status, "succeeded");
  assert.equal(world.engine.containers.get(NAME)?.starts, 1);
  const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
  assert.deepEqual(output.trim().split("\n").map((line) => line.split(" ")[2]), [
    "first",
    "second",
  ]);
});

Deno.test("an outcome that was lost on the way is returned again, without a second run", async () => {
  const world = makeWorld();
  const order = orderOf(["exit-3"]);
  const first = await run(world.process().needs, order);
  assert.deepEqual(await run(world.process().needs, order), first);
  assert.equal(world.engine.containers.get(NAME)?.starts, 1);
});

const key = await importKey(COMPANY.privatePem, "sign");
const reader = {
  publicKey: await importKey(COMPANY.publicPem, "verify"),
  runId: RUN_ID,
  hostId: "host-1",
};

Deno.test("an outcome is signed for its run and host, also when it is returned again", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["exit-0"]));
  const answer = async () => {
    const { needs } = world.process();
    const report = await runAndSign(needs, { signed: order, attempt: newAttempt(), key });
    return await authenticOutcome(report, reader);
  };
  const at = "2026-01-01T00:00:00.000Z";
  const outcome = {
    status: "succeeded",
    exit_code: 0,
    phases: ["accepted", "starting", "running"].map((phase) => ({ phase, at })),
    started_at: at,
    ended_at: at,
  };
  assert.deepEqual([await answer(), await answer()], [outcome, outcome]);
});

Deno.test("the outcome of a refused order has no signature", async () => {
  // Attacker: can put orders into the queue, and wants the host's signature on an answer to replay elsewhere.
  const { needs } = makeWorld().process();
  const order = await signed(orderOf(["exit-0"], { host_id: "host-2" }));
  await assert.rejects(runAndSign(needs, { signed: order, attempt: newAttempt(), key }), {
    code: "policy_denied",
  });
});
