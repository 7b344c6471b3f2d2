/** Reports of hosts as the plane takes them. */

import assert from "node:assert/strict";
import { readOutcome, readPhases } from "../../control_plane/reports.ts";
import { manualClock } from "../fakes/clock.ts";

const ENDED = "2026-01-01T00:00:05.000Z";
const ACCEPTED = { phase: "accepted", at: "2026-01-01T00:00:01.000Z" } as const;

Deno.test("an outcome of the contract is recorded as it was reported", () => {
  const outcome = {
    status: "failed",
    reason: "exit_nonzero",
    message: "Agent ended with exit code 3",
    exit_code: 3,
    phases: [ACCEPTED],
    ended_at: ENDED,
  } as const;
  assert.deepEqual(readOutcome(outcome, manualClock()), outcome);
});

// A compromised host reports megabytes of text as its failure message, to fill the plane's store.
Deno.test("a message longer than the limit is cut, whatever the host says", () => {
  const message = "é".repeat(1_000_000);
  const { message: recorded = "" } = readOutcome(
    { status: "failed", reason: "internal", message, phases: [], ended_at: ENDED },
    manualClock(),
  );
  assert.deepEqual(
    [new TextEncoder().encode(recorded).length <= 4096, recorded.startsWith("éé")],
    [true, true],
  );
});

// A compromised host reports something of another form, so that recording it fails for ever and the
// job stays occupied.
Deno.test("an outcome of no known form ends the run as failed and says where it breaks", () => {
  assert.deepEqual(
    readOutcome({ status: "gone", phases: [], ended_at: ENDED }, manualClock()),
    {
      status: "failed",
      reason: "internal",
      message: "The host reported an outcome that cannot be read (status: Invalid type: Expected " +
        '("succeeded" | "failed" | "timed_out" | "canceled") but received "gone"). Look at the ' +
        "run's folder on the host, and bring host and control plane to the same version",
      phases: [],
      ended_at: "2026-01-01T00:00:00.000Z",
    },
  );
});

Deno.test("of reported phases those are taken that can be read", () => {
  assert.deepEqual(readPhases([ACCEPTED, { phase: "flying", at: ENDED }, "running"]), [ACCEPTED]);
  assert.deepEqual(readPhases("accepted"), []);
});
