/** Why a run could not be begun or followed, in the words of the contract. */

import type { RunOutcome, RunReason } from "../../lib/contract/run.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { EngineDown } from "../run/daemon.ts";
import { hostOutcome, type Run } from "../run/run.ts";

const REASONS: Readonly<Record<string, RunReason>> = {
  image_auth: "image_auth",
  image_missing: "image_missing",
  rate_limited: "rate_limited",
  disk_pressure: "disk_pressure",
  disk_full: "disk_pressure",
  docker_denied: "policy_denied",
  docker_unavailable: "daemon_unavailable",
  docker_too_new: "daemon_unavailable",
};
/** ENOSPC and EDQUOT, as the engine and the system spell them. */
const DISK_FULL = /no space left|os error 28|disk quota exceeded|os error 122/i;

/** The outcome of a failure that another attempt would only repeat; anything else is thrown on. */
export function failedOutcome(run: Pick<Run, "journal" | "needs">, error: unknown): RunOutcome {
  const reason = failureReason(error);
  if (reason === undefined) throw error;
  return hostOutcome(run, { reason, message: reasonOf(error) });
}

function failureReason(error: unknown): RunReason | undefined {
  if (error instanceof EngineDown) return "daemon_unavailable";
  if (DISK_FULL.test(reasonOf(error))) return "disk_pressure";
  return error instanceof Problem ? REASONS[error.code] ?? "internal" : undefined;
}
