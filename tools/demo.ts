/** ./dev demo: sets everything up, registers a host and runs the main jobs for real. */

import { buildBinaries } from "./build/binaries.ts";
import { disposableImages } from "./build/disposable_images.ts";
import { keepNote } from "./demo/keep_note.ts";
import { tellStory } from "./demo/story.ts";
import { isTrue, storyTable } from "./demo/table.ts";
import { heedInterrupts, openedOrInterrupted, orInterrupted } from "./interrupted.ts";
import { main } from "./main.ts";
import { readOptions } from "./options.ts";
import { DIST } from "./paths.ts";
import { openScene } from "./scene/scene.ts";
import { setUp } from "./setup/mod.ts";
import { print, step, tell } from "./steps.ts";

await main(async () => {
  const { keep } = readOptions("demo", {
    keep: { type: "boolean", says: "leave everything running and print what to try" },
  });
  heedInterrupts();
  const { temporal, denort } = await orInterrupted(
    setUp({ docker: true, temporal: true, denort: true }),
  );
  if (temporal === undefined || denort === undefined) return 1;
  await orInterrupted(buildBinaries(denort));

  await using images = await openedOrInterrupted(disposableImages());
  const opening = () => openScene({ temporal, binaries: DIST, ...images });
  await using scene = await openedOrInterrupted(
    step("Temporal, control plane and a registered host", opening),
  );
  const story = await orInterrupted(tellStory(scene, (line) => tell(`         ${line}`)));

  print(`\n${storyTable(story)}\n`);
  if (keep) {
    images.keep();
    scene.keep();
    print(keepNote(scene, images));
  }
  return isTrue(story) ? 0 : 1;
});
