/** The compiled orchestrator on a host whose compose file somebody has changed: it does not start. */

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
  /** The compose file as the attacker leaves it. */
  readonly edit: (text: string) => string;
  /** What else they put into the folder. */
  readonly beside?: readonly [name: string, text: string];
  /** The lines of the difference in the log. */
  readonly shown: readonly string[];
}

const ATTACKS: readonly Attack[] = [
  {
    // Somebody who may write the host's folder opens exec in the proxy, to get into other containers.
    title: "a flag of the proxy is turned on",
    edit: (text) => text.replace(/EXEC: "0"/, 'EXEC: "1"'),
    shown: [
      'services.docker-socket-proxy.environment.EXEC: - expected "0"',
      'services.docker-socket-proxy.environment.EXEC: + found "1"',
    ],
  },
  {
    // They give the orchestrator the socket itself, so that no proxy stands in between.
    title: "the orchestrator is given the Docker socket",
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
    // They leave the file alone and lay another one over it, as Compose does by itself.
    title: "an override file lies beside it",
    edit: (text) => text,
    beside: ["docker-compose.override.yml", "services: {}\n"],
    shown: [
      "docker-compose.override.yml: - expected no second compose file",
      "docker-compose.override.yml: + found a file",
    ],
  },
  {
    // They have a value come from the environment, where no comparison of files sees it.
    title: "a value comes from a variable",
    edit: (text) => text.replace(/EXEC: "0"/, 'EXEC: "${EXEC:-0}"'),
    shown: ["line *: - expected no variable", "line *: + found ${EXEC:-0}"],
  },
];

const CHANGED = {
  message: (folder: string) => `the security boundary in "${folder}/${FILE}" was changed`,
  hint: 'Type "bigeye-agent register" to write the file again, then "bigeye-agent compose up"',
};
const BESIDE = {
  message: (folder: string) => `files in "${folder}" could change the security boundary`,
  hint: "Move the files, or the lines of .env, that are named above to another folder, " +
    "and run the same command again",
};

/** The orchestrator does not start beside a boundary that was changed. */
export async function holdsTheBoundary(t: Deno.TestContext, { scene }: HostStage): Promise<void> {
  const { host, rest } = scene;
  const orchestrator = await serviceContainer(scene, "bigeye-agent-orchestrator");
  const pinned = await Deno.readTextFile(`${host.path}/${FILE}`);

  for (const { title, edit, beside, shown } of ATTACKS) {
    await t.step(title, async () => {
      await stop(orchestrator);
      const begun = new Date();
      const changed = edit(pinned);
      assert.equal(changed === pinned, beside !== undefined, "the edit found its place");
      await Deno.writeTextFile(`${host.path}/${FILE}`, changed);
      if (beside) await Deno.writeTextFile(`${host.path}/${beside[0]}`, beside[1]);
      await run(["docker", "start", orchestrator]);
      assert.equal(await refusedWith(orchestrator), 6);
      const { message, hint } = beside ? BESIDE : CHANGED;
      assert.deepEqual(await refusalSince(orchestrator, begun), [
        `error: Cannot start: ${message(host.path)}`,
        ...shown.map((line) => `       ${line}`),
        ` hint: ${hint}`,
        " code: boundary_changed",
      ]);
      if (beside) await Deno.remove(`${host.path}/${beside[0]}`);
    });
  }

  await t.step("put back, it works again", async () => {
    await stop(orchestrator);
    await Deno.writeTextFile(`${host.path}/${FILE}`, pinned);
    await run(["docker", "start", orchestrator]);
    const { id } = await rest.trigger((await healthJob(scene, [])).id);
    assert.deepEqual(ending(await rest.ended(id)), SUCCEEDED);
    await isHealthy(scene);
  });
}

/** At once, as Docker is starting it again anyway; what is written afterwards was read afterwards. */
async function stop(container: string): Promise<void> {
  await run(["docker", "stop", "--time", "0", container]);
}

/** Docker starts it again and again; between two attempts it shows the code of the last. */
async function refusedWith(container: string): Promise<number> {
  return await waitFor(async () => {
    const format = "{{.State.Status}} {{.State.ExitCode}}";
    const [status, code] = (await run(["docker", "inspect", "--format", format, container]))
      .trim().split(" ");
    return status === "restarting" ? Number(code) : undefined;
  }, { what: "the orchestrator to refuse", explain: () => run(["docker", "logs", container]) });
}

/** What the first attempt since then wrote on stderr. */
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
