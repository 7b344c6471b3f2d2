/** Runs on the real Docker Engine, behind the real proxy's policy. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import type { RunOrder } from "../../../lib/contract/dispatch.ts";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { Detached } from "../../../orchestrator/run/run.ts";
import { newAttempt, run } from "../../orchestrator/world.ts";
import { until } from "../../harness/time/wait.ts";
import { openStage, type Stage } from "./stage.ts";

const outputOf = (stage: Stage, { run_id }: RunOrder) =>
  Deno.readTextFile(`${stage.folder}/agent_runs/${run_id}/output.log`).catch(() => "");

Deno.test("runs on a real engine end with the right outcome", async (t) => {
  await using stage = await openStage();

  await t.step("a successful run has both streams in its output", async () => {
    const order = stage.order(["says-hello", "complains-loudly", "pokes", "exit-0"]);
    const { status, exit_code, message } = await run(stage.process(), order);
    assert.deepEqual([status, exit_code, message], ["succeeded", 0, undefined]);
    const lines = (await outputOf(stage, order)).trim().split("\n");
    const texts = lines.map((line) => line.split(" ").slice(1).join(" ")).toSorted();
    assert.deepEqual(texts, ["err loudly", "out config is read-only", "out hello"]);
  });

  await t.step("an agent that exits with 3 fails with exit_nonzero", async () => {
    const { status, reason, message } = await run(
      stage.process(),
      stage.order(["says-oops", "exit-3"]),
    );
    const text = "The agent exited with code 3; its last output:\noops";
    assert.deepEqual([status, reason, message], ["failed", "exit_nonzero", text]);
  });

  await t.step("failed connections are named, with the host path of their log", async () => {
    const order = stage.order(["half-fails", "exit-1"]);
    const { message } = await run(stage.process(), order);
    const log = `${stage.folder}/agent_runs/${order.run_id}/files/logs/sales.log`;
    assert.equal(
      message,
      `1 of 2 connections failed:\ntableau / sales\n  no route\n  log: ${log}`,
    );
  });

  await t.step("a run is stopped at its run limit", async () => {
    const order = stage.order(["runs"], { run_limit_seconds: 1 });
    const { status, reason, exit_code } = await run(stage.process(), order);
    assert.deepEqual([status, reason, exit_code], ["timed_out", "run_limit", 143]);
  });

  await t.step("an agent that exceeds its memory limit fails with oom_killed", async () => {
    const { reason, message } = await run(stage.process(), stage.order(["oom"]));
    assert.equal(reason, "oom_killed");
    assert.match(message ?? "", /its limit is 64 MiB/);
  });

  await t.step("a running agent is stopped when its run is canceled", async () => {
    const needs = stage.process();
    const order = stage.order(["says-ready", "runs"]);
    const running = run(needs, order);
    await until("the agent", async () => (await outputOf(stage, order)).includes("ready"));
    await cancelRun(needs, order.run_id);
    const { status, reason } = await running;
    assert.deepEqual([status, reason], ["canceled", "canceled_by_user"]);
    const found = await needs.engine.inspectContainer(containerName(order.run_id));
    assert.equal(found?.state, "exited");
  });

  await t.step("an adopted run has its complete output", async () => {
    const order = stage.order(["counts-5", "waits", "counts-60", "exit-4"]);
    const attempt = newAttempt();
    const first = run(stage.process(), order, attempt);
    await until("line 5", async () => (await outputOf(stage, order)).includes("line 5"));
    attempt.detach.abort();
    await assert.rejects(first, Detached);
    await Deno.writeTextFile(`${stage.folder}/agent_runs/${order.run_id}/files/go`, "");
    const { status, exit_code } = await run(stage.process(), order);
    assert.deepEqual([status, exit_code], ["failed", 4]);
    const lines = (await outputOf(stage, order)).trim().split("\n");
    const counted = (to: number) => Array.from({ length: to }, (_, index) => `line ${index + 1}`);
    assert.deepEqual(lines.map((line) => line.split(" ").slice(2).join(" ")), [
      ...counted(5),
      ...counted(60),
    ]);
  });

  await t.step(
    "a container of another owner with the run's name is not touched, and the run fails",
    async () => {
      // Attacker: a local user of Docker who gives a container the name of a run, so that it is taken for the agent.
      const order = stage.order(["exit-0"]);
      const name = containerName(order.run_id);
      const needs = stage.process();
      await needs.engine.createContainer(name, { body: { Image: stage.image, Cmd: ["x"] } });
      const { status, reason } = await run(needs, order);
      assert.deepEqual([status, reason], ["failed", "internal"]);
      await releaseRun(needs, order.run_id);
      assert.equal((await needs.engine.inspectContainer(name))?.state, "created");
      await needs.engine.removeContainer(name);
    },
  );
});
