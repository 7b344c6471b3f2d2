/** How a run ends whose workflow is gone: what may be said truthfully, and no more. */

import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Clock } from "../../lib/ports.ts";

/**
 * A workflow records its run's outcome before it ends, so one that is gone without was ended from
 * outside, and nobody else will free the job. An outcome that is on record already holds.
 */
export function abandoned(clock: Clock): RunOutcome {
  return {
    status: "failed",
    reason: "host_lost",
    message: "Temporal no longer has this run's workflow, and how the run ended is not known. " +
      "A container that still runs is stopped by its host within a minute",
    phases: [],
    ended_at: clock.now().toISOString(),
  };
}
