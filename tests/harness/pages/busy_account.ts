/** Fills an account like a data team's: hosts of all states, jobs of each type, runs of each outcome. */

import { newApiKey } from "../../../control_plane/http/authentication.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { reportEnd, reportRunning, type ServedPlane } from "./served_plane.ts";

export interface BusyAccount {
  readonly jobs: readonly [Job, Job, Job, Job];
  readonly failedRun: string;
  readonly activeRun: string;
}

export async function busyAccount(plane: ServedPlane): Promise<BusyAccount> {
  await addHosts(plane);
  await addKeys(plane);
  const jobs = await addJobs(plane);
  const [warehouse, catalog, dbt, weekly] = jobs;
  await ran(plane, warehouse, { minutesAgo: 1_790, minutes: 21 });
  await ran(plane, dbt, { minutesAgo: 1_550, minutes: 2 });
  await ran(plane, catalog, { minutesAgo: 1_480, minutes: 30, outcome: LATE });
  await ran(plane, warehouse, { minutesAgo: 350, minutes: 18 });
  await ran(plane, catalog, { minutesAgo: 125, minutes: 9 });
  await ran(plane, dbt, { minutesAgo: 110, minutes: 1, outcome: CANCELED });
  const failedRun = await ran(plane, warehouse, { minutesAgo: 75, minutes: 14, outcome: FAILED });
  const activeRun = await triggered(plane, weekly, 42);
  await plane.earlier(41, () => reportRunning(plane, activeRun));
  await triggered(plane, dbt, 1);
  return { jobs, failedRun, activeRun };
}

async function addHosts(plane: ServedPlane): Promise<void> {
  await plane.addHost("prod-agent-01", ["lineage", "datahealth", "source"]);
  await plane.addHost("prod-agent-02", ["external-monitors", "lineage"]);
  await plane.addHost("staging-agent-01", ["lineage", "datahealth"]);
  await plane.earlier(1, () => plane.addHost("staging-agent-02", ["lineage"]));
  await plane.earlier(3_000, () => plane.addHost("old-agent", ["datahealth"]));
  await sendHeartbeats(plane);
}

/** Sends heartbeats of all hosts but the offline one. Repeated calls keep each host in its state. */
export async function sendHeartbeats(plane: ServedPlane): Promise<void> {
  await plane.heartbeat("prod-agent-01");
  await plane.heartbeat("prod-agent-02", {
    diskFreeBytes: 4_100_000_000,
    clockSkewMs: -42_000,
    complaint: {
      at: new Date(plane.now().getTime() - 600_000).toISOString(),
      message: "temporal is not reachable, retrying: connection refused",
    },
  });
  await plane.heartbeat("staging-agent-01", { draining: true });
  await plane.earlier(1, () => plane.heartbeat("staging-agent-02"));
}

/** Adds keys and revokes one of them. */
async function addKeys({ store }: ServedPlane): Promise<void> {
  const by = { name: "Ada" };
  const add = (kind: "agent" | "integration", name: string) =>
    store.keys.add({ kind, name, description: "", hash: newApiKey(kind).hash }, by);
  await add("agent", "production hosts");
  await add("integration", "Airflow");
  const { id } = await add("integration", "old laptop");
  await store.keys.remove(id, "account", by);
}

async function addJobs(plane: ServedPlane): Promise<BusyAccount["jobs"]> {
  return [
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
  ];
}

async function triggered(plane: ServedPlane, { id, schedule }: Job, ago: number): Promise<string> {
  const source = schedule ? "schedule" : "manual";
  const { run } = await plane.earlier(
    ago,
    () => plane.store.runs.trigger(id, { source }, { name: "Ada" }),
  );
  return run.id;
}

/** Adds an ended run and returns its id. */
async function ran(
  plane: ServedPlane,
  job: Job,
  { minutesAgo, minutes, outcome }: {
    minutesAgo: number;
    minutes: number;
    outcome?: Partial<RunOutcome>;
  },
): Promise<string> {
  const id = await triggered(plane, job, minutesAgo);
  await plane.earlier(minutesAgo - 0.1, () => reportRunning(plane, id));
  await plane.earlier(minutesAgo - minutes, () => reportEnd(plane, id, outcome));
  return id;
}

const LATE: Partial<RunOutcome> = { status: "timed_out", reason: "run_limit" };
const CANCELED: Partial<RunOutcome> = { status: "canceled", reason: "canceled_by_user" };

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
