/** A full disk is told as what it is, wherever it shows; an operator mends it without reading an error number. */

import assert from "node:assert/strict";
import { Engine } from "../../../lib/docker/engine.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { diskFull } from "../../../lib/problems/host.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import { makeWorld, newAttempt, orderOf, RUN_FOLDER, signed } from "../world.ts";

const order = await signed(orderOf(["says-hello", "exit-0"]));
const NO_SPACE = new Error("No space left on device (os error 28)");
const QUOTA = new Error("Disk quota exceeded (os error 122)");

for (const error of [NO_SPACE, QUOTA, diskFull(`${RUN_FOLDER}/run.json`, NO_SPACE)]) {
  Deno.test(`a journal that ends in "${error.message}" is disk_pressure, and nothing is started`, async () => {
    const world = makeWorld();
    world.files.writeText = () => Promise.reject(error);
    const { needs } = world.process();
    const { status, reason, message } = await runAgentJob(needs, {
      signed: order,
      attempt: newAttempt(),
    });
    assert.deepEqual({ status, reason, message }, {
      status: "failed",
      reason: "disk_pressure",
      message: error.message,
    });
    assert.deepEqual(world.engine.changes, []);
  });
}

Deno.test("a run whose output has no room left on the disk still ends as its agent did", async () => {
  const world = makeWorld();
  world.files.append = () => Promise.reject(NO_SPACE);
  const { needs, logged } = world.process();
  const { status, exit_code } = await runAgentJob(needs, {
    signed: order,
    attempt: newAttempt(),
  });
  assert.deepEqual({ status, exit_code }, { status: "succeeded", exit_code: 0 });
  const warnings = logged.filter(({ level }) => level === "warn");
  assert.ok(warnings.some(({ fields }) => fields["error"] === NO_SPACE.message));
});

Deno.test("a pull that fills the engine's disk is disk_pressure", async () => {
  const world = makeWorld();
  world.engine.images.clear();
  const answer = "failed to register layer: write /usr/lib/x: no space left on device";
  world.engine.pullErrors.set("fake/lineage:1", answer);
  const { needs } = world.process();
  const { reason, message } = await runAgentJob(needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual({ reason, message }, {
    reason: "disk_pressure",
    message: `Cannot pull image "fake/lineage:1": ${answer}`,
  });
});

for (const action of ["create", "start"]) {
  Deno.test(`an engine without space to ${action} a container is disk_pressure`, async () => {
    const world = makeWorld();
    const { needs } = world.process();
    const answer = "mkdir /var/lib/docker/overlay2/x: no space left on device";
    const fetch: Fetch = (request) =>
      new URL(request.url).pathname.endsWith(`/${action}`)
        ? Promise.resolve(
          Response.json({ message: answer }, { status: 500, headers: { "Api-Version": "1.41" } }),
        )
        : world.engine.fetch(request);
    const engine = new Engine({ fetch, clock: world.clock, baseUrl: "http://engine:2375" });
    const { status, reason, message } = await runAgentJob({ ...needs, engine }, {
      signed: order,
      attempt: newAttempt(),
    });
    assert.deepEqual([status, reason], ["failed", "disk_pressure"]);
    assert.match(message ?? "", /no space left on device/);
  });
}
