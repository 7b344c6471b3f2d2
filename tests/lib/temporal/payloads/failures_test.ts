/** Temporal can read the code of a failure, and none of its text. */

import assert from "node:assert/strict";
import type { Context } from "@temporalio/activity";
import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
} from "@temporalio/common";
import { orderNotSigned, runClosed } from "../../../../lib/problems/run.ts";
import { concealed, concealFailures } from "../../../../lib/temporal/payloads/failures.ts";

/** The plain-text part of a failure: everything but the details, which the codec encrypts. */
function plainPart(thrown: unknown, isLast = false): unknown {
  const converter = new DefaultFailureConverter();
  const { message, stackTrace, cause, applicationFailureInfo } = converter.errorToFailure(
    concealed(thrown, isLast),
    defaultPayloadConverter,
  );
  const { type, nonRetryable } = applicationFailureInfo ?? {};
  return { message, stackTrace, cause, type, nonRetryable };
}

const failureOf = (code: string, nonRetryable: boolean) => ({
  message: code,
  type: code,
  nonRetryable,
  stackTrace: "",
  cause: undefined,
});

Deno.test("a refusal shows its code and is not retried", () => {
  assert.deepEqual(plainPart(orderNotSigned()), failureOf("policy_denied", true));
});

Deno.test("any other Problem shows its code and is always retried", () => {
  assert.deepEqual(plainPart(runClosed("secret-run"), true), failureOf("run_closed", false));
});

Deno.test("a bug shows nothing of its text, and is not retried after the last attempt", () => {
  const bug = new TypeError("password=hunter2", { cause: new Error("hunter2") });
  assert.deepEqual(plainPart(bug), failureOf("internal", false));
  assert.deepEqual(plainPart(bug, true), failureOf("internal", true));
});

Deno.test("the text is in the details", () => {
  const failure = concealed(new TypeError("x is not a function"), false);
  assert.ok(failure instanceof ApplicationFailure);
  assert.deepEqual(failure.details, ["x is not a function"]);
});

Deno.test("a cancellation is not changed", () => {
  const canceled = new CancelledFailure("CANCELLED");
  assert.equal(concealed(canceled, false), canceled);
});

Deno.test("only attempts that failed with a bug count towards the limit", async () => {
  const interceptors = concealFailures(2);
  const info = { workflowExecution: { workflowId: "run-1" }, activityId: "1" };
  const released = ApplicationFailure.create({ type: "handed_back" });
  const attempt = async (attempt: number, thrown: Error) => {
    // The interceptor reads only these fields of an activity's context.
    const { inbound } = interceptors({ info: { ...info, attempt } } as Context);
    const failure = await inbound?.execute?.(
      { args: [], headers: {} },
      () => Promise.reject(thrown),
    )
      .catch((error) => error);
    return failure instanceof ApplicationFailure && failure.nonRetryable;
  };
  const ends = [];
  for (
    const [index, thrown] of [released, released, new TypeError("x"), new TypeError("x")].entries()
  ) {
    ends.push(await attempt(index + 1, thrown));
  }
  assert.deepEqual(ends, [false, false, false, true]);
});
