/** The demo's runs: what is done in each, and what must be true of it afterwards. */

import type { Run, RunReason, RunStatus } from "../../lib/contract/run.ts";
import { RestError } from "../../tests/harness/scene/rest.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";
import { exists } from "../setup/cache.ts";
import { epochMs, stampOf } from "../../tests/harness/scene/stamps.ts";
import { configureAgents, createJobs, type DemoJobs } from "./jobs.ts";

/** How a run must end, and what is done to it on the way. */
interface Chapter {
  readonly title: string;
  readonly job: keyof DemoJobs;
  readonly says: string;
  readonly status: RunStatus;
  readonly reason: RunReason | null;
  /** Absent where the agent is stopped from outside. */
  readonly exitCode?: number;
  /** What the message must say; null: there must be none. */
  readonly message: RegExp | null;
  readonly before?: (scene: Scene, jobId: string) => Promise<unknown>;
  /** Done once the container has begun. */
  readonly during?: (scene: Scene, run: Run) => Promise<unknown>;
  /** Whether a second trigger is tried once the container has begun. */
  readonly triggersTwice?: boolean;
}

const CHAPTERS: readonly Chapter[] = [
  {
    title: "Nightly summary",
    job: "summary",
    says: "a DataHealth job that succeeds",
    status: "succeeded",
    reason: null,
    exitCode: 0,
    message: null,
  },
  {
    title: "Warehouse lineage",
    job: "lineage",
    says: "a Lineage Plus job of three connections, two of which fail",
    status: "failed",
    reason: "exit_nonzero",
    exitCode: 1,
    message:
      /^2 of 3 connections failed:\nsnowflake \/ prod\n[^]* +log: \/[^]*\ntableau \/ dashboards\n[^]* +log: \//,
  },
  {
    title: "dbt tests, canceled",
    job: "monitors",
    says: "an External Monitors job: triggered twice, then canceled while it runs",
    status: "canceled",
    reason: "canceled_by_user",
    message: /^Canceled while running/,
    triggersTwice: true,
    during: ({ rest }, run) => rest.cancel(run.id),
  },
  {
    title: "dbt tests, limit of 2 s",
    job: "monitors",
    says: "the same job, edited to a limit of 2 s, which its next run hits",
    status: "timed_out",
    reason: "run_limit",
    message: /^Stopped at its run limit of 2 s/,
    before: ({ rest }, jobId) => rest.editJob(jobId, { run_limit_seconds: 2 }),
  },
];

/** One line of the demo's table. */
export interface Told {
  readonly title: string;
  readonly run: Run;
  /** From just before the trigger to the first instruction in the container. */
  readonly startMs: number;
  readonly expected: Pick<Chapter, "status" | "reason" | "exitCode" | "message">;
  /** Log files that the message names and that are not there. */
  readonly missingLogs: readonly string[];
}

export interface Story {
  readonly runs: readonly Told[];
  /** What the second trigger during an active run was answered; absent when it was let through. */
  readonly conflict?: { readonly status: number; readonly message: string };
}

/** Creates the jobs over REST, plays the chapters one after the other, and says each to `say`. */
export async function tellStory(scene: Scene, say: (line: string) => void): Promise<Story> {
  await configureAgents(scene);
  const jobs = await createJobs(scene);
  const runs: Told[] = [];
  let conflict: Story["conflict"];
  for (const chapter of CHAPTERS) {
    say(chapter.says);
    const jobId = jobs[chapter.job].id;
    await chapter.before?.(scene, jobId);
    const at = epochMs();
    const run = await scene.rest.trigger(jobId);
    const first = await stampOf(scene, run.id, "first_instruction");
    if (chapter.triggersTwice) conflict = await refusal(scene, jobId);
    await chapter.during?.(scene, run);
    const ended = await scene.rest.ended(run.id);
    const missingLogs = await missing(ended.message ?? "");
    runs.push({
      title: chapter.title,
      run: ended,
      startMs: first - at,
      expected: chapter,
      missingLogs,
    });
  }
  return { runs, ...(conflict ? { conflict } : {}) };
}

/** The log files named in a message that do not exist on the host. */
async function missing(message: string): Promise<readonly string[]> {
  const paths = [...message.matchAll(/^ +log: (.+)$/gm)].map(([, path = ""]) => path);
  const found = await Promise.all(paths.map(exists));
  return paths.filter((_, index) => !found[index]);
}

async function refusal(scene: Scene, jobId: string): Promise<Story["conflict"]> {
  try {
    await scene.rest.trigger(jobId);
    return undefined;
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return { status: error.status, message: error.message };
  }
}
