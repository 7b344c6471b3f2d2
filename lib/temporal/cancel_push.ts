/** Sends a cancel to its host at once, as a standalone activity, which does not wait for the run's workflow. */

import { ActivityClient, ActivityExecutionAlreadyStartedError } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { ControlActivities, HostControlRequest } from "../contract/dispatch.ts";
import { cancelActivityId, controlQueue } from "../contract/temporal_names.ts";
import type { Clock, Log } from "../ports.ts";
import { reasonOf } from "../problems/problem.ts";

/**
 * Starts `cancelRun` on the run's host, once for each run however often it is called. Returns at once:
 * `false` if it does nothing, because Temporal has no standalone activities or did not say so.
 *
 * A failure is only logged, at debug level. The run's workflow makes sure that the cancel arrives; this
 * only makes it arrive sooner.
 */
export type PushCancel = (request: HostControlRequest) => boolean;

export interface CancelPushNeeds {
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

const ANSWER_MS = 10_000;
/** A host that is away for longer gets the cancel from the workflow, once it is back. */
const START_MS = 5_000;
/** Includes retries: another machine that polls the same queue may take the first attempt. */
const CLOSE_MS = 10_000;

/**
 * Asks Temporal whether it has standalone activities. The answer holds for this connection. If Temporal
 * does not answer, the next cancel asks again.
 */
export async function createCancelPush(
  connection: NativeConnection,
  { namespace, codec, clock, log }: CancelPushNeeds,
): Promise<PushCancel> {
  const activities = new ActivityClient({
    connection,
    namespace,
    dataConverter: { payloadCodecs: [codec] },
  }).typed<ControlActivities>();

  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(clock.now().getTime() + ANSWER_MS, call);

  let isSupported: boolean | "asking" | undefined;
  const ask = async (): Promise<void> => {
    isSupported = "asking";
    try {
      const { namespaceInfo } = await soon(() =>
        connection.workflowService.describeNamespace({ namespace })
      );
      isSupported = namespaceInfo?.capabilities?.standaloneActivities === true;
    } catch (error) {
      isSupported = undefined;
      log("debug", "could not ask temporal for its capabilities", { error: reasonOf(error) });
    }
  };

  const start = async ({ host_id, run_id, installation_id }: HostControlRequest): Promise<void> => {
    try {
      await soon(() =>
        activities.start("cancelRun", {
          id: cancelActivityId(run_id),
          taskQueue: controlQueue(host_id),
          args: [{ run_id, installation_id }],
          idConflictPolicy: "USE_EXISTING",
          idReusePolicy: "REJECT_DUPLICATE",
          scheduleToStartTimeout: START_MS,
          scheduleToCloseTimeout: CLOSE_MS,
          retry: { initialInterval: 200, maximumInterval: 2_000 },
        })
      );
    } catch (error) {
      if (error instanceof ActivityExecutionAlreadyStartedError) return;
      log("debug", "could not push a cancel, leaving it to the workflow", {
        run_id,
        error: reasonOf(error),
      });
    }
  };

  await ask();
  return (request) => {
    if (isSupported === undefined) void ask();
    if (isSupported !== true) return false;
    void start(request);
    return true;
  };
}
