/** The demo ends with 0 only if each line is what it must be. */

import assert from "node:assert/strict";
import type { Run } from "../../../lib/contract/run.ts";
import { isTrue, storyTable } from "../../../tools/demo/table.ts";
import type { Story, Told } from "../../../tools/demo/story.ts";

const FAILED: Run = {
  id: "0b0e8a52-6a58-4a4e-9f0e-3a8f0e6c1d11",
  job_id: "job-1",
  job_name: "Warehouse lineage",
  host_id: "host-1",
  agent_type: "lineage",
  parameters: {},
  run_limit_seconds: 600,
  trigger: "manual",
  scheduled_for: null,
  status: "failed",
  reason: "exit_nonzero",
  message: "1 of 2 connections failed:\ntableau / sales",
  exit_code: 1,
  connections: [],
  phases: [],
  created_at: "2026-01-01T00:00:00.000Z",
  started_at: "2026-01-01T00:00:01.000Z",
  ended_at: "2026-01-01T00:00:03.500Z",
  cancel_requested_at: null,
};

/** A line that is as it must be, but for what is given. */
const told = (run: Partial<Run> = {}, more: Partial<Told> = {}): Told => ({
  title: "Warehouse lineage",
  run: { ...FAILED, ...run },
  startMs: 433,
  expected: {
    status: "failed",
    reason: "exit_nonzero",
    exitCode: 1,
    message: /^1 of 2 connections failed/,
  },
  missingLogs: [],
  ...more,
});

const CONFLICT = { status: 409, message: "409 run_already_active: Cannot trigger the job" };

const story = (last: Told = told(), conflict: Story["conflict"] = CONFLICT): Story => ({
  runs: [told(), told(), told(), last],
  ...(conflict && { conflict }),
});

Deno.test("a story is true when each line is, and not when one of them is not", () => {
  assert.equal(isTrue(story()), true);
  const lies: Readonly<Record<string, Story>> = {
    status: story(told({ status: "succeeded" })),
    reason: story(told({ reason: "oom_killed" })),
    "exit code": story(told({ exit_code: 0 })),
    message: story(told({ message: "the agent failed" })),
    "no message": story(told({ message: null })),
    "a log that is not there": story(told({}, { missingLogs: ["/srv/sales.log"] })),
    "no first instruction": story(told({}, { startMs: 0 })),
    "a second trigger that failed otherwise": story(told(), { ...CONFLICT, status: 500 }),
    "a second trigger that was accepted": { runs: story().runs },
    "a run that is missing": { ...story(), runs: story().runs.slice(1) },
  };
  for (const [what, lie] of Object.entries(lies)) assert.equal(isTrue(lie), false, what);
});

Deno.test("the table has each run's line, the refusal, and every message in full", () => {
  const text = storyTable({ runs: [told({ reason: "oom_killed" })], conflict: CONFLICT });
  assert.deepEqual(text.split("\n"), [
    "run                agent type    status  reason      start ms  duration",
    "Warehouse lineage  Lineage Plus  failed  oom_killed  433       2.5 s     " +
    "WANTED failed, exit code 1, message /^1 of 2 connections failed/",
    "",
    "second trigger during an active run: 409 run_already_active: Cannot trigger the job",
    "",
    "Warehouse lineage:",
    "  1 of 2 connections failed:",
    "  tableau / sales",
  ]);
});
