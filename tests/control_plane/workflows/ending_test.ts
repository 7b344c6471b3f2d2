/** The outcome of a run whose host did not report one. */

import assert from "node:assert/strict";
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from "@temporalio/common";
import { outcomeOfFailure, type RunFacts } from "../../../control_plane/workflows/ending.ts";

const now = "2026-01-01T00:00:00.000Z";
const phases = [{ phase: "accepted", at: now }] as const;
const untouched: RunFacts = { phases: [], cancelAsked: false, hostSilent: false, now };
const accepted: RunFacts = { ...untouched, phases };

function activityFailure(cause: Error): ActivityFailure {
  return new ActivityFailure("failed", "runAgentJob", "1", RetryState.TIMEOUT, "", cause);
}
const timeout = (type: TimeoutType) => new TimeoutFailure("late", undefined, type);
const handedBack = ApplicationFailure.retryable("handed_back", "handed_back");
const denied = ApplicationFailure.nonRetryable(
  "policy_denied",
  "policy_denied",
  "Cannot accept it",
);
const bug = ApplicationFailure.nonRetryable("internal", "internal", "x is not a function");
const canceled = new CancelledFailure("canceled");
const asked: RunFacts = { ...accepted, cancelAsked: true };

const CASES = [
  [
    "no host accepted it",
    timeout(TimeoutType.SCHEDULE_TO_START),
    untouched,
    "timed_out host_unavailable",
  ],
  [
    "its host did not come back",
    timeout(TimeoutType.SCHEDULE_TO_START),
    accepted,
    "failed host_lost",
  ],
  [
    "its host stopped responding after a cancel",
    timeout(TimeoutType.HEARTBEAT),
    asked,
    "failed host_lost",
  ],
  ["its host never ended it", timeout(TimeoutType.START_TO_CLOSE), accepted, "failed internal"],
  [
    "it was canceled in the queue",
    canceled,
    { ...untouched, cancelAsked: true },
    "canceled canceled_by_user",
  ],
  ["it was lost and canceled before it was accepted", timeout(TimeoutType.HEARTBEAT), {
    ...untouched,
    cancelAsked: true,
  }, "canceled canceled_by_user"],
  ["its host reports that it started nothing", canceled, asked, "canceled canceled_by_user"],
  [
    "its host was offline for the cancel",
    canceled,
    { ...asked, hostSilent: true },
    "failed host_lost",
  ],
  ["its host stopped after the cancel", handedBack, asked, "failed host_lost"],
  ["its order was refused", denied, untouched, "failed policy_denied"],
  [
    "its order was refused and it was canceled",
    denied,
    { ...untouched, cancelAsked: true },
    "failed policy_denied",
  ],
  ["its host has a bug", bug, accepted, "failed internal"],
] as const;

for (const [what, cause, facts, expected] of CASES) {
  Deno.test(`a run ends as ${expected} when ${what}`, () => {
    const { message, ...outcome } = outcomeOfFailure(activityFailure(cause), facts);
    const [status, reason] = expected.split(" ");
    assert.deepEqual(outcome, { status, reason, phases: [...facts.phases], ended_at: now });
    assert.ok(message);
  });
}

Deno.test("the text of a concealed failure is the run's message", () => {
  const { message } = outcomeOfFailure(activityFailure(denied), untouched);
  assert.equal(message, "Cannot accept it");
});

Deno.test("the message of a run whose host does not respond says what the host does when it is back", () => {
  const { message } = outcomeOfFailure(activityFailure(canceled), { ...asked, hostSilent: true });
  assert.equal(
    message,
    "Cancel was asked for and the host has not answered. The container may still run: " +
      "when the host is back, it stops the container and removes it",
  );
});
