/** Measures 1,000 triggers at once, of one job and of 1,000 jobs, and their dispatch to Temporal. */

import { DatabaseSync } from "node:sqlite";
import { Rest, RestError } from "../../../tests/harness/scene/rest.ts";
import { waitFor } from "../../../tests/harness/time/wait.ts";
import { ALIKE, measureBareStarts, SMALL, withRequests } from "./temporal.ts";
import type { Figure } from "../figures.ts";
import type { PlaneStage } from "./stage.ts";
import { cpuSeconds } from "../proc.ts";

const AT_ONCE = 1_000;
const ACCEPTED_SECONDS = 5;

/** Creates a new key, so that the full burst of the rate limit is available. */
async function freshRest({ plane: { localUrl, adminKey } }: PlaneStage): Promise<Rest> {
  const admin = new Rest(localUrl, adminKey);
  return new Rest(localUrl, await admin.createPersonalKey("triggers of the bench"));
}

/** Triggers one job 1,000 times. One run and 999 conflicts are expected. */
export async function measureContention(stage: PlaneStage): Promise<readonly Figure[]> {
  const rest = await freshRest(stage);
  const { id } = stage.filled.contended;
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => statusOf(rest, id)));
  const count = (status: number) => answers.filter((answer) => answer === status).length;
  return [
    { name: "1,000 triggers of one job: runs", unit: "runs", value: count(201), limit: 1 },
    {
      name: "1,000 triggers of one job: conflicts",
      unit: "runs",
      value: count(409),
      limit: AT_ONCE - 1,
    },
  ];
}

async function statusOf(rest: Rest, jobId: string): Promise<number> {
  try {
    await rest.trigger(jobId);
    return 201;
  } catch (error) {
    if (error instanceof RestError) return error.status;
    throw error;
  }
}

interface Dispatch {
  readonly answers: readonly number[];
  /** Milliseconds until all triggers were answered, and until all runs were dispatched. */
  readonly accepted: number;
  readonly whole: number;
  /** Runs that were not dispatched yet when all triggers were answered. */
  readonly left: number;
  /** Processor seconds of the control plane. */
  readonly own: number;
}

async function triggerAll(stage: PlaneStage): Promise<Dispatch> {
  const rest = await freshRest(stage);
  const { pid } = stage.plane.process;
  const used = await cpuSeconds(pid);
  const before = performance.now();
  const answers = await Promise.all(stage.filled.jobs.map(({ id }) => statusOf(rest, id)));
  const accepted = performance.now() - before;
  const left = await dispatched(stage.database);
  const whole = performance.now() - before;
  return { answers, accepted, whole, left, own: await cpuSeconds(pid) - used };
}

/** A run needs the start of its workflow, and the end of its first task, which schedules the host's activity. */
const MIN_REQUESTS = 2;
/** Allows for the handshake of a connection, and for a first task that runs twice. */
const EXTRA_REQUESTS = 0.05;

/** Triggers 1,000 jobs at once and measures until all are answered and dispatched. */
export async function measureDispatch(stage: PlaneStage): Promise<readonly Figure[]> {
  // Measured before and after, because the speed of the machine changes within minutes.
  const sooner = await measureBareStarts(stage.temporal.address, ALIKE);
  const { value, requests } = await withRequests(stage.temporal, () => triggerAll(stage));
  const { answers, accepted, whole, left, own } = value;
  const later = await measureBareStarts(stage.temporal.address, ALIKE);
  const alike = {
    clock: (sooner.clock + later.clock) / 2,
    processor: (sooner.processor + later.processor) / 2,
  };
  const small = await measureBareStarts(stage.temporal.address, SMALL);
  return [
    {
      name: "1,000 triggers of 1,000 jobs: runs",
      unit: "runs",
      value: answers.filter((status) => status === 201).length,
      limit: stage.filled.jobs.length,
    },
    {
      name: "1,000 triggers of 1,000 jobs: accepted",
      unit: "s",
      value: accepted / 1000,
      limit: ACCEPTED_SECONDS,
      samples: answers.length,
    },
    {
      name: "1,000 triggers of 1,000 jobs: with Temporal, per run",
      unit: "ms",
      value: whole / answers.length,
      baseline: alike.clock,
      samples: answers.length,
    },
    {
      name: "of them, those left when all are accepted: with Temporal, per run",
      unit: "ms",
      value: (whole - accepted) / left,
      baseline: alike.clock,
      samples: left,
    },
    {
      name: "1,000 triggers of 1,000 jobs: requests to Temporal, per run",
      unit: "requests",
      value: requests / answers.length,
      limit: MIN_REQUESTS + EXTRA_REQUESTS,
      samples: answers.length,
    },
    {
      name: `bare Temporal: a start alike, ${ALIKE.count} of them, before and after`,
      unit: "ms",
      value: alike.clock,
      samples: 2 * ALIKE.count,
    },
    {
      name: `bare Temporal: a start without content, ${SMALL.count} of them`,
      unit: "ms",
      value: small.clock,
      samples: SMALL.count,
    },
    {
      name: "1,000 triggers of 1,000 jobs: processor of ours, REST too, per run",
      unit: "ms",
      value: 1000 * own / answers.length,
      baseline: alike.processor,
      samples: answers.length,
    },
  ];
}

/**
 * Waits until all runs are dispatched. Returns how many were not at the time of the call. Reads the
 * database, because REST does not show the dispatch.
 */
async function dispatched(database: string): Promise<number> {
  const store = new DatabaseSync(database, { readOnly: true });
  try {
    const undispatched = store.prepare(
      "select count(*) as runs from runs where dispatched_at is null and ended_at is null",
    );
    const left = Number(undispatched.get()?.["runs"]);
    await waitFor(() => Promise.resolve(undispatched.get()?.["runs"] === 0 || undefined), {
      what: "the dispatch of all runs",
      timeoutMs: 120_000,
    });
    return left;
  } finally {
    store.close();
  }
}
