/** An order for another machine that has, or had, this host's id: left to that one, and a reason to ask whose the host is. */

import type { RunOrder } from "../lib/contract/dispatch.ts";
import type { Log } from "../lib/ports.ts";

/**
 * Another installation of this host id is to run the order. Nothing was written down; Temporal must see
 * a failure that it retries, so that the right machine gets it.
 */
export class ForeignOrder extends Error {
  override readonly name = "ForeignOrder";
  readonly order: RunOrder;

  constructor(order: RunOrder) {
    super(`run ${order.run_id} is for another machine of this host id`);
    this.order = order;
  }
}

export interface ForeignWatch {
  readonly log: Log;
  /** Finds out whose the host is. */
  readonly ask: () => void;
}

/** The same work; tells of each run that is not for this machine, and asks whose the host is, once. */
export function watchingForeign<A extends readonly unknown[], R>(
  work: (...args: A) => Promise<R>,
  { log, ask }: ForeignWatch,
): (...args: A) => Promise<R> {
  const known = new Set<string>();
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      if (error instanceof ForeignOrder && !known.has(error.order.run_id)) {
        const { run_id, installation_id } = error.order;
        known.add(run_id);
        log("warn", "order for another machine of this host id, left to it", {
          run_id,
          installation_id,
        });
        ask();
      }
      throw error;
    }
  };
}
