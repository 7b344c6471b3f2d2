/** Stops an agent: SIGTERM, the grace, SIGKILL; over only when the engine says that it does not run. */

import { anySignal } from "../../lib/async/abort.ts";
import { isTrouble } from "../../lib/docker/errors.ts";
import type { JournalRecord } from "./journal.ts";
import { retryWhileEngineDown } from "./daemon.ts";
import { GRACE_MS, remember, type Run } from "./run.ts";

type StopReason = NonNullable<JournalRecord["stopped"]>["reason"];

export interface StopOptions {
  readonly reason: StopReason;
  /** Resolves once the container does not run. */
  readonly exited: Promise<void>;
  readonly signal: AbortSignal;
}

/** Leaves `stopped` in the journal only if the agent still ran: an exit of its own keeps its truth. */
export async function stopContainer(
  run: Run,
  { reason, exited, signal }: StopOptions,
): Promise<void> {
  if (!await sent(run, "SIGTERM", signal)) return await exited;
  const at = run.needs.clock.now().toISOString();
  run.phases.enter("stopping");
  await remember(run, { stopped: { reason, at } });

  const over = new AbortController();
  using either = anySignal(over.signal, signal);
  const grace = run.needs.clock.sleep(GRACE_MS, either.signal);
  const winner = await Promise.race([
    exited.then(() => "exited" as const),
    grace.then(() => "grace" as const),
  ]).finally(() => over.abort());
  if (winner === "grace") await sent(run, "SIGKILL", signal);
  await exited;
}

/** `false` when there was nothing running to send it to. */
async function sent(
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
