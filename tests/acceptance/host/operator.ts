/** The commands register, compose and sync on a registered host, and the access that its agents get. */

import assert from "node:assert/strict";
import { containerName, LABELS } from "../../../lib/contract/container.ts";
import { capture, run } from "../../../tools/cli/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { serviceContainer } from "../../harness/scene/host.ts";
import type { HostStage } from "../support/acceptance.ts";
import { snapshot } from "../support/folder.ts";
import { connectorJob, ending, healthJob, startedRun } from "../support/jobs.ts";
import { operator } from "../support/operator.ts";

const ABSENT_IMAGE = "localhost:1/nobody/absent:1"; // no registry listens on this port

/** Returns a function that runs `bigeye-agent …` in the host's folder. */
function runner({ built, scene: { host, plane } }: HostStage) {
  return (...args: string[]) =>
    capture([`${built.binaries}/bigeye-agent`, ...args], {
      cwd: host.path,
      env: { BIGEYE_PERSONAL_API_KEY: plane.adminKey },
    });
}

/** Tests register and compose on a host that has just been registered. */
export async function testCommands(t: Deno.TestContext, stage: HostStage): Promise<void> {
  const { built, scene } = stage;
  const { host, plane } = scene;
  const bigeyeAgent = runner(stage);

  await t.step(
    "the orchestrator logs the boundary check first, then its worker, then the heartbeat",
    async () => {
      const { stdout } = await bigeyeAgent("compose", "logs", "-s", "bigeye-agent-orchestrator");
      const messages = stdout.trim().split("\n").map((line): string =>
        JSON.parse(line.slice(line.indexOf("{"))).message
      );
      assert.deepEqual(messages.slice(0, 3), [
        "boundary verified",
        "temporal worker started",
        "heartbeat accepted",
      ]);
    },
  );

  await t.step(
    "compose status shows the state of both services, as a table and as JSON",
    async () => {
      const shown = JSON.parse((await bigeyeAgent("compose", "status", "--json")).stdout);
      const services = ["bigeye-agent-orchestrator", "docker-socket-proxy"];
      assert.deepEqual(
        {
          host_id: shown.host_id,
          services: shown.services.map(({ service, state, image }: Record<string, string>) => ({
            service,
            state,
            image,
          })),
        },
        {
          host_id: host.hostId,
          services: services.map((service) => ({
            service,
            state: "running",
            image: built.orchestratorImage,
          })),
        },
      );
      const { stdout } = await bigeyeAgent("compose", "status");
      const words = stdout.trimEnd().split("\n").map((line) => line.split(/\s+/).slice(0, 2));
      assert.deepEqual(words, [["SERVICE", "STATE"], ...services.map((name) => [name, "running"])]);
      assert(!stdout.includes("\x1b"));
    },
  );

  await t.step(
    "compose logs prints the last lines of a service, and refuses an unknown service",
    async () => {
      const { code, stdout } = await bigeyeAgent(
        "compose",
        "logs",
        "-s",
        "docker-socket-proxy",
        "--tail",
        "5",
      );
      assert.deepEqual({ code, lines: stdout.trimEnd().split("\n").length }, { code: 0, lines: 5 });
      assert(!stdout.includes("\x1b"));
      assert.deepEqual(await bigeyeAgent("compose", "logs", "-s", "orchestrator"), {
        code: 2,
        stdout: "",
        stderr: `error: Cannot find a service called "orchestrator"
       bigeye-agent-orchestrator
       docker-socket-proxy
 hint: Use -s bigeye-agent-orchestrator
 code: service_unknown
`,
      });
    },
  );

  await t.step("register --dry-run prints what it would do and changes nothing", async () => {
    const before = await snapshot(host.path);
    const { code, stdout } = await bigeyeAgent("register", "--dry-run");
    assert.equal(code, 0);
    assert.match(stdout, /^(would .+\n)+$/);
    assert.match(stdout, new RegExp(`would register host "${host.hostId}" at ${plane.hostUrl}`));
    assert.deepEqual(await snapshot(host.path), before);
  });

  await t.step("registering the same host again does not recreate the containers", async () => {
    const containers = () =>
      Promise.all([
        serviceContainer(scene, "bigeye-agent-orchestrator"),
        serviceContainer(scene, "docker-socket-proxy"),
      ]);
    const before = await containers();
    const { code, stdout } = await bigeyeAgent("register");
    assert.deepEqual({ code, stdout, containers: await containers() }, {
      code: 0,
      stdout: `Host "${host.hostId}" is registered and online\n`,
      containers: before,
    });
  });

  await t.step(
    "a second folder can neither take the host id nor create new keys",
    (t) => refusesSecondFolder(t, stage),
  );
}

/** Tests that sync sends a change of bigeye_agent.yml to Bigeye, and that runs use it. */
export async function testSync({ built, scene }: HostStage): Promise<void> {
  const { rest, host } = scene;
  const bigeyeAgent = runner({ built, scene });
  const file = `${host.path}/bigeye_agent.yml`;
  const text = await Deno.readTextFile(file);
  const changed = text
    .replace(`  - type: lineage\n    image: ${built.agentImage}\n`, "")
    .replace(/(type: external-monitors\n\s+image: ).*/, `$1${ABSENT_IMAGE}`);
  await Deno.writeTextFile(file, changed);
  const { code, stdout } = await bigeyeAgent("sync");
  assert.deepEqual({ code, stdout }, {
    code: 0,
    stdout: `Bigeye has host "${host.hostId}" with datahealth, external-monitors\n`,
  });
  await assert.rejects(
    connectorJob(scene, "lineage", { any: [] }),
    /^RestError: 422 host_not_eligible/,
  );

  const job = await connectorJob(scene, "external-monitors", { dbt: [] });
  const { message, ...end } = ending(await rest.ended((await rest.trigger(job.id)).id));
  assert.deepEqual(end, { status: "failed", reason: "image_missing", exit_code: null });
  assert.match(message ?? "", new RegExp(`^Cannot pull image "${ABSENT_IMAGE}": .*refused`));
}

async function refusesSecondFolder(
  t: Deno.TestContext,
  { built, scene: { host, plane, rest } }: HostStage,
): Promise<void> {
  await using second = await operator(built);
  const env = {
    BIGEYE_URL: plane.localUrl,
    BIGEYE_PERSONAL_API_KEY: plane.adminKey,
    BIGEYE_AGENT_API_KEY: await rest.createAgentKey("second"),
  };
  const refusal = async (hostId: string) => {
    const { code, stderr } = await second.run(["register", "--host-id", hostId], env);
    return { code, error: stderr.slice(stderr.indexOf("error: ")) };
  };
  await t.step("the host id of the first folder is refused", async () => {
    assert.deepEqual(await refusal(host.hostId), {
      code: 5,
      error: `error: Host is already registered
 hint: Choose another --host-id, or add --replace if this machine replaces host "${host.hostId}"
 code: host_already_registered
`,
    });
  });
  await t.step("another host id without the account's agent_config folder is refused", async () => {
    assert.deepEqual(await refusal("another-host"), {
      code: 3,
      error:
        `error: Cannot create new keys: all hosts of the account share one pair, and "${second.folder}" has none
       ${host.hostId}
 hint: Copy the whole agent_config folder from one of these hosts to "${second.folder}" and run the same command again; if all of them have lost it, remove each with "DELETE /api/v1/agent-orchestrator/hosts/<host id>" first
 code: keys_on_other_hosts
`,
    });
  });
  assert.deepEqual(await snapshot(second.folder), {});
}

/** Tests the container of an agent. The attacker is the agent, or can inspect containers, and looks for keys. */
export async function testAgentContainer(scene: Scene): Promise<void> {
  const { host, rest, plane } = scene;
  const active = await startedRun(scene, await healthJob(scene, ["standin.seconds=300"]));
  const text = await run(["docker", "inspect", containerName(active.id)]);
  const [{ Config, HostConfig, Mounts, NetworkSettings }] = JSON.parse(text);
  const image = JSON.parse(await run(["docker", "image", "inspect", Config.Image]))[0].Config;
  const { [LABELS.spec]: spec, ...labels } = Config.Labels;
  const owner = await Deno.stat(`${host.path}/agent_runs`);
  const own = `${host.path}/agent_runs/${active.id}/files`;
  assert.match(spec, /^[0-9a-f]{64}$/);
  assert.deepEqual({
    user: Config.User,
    env: Config.Env,
    labels,
    argv: Config.Cmd,
    capDrop: HostConfig.CapDrop,
    security: HostConfig.SecurityOpt,
    privileged: HostConfig.Privileged,
    networks: Object.keys(NetworkSettings.Networks),
    mounts: Mounts.map(({ Source, Destination, RW }: Record<string, unknown>) => ({
      Source,
      Destination,
      RW,
    })).toSorted((a: { RW: boolean }, b: { RW: boolean }) => Number(a.RW) - Number(b.RW)),
  }, {
    user: `${owner.uid}:${owner.gid}`,
    env: image.Env,
    labels: {
      [LABELS.installation]: host.installationId,
      [LABELS.host]: host.hostId,
      [LABELS.run]: active.id,
      [LABELS.job]: active.job_id,
      [LABELS.type]: "datahealth",
    },
    argv: ["datahealth", "run", "--file-name", active.parameters["file_name"]],
    capDrop: ["ALL"],
    security: ["no-new-privileges"],
    privileged: false,
    networks: [`bigeye-agent-${host.installationId.slice(0, 8)}_default`],
    mounts: [
      { Source: `${host.path}/agents/datahealth`, Destination: "/bigeye/config", RW: false },
      { Source: own, Destination: "/bigeye/run", RW: true },
    ],
  });
  const agentKey = (await Deno.readTextFile(`${host.path}/agent_config/agent_api_key`)).trim();
  for (const secret of [plane.adminKey, agentKey, "agent_config", "PRIVATE KEY"]) {
    assert(!text.includes(secret));
  }
  await rest.cancel(active.id);
  await rest.ended(active.id);
}
