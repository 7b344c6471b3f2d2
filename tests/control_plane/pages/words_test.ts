/** Times, spans and a run's steps as pages word them. */

import assert from "node:assert/strict";
import { detailLines } from "../../../control_plane/pages/audit/words.ts";
import { ageInWords, durationInWords } from "../../../control_plane/pages/frame/times.tsx";
import { ownPath, withQuery } from "../../../control_plane/pages/paths.ts";
import { timelineOf } from "../../../control_plane/pages/runs/timeline.tsx";
import { draftOfJob } from "../../../control_plane/pages/jobs/form/draft.ts";
import type { Job } from "../../../lib/contract/job.ts";

Deno.test("a span is told in its two largest units that stand side by side", () => {
  const spans = [-5, 400, 12_000, 72_000, 3_600_000, 3_612_000, 90_061_000, 86_400_000];
  assert.deepEqual(
    spans.map(durationInWords),
    [
      "0 s",
      "under 1 s",
      "12 s",
      "1 min 12 s",
      "1 h",
      "1 h",
      "1 d 1 h",
      "1 d",
    ],
  );
});

Deno.test("an age is told in its largest unit", () => {
  const now = new Date("2026-01-02T00:00:00Z");
  const ages = ["2026-01-02T00:00:01Z", "2026-01-01T23:59:15Z", "2026-01-01T00:00:00Z"];
  assert.deepEqual(ages.map((at) => ageInWords(at, now)), ["just now", "45 s ago", "1 d ago"]);
});

Deno.test("a timeline has a step for each phase, and clocks that differ make no negative one", () => {
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

Deno.test("an address that came with a request is used only when it is ours", () => {
  assert.equal(ownPath("/settings/agents/jobs?x=1", "/else"), "/settings/agents/jobs?x=1");
  for (const foreign of ["//evil.test", "/\\evil.test", "https://evil.test", "", null]) {
    assert.equal(ownPath(foreign, "/else"), "/else");
  }
  assert.equal(withQuery("/runs", { host: "a b", status: "", job: undefined }), "/runs?host=a+b");
});

Deno.test("the details of a change are told as people write them, with both values", () => {
  const details = {
    name: "nightly",
    schedule: { from: null, to: { cron: "0 2 * * *", paused: false } },
    parameters: { connectors: ["snowflake", "dbt"] },
  };
  assert.deepEqual(detailLines({ details }), [
    "name: nightly",
    "schedule: none → cron 0 2 * * *, paused false",
    "parameters: connectors snowflake, dbt",
  ]);
});

Deno.test("a saved run limit opens in the largest unit that tells it exactly", () => {
  const job = { name: "n", host_id: "h", agent_type: "lineage", parameters: {}, schedule: null };
  const limits = [86_400, 7_200, 5_400, 90].map((run_limit_seconds) => {
    const draft = draftOfJob({ ...job, run_limit_seconds } as unknown as Job);
    return `${draft.run_limit} ${draft.run_limit_unit}`;
  });
  assert.deepEqual(limits, ["1 days", "2 hours", "90 minutes", "1.5 minutes"]);
});
