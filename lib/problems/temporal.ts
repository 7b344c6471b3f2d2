/** What can go wrong between a host and the workflow of its run. */

import { Problem } from "../problem.ts";

/** The host reports on a run whose workflow has ended, so nobody would learn of its end. */
export function runClosed(runId: string): Problem {
  return new Problem({
    code: "run_closed",
    message: `Cannot report on run "${runId}": it has ended already`,
    hint: "Open the run in Bigeye to see how it ended, then trigger its job again",
    exit: "conflict",
  });
}
