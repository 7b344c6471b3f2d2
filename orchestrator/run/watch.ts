/** Watches a running agent until it has ended, and stops it at its run limit or on a cancel. */

import { aborted, anySignal } from "../../lib/async/abort.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { isTrouble } from "../../lib/docker/answers.ts";
import { followOutput } from "../outcome/follow_output.ts";
import type { StopReason } from "../outcome/outcome.ts";
import { agentRedactor } from "../outcome/redaction.ts";
import { retryWhileEngineDown } from "./retry.ts";
import { GRACE_MS, type Run, tryUpdate } from "./run.ts";

const RUNNING: readonly Container["state"][] = ["running", "paused", "restarting"];
/** Pause before the next wait when one ended and the container still runs: its connection was cut. */
const PAUSE_MS = 200;

/** Resolves once the engine shows that the container does not run, and its output is on disk. */
export async function watch(run: Run, { startedAt }: Container): Promise<void> {
  const ended = new AbortController();
  const leave = new AbortController();
  using either = anySignal(run.signals.detach, leave.signal);
  const { signal } = either;
  const output = followOutput(run, {
    ended: ended.signal,
    signal: run.signals.detach,
    redaction: agentRedactor(run.needs, run.order.task.agent_type),
  });
  const exited = untilExit(run, { signal, startedAt });
  try {
    const reason = await firstOf(run, { exited, startedAt });
    if (reason !== "exited") await stop(run, { reason, exited, signal });
  } finally {
    leave.abort(run.signals.detach.reason);
    ended.abort();
    await Promise.allSettled([exited, output]);
  }
}

interface Watched {
  readonly startedAt: string | undefined;
  readonly exited: Promise<void>;
}

async function firstOf(run: Run, { startedAt, exited }: Watched): Promise<"exited" | StopReason> {
  const { clock } = run.needs;
  const settled = new AbortController();
  // Counted from the engine's own time of the start, so that an adopted run keeps its limit.
  const begun = startedAt === undefined ? clock.now().getTime() : Date.parse(startedAt);
  const left = begun + run.order.run_limit_seconds * 1_000 - clock.now().getTime();
  const limit = clock.sleep(Math.max(0, left), settled.signal);
  using either = anySignal(run.signals.cancel, settled.signal);
  const canceled = aborted(either.signal);
  try {
    return await Promise.race([
      exited.then(() => "exited" as const),
      limit.then(() => "run_limit" as const),
      canceled.then(() => "canceled_by_user" as const),
    ]);
  } finally {
    settled.abort();
    await Promise.allSettled([limit, canceled]);
  }
}

/** A wait that broke proves nothing, so the container is inspected and waited for until it has ended. */
async function untilExit(
  run: Run,
  options: { readonly signal: AbortSignal; readonly startedAt: string | undefined },
): Promise<void> {
  const { engine, clock } = run.needs;
  const wait = () => engine.waitContainer(run.name, options.signal);
  const inspect = () => engine.inspectContainer(run.name, options.signal);
  for (;;) {
    await retryWhileEngineDown(run, options, wait).catch((error) => {
      if (!isTrouble(error, "docker_not_found")) throw error;
    });
    const found = await retryWhileEngineDown(run, options, inspect);
    if (!found || !RUNNING.includes(found.state)) return;
    await clock.sleep(PAUSE_MS, options.signal);
  }
}

interface StopOptions {
  readonly reason: StopReason;
  /** Resolves once the container does not run. */
  readonly exited: Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Sends SIGTERM, waits for the grace, sends SIGKILL, and resolves once the container does not run. An
 * agent that had exited by itself keeps its own exit: the journal gets no `stopped`.
 */
async function stop(run: Run, { reason, exited, signal }: StopOptions): Promise<void> {
  if (!await isSent(run, "SIGTERM", signal)) return await exited;
  const at = run.needs.clock.now().toISOString();
  run.phases.enter("stopping");
  await tryUpdate(run, { stopped: { reason, at } });

  const over = new AbortController();
  using either = anySignal(over.signal, signal);
  const grace = run.needs.clock.sleep(GRACE_MS, either.signal);
  const winner = await Promise.race([
    exited.then(() => "exited" as const),
    grace.then(() => "grace" as const),
  ]).finally(() => over.abort());
  if (winner === "grace") await isSent(run, "SIGKILL", signal);
  await exited;
}

/** Sends the signal. Resolves with `false` if the container does not run. */
async function isSent(
  run: Run,
  send: "SIGTERM" | "SIGKILL",
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const kill = () => run.needs.engine.killContainer(run.name, { send, signal });
    await retryWhileEngineDown(run, { signal }, kill);
    return true;
  } catch (error) {
    if (isTrouble(error, "docker_conflict") || isTrouble(error, "docker_not_found")) return false;
    throw error;
  }
}
