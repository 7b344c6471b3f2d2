/** Temporal sees the code of a failure and nothing of its text. */

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

/** What crosses the wire in the open: everything but the details, which the codec seals. */
function inTheOpen(thrown: unknown, isLast = false): unknown {
  const converter = new DefaultFailureConverter();
  const { message, stackTrace, cause, applicationFailureInfo } = converter.errorToFailure(
    concealed(thrown, isLast),
    defaultPayloadConverter,
  );
  const { type, nonRetryable } = applicationFailureInfo ?? {};
  return { message, stackTrace, cause, type, nonRetryable };
}

const open = (code: string, nonRetryable: boolean) => ({
  message: code,
  type: code,
  nonRetryable,
  stackTrace: "",
  cause: undefined,
});

Deno.test("a refusal shows its code and is final", () => {
  assert.deepEqual(inTheOpen(orderNotSigned()), open("policy_denied", true));
});

Deno.test("another problem shows its code and is tried again, however often", () => {
  assert.deepEqual(inTheOpen(runClosed("secret-run"), true), open("run_closed", false));
});

Deno.test("a bug shows nothing of itself, and is final at the last attempt only", () => {
  const bug = new TypeError("password=hunter2", { cause: new Error("hunter2") });
  assert.deepEqual(inTheOpen(bug), open("internal", false));
  assert.deepEqual(inTheOpen(bug, true), open("internal", true));
});

Deno.test("the text travels in the details", () => {
  const failure = concealed(new TypeError("x is not a function"), false);
  assert.ok(failure instanceof ApplicationFailure);
  assert.deepEqual(failure.details, ["x is not a function"]);
});

Deno.test("a cancellation passes as it is", () => {
  const canceled = new CancelledFailure("CANCELLED");
  assert.equal(concealed(canceled, false), canceled);
});

Deno.test("only attempts that ended with a bug count towards the last one", async () => {
  const interceptors = concealFailures(2);
  const info = { workflowExecution: { workflowId: "run-1" }, activityId: "1" };
  const putOff = ApplicationFailure.create({ type: "handed_back" });
  const attempt = async (attempt: number, thrown: Error) => {
    // Of all that an activity's context holds, only these words are read.
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
    const [index, thrown] of [putOff, putOff, new TypeError("x"), new TypeError("x")].entries()
  ) {
    ends.push(await attempt(index + 1, thrown));
  }
  assert.deepEqual(ends, [false, false, false, true]);
});
