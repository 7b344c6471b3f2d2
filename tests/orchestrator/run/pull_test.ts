/** Pulls of missing images: their runs, their failures, and their progress in the log. */

import assert from "node:assert/strict";
import { progressLog } from "../../../orchestrator/run/pull.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { makeWorld, NAME, orderOf, run } from "../world.ts";

Deno.test("a missing image is pulled, and then its container runs to its end", async () => {
  const world = makeWorld();
  world.engine.images.clear();
  const outcome = await run(world.process().needs, orderOf(["exit-0"]));
  const at = "2026-01-01T00:00:00.000Z";
  assert.deepEqual(outcome, {
    status: "succeeded",
    exit_code: 0,
    phases: ["accepted", "pulling", "starting", "running"].map((phase) => ({ phase, at })),
    started_at: at,
    ended_at: at,
  });
  assert.deepEqual([...world.engine.images], ["fake/lineage:1"]);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`, `start ${NAME}`]);
});

Deno.test("a failed pull ends the run with its reason", async () => {
  const world = makeWorld();
  world.engine.images.clear();
  world.engine.pullErrors.set("fake/lineage:1", "toomanyrequests: You have reached your limit");
  const outcome = await run(world.process().needs, orderOf(["exit-0"]));
  assert.deepEqual(
    [outcome.status, outcome.reason, outcome.phases.map(({ phase }) => phase)],
    ["failed", "rate_limited", ["accepted", "pulling"]],
  );
});

Deno.test("a pull logs its layers and megabytes at most every 5 s", () => {
  const clock = manualClock();
  const lines: unknown[] = [];
  const report = progressLog(
    { clock, log: (level, message, fields) => lines.push([level, message, fields]) },
    { run_id: "r" },
  );
  report({ status: "Pulling from bigeyedata/agent", id: "latest" });
  report({ status: "Already exists", id: "a" });
  report({ status: "Downloading", id: "b", progressDetail: { current: 30_000_000, total: 9e7 } });
  clock.advance(5_000);
  report({ status: "Downloading", id: "b", progressDetail: { current: 60_000_000, total: 9e7 } });
  report({ status: "Extracting", id: "b", progressDetail: { current: 1_000 } });
  clock.advance(5_000);
  report({ status: "Pull complete", id: "b" });
  assert.deepEqual(lines, [
    ["info", "pulling image", { run_id: "r", layers: "1/2", megabytes: 60 }],
    ["info", "pulling image", { run_id: "r", layers: "2/2", megabytes: 60 }],
  ]);
});
