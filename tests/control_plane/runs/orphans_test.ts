/** Runs whose workflow was ended from outside are found and ended, and no others. */

import assert from "node:assert/strict";
import { findOrphans, watchOrphans } from "../../../control_plane/runs/orphans.ts";
import type { DispatchableRun } from "../../../control_plane/store/mod.ts";
import { memoryOutbox } from "../../fakes/control_plane/run_outbox.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const queued = (run_id: string): DispatchableRun => ({
  run_id,
  host_id: "host-1",
  installation_id: "00000000-0000-4000-8000-000000000001",
  job_id: `job of ${run_id}`,
  job_name: "Nightly",
  task: { agent_type: "lineage", parameters: { connectors: ["snowflake"] } },
  run_limit_seconds: 60,
  created_at: "2026-01-01T00:00:00.000Z",
});

type Workflow = "open" | "closed" | "no answer";

/** Dispatched runs, and a Temporal that returns these states of their workflows. */
async function dispatched(runs: Readonly<Record<string, Workflow>>) {
  const outbox = memoryOutbox();
  for (const run of Object.keys(runs)) {
    outbox.add(queued(run));
    await outbox.claim([run]);
    await outbox.markDispatched(run);
  }
  const asked: string[] = [];
  const lines: string[] = [];
  const needs = {
    outbox,
    workflows: {
      isClosed: (run: string) => {
        asked.push(run);
        if (runs[run] === "no answer") return Promise.reject(new Error("deadline exceeded"));
        return Promise.resolve(runs[run] === "closed");
      },
    },
    clock: virtualClock(),
    log: (level: string, message: string) => void lines.push(`${level} ${message}`),
  };
  return { needs, outbox, asked, lines };
}

const never = new AbortController().signal;

Deno.test("a run without an outcome whose workflow is closed is ended", async () => {
  const { needs, outbox, lines } = await dispatched({ a: "open", b: "closed", c: "open" });
  assert.deepEqual(await findOrphans(needs, { after: "", signal: never }), {
    after: "",
    answered: 3,
  });
  assert.deepEqual(outbox.outcomes("b"), [{
    status: "failed",
    reason: "host_lost",
    message: "Temporal no longer has this run's workflow, and how the run ended is not known. " +
      "A container that still runs is stopped by its host within a minute",
    phases: [],
    ended_at: "2026-01-01T00:00:00.000Z",
  }]);
  assert.deepEqual([outbox.outcomes("a"), outbox.outcomes("c")], [[], []]);
  assert.deepEqual(lines, ["info ended a run whose workflow is gone"]);
});

Deno.test("a run is not ended if Temporal does not respond, and the next ones are checked", async () => {
  const { needs, outbox, asked } = await dispatched({ a: "no answer", b: "closed" });
  const first = await findOrphans(needs, { after: "", signal: never });
  assert.deepEqual(first, {
    after: "job of a",
    answered: 0,
    error: new Error("deadline exceeded"),
  });
  assert.deepEqual([asked, outbox.outcomes("a"), outbox.outcomes("b")], [["a"], [], []]);
  await findOrphans(needs, { after: first.after, signal: never });
  assert.deepEqual([outbox.outcomes("a"), outbox.outcomes("b").length], [[], 1]);
});

Deno.test("each check covers a hundred runs at most", async () => {
  const names = Array.from({ length: 230 }, (_, index) => `run-${String(index).padStart(3, "0")}`);
  const runs = Object.fromEntries(names.map((name) => [name, "open"] as const));
  const { needs, asked } = await dispatched(runs);
  const checked = [];
  let after = "";
  do {
    ({ after } = await findOrphans(needs, { after, signal: never }));
    checked.push(asked.length);
  } while (after !== "");
  assert.deepEqual(checked, [100, 200, 230]);
  assert.deepEqual(asked, names);
});

Deno.test("an outage of Temporal is logged at its begin and its end only", async () => {
  const runs: Record<string, Workflow> = { a: "no answer" };
  const { needs, outbox, lines } = await dispatched(runs);
  const stop = new AbortController();
  let checks = 0;
  const clock = {
    ...needs.clock,
    sleep(ms: number, signal?: AbortSignal) {
      if (++checks === 4) runs["a"] = "open";
      if (checks === 7) stop.abort(new Error("the plane stops"));
      return needs.clock.sleep(ms, signal);
    },
  };
  await watchOrphans({ ...needs, clock }, stop.signal);
  assert.deepEqual(lines, [
    "warn cannot ask temporal for the workflows of runs, retrying",
    "info temporal answers for the workflows of runs again",
  ]);
  assert.deepEqual(outbox.outcomes("a"), []);
});

Deno.test("a stop does not wait for Temporal's response", async () => {
  const { needs } = await dispatched({ a: "open" });
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const workflows = {
    isClosed(): Promise<boolean> {
      asked.resolve();
      return new Promise(() => {});
    },
  };
  const watching = watchOrphans({ ...needs, workflows }, stop.signal);
  await asked.promise;
  stop.abort(new Error("the plane stops"));
  await watching;
});
