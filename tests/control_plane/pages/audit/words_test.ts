/** How the audit list words the details of a change. */

import assert from "node:assert/strict";
import { detailLines } from "../../../../control_plane/pages/audit/words.ts";

Deno.test("the details of a change are worded without JSON syntax, with the old and the new value", () => {
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
