/** `compose down`, `up`, `upgrade` and `logs -f` while an agent runs. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import { run } from "../../../tools/cli/run.ts";
import { startChild } from "../../harness/scene/child.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { serviceContainer } from "../../harness/scene/host.ts";
import { waitFor } from "../../harness/time/wait.ts";
import { openRegistry, type Registry } from "../../fakes/docker/registry.ts";
import type { Built, HostStage } from "../support/acceptance.ts";
import { endWork, nothingLeft, timesStarted } from "../support/containers.ts";
import { ending, healthJob, startedRun, SUCCEEDED } from "../support/jobs.ts";
import { processesWith } from "../support/processes.ts";
import { CTRL_C, missingPty, openPty } from "../support/pty.ts";

const RUNS_ON = ["standin.seconds=300"];
const RUNS_ON_THEN_FAILS = [...RUNS_ON, "standin.exit=7", "standin.message=It was told to"];
const STACK = "stack/bigeye-agent";
const AGENT = "slow/agent";

/** Images that the host has to pull. Disposing removes them, and those that upgrades have left behind. */
export interface PulledImages extends AsyncDisposable {
  readonly registry: Registry;
  readonly images: Images;
  readonly left: string[];
}

export async function publishImages(built: Built): Promise<PulledImages> {
  await using parts = new AsyncDisposableStack();
  const registry = parts.use(openRegistry());
  const images = await publishAll(registry, built);
  const left: string[] = [];
  parts.defer(() => removeImages(registry));
  // Docker keeps the old images after an upgrade. An operator would prune them.
  parts.defer(async () => void await run(["docker", "image", "rm", ...new Set(left)]));
  const all = parts.move();
  return { registry, images, left, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Tests the compose commands while an agent runs. */
export async function testStack(
  t: Deno.TestContext,
  { built, scene, pulled: { registry, images, left } }: HostStage & {
    readonly pulled: PulledImages;
  },
): Promise<void> {
  const { rest, host } = scene;

  await t.step("a missing image is pulled, and the progress is logged", async () => {
    const { id } = await rest.trigger((await healthJob(scene, [])).id);
    assert.deepEqual(ending(await rest.ended(id)), SUCCEEDED);
    const { agentImage: image } = images;
    const [begun, report, ...more] = await pullOf(scene, id);
    assert.deepEqual(begun, { message: "pulling image", image });
    assert.match(JSON.stringify(report), /"layers":"\d\/\d","megabytes":[1-9]/);
    assert.deepEqual(more.at(-1), { message: "image pulled", image });
  });

  await t.step("down stops the agent, and after up its run is reported as failed", async () => {
    const begun = new Date();
    const { id } = await startedRun(scene, await healthJob(scene, RUNS_ON));
    await host.agent("compose", "down");
    assert.deepEqual(await inspect("{{.State.Status}}", containerName(id)), ["exited"]);
    assert.equal(await serviceContainer(scene, "bigeye-agent-orchestrator"), "");
    await host.agent("compose", "up");
    assert.deepEqual(ending(await rest.ended(id)), {
      status: "failed",
      reason: "exit_nonzero",
      message: "Stopped on request",
      exit_code: 143,
    });
    assert.equal(await timesStarted(id, begun), 1);
  });

  await t.step("upgrade installs newer images, and the agent goes on running", async () => {
    const begun = new Date();
    const active = await startedRun(scene, await healthJob(scene, RUNS_ON_THEN_FAILS));
    const before = await serviceImages(scene);
    const agentBefore = (await inspect("{{.Image}}", containerName(active.id)))[0] ?? "";
    left.push(...before, agentBefore);
    await publishAll(registry, built);
    await host.agent("compose", "upgrade");
    const after = await serviceImages(scene);
    assert.deepEqual([new Set(after).size, after.some((id) => before.includes(id))], [1, false]);
    await endWork(active);
    const { status, reason, message, exit_code } = await rest.ended(active.id);
    const starts = await timesStarted(active.id, begun);
    assert.deepEqual({ status, reason, message, exit_code, starts }, {
      status: "failed",
      reason: "exit_nonzero",
      message: "It was told to",
      exit_code: 7,
      starts: 1,
    });
  });

  await t.step("SIGINT ends logs -f with 130, and its Docker Compose process", async () => {
    const logFile = `${scene.folder}/followed.log`;
    const argv = [`${built.binaries}/bigeye-agent`, "compose", "logs", "-f"];
    await Deno.writeTextFile(logFile, ""); // it may be read before the child has created it
    await using child = startChild(argv, { logFile, cwd: host.path });
    await child.ready(
      "the log",
      async () => (await Deno.readTextFile(logFile)).includes("heartbeat accepted"),
    );
    assert.equal((await processesWith(host.path, "cmdline")).length > 0, true);
    child.kill("SIGINT");
    assert.equal(await child.ended, 130);
    await noneFollows(scene);
  });

  const missing = missingPty();
  await t.step({
    name: `Ctrl-C in a terminal ends logs -f with 130 too${missing && ` (skipped: ${missing})`}`,
    ignore: missing !== "",
    fn: () => endsAtTerminal(scene, built),
  });

  await nothingLeft(scene);
}

async function endsAtTerminal(scene: Scene, { binaries }: Built): Promise<void> {
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: scene.folder };
  const person = { program: `${binaries}/bigeye-agent`, folder: scene.host.path, env };
  await using session = openPty(person, "compose logs -f");
  await session.on("heartbeat accepted", CTRL_C);
  const { code, stty } = await session.left();
  assert.equal(code, 130);
  assert.match(stty, / icanon .* echo /);
  await noneFollows(scene);
}

type Images = Pick<Built, "orchestratorImage" | "agentImage">;

/** Publishes both images, with different content at each call. */
async function publishAll(registry: Registry, built: Built): Promise<Images> {
  return {
    orchestratorImage: await registry.publish(built.orchestratorImage, STACK),
    agentImage: await registry.publish(built.agentImage, AGENT),
  };
}

async function removeImages({ host }: Registry): Promise<void> {
  await run(["docker", "image", "rm", `${host}/${STACK}:1`, `${host}/${AGENT}:1`]);
}

/** Returns the image ids of both services. */
async function serviceImages(scene: Scene): Promise<readonly string[]> {
  const services = ["bigeye-agent-orchestrator", "docker-socket-proxy"] as const;
  const ids = await Promise.all(services.map((service) => serviceContainer(scene, service)));
  return await inspect("{{.Image}}", ...ids);
}

async function inspect(format: string, ...containers: string[]): Promise<readonly string[]> {
  return (await run(["docker", "inspect", "--format", format, ...containers])).trim().split("\n");
}

/** Returns the log lines of the current orchestrator about a run. */
async function logOf({ host }: Scene, runId: string): Promise<readonly Record<string, unknown>[]> {
  const text = await host.agent("compose", "logs", "-s", "bigeye-agent-orchestrator");
  return text.split("\n").filter((line) => line.includes("{"))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))))
    .filter(({ run_id }) => run_id === runId);
}

async function pullOf(scene: Scene, runId: string): Promise<readonly Record<string, unknown>[]> {
  const isOfPull = ({ message }: Record<string, unknown>) => String(message).includes("image");
  return (await logOf(scene, runId)).filter(isOfPull)
    .map(({ time: _time, level: _level, run_id: _, ...rest }) => rest);
}

async function noneFollows({ host }: Scene): Promise<void> {
  await waitFor(
    async () => (await processesWith(host.path, "cmdline")).length === 0 || undefined,
    {
      what: "docker compose to end",
      explain: async () => (await processesWith(host.path, "cmdline")).join("\n"),
    },
  );
}
