/** One attempt at a run, as the activity sees it; whoever runs jobs needs no Temporal for it. */

import type { ControlActivities, SignedOrder, SignedOutcome } from "../../lib/contract/dispatch.ts";

export interface Attempt {
  /** Says that the host lives; called every 5 s, as 12 s of silence count as a lost host. */
  heartbeat(): void;
  /**
   * Aborts when Temporal cancels the attempt: to be treated like `cancelRun`, and answered with the
   * outcome, or with this signal's reason when nothing was begun.
   */
  readonly signal: AbortSignal;
  /**
   * Aborts when this attempt must let go: the service stops, or Temporal has given the attempt up.
   * The container is left as it is for the next attempt to adopt; whatever is thrown then hands back.
   */
  readonly shutdown: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What a host does for its two queues. */
export interface HostWork extends ControlActivities {
  /** As `HostActivities.runAgentJob` in the contract, for one attempt. */
  runAgentJob(signed: SignedOrder, attempt: Attempt): Promise<SignedOutcome>;
}
