/** Faults during a run: afterwards the run has exactly one outcome, and it is the right one. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import { run } from "../../../tools/cli/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { type Service, serviceContainer } from "../../harness/scene/host.ts";
import { waitFor } from "../../harness/time/wait.ts";
import type { HostStage } from "../support/acceptance.ts";
import { type Audited, auditOf } from "../support/audit.ts";
import {
  agentContainers,
  endWork,
  nothingLeft,
  stopOf,
  timesStarted,
} from "../support/containers.ts";
import { connectorJob, ending, healthJob, startedRun, SUCCEEDED } from "../support/jobs.ts";

const EXIT_CODE = 7;
const FAILED = {
  status: "failed",
  reason: "exit_nonzero",
  message: "It was told to",
  exit_code: EXIT_CODE,
} as const;
const FAILS_AFTER_3_S = [
  "standin.seconds=3",
  `standin.exit=${EXIT_CODE}`,
  "standin.message=It was told to",
];
const RUNS_ON = ["standin.seconds=300"];

/** Tests that no fault loses a run, runs it twice or reports a wrong outcome. The host does one run at a time. */
export async function testFaults(t: Deno.TestContext, { scene }: HostStage): Promise<void> {
  const { rest } = scene;

  await t.step("after kill -9 of the orchestrator the next one adopts the container", async () => {
    const begun = new Date();
    const { id } = await startedRun(scene, await healthJob(scene, FAILS_AFTER_3_S));
    await docker(scene, ["kill", "--signal", "KILL"], "bigeye-agent-orchestrator");
    await docker(scene, ["start"], "bigeye-agent-orchestrator");
    const ended = await rest.ended(id);
    const starts = await timesStarted(id, begun);
    assert.deepEqual({ ...ending(ended), starts }, { ...FAILED, starts: 1 });
  });

  await t.step("a stop of the orchestrator does not stop the container", async () => {
    const begun = new Date();
    const active = await startedRun(scene, await healthJob(scene, RUNS_ON));
    await docker(scene, ["stop"], "bigeye-agent-orchestrator");
    assert.equal(await stateOf(active.id), "running");
    await docker(scene, ["start"], "bigeye-agent-orchestrator");
    await rest.cancel(active.id);
    const { status, reason } = await rest.ended(active.id);
    const starts = await timesStarted(active.id, begun);
    assert.deepEqual({ status, reason, starts }, {
      status: "canceled",
      reason: "canceled_by_user",
      starts: 1,
    });
  });

  await t.step("an outcome is delivered when the control plane is back after kill -9", async () => {
    const { id } = await startedRun(scene, await healthJob(scene, FAILS_AFTER_3_S));
    scene.plane.process.kill("SIGKILL");
    await scene.plane.process.ended;
    await stoppedRunning(id);
    await scene.restartPlane();
    assert.deepEqual(ending(await rest.ended(id)), FAILED);
  });

  await t.step(
    "a run that is triggered while Temporal is down stays queued until it is up",
    async () => {
      const job = await healthJob(scene, []);
      scene.temporal.process.kill("SIGKILL");
      await scene.temporal.process.ended;
      const { id, status } = await rest.trigger(job.id);
      assert.equal(status, "queued");
      await scene.restartTemporal();
      assert.deepEqual(ending(await rest.ended(id)), SUCCEEDED);
    },
  );

  await t.step(
    "a cancel while the host is offline ends a run that the host has not accepted",
    async () => {
      const begun = new Date();
      const job = await healthJob(scene, RUNS_ON);
      await docker(scene, ["stop"], "bigeye-agent-orchestrator");
      const { id } = await rest.trigger(job.id);
      await cancelUnaccepted(scene, id);
      await docker(scene, ["start"], "bigeye-agent-orchestrator");
      // The host works through its queue in order. When this later run has ended, it has seen the canceled one.
      const later = await rest.trigger((await healthJob(scene, [])).id);
      assert.deepEqual(ending(await rest.ended(later.id)), SUCCEEDED);
      assert.equal(await timesStarted(id, begun), 0);
    },
  );

  await t.step("a cancel while the host is busy ends the waiting run", async () => {
    const begun = new Date();
    const busy = await startedRun(scene, await healthJob(scene, RUNS_ON));
    const { id } = await rest.trigger((await healthJob(scene, RUNS_ON)).id);
    await cancelUnaccepted(scene, id);
    assert.equal((await rest.run(busy.id)).status, "running");
    await rest.cancel(busy.id);
    assert.equal((await rest.ended(busy.id)).status, "canceled");
    assert.equal(await timesStarted(id, begun), 0);
  });

  await t.step(
    "SIGTERM ends the socket proxy and its streams at once, and the run goes on",
    async () => {
      const begun = new Date();
      const job = await connectorJob(scene, "external-monitors", {
        dbt: [
          "environment.name.1=core",
          "standin.seconds.1=300",
          "standin.errors.1=It was told to",
        ],
      });
      const active = await startedRun(scene, job);
      const { id } = active;
      await printed(scene, { id, text: "dbt core: started" }); // now the streams are open
      await docker(scene, ["stop"], "docker-socket-proxy");
      const stopped = await stopOf(await serviceContainer(scene, "docker-socket-proxy"), begun);
      await docker(scene, ["start"], "docker-socket-proxy");
      await endWork(active);
      const { status, reason, exit_code } = await rest.ended(id);

      assert.deepEqual(stopped, { signal: "15", exitCode: "0" });
      // The proxy logs a stream when it has noticed the end. The orchestrator may open the log more than once.
      const ends = await waitFor(async () => {
        const found = await streamEnds(scene, id);
        return found.includes("ContainerWait whole") ? found : undefined;
      }, { what: "the proxy to note the end of the streams" });
      assert.deepEqual([ends.slice(0, 2).toSorted(), [...new Set(ends.slice(2))].toSorted()], [
        ["ContainerLogs the client left", "ContainerWait the client left"],
        ["ContainerLogs whole", "ContainerWait whole"],
      ]);
      const starts = await timesStarted(id, begun);
      assert.deepEqual({ status, reason, exit_code, starts }, {
        status: "failed",
        reason: "exit_nonzero",
        exit_code: 1,
        starts: 1,
      });
    },
  );

  await t.step("a run whose container is removed by hand is reported as lost", async () => {
    const { id } = await startedRun(scene, await healthJob(scene, RUNS_ON));
    await run(["docker", "rm", "--force", containerName(id)]);
    assert.deepEqual(ending(await rest.ended(id)), {
      status: "failed",
      reason: "lost_container",
      message: `Container "${containerName(id)}" is gone: something other than this host ` +
        "removed it, and how the agent ended is not known",
      exit_code: null,
    });
  });

  await nothingLeft(scene);
}

/** Returns how each followed log and wait of a run ended, in the order of the proxy's log. */
async function streamEnds(scene: Scene, runId: string): Promise<readonly string[]> {
  const isStream = ({ endpoint }: Audited) => /^Container(Logs|Wait)$/.test(endpoint);
  return (await auditOf(scene, containerName(runId))).filter(isStream)
    .map(({ endpoint, broken = "whole" }) => `${endpoint} ${broken}`);
}

async function docker(scene: Scene, verb: readonly string[], service: Service): Promise<void> {
  await run(["docker", ...verb, await serviceContainer(scene, service)]);
}

async function stateOf(runId: string): Promise<string> {
  const state = ["docker", "inspect", "--format", "{{.State.Status}}", containerName(runId)];
  return (await run(state)).trim();
}

async function stoppedRunning(runId: string): Promise<void> {
  await waitFor(async () => await stateOf(runId) === "exited" || undefined, {
    what: `the container of run ${runId} to end`,
  });
}

async function printed(
  { host }: Scene,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> {
  const path = `${host.path}/agent_runs/${id}/output.log`;
  const hasIt = async () => (await Deno.readTextFile(path).catch(() => "")).includes(text);
  await waitFor(async () => await hasIt() || undefined, { what: `"${text}" in ${path}` });
}

/** Cancels a run that no host has accepted, and checks that it has no container. */
async function cancelUnaccepted(scene: Scene, runId: string): Promise<void> {
  await scene.rest.cancel(runId);
  const ended = await scene.rest.ended(runId);
  assert.deepEqual(ending(ended), {
    status: "canceled",
    reason: "canceled_by_user",
    message: "Canceled before the host started it",
    exit_code: null,
  });
  assert(!(await agentContainers(scene)).includes(containerName(runId)));
}
