/** What the second of two editors of a job sees of the first one's changes. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import type { JobBody } from "../../../../lib/contract/job.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const JOBS = "/settings/agents/jobs";
const DAILY = { time_zone: "UTC", paused: false, catch_up_seconds: 3_600 };
const TYPED = {
  name: "nightly",
  host_id: "h-1",
  connectors: "snowflake,tableau",
  run_limit: "60",
  run_limit_unit: "minutes",
  every: "day",
  at: "02:00",
  cron: "",
  time_zone: "UTC",
  catch_up_seconds: "3600",
  version: "1",
};

Deno.test("a conflict lists the fields of the saved job that differ in meaning", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const told = async (saved: Partial<JobBody>) => {
    const { id, ...job } = await pages.addJob();
    const { name, host_id, agent_type, parameters } = job;
    const body = { name, host_id, agent_type, parameters, run_limit_seconds: 3_600, ...saved };
    await pages.store.jobs.update(id, () => body as JobBody, MACHINE);
    const { text } = await browser.post(`${JOBS}/${id}/edit`, TYPED);
    const [, banner = ""] = /<div class="banner bad"[^>]*>(.*?)<\/ul>/s.exec(text) ?? [];
    return [...banner.matchAll(/<li>(.*?)<\/li>/gs)].map(([, line = ""]) =>
      line.replaceAll(/<[^>]+>/g, "")
    );
  };
  const parameters = { connectors: ["snowflake", "tableau"] };
  const schedule = { ...DAILY, cron: "0 2 * * *" };
  assert.deepEqual([
    await told({ parameters, schedule }),
    await told({ parameters, schedule: { ...schedule, cron: "30 6 * * *" } }),
    await told({ parameters, schedule: { ...schedule, cron: "5 4 1 * *", paused: true } }),
    await told({ parameters, schedule: null }),
    await told({ parameters: { connectors: ["dbt"] }, schedule, run_limit_seconds: 60 }),
  ], [
    [],
    ["Time: 06:30"],
    [
      "Schedule: Cron expression",
      "Cron expression: 5 4 1 * *",
      "Paused: yes",
    ],
    ["Schedule: On demand only"],
    [
      "Connector types: dbt",
      "Run limit: 1 minutes",
    ],
  ]);
});
