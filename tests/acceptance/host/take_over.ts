/** A host id moves to another machine while the former one is up, as `register --replace` does. */

import assert from "node:assert/strict";
import { capture, run } from "../../../tools/cli/run.ts";
import { serviceContainer } from "../../harness/scene/host.ts";
import { waitFor } from "../../harness/time/wait.ts";
import type { HostStage } from "../support/acceptance.ts";
import { nothingLeft } from "../support/containers.ts";
import { ending, healthJob, startedRun } from "../support/jobs.ts";

const REGISTER = "/api/v1/agent-orchestrator/register";
const SERVICE = "bigeye-agent-orchestrator";

/** Tests that a machine that has lost its host id stops, and can take it back. */
export async function testTakeOver(
  t: Deno.TestContext,
  { built, scene }: HostStage,
): Promise<void> {
  const { host, plane, rest } = scene;
  const bigeyeAgent = (...args: string[]) =>
    capture([`${built.binaries}/bigeye-agent`, ...args], {
      cwd: host.path,
      env: { BIGEYE_PERSONAL_API_KEY: plane.adminKey },
    });
  const giveAway = () =>
    rest.call("POST", REGISTER, {
      hostId: host.hostId,
      orchestratorVersion: "0.0.0",
      managedAgents: ["MANAGED_AGENT_TYPE_DATAHEALTH"],
    }, {
      "X-Bigeye-Agent-Installation": crypto.randomUUID(),
      "X-Bigeye-Agent-Replace": "true",
    });

  await t.step("a host id with active runs cannot be taken over", async () => {
    const active = await startedRun(scene, await healthJob(scene, ["standin.seconds=300"]));
    await assert.rejects(giveAway(), /^RestError: 409 host_has_active_runs/);
    await rest.cancel(active.id);
    assert.equal(ending(await rest.ended(active.id)).status, "canceled");
  });

  await t.step(
    "the former machine's service ends with 5, also when Docker restarts it",
    async () => {
      const container = await serviceContainer(scene, SERVICE);
      const log = async () => (await bigeyeAgent("compose", "logs", "-s", SERVICE)).stdout;
      const workers = async () => (await log()).split('"temporal worker started"').length - 1;
      const [restartsBefore, workersBefore] = [await restarts(container), await workers()];
      await giveAway();
      await waitFor(async () => await restarts(container) >= restartsBefore + 2 || undefined, {
        what: "the service ended twice",
      });
      const stdout = await log();
      assert.match(stdout, /"message":"heartbeat not accepted".*"code":"host_taken_over"/);
      assert.match(
        stdout,
        new RegExp(
          `error: Cannot serve host "${host.hostId}" any longer: another machine has taken it over`,
        ),
      );
      assert.equal(await workers(), workersBefore);
      assert.equal((await run(["docker", "wait", container])).trim(), "5");
    },
  );

  await t.step(
    "register is refused without --replace, and with it the host works again",
    async () => {
      assert.equal((await bigeyeAgent("register")).code, 5);
      const { code, stdout } = await bigeyeAgent("register", "--replace");
      assert.deepEqual({ code, stdout }, {
        code: 0,
        stdout: `Host "${host.hostId}" is registered and online\n`,
      });
      const again = await rest.trigger((await healthJob(scene, [])).id);
      assert.equal(ending(await rest.ended(again.id)).status, "succeeded");
    },
  );

  await nothingLeft(scene);
}

async function restarts(container: string): Promise<number> {
  return Number(await run(["docker", "inspect", "--format", "{{.RestartCount}}", container]));
}
