/** Hands back to Temporal, at the start, the attempts that a killed process left open. */

import { reasonOf } from "../../lib/problems/problem.ts";
import type { JournalRecord } from "../run/journal.ts";
import type { RunNeeds } from "../run/run.ts";
import type { TemporalHost } from "./temporal.ts";

export interface LeftAttemptNeeds {
  readonly run: Pick<RunNeeds, "host" | "journals" | "log" | "machineStartedAt">;
  readonly handBack: TemporalHost["handBack"];
}

/** Clocks are adjusted, and the uptime counts whole seconds. */
const SAME_START_MS = 5_000;

/**
 * Hands back the attempts of these runs, so that the next ones begin at once and not after the heartbeat
 * timeout. Call it before the workers start, while no attempt is this process's own, only under the lock of
 * the host folder, and only after Bigeye confirmed that this machine owns the host id. Where an attempt
 * cannot be handed back, Temporal notices by itself that its heartbeats are missing.
 */
export async function handBackAttempts(
  runIds: readonly string[],
  needs: LeftAttemptNeeds,
): Promise<void> {
  await Promise.all(runIds.map((runId) => handBackAttempt(runId, needs)));
}

async function handBackAttempt(
  runId: string,
  { run, handBack }: LeftAttemptNeeds,
): Promise<void> {
  const { journals, log } = run;
  try {
    const journal = await journals.open(runId);
    const token = leftToken(journal.record, run);
    if (token === undefined) return;
    const result = await handBack(token);
    if (result === "left") return;
    if (result === "handed back") log("info", "handed back a former attempt", { run_id: runId });
    await journal.update({ attempt: undefined });
  } catch (error) {
    log("warn", "could not hand back a former attempt, it times out instead", {
      run_id: runId,
      error: reasonOf(error),
    });
  }
}

/**
 * Returns the token of an attempt that a former process of this machine left. A cloned machine has the
 * same files, and the attempt may be alive on the other one, but the two were not started at the same
 * time. After a restart of the machine the heartbeats have been missing for long enough anyway.
 */
function leftToken(
  { order, attempt, released_at }: JournalRecord,
  { host, machineStartedAt }: LeftAttemptNeeds["run"],
): string | undefined {
  // An order in the journal was signed by our own control plane, whose workflow retries the attempt.
  if (!order || !attempt || released_at !== undefined) return undefined;
  if (order.host_id !== host.hostId) return undefined;
  if (order.installation_id !== host.installationId) return undefined;
  const apart = Date.parse(attempt.machine_started_at) - Date.parse(machineStartedAt);
  return Math.abs(apart) <= SAME_START_MS ? attempt.task_token : undefined;
}
