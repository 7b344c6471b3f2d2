/** What a failed activity tells Temporal: a code in the open, the text under seal. */

import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { Problem, reasonOf } from "../problem.ts";

/**
 * An interceptor that turns whatever an activity throws into a failure that may be seen.
 *
 * Temporal keeps a failure's message and stack as plain text (the SDK takes another converter only
 * as a path to `require`, which a bundle has not). So the message is the code alone, the stack is
 * empty, and the text goes into the details, which pass through the codec.
 *
 * `policy_denied` is not retryable. What is no Problem is a bug, `internal`: it is tried again, as
 * the cause may lie outside, but not once `bugAttempts` attempts have been made.
 */
export function concealFailures(bugAttempts: number): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (thrown) {
          throw concealed(thrown, info.attempt >= bugAttempts);
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
