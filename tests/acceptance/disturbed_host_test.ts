/** A host whose parts are stopped, killed, changed and replaced. */

import { openScene } from "../harness/scene/scene.ts";
import { holdsTheBoundary } from "./host/boundary.ts";
import { outlivesFaults } from "./host/faults.ts";
import { keepsTheStack, publishImages } from "./host/stack.ts";
import { isTakenOver } from "./host/take_over.ts";
import { acceptance } from "./support/acceptance.ts";

acceptance("a host that is disturbed", async (built, t) => {
  await using pulled = await publishImages(built);
  await using scene = await openScene({ ...built, ...pulled.images, concurrentRuns: 1 });
  const stage = { built, scene };
  // First, as it tells how an image comes that the host has not got.
  await t.step(
    "an operator works on the stack while an agent runs",
    (t) => keepsTheStack(t, { ...stage, pulled }),
  );
  await t.step(
    "whatever dies, a run is never lost, doubled or lied about",
    (t) => outlivesFaults(t, stage),
  );
  await t.step(
    "the orchestrator does not start beside a boundary that was changed",
    (t) => holdsTheBoundary(t, stage),
  );
  await t.step(
    "a machine that has lost its host stops, and can take it back",
    (t) => isTakenOver(t, stage),
  );
});
