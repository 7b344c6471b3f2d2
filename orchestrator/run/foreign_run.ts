/** A run of another machine that has, or had, this host's id: left to that one, and a reason to ask whose the host is. */

import type { ControlRequest } from "../../lib/contract/dispatch.ts";
import type { Log } from "../../lib/ports.ts";
import type { HostSettings } from "./needs.ts";

/**
 * The run is another installation's of this host id. Nothing was written down; Temporal must see a
 * failure that it retries, so that the right machine gets what is asked.
 */
export class ForeignRun extends Error {
  override readonly name = "ForeignRun";
  readonly run: ControlRequest;

  constructor({ run_id, installation_id }: ControlRequest) {
    super(`run ${run_id} is another machine's of this host id`);
    this.run = { run_id, installation_id };
  }
}

/** Throws {@linkcode ForeignRun} for a run that is not this machine's. */
export function refuseForeign(
  run: ControlRequest,
  { installationId }: Pick<HostSettings, "installationId">,
): void {
  if (run.installation_id !== installationId) throw new ForeignRun(run);
}

export interface ForeignWatch {
  readonly log: Log;
  /** Finds out whose the host is. */
  readonly ask: () => void;
}

/** Wraps what a host does for its queues. */
export type Watch = <A extends readonly unknown[], R>(
  work: (...args: A) => Promise<R>,
) => (...args: A) => Promise<R>;

/** The same work; tells of each run that is not for this machine, and asks whose the host is, once. */
export function foreignWatch({ log, ask }: ForeignWatch): Watch {
  const known = new Set<string>();
  return (work) => async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      if (error instanceof ForeignRun && !known.has(error.run.run_id)) {
        known.add(error.run.run_id);
        log("warn", "run of another machine of this host id, left to it", { ...error.run });
        ask();
      }
      throw error;
    }
  };
}
