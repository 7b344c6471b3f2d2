import assert from "node:assert/strict";
import type { Run, RunOutcome } from "../../../lib/contract/run.ts";
import { emptyLedger, type StoredRows } from "./evidence.ts";
import { type Evidence, runViolations, writeViolations } from "./violations.ts";

const ENDED = "2026-01-01T00:00:01.000Z";
const DONE: RunOutcome = { status: "succeeded", exit_code: 0, phases: [], ended_at: ENDED };

function runOf(id: string, change: Partial<Run> = {}): Run {
  return {
    id,
    job_id: "j-1",
    job_name: "Nightly",
    host_id: "host-1",
    agent_type: "datahealth",
    parameters: { file_name: "succeeds" },
    run_limit_seconds: 60,
    trigger: "manual",
    scheduled_for: null,
    status: "succeeded",
    reason: null,
    message: null,
    exit_code: 0,
    connections: [],
    phases: [],
    created_at: "2026-01-01T00:00:00.000Z",
    started_at: null,
    ended_at: ENDED,
    cancel_requested_at: null,
    ...change,
  };
}

const CANCELED = runOf("r-2", {
  status: "canceled",
  exit_code: null,
  reason: "canceled_by_user",
  message: "Canceled before the host started it",
  cancel_requested_at: ENDED,
});

const audited = (action: string, target_id: string, target_name = "") => ({
  action,
  target_id,
  target_name,
  details: {},
});

/** A run that succeeded, one that was canceled before it began, a job that was edited, and a removed key. */
function evidence(): Evidence {
  const ledger = {
    ...emptyLedger(),
    triggered: new Set(["r-1", "r-2"]),
    cancelsSent: new Set(["r-2"]),
    cancelsAccepted: new Set(["r-2"]),
    names: new Map([["j-1", ["Hourly"]]]),
    keysRemoved: new Set(["k-2"]),
  };
  const runs = [runOf("r-1"), CANCELED];
  const rows: StoredRows = {
    runs,
    jobs: [{ id: "j-1", name: "Hourly", version: 2 }],
    keys: ["k-1"],
    faults: [],
    audit: [
      audited("host.register", "host-1"),
      audited("job.create", "j-1", "Nightly"),
      audited("job.update", "j-1", "Hourly"),
      audited("key.create", "k-1"),
      audited("key.create", "k-2"),
      audited("key.remove", "k-2"),
      audited("run.trigger", "r-1"),
      audited("run.trigger", "r-2"),
      audited("run.cancel", "r-2"),
    ],
  };
  const host = { given: new Map([["r-1", 1]]), ended: new Map([["r-1", DONE]]), overlapping: [] };
  return { ledger, runs, rows, hosts: [host] };
}

/** Replaces the runs in REST and in the store. */
function withRuns(...runs: readonly Run[]): Evidence {
  const { rows, ...rest } = evidence();
  return { ...rest, runs, rows: { ...rows, runs } };
}

function withHost(change: Partial<Evidence["hosts"][number]>): Evidence {
  const { hosts: [host], ...rest } = evidence();
  if (!host) throw new Error("there is no host");
  return { ...rest, hosts: [{ ...host, ...change }] };
}

function withRows(change: (rows: StoredRows) => Partial<StoredRows>): Evidence {
  const { rows, ...rest } = evidence();
  return { ...rest, rows: { ...rows, ...change(rows) } };
}

Deno.test("consistent evidence has no violations", () => {
  assert.deepEqual(runViolations(evidence()), []);
  assert.deepEqual(writeViolations(evidence()), []);
});

Deno.test("runs that were lost, doubled, stuck or recorded wrongly are named", () => {
  const [first] = [runOf("r-1")];
  const untriggered = runViolations(withRuns(first, CANCELED, runOf("r-3")));
  assert.deepEqual(untriggered, ["run r-3 of job j-1: no caller triggered it"]);
  assert.deepEqual(runViolations(withRuns(first)), ["run r-2: lost"]);
  const stuck = { status: "running", ended_at: null, exit_code: null } as const;
  assert.deepEqual(runViolations(withRuns(runOf("r-1", stuck), CANCELED)), [
    "run r-1 of job j-1: stuck, running",
  ]);
  const wrong = runOf("r-1", { status: "failed", exit_code: 1 });
  assert.deepEqual(runViolations(withRuns(wrong, CANCELED)), [
    `run r-1 of job j-1: its host reported ["succeeded",0,"${ENDED}"], ` +
    `the record is ["failed",1,"${ENDED}"]`,
  ]);
  assert.deepEqual(runViolations(withHost({ ended: new Map() })), [
    "run r-1 of job j-1: never begun, but recorded as succeeded (null): null",
  ]);
  assert.deepEqual(runViolations(withHost({ given: new Map([["r-1", 2], ["r-9", 1]]) })), [
    "run r-1: given to its host 2 times",
    "run r-9: given to its host, but not recorded",
  ]);
  assert.deepEqual(runViolations(withHost({ overlapping: ["r-1"] })), [
    "run r-1: begun while another run of its job was active",
  ]);
});

Deno.test("writes that were lost, torn or doubled are named", () => {
  const without = (line: string) =>
    withRows(({ audit }) => ({
      audit: audit.filter(({ action, target_id }) => `${action} ${target_id}` !== line),
    }));
  assert.deepEqual(writeViolations(without("run.trigger r-1")), [
    "audit: missing: run.trigger r-1",
  ]);
  assert.deepEqual(writeViolations(without("job.update j-1")), [
    "audit: missing: job.update j-1 Hourly",
  ]);
  const twice = ({ audit }: StoredRows) => ({ audit: [...audit, audited("key.remove", "k-2")] });
  assert.deepEqual(writeViolations(withRows(twice)), ["audit: 1 too many: key.remove k-2"]);
  const unchanged = { jobs: [{ id: "j-1", name: "Nightly", version: 1 }] };
  assert.deepEqual(writeViolations(withRows(() => unchanged)), [
    "job j-1: differs from its last change",
  ]);
  assert.deepEqual(writeViolations(withRows(() => ({ keys: ["k-1", "k-2"] }))), [
    "key k-2: removed, but still there",
  ]);
  assert.deepEqual(writeViolations(withRows(() => ({ faults: ["row 7 missing from index"] }))), [
    "SQLite: row 7 missing from index",
  ]);
  assert.deepEqual(
    writeViolations(withRuns(runOf("r-1"), { ...CANCELED, cancel_requested_at: null })),
    ["audit: 1 too many: run.cancel r-2", "run r-2: its cancel was lost"],
  );
});
