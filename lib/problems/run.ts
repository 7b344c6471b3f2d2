/** Why a host refuses a run that it has a journal of. Both are `policy_denied`: trying again changes nothing. */

import { Problem } from "./problem.ts";

/** The run has ended and was released; an order is good for one run. */
export function orderReplayed(runId: string): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: run "${runId}" has ended on this host already`,
    hint: "Trigger the job again in Bigeye; that makes a new run",
    exit: "denied",
  });
}

/** Two orders with good signatures name the same run and ask for different things. */
export function orderDiffers(runId: string): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: run "${runId}" was begun with another order`,
    hint: "Trigger the job again in Bigeye; that makes a new run",
    exit: "denied",
  });
}

/** A run id from the wire that is no run id could leave the folder of runs. */
export function notARunId(text: string): Problem {
  return new Problem({
    code: "run_id_invalid",
    message: `Cannot find run "${text}": a run id is a UUID`,
    hint: 'List the runs of this host with "ls agent_runs"',
    exit: "usage",
  });
}
