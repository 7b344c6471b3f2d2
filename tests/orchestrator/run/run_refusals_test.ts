/** Orders that a host refuses, and the clock differences that it tolerates. */

import assert from "node:assert/strict";
import { releaseRun } from "../../../orchestrator/run/control.ts";
import { ForeignRun } from "../../../orchestrator/run/run.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import { makeWorld, newAttempt, orderOf, RUN_ID, signed } from "../world.ts";

Deno.test("a released run cannot be replayed", async () => {
  // Attacker: recorded a signed order and can put it into the host's queue again, to run the job twice.
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["exit-0"]));
  await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  await releaseRun(needs, RUN_ID);
  assert.equal(world.engine.containers.size, 0);
  await assert.rejects(
    runAgentJob(needs, { signed: order, attempt: newAttempt() }),
    { code: "policy_denied" },
  );
});

Deno.test("an expired order is refused, and nothing is started", async () => {
  // Attacker: kept a signed order and puts it into the queue of a host whose journal is empty.
  const world = makeWorld();
  const { needs } = world.process();
  const times = { issued_at: "2025-12-31T22:44:59.000Z", expires_at: "2025-12-31T23:44:59.000Z" };
  const order = await signed(orderOf(["exit-0"], times));
  await assert.rejects(
    runAgentJob(needs, { signed: order, attempt: newAttempt() }),
    { code: "policy_denied", message: /expired at/ },
  );
  assert.deepEqual([world.engine.changes, world.signals], [[], []]);
});

Deno.test("every refused order is logged, with its run id if the order is authentic", async () => {
  // Attacker: tries one order after the other, and would stay unnoticed without the log.
  const good = await signed(orderOf(["exit-0"]));
  const times = { issued_at: "2025-12-31T20:00:00.000Z", expires_at: "2025-12-31T21:00:00.000Z" };
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
    replayed: { run_id: RUN_ID, error: `${start}run "${RUN_ID}" has ended on this host already` },
  };
  for (const [kind, order] of Object.entries(refused)) {
    const world = makeWorld();
    if (kind === "replayed") {
      const { needs } = world.process();
      await runAgentJob(needs, { signed: order, attempt: newAttempt() });
      await releaseRun(needs, RUN_ID);
    }
    const { needs, logged } = world.process();
    await assert.rejects(runAgentJob(needs, { signed: order, attempt: newAttempt() }));
    const fields = { reason: "policy_denied", ...expected[kind as keyof typeof expected] };
    assert.deepEqual(logged, [{ level: "warn", message: "order refused", fields }]);
  }
});

Deno.test("an order for another machine of this host id is left to that machine, without a trace", async () => {
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

Deno.test("a host whose clock is 10 minutes fast or slow runs its orders", async () => {
  const late = { issued_at: "2025-12-31T22:50:00.000Z", expires_at: "2025-12-31T23:50:00.000Z" };
  const early = { issued_at: "2026-01-01T00:10:00.000Z", expires_at: "2026-01-01T01:10:00.000Z" };
  for (const times of [late, early]) {
    const { needs } = makeWorld().process();
    const order = await signed(orderOf(["exit-0"], times));
    const { status } = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
    assert.equal(status, "succeeded");
  }
});
