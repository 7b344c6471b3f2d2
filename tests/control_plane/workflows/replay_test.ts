/**
 * Recorded histories, replayed by the very script that the build makes of the workflows. So is a run
 * that is under way while the control plane is upgraded: a change that issues other commands than the
 * history has would hold it up for ever (docs/develop/workflows.md).
 */

import assert from "node:assert/strict";
import { Worker } from "@temporalio/worker";
import { installRuntime } from "../../../lib/temporal/runtime.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { workflowCode } from "../../harness/temporal/plane.ts";
import { readHistory, type RecordedHistory, recordedWays } from "./history_file.ts";
import { WAYS } from "./recorder/mod.ts";
import { PLANE_CODEC } from "./recorder/scene.ts";

installRuntime(() => {});

/** Replays histories as the control plane's worker does; answers what went wrong, by name. */
async function failuresOf(
  histories: Readonly<Record<string, RecordedHistory>>,
): Promise<Record<string, string>> {
  const results = Worker.runReplayHistories({
    workflowBundle: { code: await workflowCode() },
    dataConverter: { payloadCodecs: [PLANE_CODEC] },
    reuseV8Context: true,
  }, Object.entries(histories).map(([workflowId, history]) => ({ workflowId, history })));
  const failures: Record<string, string> = {};
  for await (const { workflowId, error } of results) {
    failures[workflowId] = error ? `${error.name}: ${error.message}` : "replayed";
  }
  return failures;
}

test("every way that a workflow goes has a recorded history, and no other is kept", () => {
  // What follows a dot tells a history from before a change from the one after it.
  const ways = new Set(recordedWays().map((name) => name.split(".")[0] ?? ""));
  assert.deepEqual([...ways].toSorted(), WAYS.toSorted());
  return Promise.resolve();
});

test("the workflows replay every recorded history", async () => {
  const ways = recordedWays();
  const histories = ways.map(async (way) => [way, await readHistory(way, PLANE_CODEC)] as const);
  assert.deepEqual(
    await failuresOf(Object.fromEntries(await Promise.all(histories))),
    Object.fromEntries(ways.map((way) => [way, "replayed"])),
  );
});

test("a history with another command than the workflows issue is not replayed", async () => {
  const { events } = await readHistory("succeeded", PLANE_CODEC);
  const other = JSON.parse(JSON.stringify(events).replace('"releaseRun"', '"removeRun"'));
  assert.match(
    (await failuresOf({ succeeded: { events: other } }))["succeeded"] ?? "",
    /^DeterminismViolationError: .*'removeRun' does not match .* 'releaseRun'/,
  );
});
