import assert from "node:assert/strict";
import { isHealthy, keepHealthFile } from "../../../orchestrator/host/health.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

Deno.test("a service is healthy while it works and updates its file", async () => {
  const clock = virtualClock();
  const files = memoryFiles({ "/tmp/other": "" });
  const stop = new AbortController();
  let state: "starting" | "working" = "starting";
  const kept = keepHealthFile("/tmp/h", { files, clock, state: () => state, signal: stop.signal });
  await clock.sleep(500);
  assert.equal(await isHealthy("/tmp/h", { files, clock }), false);
  state = "working";
  await clock.sleep(2_000);
  assert.equal(await isHealthy("/tmp/h", { files, clock }), true);
  const later = { now: () => new Date(clock.now().getTime() + 46_000) };
  assert.equal(await isHealthy("/tmp/h", { files, clock: later }), false);
  stop.abort();
  await kept;
  assert.equal(await isHealthy("/tmp/h", { files, clock }), false);
});
