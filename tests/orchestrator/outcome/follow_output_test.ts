/** What of an agent's output reaches the host's own log, and what its file. */

import assert from "node:assert/strict";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  RUN_FOLDER,
  signed,
  untilRunning,
} from "../world.ts";

Deno.test("the host's log shows no secret, colored or not; the run's file shows all as it was", async () => {
  // Who: whoever may read where a company gathers its containers' logs, but not the host's folder.
  const world = makeWorld();
  const { needs, logged } = world.process();
  const said = ["login\x1b[31m hunter2\x1b[0msecret", "hunter2secret"];
  const running = runAgentJob(needs, {
    signed: await signed(orderOf(["runs-20"])),
    attempt: newAttempt(),
  });
  await untilRunning(world);
  await world.clock.sleep(5_000);
  for (const text of said) world.engine.containers.get(NAME)?.say(text);
  await running;
  const shown = logged.filter(({ fields }) => fields["stream"] === "out");
  assert.deepEqual(shown.map(({ message }) => message), ["login [redacted]", "[redacted]"]);
  const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
  assert.deepEqual(
    output.trimEnd().split("\n").map((line) => line.split(" ").slice(2).join(" ")),
    said,
  );
});
