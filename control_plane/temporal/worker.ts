/** The control plane's Temporal worker: runs the workflows and records what they report. */

import type { PayloadCodec } from "@temporalio/common";
import { type NativeConnection, Worker } from "@temporalio/worker";
import type { PlaneActivities } from "../../lib/contract/dispatch.ts";
import { PLANE_QUEUE } from "../../lib/contract/temporal_names.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { concealFailures } from "../../lib/temporal/payloads/failures.ts";
import { tolerantCodec } from "../../lib/temporal/payloads/codec.ts";
import { readOutcome, readPhases } from "../runs/reports.ts";
import { fireSchedule } from "../schedules/fire.ts";
import type { RunOutbox, ScheduleStore } from "../store/mod.ts";

export interface PlaneWorkerNeeds {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns the company's recorded public key, PEM, which verifies outcomes; it may change over time. */
  readonly companyPublicPem: () => Promise<string | undefined>;
  readonly outbox: Pick<RunOutbox, "hostOf" | "recordPhases" | "recordOutcome">;
  readonly schedules: Pick<ScheduleStore, "fire">;
  /** Called when a run was queued. */
  readonly wake: () => void;
  /** The bundled workflows (workflow_bundle.ts). */
  readonly workflowBundle: { readonly code: string };
}

export function createPlaneWorker(needs: PlaneWorkerNeeds): Promise<Worker> {
  const { connection, namespace, codec, log, outbox, workflowBundle } = needs;
  const activities: PlaneActivities = {
    recordPhases: (runId, phases) => outbox.recordPhases(runId, readPhases(phases)),
    // Verified here, because a workflow has no crypto and must be deterministic.
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
    dataConverter: { payloadCodecs: [tolerantCodec(codec, log)] },
    // Retried until the outcome is recorded, so no failure is final.
    interceptors: { activity: [concealFailures(Infinity)] },
    // Runs workflows in the main thread: one short workflow per run needs no threads or their memory.
    debugMode: true,
    reuseV8Context: true,
    shutdownForceTime: "5 s",
  });
}
