/** What demo and bench play on: the toolchain, both programs, images of their own and a registered host. */

import { buildBinaries } from "../../../tools/build/binaries.ts";
import { disposableImages, type Images } from "../../../tools/build/images.ts";
import { openedOrInterrupted, orInterrupted } from "../../../tools/cli/interrupted.ts";
import { DIST } from "../../../tools/cli/paths.ts";
import { openScene, type Scene } from "./scene.ts";
import { denort } from "../../../tools/setup/denort.ts";
import { setUpAll } from "../../../tools/setup/mod.ts";
import { step, together } from "../../../tools/cli/steps.ts";

export interface Stage extends AsyncDisposable {
  readonly scene: Scene;
  readonly images: Images;
  /** From now on closing the stage leaves everything running and in place. */
  keep(): void;
}

/** Sets up, builds and starts all of it; an interrupt on the way puts away what there is. */
export async function openStage(
  { concurrentRuns }: { readonly concurrentRuns?: number } = {},
): Promise<Stage> {
  // The programs need no Docker: they are built while its packages are installed.
  const building = denort().then(buildBinaries);
  const [{ temporal }] = await orInterrupted(together(setUpAll(), building));
  await using parts = new AsyncDisposableStack();
  const images = parts.use(await openedOrInterrupted(disposableImages()));
  const options = {
    temporal,
    binaries: DIST,
    orchestratorImage: images.orchestrator,
    agentImage: images.agent,
    ...(concurrentRuns && { concurrentRuns }),
  };
  const scene = parts.use(
    await openedOrInterrupted(
      step("Temporal, control plane and a registered host", () => openScene(options)),
    ),
  );
  const all = parts.move();
  return {
    scene,
    images,
    keep() {
      images.keep();
      scene.keep();
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
