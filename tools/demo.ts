/** ./dev demo: sets everything up, registers a host and runs the main jobs for real. */

import { parseArgs } from "node:util";
import { buildBinaries } from "./build/binaries.ts";
import { type Images, withImages } from "./build/disposable_images.ts";
import { keepNote } from "./demo/keep_note.ts";
import { type Story, tellStory } from "./demo/story.ts";
import { isTrue, storyTable } from "./demo/table.ts";
import { main } from "./main.ts";
import { DIST } from "./paths.ts";
import { orInterrupted } from "./scene/interrupted.ts";
import { openScene, type Scene } from "./scene/scene.ts";
import { setUp } from "./setup/mod.ts";
import { print, step, tell } from "./steps.ts";

await main(async () => {
  const { values: { keep } } = parseArgs({
    options: { keep: { type: "boolean", default: false } },
  });
  const { temporal, denort } = await setUp({ docker: true, temporal: true, denort: true });
  if (temporal === undefined || denort === undefined) return 1;
  await buildBinaries(denort);
  await using images = await withImages({ keep });
  await using scene = await step(
    "Temporal, control plane and a registered host",
    () => openScene({ temporal, binaries: DIST, ...images, keep }),
  );
  const story = await orInterrupted(tellStory(scene, (line) => tell(`         ${line}`)));
  return conclude(story, { scene, images, keep });
});

/** Prints the table; what is kept is told with the commands to try. */
function conclude(
  story: Story,
  { scene, images, keep }: {
    readonly scene: Scene;
    readonly images: Images;
    readonly keep: boolean;
  },
): number {
  print(`\n${storyTable(story)}\n`);
  if (keep) print(keepNote(scene, images));
  return isTrue(story) ? 0 : 1;
}
