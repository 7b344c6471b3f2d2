/** A host whose services run all the time: its commands, its runs, and a run that prints nothing for a minute. */

import { openScene } from "../../harness/scene/scene.ts";
import { testEndings } from "./endings.ts";
import { testAgentContainer, testCommands, testSync } from "./operator.ts";
import { startSilentRun, testSilence } from "./silence.ts";
import { acceptance } from "../support/acceptance.ts";
import { nothingLeft } from "../support/containers.ts";

acceptance("a host works while its services run all the time", async (built, t) => {
  await using scene = await openScene(built);
  const stage = { built, scene };
  await t.step(
    "register and compose work on a registered host",
    (t) => testCommands(t, stage),
  );
  // It takes more than a minute, and goes on during the other steps.
  const silent = await startSilentRun(scene);
  await t.step("an agent's container has its job and no secrets", () => testAgentContainer(scene));
  await t.step("every run ends with the right status and message", (t) => testEndings(t, stage));
  await t.step(
    "a wait and a followed log stay open during 65 s of silence, and then deliver",
    () => testSilence(scene, silent),
  );
  await t.step("no run leaves a container", () => nothingLeft(scene));
  await t.step(
    "sync sends a change of bigeye_agent.yml to Bigeye, and runs use it",
    () => testSync(stage),
  );
  await nothingLeft(scene);
});
