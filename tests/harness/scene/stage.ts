/** The stage of demo and bench: toolchain, both programs, new images and a registered host. */

import { buildBinaries } from "../../../tools/build/binaries.ts";
import { disposableImages, type Images } from "../../../tools/build/images.ts";
import { openedOrInterrupted, orInterrupted } from "../../../tools/cli/interrupted.ts";
import { DIST } from "../../../tools/cli/paths.ts";
import { openScene, type Scene } from "./scene.ts";
import { denort } from "../../../tools/setup/deno.ts";
import { setUpAll } from "../../../tools/setup/mod.ts";
import { step, together } from "../../../tools/cli/steps.ts";

export interface Stage extends AsyncDisposable {
  readonly scene: Scene;
  readonly images: Images;
  /** Makes closing the stage leave everything running and in place. */
  keep(): void;
}

/** Sets up, builds and starts everything. An interrupt on the way cleans up. */
export async function openStage(
  { concurrentRuns }: { readonly concurrentRuns?: number } = {},
): Promise<Stage> {
  // The programs are built while Docker's packages are installed, because they do not need Docker.
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
