/** The host's two Temporal workers: one takes runs, the other takes their cancels and releases. */

import { Context } from "@temporalio/activity";
import type { PayloadCodec } from "@temporalio/common";
import { type NativeConnection, Worker, type WorkerOptions } from "@temporalio/worker";
import { anySignal } from "../../lib/async/abort.ts";
import type { ControlActivities, HostActivities } from "../../lib/contract/dispatch.ts";
import { controlQueueOf } from "../../lib/contract/temporal_names.ts";
import { handedBack } from "../../lib/temporal/hand_back.ts";
import { concealFailures } from "../../lib/temporal/payloads/failures.ts";
import { runWorkers } from "../../lib/temporal/runtime.ts";
import { type Attempt, Deferred, ForeignRun } from "../run/run.ts";
import type { HostWork } from "./work.ts";

export interface HostWorkerNeeds {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly codec: PayloadCodec;
  /** The host's queue of runs. */
  readonly taskQueue: string;
  /** How many runs this host takes at a time. Further runs wait in Temporal. */
  readonly runSlots: number;
  readonly work: HostWork;
}

export interface HostWorkers {
  /**
   * Takes work until the signal aborts, then detaches from what runs and resolves once Temporal knows.
   * Rejects when a worker fails. Call it once; the connection may be closed afterwards.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Moves to another connection. Runs are not affected, and the former connection may be closed. */
  moveTo(connection: NativeConnection): void;
}

/** Attempts after which a bug counts as permanent: about 20 s at the retry interval of `agentRun`. */
const BUG_ATTEMPTS = 10;
/**
 * More than the 4 partitions that a Temporal queue has by default. A task on a partition without a
 * poller is forwarded first, which more than doubled the time to a run's start (33 to 75 ms).
 */
const POLLS = 5;
/** Time until Temporal offers a deferred run again. */
const DEFERRED_FOR = "1 s";
/**
 * Time until Temporal offers a cancel or a release of another machine's run again (measured: 1 s). Either
 * machine may get it then.
 */
const FOREIGN_FOR = "500 ms";
/** Below the interval of our heartbeats, so that each of them is sent at once. */
const HEARTBEAT_THROTTLE = "500 ms";

/** Makes both workers on one connection. Rejects when Temporal does not know the namespace. */
export async function startHostWorkers(needs: HostWorkerNeeds): Promise<HostWorkers> {
  const { connection, namespace, codec, taskQueue, runSlots, work } = needs;
  const detach = new AbortController();
  const common = {
    connection,
    namespace,
    identity: taskQueue,
    dataConverter: { payloadCodecs: [codec] },
    interceptors: { activity: [concealFailures(BUG_ATTEMPTS)] },
    maxConcurrentActivityTaskPolls: POLLS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownForceTime: "15 s",
  } satisfies Omit<WorkerOptions, "taskQueue">;

  const runs: HostActivities = { runAgentJob: (signed) => attemptRun(work, signed, detach.signal) };
  const control: ControlActivities = {
    cancelRun: (request) => handingBackForeign(() => work.cancelRun(request)),
    releaseRun: (request) => handingBackForeign(() => work.releaseRun(request)),
  };
  const workers = [
    await Worker.create({
      ...common,
      taskQueue,
      activities: runs,
      maxConcurrentActivityTaskExecutions: runSlots,
    }),
    await Worker.create({
      ...common,
      taskQueue: controlQueueOf(taskQueue),
      activities: control,
    }),
  ];
  return {
    run: (signal) => runUntil(signal, workers, detach),
    moveTo(next) {
      for (const worker of workers) worker.connection = next;
    },
  };
}

/** Attempts detach first, so that the workers can still report their ends. */
async function runUntil(
  signal: AbortSignal,
  workers: readonly Worker[],
  detach: AbortController,
): Promise<void> {
  const stop = () => detach.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    // A host that cannot take cancels must not take runs, so neither worker outlives the other.
    await runWorkers(workers, signal);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function attemptRun(
  work: HostWork,
  signed: Parameters<HostWork["runAgentJob"]>[0],
  detach: AbortSignal,
): ReturnType<HostWork["runAgentJob"]> {
  const context = Context.current();
  const { canceled, givenUp } = cancellationSignals(context);
  using shutdown = anySignal(detach, givenUp);
  const attempt: Attempt = {
    heartbeat: () => context.heartbeat(),
    signal: canceled,
    shutdown: shutdown.signal,
    attempt: context.info.attempt,
    token: context.info.base64TaskToken,
  };
  try {
    return await work.runAgentJob(signed, attempt);
  } catch (thrown) {
    if (thrown instanceof Deferred) throw handedBack({ nextRetryDelay: DEFERRED_FOR });
    throw shutdown.signal.aborted || thrown instanceof ForeignRun ? handedBack() : thrown;
  }
}

async function handingBackForeign(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    throw thrown instanceof ForeignRun ? handedBack({ nextRetryDelay: FOREIGN_FOR }) : thrown;
  }
}

/** Temporal has one signal for every reason to stop. This splits it by the reason. */
function cancellationSignals(
  context: Context,
): { readonly canceled: AbortSignal; readonly givenUp: AbortSignal } {
  const canceled = new AbortController();
  const givenUp = new AbortController();
  const { cancellationSignal } = context;
  cancellationSignal.addEventListener("abort", () => {
    const isCancel = context.cancellationDetails?.cancelRequested === true;
    (isCancel ? canceled : givenUp).abort(cancellationSignal.reason);
  }, { once: true });
  return { canceled: canceled.signal, givenUp: givenUp.signal };
}
