/** The compiled orchestrator does not start on a host whose compose file was changed. */

import assert from "node:assert/strict";
import { run } from "../../../tools/cli/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { serviceContainer } from "../../harness/scene/host.ts";
import { waitFor } from "../../harness/time/wait.ts";
import type { HostStage } from "../support/acceptance.ts";
import { ending, healthJob, SUCCEEDED } from "../support/jobs.ts";

const FILE = "docker-compose.bigeye.yml";

interface Attack {
  readonly title: string;
  /** Changes the compose file. */
  readonly edit: (text: string) => string;
  /** Another file that the attacker adds to the folder. */
  readonly added?: readonly [name: string, text: string];
  /** The lines in the log that show the difference. */
  readonly shown: readonly string[];
}

const ATTACKS: readonly Attack[] = [
  {
    // Attacker: may write to the host's folder, and allows exec in the proxy to enter other containers.
    title: "a proxy flag that was turned on is refused",
    edit: (text) => text.replace(/EXEC: "0"/, 'EXEC: "1"'),
    shown: [
      'services.docker-socket-proxy.environment.EXEC: - expected "0"',
      'services.docker-socket-proxy.environment.EXEC: + found "1"',
    ],
  },
  {
    // Attacker: mounts the Docker socket into the orchestrator, to bypass the proxy.
    title: "a Docker socket in the orchestrator is refused",
    edit: (text) =>
      text.replace(
        /( +)- type: bind\n +source: .*\/agent_runs\n +target: .*\n +bind:\n +create_host_path: false\n/,
        "$&$1- /var/run/docker.sock:/var/run/docker.sock\n",
      ),
    shown: [
      "services.bigeye-agent-orchestrator.volumes.2: - expected nothing",
      'services.bigeye-agent-orchestrator.volumes.2: + found "/var/run/docker.sock:/var/run/docker.sock"',
    ],
  },
  {
    // Attacker: adds an override file, which Compose merges by itself.
    title: "an override file next to the compose file is refused",
    edit: (text) => text,
    added: ["docker-compose.override.yml", "services: {}\n"],
    shown: [
      "docker-compose.override.yml: - expected no second compose file",
      "docker-compose.override.yml: + found a file",
    ],
  },
  {
    // Attacker: takes a value from the environment, which a comparison of files would not see.
    title: "a variable in the compose file is refused",
    edit: (text) => text.replace(/EXEC: "0"/, 'EXEC: "${EXEC:-0}"'),
    shown: ["line *: - expected no variable", "line *: + found ${EXEC:-0}"],
  },
];

const CHANGED = {
  message: (folder: string) => `the security boundary in "${folder}/${FILE}" was changed`,
  hint: 'Type "bigeye-agent register" to write the file again, then "bigeye-agent compose up"',
};
const ADDED = {
  message: (folder: string) => `files in "${folder}" could change the security boundary`,
  hint: "Move the files, or the lines of .env, that are named above to another folder, " +
    "and run the same command again",
};

/** Tests that the orchestrator does not start with a changed security boundary. */
export async function testBoundary(t: Deno.TestContext, { scene }: HostStage): Promise<void> {
  const { host, rest } = scene;
  const orchestrator = await serviceContainer(scene, "bigeye-agent-orchestrator");
  const pinned = await Deno.readTextFile(`${host.path}/${FILE}`);

  for (const { title, edit, added, shown } of ATTACKS) {
    await t.step(title, async () => {
      await stop(orchestrator);
      const begun = new Date();
      const changed = edit(pinned);
      assert.equal(changed === pinned, added !== undefined, "the edit found its place");
      await Deno.writeTextFile(`${host.path}/${FILE}`, changed);
      if (added) await Deno.writeTextFile(`${host.path}/${added[0]}`, added[1]);
      await run(["docker", "start", orchestrator]);
      assert.equal(await refusedWith(orchestrator), 6);
      const { message, hint } = added ? ADDED : CHANGED;
      assert.deepEqual(await refusalSince(orchestrator, begun), [
        `error: Cannot start: ${message(host.path)}`,
        ...shown.map((line) => `       ${line}`),
        ` hint: ${hint}`,
        " code: boundary_changed",
      ]);
      if (added) await Deno.remove(`${host.path}/${added[0]}`);
    });
  }

  await t.step("with the original file the orchestrator works again", async () => {
    await stop(orchestrator);
    await Deno.writeTextFile(`${host.path}/${FILE}`, pinned);
    await run(["docker", "start", orchestrator]);
    const { id } = await rest.trigger((await healthJob(scene, [])).id);
    assert.deepEqual(ending(await rest.ended(id)), SUCCEEDED);
    await isHealthy(scene);
  });
}

/** Stops the container before the file is changed, so that its next start reads the changed file. */
async function stop(container: string): Promise<void> {
  await run(["docker", "stop", "--time", "0", container]);
}

/** Returns the exit code of the last attempt. Docker shows it while it waits to restart the container. */
async function refusedWith(container: string): Promise<number> {
  return await waitFor(async () => {
    const format = "{{.State.Status}} {{.State.ExitCode}}";
    const [status, code] = (await run(["docker", "inspect", "--format", format, container]))
      .trim().split(" ");
    return status === "restarting" ? Number(code) : undefined;
  }, { what: "the orchestrator to refuse", explain: () => run(["docker", "logs", container]) });
}

/** Returns the error that the first attempt since `begun` wrote to stderr. */
async function refusalSince(container: string, begun: Date): Promise<readonly string[]> {
  const logs = ["docker", "logs", "--since", begun.toISOString(), container];
  const { stderr } = await new Deno.Command("docker", { args: logs.slice(1) }).output();
  const lines = new TextDecoder().decode(stderr).split("\n");
  const end = lines.findIndex((line) => line.startsWith(" code: ")) + 1;
  return lines.slice(0, end).map((line) => line.replace(/line \d+, column \d+/, "line *"));
}

async function isHealthy({ host }: Scene): Promise<void> {
  await waitFor(async () => {
    const { services } = JSON.parse(await host.agent("compose", "status", "--json"));
    return services.every(({ health }: { health: string }) => health === "healthy") || undefined;
  }, { what: "both services to be healthy", intervalMs: 500 });
}
