/** Exit of a container → outcome of the run. Pure: all that it needs is given. */

import type { RunOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome, RunReason } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import type { JournalRecord } from "../run/journal.ts";
import type { AgentResult } from "./result_file.ts";
import { summaryOf } from "./summary.ts";

export interface ExitFacts {
  readonly order: RunOrder;
  readonly record: JournalRecord;
  readonly container: Container;
  /** Its secrets are hidden already. */
  readonly result: AgentResult;
  readonly tail: readonly string[];
  readonly outputComplete: boolean;
  readonly redact: (text: string) => string;
  readonly now: Date;
}

/** 128 + SIGTERM and 128 + SIGKILL: what an agent that does not handle our signals leaves. */
const KILLED = [143, 137];
/** What the engine writes down when it lost sight of a process across its own restart. */
const UNRELIABLE = 255;

export function outcomeOf(facts: ExitFacts): RunOutcome {
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
  if (verdict.status === "succeeded") return { status: "succeeded", ...common };
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
  const { container: { exitCode, oomKilled, memoryBytes, error }, order, result } = facts;
  const first = { headlineFirst: true } as const;
  const stopped = stoppedBecause(facts);
  if (stopped === "canceled_by_user") {
    return { ...first, status: "canceled", reason: stopped, headline: "Canceled while running" };
  }
  if (stopped === "run_limit") {
    const headline = `Stopped at its run limit of ${order.run_limit_seconds} s`;
    return { ...first, status: "timed_out", reason: stopped, headline };
  }
  if (oomKilled && exitCode !== 0) {
    const headline = `Killed for lack of memory: its limit is ${mebibytes(memoryBytes)} MiB`;
    return { ...first, status: "failed", reason: "oom_killed", headline };
  }
  if (exitCode !== 0) {
    const said = error === "" ? "" : ` (${error})`;
    const doubt = exitCode === UNRELIABLE
      ? ", which is also what the engine writes down after its own restart"
      : "";
    const headline = `The agent exited with code ${exitCode}${said}${doubt}`;
    const headlineFirst = doubt !== "";
    return { status: "failed", reason: "exit_nonzero", headline, headlineFirst };
  }
  // The agent's own word that connections failed outweighs an exit code of 0 that it forgot to change.
  if (result.connections.some(({ status }) => status === "failed")) {
    const headline = "The agent exited with code 0 and reported failed connections";
    return { ...first, status: "failed", reason: "internal", headline };
  }
  return { status: "succeeded" };
}

/** Why the host stopped it, if it did. An exit of its own, however close, keeps its truth. */
function stoppedBecause(
  { record, container, order }: ExitFacts,
): NonNullable<JournalRecord["stopped"]>["reason"] | undefined {
  if (record.stopped) return record.stopped.reason;
  // The host may have died between the engine's answer to SIGTERM and its own note of it.
  const { exitCode, oomKilled, startedAt, finishedAt } = container;
  if (!KILLED.includes(exitCode) || oomKilled || !startedAt || !finishedAt) return undefined;
  const ended = Date.parse(finishedAt);
  const asked = record.cancel_requested_at;
  if (asked !== undefined && ended >= Date.parse(asked)) return "canceled_by_user";
  const limit = Date.parse(startedAt) + order.run_limit_seconds * 1_000;
  return ended >= limit ? "run_limit" : undefined;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);
