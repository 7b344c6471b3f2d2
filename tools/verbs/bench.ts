/** ./dev bench: measures the host's side and compares each figure with its limit and a baseline. */

import { BareEngine } from "../bench/host/bare_engine.ts";
import { measureCancel, measureCrash, measureStart } from "../bench/host/latency.ts";
import { type Figure, figureJson, figureTable, holds, measured } from "../bench/figures.ts";
import { measureBinary, measureIdle } from "../bench/host/footprint.ts";
import { CONCURRENT_RUNS, measureConflicts, measureLoad } from "../bench/host/load.ts";
import { measureProxy } from "../bench/host/proxy.ts";
import type { Images } from "../build/images.ts";
import { heedInterrupts, orInterrupted } from "../cli/interrupted.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { DIST } from "../cli/paths.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";
import { openStage } from "../../tests/harness/scene/stage.ts";
import { print } from "../cli/steps.ts";

await main(async () => {
  const { json } = readOptions("bench", {
    json: { type: "boolean", says: "print the figures as JSON" },
  });
  heedInterrupts();
  await using stage = await openStage({ concurrentRuns: CONCURRENT_RUNS });
  const { scene, images } = stage;
  const figures = await orInterrupted(measure(scene, images));
  print(json ? figureJson(figures) : `\n${figureTable(figures)}`);
  return figures.every(holds) ? 0 : 1;
});

/** Runs the measurements one after the other, because they would disturb each other. */
async function measure(scene: Scene, images: Images): Promise<readonly Figure[]> {
  using bare = new BareEngine(scene, images.agent);
  return [
    ...await measured("size and cold start of the binary", () => measureBinary(DIST)),
    ...await measured("an idle minute", () => measureIdle(scene)),
    ...await measured(
      "1,100 requests directly, and as many through the proxy",
      () => measureProxy(scene, images.agent),
    ),
    ...await measured(
      "50 runs and 50 bare containers, by turns",
      () => measureStart(scene, bare),
    ),
    ...await measured("30 cancels", () => measureCancel(scene, bare)),
    ...await measured("10 crashes of the orchestrator", () => measureCrash(scene)),
    ...await measured("200 triggers of one job at once", () => measureConflicts(scene)),
    ...await measured("200 runs of 20 jobs, 8 at a time", () => measureLoad(scene, bare)),
  ];
}
