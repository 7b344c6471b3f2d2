/** A host's page: warnings, and removal. */

import assert from "node:assert/strict";
import { testPages } from "../../../fakes/control_plane/pages.ts";
import { INSTALLATION } from "../../../fakes/control_plane/registration.ts";

Deno.test("a host's page shows its warnings, and a host is removed once no job or run needs it", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  await pages.store.hosts.heartbeat("h-1", {
    installation_id: INSTALLATION,
    version: "1.0.0",
    engine: "Docker 27",
    report: {
      activeRuns: [],
      diskFreeBytes: 2 ** 31,
      clockSkewMs: -65_000,
      complaint: { at: "2026-01-01T00:00:00.000Z", message: "cannot pull" },
    },
  });
  const admin = await pages.signedIn("admin");
  const { text } = await admin.get("/settings/agents/hosts/h-1");
  for (const words of ["2.0 GiB", "1 min 5 s behind Bigeye&#39;s", "cannot pull", "Docker 27"]) {
    assert.ok(text.includes(words), words);
  }
  const remove = "/settings/agents/hosts/h-1/remove";
  assert.match((await admin.get(remove)).text, /Jobs use this host/);
  assert.equal((await admin.post(remove, {})).status, 409);
  await admin.post(`/settings/agents/jobs/${job.id}/delete`, { version: "1" });
  assert.match((await admin.get(remove)).text, /another one can use its id/);
  assert.equal((await admin.post(remove, {})).status, 303);
  assert.equal((await admin.get("/settings/agents/hosts/h-1")).status, 404);
});
