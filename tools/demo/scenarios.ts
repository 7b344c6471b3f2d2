/** The demo's scenarios: runs one job after the other and states how each run must end. */

import type { Run, RunReason, RunStatus } from "../../lib/contract/run.ts";
import { RestError } from "../../tests/harness/scene/rest.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";
import { exists } from "../setup/cache.ts";
import { epochMs, stampOf } from "../../tests/harness/scene/stamps.ts";
import { configureAgents, createJobs, type DemoJobs } from "./jobs.ts";

/** A run: how it is triggered and disturbed, and how it must end. */
interface Scenario {
  readonly title: string;
  readonly job: keyof DemoJobs;
  readonly description: string;
  readonly status: RunStatus;
  readonly reason: RunReason | null;
  /** Absent where the agent is stopped. */
  readonly exitCode?: number;
  /** The expected message; null for none. */
  readonly message: RegExp | null;
  readonly before?: (scene: Scene, jobId: string) => Promise<unknown>;
  /** Called after the container's first instruction. */
  readonly during?: (scene: Scene, run: Run) => Promise<unknown>;
  /** Whether a second trigger is sent after the container's first instruction. */
  readonly triggersTwice?: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  {
    title: "Nightly summary",
    job: "summary",
    description: "a DataHealth job that succeeds",
    status: "succeeded",
    reason: null,
    exitCode: 0,
    message: null,
  },
  {
    title: "Warehouse lineage",
    job: "lineage",
    description: "a Lineage Plus job of three connections, two of which fail",
    status: "failed",
    reason: "exit_nonzero",
    exitCode: 1,
    message:
      /^2 of 3 connections failed:\nsnowflake \/ prod\n[^]* +log: \/[^]*\ntableau \/ dashboards\n[^]* +log: \//,
  },
  {
    title: "dbt tests, canceled",
    job: "monitors",
    description: "an External Monitors job: triggered twice, then canceled while it runs",
    status: "canceled",
    reason: "canceled_by_user",
    message: /^Canceled while running/,
    triggersTwice: true,
    during: ({ rest }, run) => rest.cancel(run.id),
  },
  {
    title: "dbt tests, limit of 2 s",
    job: "monitors",
    description: "the same job, edited to a limit of 2 s, which its next run hits",
    status: "timed_out",
    reason: "run_limit",
    message: /^Stopped at its run limit of 2 s/,
    before: ({ rest }, jobId) => rest.editJob(jobId, { run_limit_seconds: 2 }),
  },
];

/** A line of the demo's table. */
export interface ScenarioResult {
  readonly title: string;
  readonly run: Run;
  /** Milliseconds from just before the trigger to the first instruction in the container. */
  readonly startMs: number;
  readonly expected: Pick<Scenario, "status" | "reason" | "exitCode" | "message">;
  /** Log files that the message names but that do not exist. */
  readonly missingLogs: readonly string[];
}

export interface DemoResult {
  readonly runs: readonly ScenarioResult[];
  /** The error of a second trigger during an active run; absent when it was accepted. */
  readonly conflict?: { readonly status: number; readonly message: string };
}

/** Creates the jobs over REST and runs the scenarios one after the other. Calls `say` before each. */
export async function runScenarios(scene: Scene, say: (line: string) => void): Promise<DemoResult> {
  await configureAgents(scene);
  const jobs = await createJobs(scene);
  const runs: ScenarioResult[] = [];
  let conflict: DemoResult["conflict"];
  for (const scenario of SCENARIOS) {
    say(scenario.description);
    const jobId = jobs[scenario.job].id;
    await scenario.before?.(scene, jobId);
    const at = epochMs();
    const run = await scene.rest.trigger(jobId);
    const first = await stampOf(scene, run.id, "first_instruction");
    if (scenario.triggersTwice) conflict = await refusal(scene, jobId);
    await scenario.during?.(scene, run);
    const ended = await scene.rest.ended(run.id);
    const missingLogs = await missing(ended.message ?? "");
    runs.push({
      title: scenario.title,
      run: ended,
      startMs: first - at,
      expected: scenario,
      missingLogs,
    });
  }
  return { runs, ...(conflict ? { conflict } : {}) };
}

/** Returns the log files that a message names but that do not exist on the host. */
async function missing(message: string): Promise<readonly string[]> {
  const paths = [...message.matchAll(/^ +log: (.+)$/gm)].map(([, path = ""]) => path);
  const found = await Promise.all(paths.map(exists));
  return paths.filter((_, index) => !found[index]);
}

async function refusal(scene: Scene, jobId: string): Promise<DemoResult["conflict"]> {
  try {
    await scene.rest.trigger(jobId);
    return undefined;
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return { status: error.status, message: error.message };
  }
}
