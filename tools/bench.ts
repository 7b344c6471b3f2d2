/** ./dev bench: the measured figures, each beside its limit and a baseline of the same run. */

import { BareEngine } from "./bench/host/bare_engine.ts";
import { measureCancel } from "./bench/host/cancel_latency.ts";
import { measureCrash } from "./bench/host/crash.ts";
import { type Figure, figureJson, figureTable, holds } from "./bench/figures.ts";
import { measureBinary, measureIdle } from "./bench/host/footprint.ts";
import { CONCURRENT_RUNS, measureConflicts, measureLoad } from "./bench/host/load.ts";
import { measured } from "./bench/measured.ts";
import { measureStart } from "./bench/host/start_latency.ts";
import type { Images } from "./build/disposable_images.ts";
import { heedInterrupts, orInterrupted } from "./cli/interrupted.ts";
import { main } from "./cli/main.ts";
import { readOptions } from "./cli/options.ts";
import { DIST } from "./cli/paths.ts";
import type { Scene } from "../tests/harness/scene/scene.ts";
import { openStage } from "../tests/harness/stage.ts";
import { print } from "./cli/steps.ts";

await main(async () => {
  const { json } = readOptions("bench", {
    json: { type: "boolean", says: "print the figures for machines" },
  });
  heedInterrupts();
  await using stage = await openStage({ concurrentRuns: CONCURRENT_RUNS });
  const { scene, images } = stage;
  const figures = await orInterrupted(measure(scene, images));
  print(json ? figureJson(figures) : `\n${figureTable(figures)}`);
  return figures.every(holds) ? 0 : 1;
});

/** One after the other: what runs at the same time would be measured as well. */
async function measure(scene: Scene, images: Images): Promise<readonly Figure[]> {
  using bare = new BareEngine(scene, images.agentImage);
  return [
    ...await measured("size and cold start of the binary", () => measureBinary(DIST)),
    ...await measured("a minute of nothing", () => measureIdle(scene)),
    ...await measured(
      "50 runs, turn and turn about with the bare engine",
      () => measureStart(scene, bare),
    ),
    ...await measured("30 cancels", () => measureCancel(scene, bare)),
    ...await measured("3 crashes of the orchestrator", () => measureCrash(scene)),
    ...await measured("200 triggers of one job at once", () => measureConflicts(scene)),
    ...await measured("200 runs of 20 jobs, 8 at a time", () => measureLoad(scene, bare)),
  ];
}
