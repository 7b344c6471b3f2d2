/** The plane's Temporal worker: runs the workflows, and writes what they report into the store. */

import type { PayloadCodec } from "@temporalio/common";
import { type NativeConnection, Worker } from "@temporalio/worker";
import { PLANE_QUEUE, type PlaneActivities } from "../lib/contract/dispatch.ts";
import type { Clock } from "../lib/ports.ts";
import { concealFailures } from "../lib/temporal/failures.ts";
import { readOutcome, readPhases } from "./reports.ts";
import type { RunOutbox } from "./store/mod.ts";

export interface PlaneWorkerNeeds {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Clock;
  readonly outbox: Pick<RunOutbox, "recordPhases" | "recordOutcome">;
  /** The workflows as one script (workflow_bundle.ts). */
  readonly workflowBundle: { readonly code: string };
}

export function createPlaneWorker(needs: PlaneWorkerNeeds): Promise<Worker> {
  const { connection, namespace, codec, outbox, clock, workflowBundle } = needs;
  const activities: PlaneActivities = {
    recordPhases: (runId, phases) => outbox.recordPhases(runId, readPhases(phases)),
    recordOutcome: (runId, outcome) => outbox.recordOutcome(runId, readOutcome(outcome, clock)),
  };
  return Worker.create({
    connection,
    namespace,
    identity: PLANE_QUEUE,
    taskQueue: PLANE_QUEUE,
    workflowBundle,
    activities,
    dataConverter: { payloadCodecs: [codec] },
    // An outcome is reported until it is on record, so no bug counts as lasting.
    interceptors: { activity: [concealFailures(Infinity)] },
    // Workflows in the main thread: one short workflow a run needs neither threads nor their memory.
    debugMode: true,
    reuseV8Context: true,
    shutdownForceTime: "15 s",
  });
}
