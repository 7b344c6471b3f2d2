/** Sends a cancel to its host at once, as a standalone activity, which does not wait for the run's workflow. */

import { ActivityClient, ActivityExecutionAlreadyStartedError } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { ControlActivities, HostControlRequest } from "../contract/dispatch.ts";
import { cancelActivityId, controlQueue } from "../contract/temporal_names.ts";
import type { Clock } from "../ports.ts";

/**
 * Starts `cancelRun` on the run's host, once for each run however often it is called. Does nothing where
 * Temporal has no standalone activities. Rejects if Temporal has not answered within 10 s.
 *
 * It does not wait for the host. The run's workflow makes sure that the cancel arrives; this only makes it
 * arrive sooner.
 */
export type PushCancel = (request: HostControlRequest) => Promise<void>;

export interface CancelPushNeeds {
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Pick<Clock, "now">;
}

const ANSWER_MS = 10_000;
/** A host that is away for longer gets the cancel from the workflow, once it is back. */
const START_MS = 5_000;
/** Includes retries: another machine that polls the same queue may take the first attempt. */
const CLOSE_MS = 10_000;

/** Asks Temporal at once whether it has standalone activities. The answer holds for this connection. */
export function createCancelPush(
  connection: NativeConnection,
  { namespace, codec, clock }: CancelPushNeeds,
): PushCancel {
  const activities = new ActivityClient({
    connection,
    namespace,
    dataConverter: { payloadCodecs: [codec] },
  }).typed<ControlActivities>();

  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(clock.now().getTime() + ANSWER_MS, call);

  let supported: Promise<boolean> | undefined;
  const isSupported = (): Promise<boolean> => {
    supported ??= soon(async () => {
      const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
      return namespaceInfo?.capabilities?.standaloneActivities === true;
    });
    // If Temporal did not answer, the next cancel asks again.
    supported.catch(() => supported = undefined);
    return supported;
  };
  void isSupported();

  return async ({ host_id, run_id, installation_id }) => {
    if (!await isSupported()) return;
    await soon(async () => {
      try {
        await activities.start("cancelRun", {
          id: cancelActivityId(run_id),
          taskQueue: controlQueue(host_id),
          args: [{ run_id, installation_id }],
          idConflictPolicy: "USE_EXISTING",
          idReusePolicy: "REJECT_DUPLICATE",
          scheduleToStartTimeout: START_MS,
          scheduleToCloseTimeout: CLOSE_MS,
          retry: { initialInterval: 200, maximumInterval: 2_000 },
        });
      } catch (error) {
        if (!(error instanceof ActivityExecutionAlreadyStartedError)) throw error;
      }
    });
  };
}
