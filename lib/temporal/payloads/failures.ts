/** What a failed activity tells Temporal: a code in the open, the text under seal. */

import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { Problem, reasonOf } from "../../problems/problem.ts";

/**
 * An interceptor that turns whatever an activity throws into a failure that may be seen.
 *
 * Temporal keeps a failure's message and stack as plain text (the SDK takes another converter only
 * as a path to `require`, which a bundle has not). So the message is the code alone, the stack is
 * empty, and the text goes into the details, which pass through the codec.
 *
 * `policy_denied` is not retryable. What is no Problem is a bug, `internal`: it is tried again, as
 * the cause may lie outside, but not once `bugAttempts` attempts in a row have ended so in this
 * process. Temporal's own count would not do: it has those that were put off or handed back as well.
 */
export function concealFailures(bugAttempts: number): ActivityInterceptorsFactory {
  const bugs = new Map<string, number>();
  return ({ info: { workflowExecution, activityId } }) => ({
    inbound: {
      async execute(input, next) {
        const activity = `${workflowExecution?.workflowId} ${activityId}`;
        const before = bugs.get(activity) ?? 0;
        bugs.delete(activity);
        try {
          return await next(input);
        } catch (thrown) {
          const isLast = before + 1 >= bugAttempts;
          const failure = concealed(thrown, isLast);
          const isBug = failure instanceof ApplicationFailure && failure.type === "internal";
          if (isBug && !isLast) bugs.set(activity, before + 1);
          throw failure;
        }
      },
    },
  });
}

/** The failure that an activity ends with; `isLast` says that a bug is not worth another attempt. */
export function concealed(thrown: unknown, isLast: boolean): Error {
  if (thrown instanceof ApplicationFailure || thrown instanceof CancelledFailure) return thrown;
  const code = thrown instanceof Problem ? thrown.code : "internal";
  const failure = ApplicationFailure.create({
    message: code,
    type: code,
    nonRetryable: thrown instanceof Problem ? code === "policy_denied" : isLast,
    details: [reasonOf(thrown)],
  });
  failure.stack = "";
  return failure;
}
