/** How a saved job appears in its form. */

import assert from "node:assert/strict";
import { draftOfJob } from "../../../../control_plane/pages/jobs/form/draft.ts";
import type { Job } from "../../../../lib/contract/job.ts";

Deno.test("a saved run limit appears in the largest unit that is exact", () => {
  const job = { name: "n", host_id: "h", agent_type: "lineage", parameters: {}, schedule: null };
  const limits = [86_400, 7_200, 5_400, 90].map((run_limit_seconds) => {
    const draft = draftOfJob({ ...job, run_limit_seconds } as unknown as Job);
    return `${draft.run_limit} ${draft.run_limit_unit}`;
  });
  assert.deepEqual(limits, ["1 days", "2 hours", "90 minutes", "1.5 minutes"]);
});
