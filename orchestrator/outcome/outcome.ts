/** Exit of a container → outcome of the run: collects the facts, then judges them in a pure function. */

import type { RunOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome, RunReason } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { type FollowedRun, readRest } from "./follow_output.ts";
import { lastLines } from "./output_log.ts";
import { agentRedactor, type Redact, type SecretNeeds } from "./redaction.ts";
import { type AgentResult, readResult } from "./result_file.ts";
import { summaryOf } from "./summary.ts";

/** Why the host stopped an agent. */
export type StopReason = "run_limit" | "canceled_by_user";

/** What the outcome needs of a run's journal. Times are ISO 8601 UTC, by the host's clock. */
export interface RunRecord {
  readonly phases: RunOutcome["phases"];
  /** Set once the engine took our SIGTERM. */
  readonly stopped?: { readonly reason: StopReason; readonly at: string } | undefined;
  readonly cancel_requested_at?: string | undefined;
}

/** A run whose container has exited. */
export interface ExitedRun extends FollowedRun {
  readonly order: Pick<RunOrder, "run_limit_seconds" | "task">;
  readonly journal: { readonly record: RunRecord };
  readonly folder: FollowedRun["folder"] & { readonly files: string };
  readonly needs: FollowedRun["needs"] & SecretNeeds;
}

/** Holds 20 long lines in full: their secrets are redacted before the lines are cut. */
const TAIL_BYTES = 1 << 18;

/** Rejects only when the run is detached. Files that cannot be read make a poorer message. */
export async function exitOutcome(run: ExitedRun, container: Container): Promise<RunOutcome> {
  const { files, clock } = run.needs;
  const redaction = agentRedactor(run.needs, run.order.task.agent_type);
  const outputComplete = await readRest(run, { signal: run.signals.detach, redaction });
  run.signals.detach.throwIfAborted();
  const redact = await redaction;
  const result = readResult(run.folder.files, { files, redact });
  const tail = lastLines(run.folder.output, { files, bytes: TAIL_BYTES });
  return outcomeOf({
    runLimitSeconds: run.order.run_limit_seconds,
    record: run.journal.record,
    container,
    result: await orDefault(run, result, { connections: [] }),
    tail: await orDefault(run, tail, []),
    outputComplete,
    redact,
    now: clock.now(),
  });
}

async function orDefault<T>(run: FollowedRun, reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    run.needs.log("warn", "could not read a file of the run", {
      run_id: run.id,
      error: reasonOf(error),
    });
    return otherwise;
  }
}

interface ExitFacts {
  readonly runLimitSeconds: number;
  readonly record: RunRecord;
  readonly container: Container;
  /** Redacted. */
  readonly result: AgentResult;
  /** The last lines of output, newest last; not redacted. */
  readonly tail: readonly string[];
  readonly outputComplete: boolean;
  readonly redact: Redact;
  readonly now: Date;
}

/** 128 + SIGTERM and 128 + SIGKILL: the exit codes of an agent that does not handle our signals. */
const KILLED = [143, 137];
/** The engine records this code for a process that it lost during its own restart. */
const UNRELIABLE = 255;

function outcomeOf(facts: ExitFacts): RunOutcome {
  const { container, record, result, now } = facts;
  const { exitCode, startedAt, finishedAt } = container;
  const { connections } = result;
  const common = {
    exit_code: exitCode,
    phases: record.phases,
    ended_at: finishedAt === undefined ? now.toISOString() : new Date(finishedAt).toISOString(),
    ...(startedAt === undefined ? {} : { started_at: new Date(startedAt).toISOString() }),
    ...(connections.length === 0 ? {} : { connections: [...connections] }),
  };
  const verdict = verdictOf(facts);
  if (verdict.status === "succeeded") {
    const said = result.message === undefined
      ? {}
      : { message: summaryOf({ ...facts, ...result, headline: "", headlineFirst: false }) };
    return { status: "succeeded", ...said, ...common };
  }
  const { status, reason, headline, headlineFirst } = verdict;
  const message = summaryOf({ ...facts, ...result, headline, headlineFirst });
  return { status, reason, message, ...common };
}

type Verdict = { readonly status: "succeeded" } | {
  readonly status: "failed" | "timed_out" | "canceled";
  readonly reason: RunReason;
  readonly headline: string;
  readonly headlineFirst: boolean;
};

function verdictOf(facts: ExitFacts): Verdict {
  const { container: { exitCode, oomKilled, memoryBytes, error }, result } = facts;
  const first = { headlineFirst: true } as const;
  const stopped = stopReason(facts);
  if (stopped === "canceled_by_user") {
    return { ...first, status: "canceled", reason: stopped, headline: "Canceled while running" };
  }
  if (stopped === "run_limit") {
    const headline = `Stopped at its run limit of ${facts.runLimitSeconds} s`;
    return { ...first, status: "timed_out", reason: stopped, headline };
  }
  if (oomKilled && exitCode !== 0) {
    const mebibytes = Math.round(memoryBytes / 1024 ** 2);
    const headline = `Killed for lack of memory: its limit is ${mebibytes} MiB`;
    return { ...first, status: "failed", reason: "oom_killed", headline };
  }
  if (exitCode !== 0) {
    const said = error === "" ? "" : ` (${error})`;
    const doubt = exitCode === UNRELIABLE
      ? ", which is also what the engine writes down after its own restart"
      : "";
    const headline = `The agent exited with code ${exitCode}${said}${doubt}`;
    return { status: "failed", reason: "exit_nonzero", headline, headlineFirst: doubt !== "" };
  }
  // An agent that reports failed connections and exits with 0 forgot to set its exit code.
  if (result.connections.some(({ status }) => status === "failed")) {
    const headline = "The agent exited with code 0 and reported failed connections";
    return { ...first, status: "failed", reason: "internal", headline };
  }
  return { status: "succeeded" };
}

/** Why the host stopped the agent, if it did. An agent that exited by itself just before keeps its own exit. */
function stopReason({ record, container, runLimitSeconds }: ExitFacts): StopReason | undefined {
  if (record.stopped) return record.stopped.reason;
  // The host may have died after the engine took SIGTERM and before the journal said so.
  const { exitCode, oomKilled, startedAt, finishedAt } = container;
  if (!KILLED.includes(exitCode) || oomKilled || !startedAt || !finishedAt) return undefined;
  const ended = Date.parse(finishedAt);
  const asked = record.cancel_requested_at;
  if (asked !== undefined && ended >= Date.parse(asked)) return "canceled_by_user";
  return ended >= Date.parse(startedAt) + runLimitSeconds * 1_000 ? "run_limit" : undefined;
}
