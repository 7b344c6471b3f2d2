/** The timeline on a run's page. */

import assert from "node:assert/strict";
import { timelineOf } from "../../../../control_plane/pages/runs/timeline.tsx";

Deno.test("a timeline has a step for each phase, none of negative duration if clocks differ", () => {
  const run = {
    created_at: "2026-01-01T00:00:10.000Z",
    phases: [
      { phase: "accepted", at: "2026-01-01T00:00:08.000Z" },
      { phase: "running", at: "2026-01-01T00:00:20.000Z" },
    ],
    ended_at: "2026-01-01T00:00:50.000Z",
  } as const;
  const now = new Date("2026-01-01T01:00:00Z");
  const steps = timelineOf(run, now).map(({ name, ms, isOpen, from, share }) =>
    [name, ms, isOpen, from, share] as const
  );
  assert.deepEqual(steps, [
    ["queued", 0, false, 0, 0],
    ["accepted", 10_000, false, 0, 0.25],
    ["running", 30_000, false, 0.25, 0.75],
    ["ended", 0, false, 1, 0],
  ]);
  const active = timelineOf({ ...run, ended_at: null }, new Date("2026-01-01T00:00:30Z"));
  assert.deepEqual(active.map(({ name, ms, isOpen }) => [name, ms, isOpen]), [
    ["queued", 0, false],
    ["accepted", 10_000, false],
    ["running", 10_000, true],
  ]);
});
