/** An account as a data team would have it: hosts of all states, jobs of each type, runs of each end. */

import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Job } from "../../lib/contract/job.ts";
import { reportEnd, reportRunning } from "./account.ts";
import type { ServedPlane } from "./served_plane.ts";

export interface BusyAccount {
  readonly jobs: readonly [Job, Job, Job, Job];
  readonly failedRun: string;
  readonly activeRun: string;
}

export async function busyAccount(plane: ServedPlane): Promise<BusyAccount> {
  await plane.addHost("prod-agent-01", ["lineage", "datahealth", "source"]);
  await plane.addHost("prod-agent-02", ["external-monitors", "lineage"]);
  const jobs = [
    await plane.addJob({
      name: "Snowflake and Tableau lineage",
      host_id: "prod-agent-01",
      parameters: { connectors: ["snowflake", "tableau"] },
      run_limit_seconds: 7_200,
    }),
    await plane.addJob({
      name: "Alation data health",
      host_id: "prod-agent-01",
      agent_type: "datahealth",
      parameters: { file_name: "alation.json" },
      schedule: { cron: "*/30 * * * *", time_zone: "UTC", paused: true },
      run_limit_seconds: 1_800,
    }),
    await plane.addJob({
      name: "dbt tests",
      host_id: "prod-agent-02",
      agent_type: "external-monitors",
      parameters: { connectors: ["dbt"] },
      schedule: { cron: "30 6 * * 1-5", time_zone: "Europe/Berlin" },
    }),
    await plane.addJob({
      name: "Weekly full lineage",
      host_id: "prod-agent-02",
      parameters: { connectors: ["bigquery"] },
      run_limit_seconds: 86_400,
    }),
  ] as const;
  const by = { name: "Ada" };
  const trigger = async ({ id }: Job) =>
    (await plane.store.runs.trigger(id, { source: "manual" }, by)).run.id;

  for (const job of [jobs[2], jobs[0], jobs[1]]) {
    const id = await trigger(job);
    await reportRunning(plane, id);
    await reportEnd(plane, id);
  }
  await reportEnd(plane, await trigger(jobs[1]), { status: "timed_out", reason: "run_limit" });
  await reportEnd(plane, await trigger(jobs[2]), {
    status: "canceled",
    reason: "canceled_by_user",
  });
  const failedRun = await trigger(jobs[0]);
  await reportRunning(plane, failedRun);
  await reportEnd(plane, failedRun, FAILED);
  const activeRun = await trigger(jobs[3]);
  await reportRunning(plane, activeRun);
  await trigger(jobs[2]);
  return { jobs, failedRun, activeRun };
}

const FAILED: Partial<RunOutcome> = {
  status: "failed",
  reason: "exit_nonzero",
  exit_code: 3,
  message: "2 of 3 connections failed: snowflake PROD, snowflake STAGING",
  connections: [
    {
      connector: "snowflake",
      name: "PROD",
      status: "failed",
      errors: ["Incorrect username or password was specified."],
      log: "/opt/bigeye/agent_runs/3f2a/logs/snowflake_prod.log",
    },
    { connector: "tableau", name: "Server 1", status: "succeeded", errors: [] },
    {
      connector: "snowflake",
      name: "STAGING",
      status: "failed",
      errors: ["Connection refused: staging.example.internal:443"],
      log: "/opt/bigeye/agent_runs/3f2a/logs/snowflake_staging.log",
    },
  ],
};
