/** ./dev demo: sets everything up, registers a host and runs the main jobs for real. */

import { keepNote } from "./demo/keep_note.ts";
import { tellStory } from "./demo/story.ts";
import { isTrue, storyTable } from "./demo/table.ts";
import { heedInterrupts, orInterrupted } from "./cli/interrupted.ts";
import { main } from "./cli/main.ts";
import { readOptions } from "./cli/options.ts";
import { openStage } from "../tests/harness/stage.ts";
import { print, tell } from "./cli/steps.ts";

await main(async () => {
  const { keep } = readOptions("demo", {
    keep: { type: "boolean", says: "leave everything running and print what to try" },
  });
  heedInterrupts();
  await using stage = await openStage();
  const { scene, images } = stage;
  const story = await orInterrupted(tellStory(scene, (line) => tell(`         ${line}`)));

  print(`\n${storyTable(story)}\n`);
  if (keep) {
    stage.keep();
    print(keepNote(scene, images));
  }
  return isTrue(story) ? 0 : 1;
});
