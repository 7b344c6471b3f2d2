/** What the pages record in the audit list. */

import assert from "node:assert/strict";
import { testPages } from "../../../fakes/control_plane/pages.ts";

Deno.test("changes made in the pages are in the audit list, with the user and the IP address", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const admin = await pages.signedIn("admin");
  await admin.post("/settings/agents/jobs/new", {
    name: "audited",
    host_id: "h-1",
    agent_type: "lineage",
    connectors: "snowflake",
  });
  const { text } = await admin.get("/settings/audit?action=job.create");
  assert.match(text, /Created job <a href="[^"]+">audited<\/a>.*Ada.*192\.0\.2\.7/s);
  const file = await admin.get("/settings/audit/export?format=csv&action=job.create");
  assert.equal(file.headers.get("content-disposition"), 'attachment; filename="bigeye-audit.csv"');
  assert.match(file.text, /"Ada","job.create","job","audited"/);
});
