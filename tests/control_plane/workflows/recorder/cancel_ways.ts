/** Scenarios of runs that are canceled. */

import { runWorkflowId } from "../../../../lib/contract/temporal_names.ts";
import { CANCELED, emptyDisk, PHASES, SUCCEEDED } from "../../../harness/temporal/fake_host.ts";
import { killableHost } from "../../../harness/temporal/host_process.ts";
import { CANCELED_BEFORE } from "../../../harness/temporal/over_temporal.ts";
import { HOST_LOST, type RunWay } from "./run_ways.ts";
import { endUnrecorded, HOST, type RunOnHost, runOnHost } from "./scene.ts";

/** Cancels the run when its host has received it, and before the host accepts it. */
async function cancelOnceGiven({ world, run, disk }: RunOnHost): Promise<void> {
  await disk.log.until(`run ${run} 1`);
  world.plane.cancel(run);
}

async function cancelOnceAccepted({ world, run, disk }: RunOnHost): Promise<void> {
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
}

export const CANCEL_WAYS: Readonly<Record<string, RunWay>> = {
  canceled_before_acceptance: {
    async play({ world, histories }) {
      const run = world.plane.trigger(HOST, "succeeds");
      await world.plane.outbox.dispatched(run);
      world.plane.cancel(run);
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: CANCELED_BEFORE,
  },
  canceled_during_acceptance: {
    play: (scene) => runOnHost(scene, "accepts once canceled", cancelOnceGiven),
    outcome: CANCELED,
    shows: '"cancelRun"',
  },
  canceled_during_acceptance_then_given_up: {
    play: (scene) => runOnHost(scene, "is given up once canceled", cancelOnceGiven),
    outcome: {
      status: "canceled",
      reason: "canceled_by_user",
      message: "Canceled before its container was started",
      phases: PHASES,
    },
    shows: "EVENT_TYPE_ACTIVITY_TASK_CANCELED",
  },
  canceled_during_acceptance_then_handed_back: {
    async play({ world, histories }) {
      const disk = emptyDisk();
      let run: string;
      {
        await using _host = await world.host(HOST, disk);
        run = world.plane.trigger(HOST, "is handed back once canceled");
        await disk.log.until(`run ${run} 1`);
        world.plane.cancel(run);
        await disk.log.until(`cancel ${run}`);
      }
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: HOST_LOST,
    shows: '"handed_back"',
  },
  canceled_while_running: {
    play: (scene) => runOnHost(scene, "runs until canceled", cancelOnceAccepted),
    outcome: CANCELED,
    shows: '"cancelRun"',
  },
  canceled_as_it_ended: {
    play: (scene) => runOnHost(scene, "ends as it is canceled", cancelOnceAccepted),
    outcome: SUCCEEDED,
    shows: '"cancelRun"',
  },
  canceled_while_its_outcome_was_recorded: {
    play: (scene) =>
      runOnHost(scene, "ends as it is canceled", async (run) => {
        await endUnrecorded(run);
        const { outbox } = run.world.plane;
        run.world.plane.cancel(run.run);
        await outbox.canceling(run.run);
        outbox.failWrites(0);
      }),
    outcome: SUCCEEDED,
    shows: "EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED",
  },
  canceled_with_the_host_away: {
    // Longer than the workflow waits for the host's response to a cancel.
    hostWaitSeconds: 600,
    async play({ world, histories }) {
      const { address, keys } = world;
      const killable = await killableHost({ address, keys, hostId: HOST });
      const run = world.plane.trigger(HOST, "runs until the service stops");
      await killable.until(`accepted ${run}`);
      await killable.kill();
      world.plane.cancel(run);
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: {
      status: "failed",
      reason: "host_lost",
      message: "Cancel was asked for and the host has not answered. The container may still run: " +
        "when the host is back, it stops the container and removes it",
      phases: PHASES,
    },
    shows: '"cancelRun"',
  },
};
