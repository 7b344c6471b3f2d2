/** The plane's Temporal worker: runs the workflows, and writes what they report into the store. */

import type { PayloadCodec } from "@temporalio/common";
import { type NativeConnection, Worker } from "@temporalio/worker";
import type { PlaneActivities } from "../../lib/contract/dispatch.ts";
import { PLANE_QUEUE } from "../../lib/contract/temporal_names.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { concealFailures } from "../../lib/temporal/payloads/failures.ts";
import { readOrNothing } from "../../lib/temporal/payloads/read_or_nothing.ts";
import { readOutcome, readPhases } from "../runs/reports.ts";
import { fireSchedule } from "../schedules/fire.ts";
import type { RunOutbox, ScheduleStore } from "../store/mod.ts";

export interface PlaneWorkerNeeds {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Clock;
  readonly log: Log;
  /** The company's public key on record, PEM, which outcomes are held against; it may change over time. */
  readonly companyPublicPem: () => Promise<string | undefined>;
  readonly outbox: Pick<RunOutbox, "hostOf" | "recordPhases" | "recordOutcome">;
  readonly schedules: Pick<ScheduleStore, "fire">;
  /** Told when there is a run to dispatch. */
  readonly wake: () => void;
  /** The workflows as one script (workflow_bundle.ts). */
  readonly workflowBundle: { readonly code: string };
}

export function createPlaneWorker(needs: PlaneWorkerNeeds): Promise<Worker> {
  const { connection, namespace, codec, log, outbox, workflowBundle } = needs;
  const activities: PlaneActivities = {
    recordPhases: (runId, phases) => outbox.recordPhases(runId, readPhases(phases)),
    // Verified here and not in the workflow, which has no crypto and must come to the same end again.
    async recordOutcome(runId, report) {
      const hostId = await outbox.hostOf(runId);
      if (hostId === undefined) return;
      const run = { id: runId, hostId };
      await outbox.recordOutcome(runId, await readOutcome(report, { ...needs, run }));
    },
    fireSchedule: (jobId, fireTime) => fireSchedule(needs, { jobId, fireTime }),
  };
  return Worker.create({
    connection,
    namespace,
    identity: PLANE_QUEUE,
    taskQueue: PLANE_QUEUE,
    workflowBundle,
    activities,
    dataConverter: { payloadCodecs: [readOrNothing(codec, log)] },
    // An outcome is reported until it is on record, so no bug counts as lasting.
    interceptors: { activity: [concealFailures(Infinity)] },
    // Workflows in the main thread: one short workflow a run needs neither threads nor their memory.
    debugMode: true,
    reuseV8Context: true,
    shutdownForceTime: "5 s",
  });
}
