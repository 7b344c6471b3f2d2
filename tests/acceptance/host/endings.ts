/** Runs on the complete product: every way to end, its message, and its output on the host. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import { type Run, RunPageSchema } from "../../../lib/contract/run.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { parse } from "valibot";
import { run } from "../../../tools/cli/run.ts";
import { RestError } from "../../harness/scene/rest.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import type { HostStage } from "../support/acceptance.ts";
import { endWork } from "../support/containers.ts";
import { connectorJob, ending, healthJob, startedRun, SUCCEEDED } from "../support/jobs.ts";

/** Tests that every run ends with the right status and message. */
export async function testEndings(t: Deno.TestContext, { scene }: HostStage): Promise<void> {
  const { rest, host } = scene;
  const endOf = async (job: { readonly id: string }) => rest.ended((await rest.trigger(job.id)).id);

  await t.step("a successful run has its complete output on the host's disk", async () => {
    const ended = await endOf(await healthJob(scene, ["standin.seconds=0"]));
    assert.deepEqual(ending(ended), SUCCEEDED);
    assert.deepEqual(await outputOf(scene, ended), ["out done, holding 0 bytes"]);
  });

  await t.step(
    "the message of a failed run lists each connection's errors once, and its log",
    async () => {
      const job = await connectorJob(scene, "lineage", {
        snowflake: [
          "environment.name.1=prod",
          "standin.errors.1=role REPORTING may not read|0 of 412 views read",
          "environment.name.2=finance",
        ],
        tableau: [
          "environment.name.1=dashboards",
          "standin.errors.1=sign-in refused: token expired|sign-in refused: token expired",
        ],
      });
      const ended = await endOf(job);
      const logs = `${host.path}/agent_runs/${ended.id}/files/logs`;
      assert.deepEqual(ending(ended), {
        status: "failed",
        reason: "exit_nonzero",
        message: `2 of 3 connections failed:
snowflake / prod
  role REPORTING may not read
  0 of 412 views read
  log: ${logs}/snowflake-prod.log
tableau / dashboards
  sign-in refused: token expired
  log: ${logs}/tableau-dashboards.log`,
        exit_code: 1,
      });
      assert.deepEqual(await outputOf(scene, ended), [
        "out snowflake prod: started",
        "out ERROR role REPORTING may not read",
        "out ERROR 0 of 412 views read",
        "out snowflake prod: failed",
        "out snowflake finance: started",
        "out snowflake finance: succeeded",
        "out tableau dashboards: started",
        "out ERROR sign-in refused: token expired",
        "out ERROR sign-in refused: token expired",
        "out tableau dashboards: failed",
      ]);
    },
  );

  await t.step("a run is stopped at its run limit", async () => {
    // The pinned Deno can forget timers in a process with a native worker. Without the orchestrator's
    // workaround this silent agent would run for 300 s.
    const ended = await endOf(
      await healthJob(scene, ["standin.seconds=300"], { limitSeconds: 5 }),
    );
    assert.deepEqual(ending(ended), {
      status: "timed_out",
      reason: "run_limit",
      message: "Stopped at its run limit of 5 s\nStopped on request",
      exit_code: 143,
    });
  });

  await t.step(
    "an active run can be canceled, and its job can be neither triggered nor deleted",
    async () => {
      const job = await healthJob(scene, ["standin.seconds=300"]);
      const active = await startedRun(scene, job);
      await refuses(() => rest.trigger(job.id), 409, "run_already_active");
      await refuses(() => rest.deleteJob(job.id), 409, "job_has_active_run");
      await rest.editJob(job.id, { parameters: { file_name: "none.properties" } });
      await rest.cancel(active.id);
      assert.deepEqual(ending(await rest.ended(active.id)), {
        status: "canceled",
        reason: "canceled_by_user",
        message: "Canceled while running\nStopped on request",
        exit_code: 143,
      });
      await refuses(() => rest.cancel(active.id), 409, "run_not_active");

      const edited = await endOf(job);
      assert.deepEqual(ending(edited), {
        status: "failed",
        reason: "exit_nonzero",
        message: 'Cannot read configuration file "/bigeye/config/none.properties"',
        exit_code: 1,
      });

      await rest.deleteJob(job.id);
      const page = await rest.call("GET", `${ORCHESTRATOR_API}/runs?host=${host.hostId}`);
      const kept = parse(RunPageSchema, page).runs.filter(({ job_name }) => job_name === job.name);
      assert.deepEqual(kept.map(({ id, job_id, status }) => ({ id, job_id, status })), [
        { id: edited.id, job_id: null, status: "failed" },
        { id: active.id, job_id: null, status: "canceled" },
      ]);
    },
  );

  await t.step("an agent that exceeds its memory limit fails with oom_killed", async () => {
    const job = await connectorJob(scene, "external-monitors", {
      dbt: ["environment.name.1=core", "standin.seconds.1=300", "standin.memory_mb=400"],
    });
    const active = await startedRun(scene, job);
    const limit = ["--memory", "32m", "--memory-swap", "32m"]; // far below the agent type's limit
    await run(["docker", "update", ...limit, containerName(active.id)]);
    await endWork(active);
    const ended = ending(await rest.ended(active.id));
    const message = ended.message?.replaceAll(/^\d[\d.]+ /gm, "");
    assert.deepEqual({ ...ended, message }, {
      status: "failed",
      reason: "oom_killed",
      message: `Killed for lack of memory: its limit is 32 MiB; its last output:
dbt core: started
dbt core: succeeded`,
      exit_code: 137,
    });
  });
}

/** Returns the lines of the run's log on the host, without the timestamps of the engine and the agent. */
async function outputOf({ host }: Scene, { id }: Run): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${host.path}/agent_runs/${id}/output.log`);
  assert(text.endsWith("\n"));
  return text.slice(0, -1).split("\n").map((line) => {
    const [stamp = "", stream, own, ...words] = line.split(" ");
    assert(Number.isFinite(Date.parse(stamp)) && Number.isFinite(Number(own)), line);
    return [stream, ...words].join(" ");
  });
}

async function refuses(call: () => Promise<unknown>, status: number, code: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert(error instanceof RestError);
    assert.deepEqual({ status: error.status, code: error.code }, { status, code });
    return true;
  });
}
