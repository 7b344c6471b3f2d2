import assert from "node:assert/strict";
import type { Run } from "../../../lib/contract/run.ts";
import { isAllExpected, resultTable } from "../../../tools/demo/table.ts";
import type { DemoResult, ScenarioResult } from "../../../tools/demo/scenarios.ts";

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

/** An expected result, changed as given. */
const line = (run: Partial<Run> = {}, more: Partial<ScenarioResult> = {}): ScenarioResult => ({
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

const result = (
  last: ScenarioResult = line(),
  conflict: DemoResult["conflict"] = CONFLICT,
): DemoResult => ({
  runs: [line(), line(), line(), last],
  ...(conflict && { conflict }),
});

Deno.test("the demo succeeds only if every run and the second trigger end as expected", () => {
  assert.equal(isAllExpected(result()), true);
  const wrong: Readonly<Record<string, DemoResult>> = {
    status: result(line({ status: "succeeded" })),
    reason: result(line({ reason: "oom_killed" })),
    "exit code": result(line({ exit_code: 0 })),
    message: result(line({ message: "the agent failed" })),
    "no message": result(line({ message: null })),
    "a missing log": result(line({}, { missingLogs: ["/srv/sales.log"] })),
    "no first instruction": result(line({}, { startMs: 0 })),
    "a second trigger that failed otherwise": result(line(), { ...CONFLICT, status: 500 }),
    "a second trigger that was accepted": { runs: result().runs },
    "a missing run": { ...result(), runs: result().runs.slice(1) },
  };
  for (const [what, other] of Object.entries(wrong)) {
    assert.equal(isAllExpected(other), false, what);
  }
});

Deno.test("the table shows each run, the refused trigger, and every message in full", () => {
  const text = resultTable({ runs: [line({ reason: "oom_killed" })], conflict: CONFLICT });
  assert.deepEqual(text.split("\n"), [
    "run                agent type    status  reason      start ms  duration",
    "Warehouse lineage  Lineage Plus  failed  oom_killed  433       2.5 s     " +
    "EXPECTED failed, exit code 1, message /^1 of 2 connections failed/",
    "",
    "second trigger during an active run: 409 run_already_active: Cannot trigger the job",
    "",
    "Warehouse lineage:",
    "  1 of 2 connections failed:",
    "  tableau / sales",
  ]);
});
