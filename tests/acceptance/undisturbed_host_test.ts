/** A host whose services run all the time: its operator, its runs, and one that is silent for a minute. */

import { openScene } from "../harness/scene/scene.ts";
import { endsTruly } from "./host/endings.ts";
import { holdsNoSecret, keepsItsHost, syncsItsHost } from "./host/operator.ts";
import { outlivesSilence, startSilence } from "./host/silence.ts";
import { acceptance } from "./support/acceptance.ts";
import { nothingLeft } from "./support/containers.ts";

acceptance("a host that nothing disturbs", async (built, t) => {
  await using scene = await openScene(built);
  const stage = { built, scene };
  await t.step(
    "an operator keeps it with register and compose",
    (t) => keepsItsHost(t, stage),
  );
  // It takes more than a minute, and goes on beside the others.
  const silent = await startSilence(scene);
  await t.step("an agent is given its job and nothing more", () => holdsNoSecret(scene));
  await t.step("every run ends as what it was", (t) => endsTruly(t, stage));
  await t.step(
    "a wait and a followed log outlive 65 s of silence, and then deliver",
    () => outlivesSilence(scene, silent),
  );
  await t.step("no run leaves a container", () => nothingLeft(scene));
  await t.step(
    "sync carries a change of bigeye_agent.yml to Bigeye and to the runs",
    () => syncsItsHost(stage),
  );
  await nothingLeft(scene);
});
