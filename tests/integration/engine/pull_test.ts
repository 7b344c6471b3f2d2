/** Pulls by the real Docker Engine from a real registry, through the real proxy's policy. */

import assert from "node:assert/strict";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { run as runProgram } from "../../../tools/cli/run.ts";
import { ACCOUNT, openRegistry } from "../../fakes/docker/registry.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { run } from "../../orchestrator/world.ts";
import { openStage, type Stage } from "./stage.ts";

/** Runs an agent with this image. */
async function runOf(stage: Stage, image: string): Promise<RunOutcome> {
  const needs = stage.process();
  const host = { ...needs.host, images: { ...needs.host.images, lineage: image } };
  return await run({ ...needs, host }, stage.order(["says-pulled", "exit-0"]));
}

const endOf = ({ status, reason, message }: RunOutcome) => [status, reason, message];

Deno.test("missing images are pulled from a registry", async (t) => {
  await using pulled = new AsyncDisposableStack(); // removes images after the stage has removed its containers
  await using stage = await openStage();
  await using registry = openRegistry();
  await using closed = openRegistry({ closed: true });

  await t.step("an image in the registry is pulled, and its agent runs", async () => {
    const image = await registry.publish(stage.image, "agents/lineage");
    pulled.defer(async () => void await runProgram(["docker", "image", "rm", image]));
    const { status, phases } = await runOf(stage, image);
    assert.deepEqual([status, phases.map(({ phase }) => phase)], [
      "succeeded",
      ["accepted", "pulling", "starting", "running"],
    ]);
  });

  const refused: readonly [title: string, image: string, reason: string, answer: string][] = [
    [
      "a registry that requires a login is image_auth",
      `${closed.host}/agents/lineage:1`,
      "image_auth",
      `Head "http://${closed.host}/v2/agents/lineage/manifests/1": no basic auth credentials`,
    ],
    [
      "a private repository is image_auth",
      `${registry.host}/private/lineage:1`,
      "image_auth",
      "unauthorized",
    ],
    [
      "a registry's rate limit is rate_limited",
      `${registry.host}/limited/lineage:1`,
      "rate_limited",
      "toomanyrequests: You have reached your pull rate limit",
    ],
    [
      "a tag that does not exist is image_missing",
      `${registry.host}/agents/lineage:2`,
      "image_missing",
      "manifest unknown",
    ],
    [
      "a registry that cannot be reached is image_missing",
      "127.0.0.1:1/agents/lineage:1",
      "image_missing",
      'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    ],
  ];
  for (const [title, image, reason, answer] of refused) {
    await t.step(title, async () => {
      const outcome = await runOf(stage, image);
      assert.deepEqual(endOf(outcome), [
        "failed",
        reason,
        `Cannot pull image "${image}": ${answer}`,
      ]);
    });
  }

  // The orchestrator pulls through the Engine API, which does not use the login of the Docker CLI. The page of such
  // a run says to pull the image by hand.
  await t.step(
    "a docker login alone does not help, but an image that was pulled with it is used",
    () =>
      inFolder(async (config) => {
        const docker = ["docker", "--config", config];
        const { user, password } = ACCOUNT;
        const image = await closed.publish(stage.image, "agents/lineage");
        await runProgram([...docker, "login", "-u", user, "-p", password, closed.host]);
        const before = await runOf(stage, image);
        await runProgram([...docker, "pull", image]);
        pulled.defer(async () => void await runProgram(["docker", "image", "rm", image]));
        const after = await runOf(stage, image);
        assert.deepEqual([before.reason, after.status], ["image_auth", "succeeded"]);
      }),
  );
});
