/** Calls the runs' workflows: the control plane starts and cancels them, and the host reports to them. */

import {
  Client,
  type WorkflowExecutionStatusName,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { type PayloadCodec, WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { AgentRunInput } from "../contract/dispatch.ts";
import type { PhaseStamp } from "../contract/run.ts";
import {
  AGENT_RUN_WORKFLOW,
  PHASES_SIGNAL,
  PLANE_QUEUE,
  runWorkflowId,
} from "../contract/temporal_names.ts";
import type { Clock } from "../ports.ts";
import { runClosed } from "../problems/run.ts";

/** Every call may be repeated, and rejects if Temporal has not answered within 10 s. */
export interface RunClient {
  /** Starts the workflow of a run; does nothing if it was started before. */
  start(input: AgentRunInput): Promise<void>;
  /** Asks the workflow to cancel; `false` if it has ended, or Temporal does not know it. */
  cancel(runId: string): Promise<boolean>;
  /**
   * Resolves once the phases are in Temporal's history.
   * @throws `run_closed` if the run has ended
   */
  signalPhases(runId: string, stamps: readonly PhaseStamp[]): Promise<void>;
  /** Whether the workflow has ended, or Temporal does not know it. */
  isClosed(runId: string): Promise<boolean>;
}

export interface RunClientNeeds {
  readonly namespace: string;
  readonly codec: PayloadCodec;
  readonly clock: Pick<Clock, "now">;
}

const ANSWER_MS = 10_000;
/** Listed one by one, so that a state that a later Temporal adds ("paused" was one) does not count as ended. */
const CLOSED: ReadonlySet<string> = new Set<WorkflowExecutionStatusName>([
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "TERMINATED",
  "TIMED_OUT",
  "CONTINUED_AS_NEW",
]);

export function createRunClient(
  connection: NativeConnection,
  { namespace, codec, clock }: RunClientNeeds,
): RunClient {
  const dataConverter = { payloadCodecs: [codec] };
  const { workflow } = new Client({ connection, namespace, dataConverter });

  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(clock.now().getTime() + ANSWER_MS, call);
  const ofRun = (runId: string): WorkflowHandle => workflow.getHandle(runWorkflowId(runId));

  return {
    start: (input) =>
      soon(async () => {
        try {
          await workflow.start(AGENT_RUN_WORKFLOW, {
            workflowId: runWorkflowId(input.run_id),
            taskQueue: PLANE_QUEUE,
            args: [input],
            workflowIdReusePolicy: "REJECT_DUPLICATE",
            requestEagerStart: true,
          });
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    cancel: (runId) =>
      soon(async () => {
        try {
          await ofRun(runId).cancel();
          return true;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      }),

    signalPhases: (runId, stamps) =>
      soon(async () => {
        try {
          await ofRun(runId).signal(PHASES_SIGNAL, stamps);
        } catch (error) {
          throw error instanceof WorkflowNotFoundError ? runClosed(runId) : error;
        }
      }),

    isClosed: (runId) =>
      soon(async () => {
        try {
          const { status } = await ofRun(runId).describe();
          return CLOSED.has(status.name);
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return true;
          throw error;
        }
      }),
  };
}
