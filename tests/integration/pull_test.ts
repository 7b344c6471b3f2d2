/** Pulls by the real Docker Engine from a real registry, through the real proxy's policy. */

import assert from "node:assert/strict";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { run as runProgram } from "../../tools/cli/run.ts";
import { ACCOUNT, openRegistry } from "../fakes/docker/registry.ts";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { run } from "../orchestrator/world.ts";
import { openStage, type Stage } from "./support/stage.ts";

/** A run whose agent type has this image. */
async function runOf(stage: Stage, image: string): Promise<RunOutcome> {
  const needs = stage.life();
  const host = { ...needs.host, images: { ...needs.host.images, lineage: image } };
  return await run({ ...needs, host }, stage.order(["says-pulled", "exit-0"]));
}

const told = ({ status, reason, message }: RunOutcome) => [status, reason, message];

Deno.test("the engine pulls from a registry what a run lacks", async (t) => {
  await using pulled = new AsyncDisposableStack(); // what a stage's containers are of goes after them
  await using stage = await openStage();
  await using registry = openRegistry();
  await using closed = openRegistry({ closed: true });

  await t.step("an image that is there is pulled, and run", async () => {
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
      "a registry that wants to know who asks",
      `${closed.host}/agents/lineage:1`,
      "image_auth",
      `Head "http://${closed.host}/v2/agents/lineage/manifests/1": no basic auth credentials`,
    ],
    [
      "a repository that is not for everybody",
      `${registry.host}/private/lineage:1`,
      "image_auth",
      "unauthorized",
    ],
    [
      "a registry that was asked too often",
      `${registry.host}/limited/lineage:1`,
      "rate_limited",
      "toomanyrequests: You have reached your pull rate limit",
    ],
    [
      "a tag that is not there",
      `${registry.host}/agents/lineage:2`,
      "image_missing",
      "manifest unknown",
    ],
    [
      "no registry at all",
      "127.0.0.1:1/agents/lineage:1",
      "image_missing",
      'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    ],
  ];
  for (const [title, image, reason, answer] of refused) {
    await t.step(title, async () => {
      const outcome = await runOf(stage, image);
      assert.deepEqual(told(outcome), [
        "failed",
        reason,
        `Cannot pull image "${image}": ${answer}`,
      ]);
    });
  }

  // What the page of such a run says to do: the orchestrator pulls through the Engine API, which knows no login.
  await t.step(
    "a login alone does not help; an image that was pulled with it does",
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
