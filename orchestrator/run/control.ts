/** The activities `cancelRun` and `releaseRun`: both may be repeated, and may name runs that are not here. */

import * as v from "valibot";
import { containerName } from "../../lib/contract/container.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import { isTrouble } from "../../lib/docker/errors.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { notARunId } from "../../lib/problems/run.ts";
import type { Journal } from "./journal.ts";
import type { RunNeeds } from "./needs.ts";
import { GRACE_MS, isOurs } from "./run.ts";

/** `cancelRun` itself must be answered within 10 s. */
const ENGINE_ANSWER_MS = 5_000;

/**
 * Asks a run to stop; resolves once that is on disk. For a run that is not here the journal is a
 * tombstone: its order, should it come late, is answered `canceled` and never run.
 */
export async function cancelRun(needs: RunNeeds, runId: string): Promise<void> {
  refuseStrange(runId);
  // Before the disk: should we die in between, Temporal asks again, and the agent has its SIGTERM sooner.
  needs.active.cancel(runId);
  const journal = await needs.journals.open(runId);
  const { outcome, cancel_requested_at } = journal.record;
  if (outcome) return;
  // Written again when it is known already: an earlier write may have failed.
  const at = cancel_requested_at ?? needs.clock.now().toISOString();
  await journal.update({ cancel_requested_at: at });
  needs.active.cancel(runId); // an attempt may have begun while the journal was read
  const active = needs.active.has(runId);
  needs.log("info", "cancel requested", { run_id: runId, active });
  if (!active && journal.record.stopped === undefined) await terminate(needs, { runId, journal });
}

/**
 * Between two attempts nobody attends to the agent: it has its SIGTERM now, and the next attempt sees to
 * its end. An engine that does not answer is left to that attempt as well.
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
    // Noted as a stop by an attempt is, so that what the agent makes of the signal is told as a stop.
    const at = clock.now().toISOString();
    const { phases } = journal.record;
    await journal.update({
      stopped: { reason: "canceled_by_user", at },
      phases: [...phases, { phase: "stopping", at }],
    });
  } catch (error) {
    log("warn", "SIGTERM left to the next attempt", { run_id: runId, error: reasonOf(error) });
  }
}

/** The outcome is on record: removes the container, running or not, and closes the journal. */
export async function releaseRun(
  needs: RunNeeds,
  runId: string,
  signal?: AbortSignal,
): Promise<void> {
  refuseStrange(runId);
  await needs.active.release(runId, () => release(needs, { runId, signal }));
}

async function release(needs: RunNeeds, { runId, signal }: Releasing): Promise<void> {
  await needs.active.detach(runId);
  const journal = await needs.journals.open(runId);
  if (journal.record.released_at !== undefined) return;
  await removeOwn(needs, { runId, signal });
  await journal.update({ released_at: needs.clock.now().toISOString() });
  needs.active.expectNoMore(runId);
  needs.journals.close(runId);
  needs.log("info", "run released", { run_id: runId });
}

interface Releasing {
  readonly runId: string;
  readonly signal: AbortSignal | undefined;
}

/** Stops and removes the container of a run if it is this host's own; leaves any other alone. */
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
    log("warn", "stopping an agent that nobody waits for", { run_id: runId, container: name });
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

/** An id becomes a path; what is no UUID could lead elsewhere. */
function refuseStrange(runId: string): void {
  if (!v.is(v.pipe(v.string(), v.uuid()), runId)) throw notARunId(runId);
}
