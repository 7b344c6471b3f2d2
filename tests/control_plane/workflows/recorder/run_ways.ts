/** Scenarios of runs that are not canceled. */

import { runWorkflowId } from "../../../../lib/contract/temporal_names.ts";
import type { RunOutcome } from "../../../../lib/contract/run.ts";
import {
  emptyDisk,
  FAILED,
  PHASES,
  SUCCEEDED,
  TIMED_OUT,
} from "../../../harness/temporal/fake_host.ts";
import { killableHost } from "../../../harness/temporal/host_process.ts";
import { endOnceRecorded, endUnrecorded, HOST, runOnHost, type Scene } from "./scene.ts";

export interface RunWay {
  readonly hostWaitSeconds?: number;
  /** Plays the scenario. Returns the run's id. */
  readonly play: (scene: Scene) => Promise<string>;
  readonly outcome: Omit<RunOutcome, "ended_at">;
  /** A text in the history that distinguishes it from similar scenarios. */
  readonly shows?: string;
}

export const HOST_LOST: RunWay["outcome"] = {
  status: "failed",
  reason: "host_lost",
  message:
    "The host took the run, was lost, and has not come back in time. The container may still run: " +
    "when the host is back, it stops the container and removes it",
  phases: PHASES,
};

export const RUN_WAYS: Readonly<Record<string, RunWay>> = {
  succeeded: { play: (scene) => runOnHost(scene, "succeeds"), outcome: SUCCEEDED },
  failed: { play: (scene) => runOnHost(scene, "fails"), outcome: FAILED },
  reached_its_limit: {
    play: (scene) => runOnHost(scene, "reaches its limit"),
    outcome: TIMED_OUT,
  },
  told_no_phase: { play: (scene) => runOnHost(scene, "tells no phase"), outcome: SUCCEEDED },
  told_phases_while_others_were_recorded: {
    play(scene) {
      const { outbox } = scene.world.plane;
      outbox.failWrites(Infinity);
      return runOnHost(scene, "ends as it is canceled", async (run) => {
        await run.until('"recordPhases"');
        await run.host.client.signalPhases(run.run, PHASES.slice(1));
        outbox.failWrites(0);
        await run.until('"recordPhases"', 2);
        await endOnceRecorded(run);
      });
    },
    outcome: SUCCEEDED,
  },
  told_nonsense_as_phases: {
    play: (scene) =>
      runOnHost(scene, "ends as it is canceled", async (run) => {
        await run.disk.log.until(`accepted ${run.run}`);
        await run.host.client.signalPhases(run.run, "nonsense" as unknown as typeof PHASES);
        await run.until("EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED", 2);
        await endOnceRecorded(run);
      }),
    outcome: SUCCEEDED,
  },
  ended_before_its_phases_were_recorded: {
    play(scene) {
      scene.world.plane.outbox.failWrites(3);
      return runOnHost(scene, "succeeds");
    },
    outcome: SUCCEEDED,
    shows: "EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED",
  },
  adopted_by_the_next_service: {
    async play({ world, histories }) {
      const disk = emptyDisk();
      let run: string;
      {
        await using _host = await world.host(HOST, disk);
        run = world.plane.trigger(HOST, "runs until the service stops");
        await world.plane.outbox.dispatched(run);
        await disk.log.until(`accepted ${run}`);
      }
      await using _host = await world.host(HOST, disk);
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: SUCCEEDED,
  },
  released_by_no_host: {
    async play(scene) {
      const { world, histories } = scene;
      const disk = emptyDisk();
      let run: string;
      {
        await using host = await world.host(HOST, disk);
        run = world.plane.trigger(HOST, "ends as it is canceled");
        await world.plane.outbox.dispatched(run);
        const until = (text: string, times?: number) =>
          histories.until(runWorkflowId(run), text, times);
        await endUnrecorded({ ...scene, run, disk, host, until });
      }
      world.plane.outbox.failWrites(0);
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: SUCCEEDED,
    shows: "TIMEOUT_TYPE_SCHEDULE_TO_START",
  },
  refused_by_the_host: {
    play: (scene) => runOnHost(scene, "is refused"),
    outcome: {
      status: "failed",
      reason: "policy_denied",
      message: "Cannot accept the run order: it does not carry Bigeye's signature",
      phases: [],
    },
  },
  met_a_bug_of_the_host: {
    play: (scene) => runOnHost(scene, "meets a bug"),
    outcome: {
      status: "failed",
      reason: "internal",
      message: "Cannot read properties of undefined",
      phases: [],
    },
  },
  never_ended_by_the_host: {
    // An attempt may take 90 minutes longer than the run limit.
    play: (scene) => runOnHost(scene, "never ends", undefined, { run_limit_seconds: -90 * 60 + 8 }),
    outcome: {
      status: "failed",
      reason: "internal",
      message: "The host still reported on the run long after its limit, and never ended it. " +
        "Restart the orchestrator on the host and read its log",
      phases: PHASES,
    },
    shows: "TIMEOUT_TYPE_START_TO_CLOSE",
  },
  host_unavailable: {
    hostWaitSeconds: 3,
    async play({ world, histories }) {
      const run = world.plane.trigger(HOST, "succeeds");
      await world.plane.outbox.dispatched(run);
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: {
      status: "timed_out",
      reason: "host_unavailable",
      message: "No host took the run in time. Check that the host is online and has room for it",
      phases: [],
    },
    shows: "TIMEOUT_TYPE_SCHEDULE_TO_START",
  },
  host_lost: {
    hostWaitSeconds: 10,
    async play({ world, histories }) {
      const { address, keys } = world;
      const killable = await killableHost({ address, keys, hostId: HOST });
      const run = world.plane.trigger(HOST, "runs until the service stops");
      await world.plane.outbox.dispatched(run);
      await killable.until(`accepted ${run}`);
      await killable.kill();
      await histories.ended(runWorkflowId(run));
      return run;
    },
    outcome: HOST_LOST,
  },
};
