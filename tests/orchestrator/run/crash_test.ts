/** The host's process dies at each of its calls. The next one continues, with one container and one right outcome. */

import assert from "node:assert/strict";
import type { SignedOrder } from "../../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import {
  Died,
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  type ProcessOptions,
  RUN_FOLDER,
  RUN_ID,
  signed,
} from "../world.ts";

/** Runs a process that may die, then one that does not. Returns the outcome that Bigeye gets, and the world. */
async function twoProcesses(
  order: SignedOrder,
  first: ProcessOptions,
  { cancels = false } = {},
) {
  const world = makeWorld();
  const processes = [first, {}];
  let outcome: RunOutcome | undefined;
  let calls = 0;
  for (const options of processes) {
    const host = world.process(options);
    const running = runAgentJob(host.needs, { signed: order, attempt: newAttempt() });
    running.catch(() => {});
    if (cancels) {
      await world.clock.sleep(5_000);
      await cancelRun(host.needs, RUN_ID).catch((error) => assert.ok(error instanceof Died));
    }
    try {
      outcome = await running;
    } catch (error) {
      // A dead process may throw any error, because nothing else sees it.
      assert.ok(host.dead.aborted, String(error));
    }
    calls = Math.max(calls, host.calls());
    if (host.dead.aborted) continue;
    await releaseRun(host.needs, RUN_ID);
    break;
  }
  return { world, outcome, calls };
}

for (const moment of ["before", "after"] as const) {
  Deno.test(`a run ends exactly once if the process dies ${moment} any call`, async () => {
    const order = await signed(orderOf(["says-one", "says-two", "runs-7", "exit-3"]));
    const { calls } = await twoProcesses(order, {});
    assert.ok(calls > 0);
    for (let diesAt = 0; diesAt < calls; diesAt++) {
      const { world, outcome } = await twoProcesses(order, { diesAt, moment });
      const at = `died ${moment} call ${diesAt}`;
      assert.deepEqual([outcome?.status, outcome?.exit_code], ["failed", 3], at);
      const starts = world.engine.changes.filter((change) => change === `start ${NAME}`);
      const creates = world.engine.changes.filter((change) => change === `create ${NAME}`);
      assert.deepEqual([creates.length, starts.length], [1, 1], at);
      assert.equal(world.engine.containers.size, 0, at);
      const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
      const lines = output.trim().split("\n").map((line) => line.split(" ")[2]);
      assert.deepEqual(lines, ["one", "two"], at);
    }
  });

  Deno.test(`a cancel is not lost if the process dies ${moment} any call`, async () => {
    const order = await signed(orderOf(["runs"]));
    const { calls } = await twoProcesses(order, {}, { cancels: true });
    assert.ok(calls > 0);
    for (let diesAt = 0; diesAt < calls; diesAt++) {
      const options = { diesAt, moment };
      const { world, outcome } = await twoProcesses(order, options, { cancels: true });
      const at = `died ${moment} call ${diesAt}`;
      assert.deepEqual([outcome?.status, outcome?.reason], ["canceled", "canceled_by_user"], at);
      assert.equal(world.engine.containers.size, 0, at);
    }
  });
}
