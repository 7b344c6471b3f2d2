/** An agent's output in the host's log and in the run's file. */

import assert from "node:assert/strict";
import { makeWorld, NAME, orderOf, run, RUN_FOLDER, untilRunning } from "../world.ts";

Deno.test("the host's log contains no secret, with or without colors, and the run's file contains all output", async () => {
  // Attacker: a reader of the place where a company collects container logs, who cannot read the host folder.
  const world = makeWorld();
  const { needs, logged } = world.process();
  const said = ["login\x1b[31m hunter2\x1b[0msecret", "hunter2secret"];
  const running = run(needs, orderOf(["runs-20"]));
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
