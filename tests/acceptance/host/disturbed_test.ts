/** A host whose parts are stopped, killed, changed and replaced. */

import { openScene } from "../../harness/scene/scene.ts";
import { testBoundary } from "./boundary.ts";
import { testFaults } from "./faults.ts";
import { publishImages, testStack } from "./stack.ts";
import { testTakeOver } from "./take_over.ts";
import { acceptance } from "../support/acceptance.ts";

acceptance(
  "a host works after its parts were stopped, killed, changed and replaced",
  async (built, t) => {
    await using pulled = await publishImages(built);
    await using scene = await openScene({ ...built, ...pulled.images, concurrentRuns: 1 });
    const stage = { built, scene };
    // This must be first, because it tests the pull of an image that the host does not have yet.
    await t.step(
      "compose down, up and upgrade while an agent runs",
      (t) => testStack(t, { ...stage, pulled }),
    );
    await t.step(
      "no crash loses a run, runs it twice or reports a wrong outcome",
      (t) => testFaults(t, stage),
    );
    await t.step(
      "the orchestrator does not start with a changed security boundary",
      (t) => testBoundary(t, stage),
    );
    await t.step(
      "a machine that has lost its host id stops, and can take it back",
      (t) => testTakeOver(t, stage),
    );
  },
);
