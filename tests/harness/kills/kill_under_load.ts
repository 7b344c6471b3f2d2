/** Kills the control plane repeatedly while callers and hosts use it, and checks runs and writes afterwards. */

import * as v from "valibot";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { ACTIVE_STATUSES, type Run, RunPageSchema } from "../../../lib/contract/run.ts";
import type { ControlPlaneProcess } from "../scene/control_plane.ts";
import { type Rest, RestError } from "../scene/rest.ts";
import { delay } from "../time/wait.ts";
import { callUntil, cancel, retryUntilAnswered } from "./caller.ts";
import { killRepeatedly, seeded } from "./killer.ts";
import { emptyLedger, type Ledger, readRows } from "./evidence.ts";
import type { Caller, KillStage } from "./stage.ts";
import { runViolations, writeViolations } from "./violations.ts";

export interface KillOptions {
  readonly kills: number;
  /** Seed of the kills' moments and of the calls. The timing of the processes still differs between runs. */
  readonly seed: number;
  /** Called after each kill. */
  readonly onKilled: (kills: number, runs: number) => void;
}

export interface KillReport {
  readonly runs: number;
  /** Rows of the audit list. */
  readonly changes: number;
  /** Kills that left a write-ahead log, which the next start recovers. */
  readonly logsLeft: number;
  /** Milliseconds until an answer, of each start that was not killed. */
  readonly startsMs: readonly number[];
  /** Runs that were lost, doubled, stuck or recorded wrongly, and why. */
  readonly runViolations: readonly string[];
  /** Writes that were lost or torn, or that lack their audit row, and why. */
  readonly writeViolations: readonly string[];
}

/** A workflow task of a killed worker is retried after 10 s, and so is its activity. */
const SETTLE_LIMIT_MS = 300_000;
const POLL_MS = 500;

export async function killUnderLoad(stage: KillStage, options: KillOptions): Promise<KillReport> {
  const { kills, seed, onKilled } = options;
  const ledger = emptyLedger();
  const over = new AbortController();
  const calling = stage.callers.map((caller, index) =>
    callUntil(over.signal, { ...caller, ledger, random: seeded(seed + 1 + index) })
  );
  let logsLeft = 0;
  const killing = killRepeatedly({
    spawn: () => stage.spawn(),
    kills,
    random: seeded(seed),
    async onKilled(count) {
      if (await sizeOf(`${stage.database}-wal`) > 0) logsLeft++;
      onKilled(count, ledger.triggered.size);
    },
  });
  const [{ survivor, startsMs }] = await Promise.all([
    killing.finally(() => over.abort()),
    ...calling,
  ]);

  await settled(stage, ledger);
  await triggerAll(stage, ledger);
  await settled(stage, ledger);
  const runs = await allRuns(restOf(stage));
  await ended(survivor);
  const rows = readRows(stage.database);
  const evidence = { ledger, hosts: stage.hosts, runs, rows };
  return {
    runs: rows.runs.length,
    changes: rows.audit.length,
    logsLeft,
    startsMs,
    runViolations: runViolations(evidence),
    writeViolations: [
      ...writeViolations(evidence),
      ...(await sizeOf(`${stage.database}-wal`) > 0 ? ["a write-ahead log is left"] : []),
    ],
  };
}

/** Waits until no run is active, within a limit. A run that is still active then is stuck. */
async function settled({ callers }: KillStage, ledger: Ledger): Promise<void> {
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  while (performance.now() < deadline) {
    const looks = await Promise.all(callers.map((caller) => isQuiet(caller, ledger)));
    if (looks.every((quiet) => quiet)) return;
    await delay(POLL_MS).done;
  }
}

/** Tells whether no run of the caller is active, and cancels runs that end only by a cancel. */
async function isQuiet({ rest, jobs }: Caller, ledger: Ledger): Promise<boolean> {
  const known = await Promise.all(jobs.map(({ id }) => retryUntilAnswered(() => rest.job(id))));
  const active = known.flatMap(({ parameters, last_run }) =>
    ACTIVE_STATUSES.some((status) => status === last_run?.status) && last_run
      ? [{ id: last_run.id, waits: parameters["file_name"] === "waits" }]
      : []
  );
  for (const { id, waits } of active) {
    if (waits && !ledger.cancelsAccepted.has(id)) await cancel(id, { rest, ledger });
  }
  return active.length === 0;
}

/** Triggers each job once more, which fails for a stuck job. */
async function triggerAll({ callers }: KillStage, ledger: Ledger): Promise<void> {
  await Promise.all(callers.flatMap(({ rest, jobs }) =>
    jobs.map(async ({ id }) => {
      const idempotencyKey = crypto.randomUUID();
      try {
        const run = await retryUntilAnswered(() => rest.trigger(id, { idempotencyKey }));
        ledger.triggered.add(run.id);
      } catch (error) {
        if (!(error instanceof RestError)) throw error;
        ledger.wrongAnswers.push(`job ${id}: ${error.message}`);
      }
    })
  ));
}

function restOf({ callers: [caller] }: KillStage): Rest {
  if (!caller) throw new Error("Cannot ask without a caller");
  return caller.rest;
}

async function allRuns(rest: Rest): Promise<readonly Run[]> {
  const all: Run[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const place: string = cursor === "" ? "" : `&pageCursor=${cursor}`;
    const path = `${ORCHESTRATOR_API}/runs?pageSize=200${place}`;
    const answer = await retryUntilAnswered(() => rest.call("GET", path));
    const { runs, paginationInfo }: v.InferOutput<typeof RunPageSchema> = v.parse(
      RunPageSchema,
      answer,
    );
    all.push(...runs);
    cursor = paginationInfo.nextCursor ?? null;
  }
  return all;
}

async function ended({ process }: ControlPlaneProcess): Promise<void> {
  process.kill("SIGTERM");
  const code = await process.ended;
  if (code !== 0) throw new Error(`The control plane was asked to end, and did with exit ${code}`);
}

async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}
