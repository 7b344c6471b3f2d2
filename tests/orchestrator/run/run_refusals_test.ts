/** Orders that a host refuses. */

import assert from "node:assert/strict";
import { releaseRun } from "../../../orchestrator/run/control.ts";
import { ForeignRun } from "../../../orchestrator/run/run.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import { makeWorld, newAttempt, orderOf, RUN_ID, signed } from "../world.ts";

Deno.test("a refused order starts nothing and is logged, with its run id if it is authentic", async () => {
  // Attacker: can put orders into the host's queue, and tries a changed one, one of another host, an old one,
  // and a recorded one again.
  const good = await signed(orderOf(["exit-0"]));
  const times = { issued_at: "2025-12-31T22:44:59.000Z", expires_at: "2025-12-31T23:44:59.000Z" };
  const refused = {
    tampered: { ...good, order: good.order.replace("exit-0", "exit-1") },
    foreign: await signed(orderOf(["exit-0"], { host_id: "host-2" })),
    expired: await signed(orderOf(["exit-0"], times)),
    replayed: good,
  };
  const start = "Cannot accept the run order: ";
  const expected = {
    tampered: { error: `${start}it does not carry Bigeye's signature` },
    foreign: { error: `${start}it is for host "host-2", and this is host "host-1"` },
    expired: {
      run_id: RUN_ID,
      error: `${start}it expired at ${times.expires_at}, ` +
        "and the clock of this host says 2026-01-01T00:00:00.000Z",
    },
    replayed: { run_id: RUN_ID, error: `${start}run "${RUN_ID}" has already ended on this host` },
  };
  for (const [kind, order] of Object.entries(refused)) {
    const world = makeWorld();
    if (kind === "replayed") {
      const { needs } = world.process();
      await runAgentJob(needs, { signed: order, attempt: newAttempt() });
      await releaseRun(needs, RUN_ID);
    }
    const before = [[...world.engine.changes], [...world.signals]];
    const { needs, logged } = world.process();
    await assert.rejects(
      runAgentJob(needs, { signed: order, attempt: newAttempt() }),
      { code: "policy_denied" },
      kind,
    );
    assert.deepEqual([world.engine.changes, world.signals], before, kind);
    assert.equal(world.engine.containers.size, 0, kind);
    const fields = { reason: "policy_denied", ...expected[kind as keyof typeof expected] };
    assert.deepEqual(logged, [{ level: "warn", message: "order refused", fields }]);
  }
});

Deno.test("an order for another machine of this host id is left to that machine, and changes nothing here", async () => {
  // Attacker: none; the host was replaced, and its former machine polls again after a partition.
  const world = makeWorld();
  const { needs, logged } = world.process();
  const order = orderOf(["exit-0"], { installation_id: "22222222-2222-4222-8222-222222222222" });
  const before = world.files.texts();
  await assert.rejects(
    runAgentJob(needs, { signed: await signed(order), attempt: newAttempt() }),
    (error) => error instanceof ForeignRun && error.run.run_id === RUN_ID,
  );
  assert.deepEqual(world.files.texts(), before);
  assert.deepEqual([world.engine.changes, world.signals, logged], [[], [], []]);
});
