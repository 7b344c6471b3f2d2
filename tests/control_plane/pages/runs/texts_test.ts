/** The texts of a run's page, word for word. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { partsOf, wordsOf } from "../../../fakes/control_plane/html.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const AGENTS = "/settings/agents";

Deno.test("the page of a failed run shows what happened, each connection with its log, and what to do next", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const { run } = await pages.store.runs.trigger(id, { source: "manual" }, MACHINE);
  await pages.store.outbox.recordOutcome(run.id, {
    status: "failed",
    reason: "exit_nonzero",
    exit_code: 3,
    message: "1 of 2 connections failed: snowflake PROD",
    connections: [
      { connector: "tableau", name: "Server 1", status: "succeeded", errors: [] },
      {
        connector: "snowflake",
        name: "PROD",
        status: "failed",
        errors: ["Wrong password.", "Gave up."],
        log: "/opt/bigeye/agent_runs/3f2a/logs/snowflake_prod.log",
      },
    ],
    phases: [],
    ended_at: "2026-01-01T00:10:00.000Z",
  });
  const { text } = await (await pages.signedIn("member")).get(`${AGENTS}/runs/${run.id}`);
  const [outcome = ""] = partsOf(text, "section");
  assert.equal(
    wordsOf(outcome),
    "What happened The agent ended with an error (exit code 3). " +
      "1 of 2 connections failed: snowflake PROD " +
      "Connections 1 of 2 failed. " +
      "Failed PROD snowflake Wrong password. Gave up. " +
      "Log on the host /opt/bigeye/agent_runs/3f2a/logs/snowflake_prod.log " +
      "Succeeded Server 1 tableau " +
      "What to do next " +
      "Read the message: it names what failed and the log file of each connection. " +
      "For the full output, run ./bigeye-agent compose logs -s bigeye-agent-orchestrator on the host. " +
      "Fix the connection or its credentials in the host's agents/ folder, then run the job again.",
  );
  assert.deepEqual(partsOf(outcome, "pre").map(wordsOf), [
    "1 of 2 connections failed: snowflake PROD",
    "Wrong password. Gave up.",
    "/opt/bigeye/agent_runs/3f2a/logs/snowflake_prod.log",
  ]);
});

Deno.test("the page of a run that succeeded shows what its agent said", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const { run } = await pages.store.runs.trigger(id, { source: "manual" }, MACHINE);
  await pages.store.outbox.recordOutcome(run.id, {
    status: "succeeded",
    exit_code: 0,
    message: "42 views read",
    phases: [],
    ended_at: "2026-01-01T00:10:00.000Z",
  });
  const { text } = await (await pages.signedIn("member")).get(`${AGENTS}/runs/${run.id}`);
  const [outcome = ""] = partsOf(text, "section");
  assert.equal(wordsOf(outcome), "Result 42 views read");
});
