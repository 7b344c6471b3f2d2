/** With a real Temporal server: a run whose workflow was terminated by hand is found and ended. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import { findOrphans } from "../../../control_plane/runs/orphans.ts";
import { runWorkflowId } from "../../../lib/contract/temporal_names.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { createRunClient } from "../../../lib/temporal/run_client.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { connected } from "../../harness/temporal/server.ts";
import { startWorld } from "../../harness/temporal/world.ts";

/** Passes payloads through, because no test reads the reports of hosts. */
const codec = {
  encode: <T>(payloads: T) => Promise.resolve(payloads),
  decode: <T>(payloads: T) => Promise.resolve(payloads),
};
const look = { after: "", signal: new AbortController().signal };
const log = () => {};

test("a run whose workflow was terminated ends as host_lost, and another run goes on", async () => {
  await using world = startWorld();
  const connection = await connected(world.address);
  try {
    const { outbox } = world.plane;
    const terminated = world.plane.trigger("host-away-1", "succeeds");
    const waiting = world.plane.trigger("host-away-2", "succeeds");
    await Promise.all([outbox.dispatched(terminated), outbox.dispatched(waiting)]);
    const workflows = createRunClient(connection, {
      namespace: "default",
      codec,
      clock: systemClock,
    });
    const needs = { outbox, workflows, clock: systemClock, log };
    await findOrphans(needs, look);
    assert.deepEqual([outbox.outcomes(terminated), outbox.outcomes(waiting)], [[], []]);

    await new Client({ connection }).workflow.getHandle(runWorkflowId(terminated)).terminate();
    assert.deepEqual(await findOrphans(needs, look), { after: "", answered: 2 });
    const { ended_at: _, ...outcome } = await outbox.ended(terminated);
    assert.deepEqual(outcome, {
      status: "failed",
      reason: "host_lost",
      message: "Temporal no longer has this run's workflow, and how the run ended is not known. " +
        "A container that still runs is stopped by its host within a minute",
      phases: [],
    });
    assert.deepEqual(outbox.outcomes(waiting), []);
  } finally {
    await connection.close();
  }
});

test("no run ends while Temporal is down or does not have the namespace", async () => {
  await using world = startWorld();
  const connection = await connected(world.address);
  try {
    const { outbox } = world.plane;
    const run = world.plane.trigger("host-away", "succeeds");
    await outbox.dispatched(run);
    const clientOf = (namespace: string) =>
      createRunClient(connection, { namespace, codec, clock: systemClock });
    const needs = { outbox, clock: systemClock, log };
    const misled = await findOrphans({ ...needs, workflows: clientOf("nowhere") }, look);
    assert.match(String(misled.error), /Namespace not found/);

    await world.stopTemporal();
    const alone = await findOrphans({ ...needs, workflows: clientOf("default") }, look);
    assert.match(String(alone.error), /describe workflow/);
    assert.deepEqual(outbox.outcomes(run), []);
  } finally {
    await connection.close();
  }
});
