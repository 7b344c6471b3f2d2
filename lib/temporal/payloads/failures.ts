/** Turns an activity's error into a failure whose code is public and whose text is encrypted. */

import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { Problem, reasonOf } from "../../problems/problem.ts";

/**
 * An interceptor that turns everything an activity throws into a failure that Temporal may store.
 *
 * Temporal stores a failure's message and stack as plain text. (The SDK takes another converter only as
 * a path to `require`, which a bundle does not have.) So the message is the code alone, the stack is
 * empty, and the text goes into the details, which pass through the codec.
 *
 * `policy_denied` is not retryable. An error that is no Problem is a bug, with the code `internal`. A bug
 * is retried, because its cause may be outside, until `bugAttempts` attempts in a row have ended with
 * one in this process. Temporal's own count cannot be used: it includes deferred and released attempts.
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

/** Returns the failure that an activity ends with; `isLast` makes a bug not retryable. */
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
