/** The activities `cancelRun` and `releaseRun`. Both may be repeated, and may name runs that this host never saw. */

import * as v from "valibot";
import { withDeadline } from "../../lib/async/timing.ts";
import { containerName } from "../../lib/contract/container.ts";
import { isTrouble } from "../../lib/docker/answers.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { notARunId } from "../../lib/problems/run.ts";
import type { Journal } from "./journal.ts";
import { GRACE_MS, isOurs, type RunNeeds } from "./run.ts";

/** `cancelRun` itself must answer within 10 s. */
const ENGINE_ANSWER_MS = 5_000;

/**
 * Asks a run to stop, and resolves once the request is on disk. For an unknown run the journal is a
 * tombstone: an order that comes later is answered `canceled` and never run. A cancel that arrives twice
 * counts once, and one that arrives after the end changes nothing.
 *
 * @throws `run_id_invalid`, and the error of a journal that cannot be read or written.
 */
export async function cancelRun(needs: RunNeeds, runId: string): Promise<void> {
  requireRunId(runId);
  // Before the disk, so that the agent gets SIGTERM sooner. If the host dies in between, Temporal asks again.
  needs.active.cancel(runId);
  await needs.active.recordCancel(runId, () => recordCancel(needs, runId));
}

async function recordCancel(needs: RunNeeds, runId: string): Promise<void> {
  const journal = await needs.journals.open(runId);
  const { outcome, released_at, cancel_requested_at } = journal.record;
  if (outcome || released_at !== undefined) return;
  if (cancel_requested_at === undefined) {
    needs.log("info", "cancel requested", { run_id: runId, active: needs.active.has(runId) });
  }
  // Written even if the record has it already: an earlier write may have failed.
  const at = cancel_requested_at ?? needs.clock.now().toISOString();
  await journal.update({ cancel_requested_at: at });
  needs.active.cancel(runId); // an attempt may have begun while the journal was read
  if (needs.active.has(runId) || journal.record.stopped !== undefined) return;
  await terminate(needs, { runId, journal });
}

/**
 * Sends SIGTERM to the agent of a run that no attempt holds. The next attempt waits for its end, and
 * sends the signal itself if the engine does not answer now.
 */
async function terminate(
  { engine, clock, host, active, log }: RunNeeds,
  { runId, journal }: { readonly runId: string; readonly journal: Journal },
): Promise<void> {
  try {
    const isSent = await withDeadline(clock, { ms: ENGINE_ANSWER_MS }, async (signal) => {
      const found = await engine.inspectContainer(containerName(runId), signal);
      if (found?.state !== "running" || !isOurs(found, { runId, host })) return false;
      if (active.has(runId)) return false;
      await engine.killContainer(found.id, { send: "SIGTERM", signal });
      return true;
    });
    if (!isSent) return;
    // Recorded as an attempt would record its own stop, so that the exit counts as a cancel.
    const at = clock.now().toISOString();
    const { phases } = journal.record;
    await journal.update({
      stopped: { reason: "canceled_by_user", at },
      phases: [...phases, { phase: "stopping", at }],
    });
  } catch (error) {
    log("warn", "could not send SIGTERM, leaving it to the next attempt", {
      run_id: runId,
      error: reasonOf(error),
    });
  }
}

/**
 * Removes the run's container, running or not, and closes its journal: Bigeye has the outcome on record.
 *
 * @throws `run_id_invalid`, the Problems of the engine, and the error of a journal that cannot be written.
 */
export async function releaseRun(
  needs: RunNeeds,
  runId: string,
  signal?: AbortSignal,
): Promise<void> {
  requireRunId(runId);
  await needs.active.release(runId, () => release(needs, { runId, signal }));
}

interface Releasing {
  readonly runId: string;
  readonly signal: AbortSignal | undefined;
}

async function release(needs: RunNeeds, { runId, signal }: Releasing): Promise<void> {
  await needs.active.detach(runId);
  const journal = await needs.journals.open(runId);
  if (journal.record.released_at !== undefined) return;
  await removeOwn(needs, { runId, signal });
  await journal.update({ released_at: needs.clock.now().toISOString() });
  needs.active.removeUnattended(runId);
  needs.journals.close(runId);
  needs.log("info", "run released", { run_id: runId });
}

/** Stops and removes the run's container if it belongs to this host. Leaves any other container alone. */
async function removeOwn(
  { engine, clock, host, log }: RunNeeds,
  { runId, signal }: Releasing,
): Promise<void> {
  const name = containerName(runId);
  const found = await engine.inspectContainer(name, signal);
  if (!found) return;
  if (!isOurs(found, { runId, host })) {
    return log("warn", "container of another owner left alone", { run_id: runId, container: name });
  }
  if (found.state === "running") {
    log("warn", "stopping the agent of a run that is over", { run_id: runId, container: name });
    const stopped = (limit: AbortSignal) => engine.waitContainer(found.id, limit);
    try {
      await engine.killContainer(found.id, { send: "SIGTERM", signal });
      await withDeadline(clock, { ms: GRACE_MS, signal }, stopped);
    } catch (error) {
      signal?.throwIfAborted();
      if (isTrouble(error, "docker_unavailable")) throw error;
    }
  }
  await engine.removeContainer(found.id, signal);
}

/** A run id becomes a part of paths, so anything but a UUID could lead out of the folder of runs. */
function requireRunId(runId: string): void {
  if (!v.is(v.pipe(v.string(), v.uuid()), runId)) throw notARunId(runId);
}
