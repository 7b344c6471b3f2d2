/**
 * Replays recorded histories with the workflow bundle of the build. An upgraded control plane replays active runs in
 * the same way: if a change issues other commands than the history has, those runs are blocked for ever
 * (docs/develop/workflows.md).
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

/** Replays histories like the control plane's worker. Returns "replayed" or the error of each. */
async function replay(
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

test("every scenario has a recorded history, and there are no others", () => {
  // The part after a dot distinguishes histories from before and after a change.
  const ways = new Set(recordedWays().map((name) => name.split(".")[0] ?? ""));
  assert.deepEqual([...ways].toSorted(), WAYS.toSorted());
  return Promise.resolve();
});

test("the workflows replay every recorded history", async () => {
  const ways = recordedWays();
  const histories = ways.map(async (way) => [way, await readHistory(way, PLANE_CODEC)] as const);
  assert.deepEqual(
    await replay(Object.fromEntries(await Promise.all(histories))),
    Object.fromEntries(ways.map((way) => [way, "replayed"])),
  );
});

test("the replay of a history with another command fails", async () => {
  const { events } = await readHistory("succeeded", PLANE_CODEC);
  const other = JSON.parse(JSON.stringify(events).replace('"releaseRun"', '"removeRun"'));
  assert.match(
    (await replay({ succeeded: { events: other } }))["succeeded"] ?? "",
    /^DeterminismViolationError: .*'removeRun' does not match .* 'releaseRun'/,
  );
});
