/** Progress of a pull: seen every 5 s, and right when it is seen. */

import assert from "node:assert/strict";
import { pullReport } from "../../../orchestrator/run/pull_report.ts";
import { manualClock } from "../../fakes/clock.ts";

Deno.test("a pull tells its layers and bytes at most every 5 s", () => {
  const clock = manualClock();
  const lines: unknown[] = [];
  const report = pullReport(
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
