/** Stays with a running agent until it has ended: by itself, at its limit, or because somebody canceled it. */

import { aborted, anySignal } from "../../lib/async/abort.ts";
import { isTrouble } from "../../lib/docker/errors.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { retryWhileEngineDown } from "./daemon.ts";
import { followOutput } from "../outcome/follow_output.ts";
import type { Run } from "./run.ts";
import { agentRedactor } from "../outcome/secrets.ts";
import { stopContainer } from "./stop.ts";

const RUNNING: readonly Container["state"][] = ["running", "paused", "restarting"];
/** Between a wait that ended and the next, when the container runs on: the connection was cut. */
const PAUSE_MS = 200;

/** Resolves once the engine says that the container does not run, and its output is on disk. */
export async function watch(run: Run, { startedAt }: Container): Promise<void> {
  const ended = new AbortController();
  const leave = new AbortController();
  using either = anySignal(run.signals.detach, leave.signal);
  const { signal } = either;
  const output = followOutput(run, {
    ended: ended.signal,
    signal: run.signals.detach,
    redact: agentRedactor(run.needs, run.order.task.agent_type),
  });
  const exited = untilExit(run, { signal, startedAt });
  try {
    const reason = await firstOf(run, { exited, startedAt });
    if (reason !== "exited") await stopContainer(run, { reason, exited, signal });
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

async function firstOf(
  run: Run,
  { startedAt, exited }: Watched,
): Promise<"exited" | "run_limit" | "canceled_by_user"> {
  const { clock } = run.needs;
  const settled = new AbortController();
  // From the engine's own stamp, so that adoption goes on with the limit instead of beginning a new one.
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

/** A wait that broke says nothing, so the engine is asked again until it shows that the run is over. */
async function untilExit(
  run: Run,
  options: { readonly signal: AbortSignal; readonly startedAt: string | undefined },
): Promise<void> {
  const { engine, clock } = run.needs;
  for (;;) {
    await retryWhileEngineDown(run, options, () => engine.waitContainer(run.name, options.signal))
      .catch((error) => {
        if (!isTrouble(error, "docker_not_found")) throw error;
      });
    const inspect = () => engine.inspectContainer(run.name, options.signal);
    const found = await retryWhileEngineDown(run, options, inspect);
    if (!found || !RUNNING.includes(found.state)) return;
    await clock.sleep(PAUSE_MS, options.signal);
  }
}
