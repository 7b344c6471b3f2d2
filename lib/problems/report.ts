/** Why the plane does not believe how a run is said to have ended. All are `policy_denied`. */

import { Problem } from "./problem.ts";

/** Changed on the way, signed with another key, or claimed by somebody who has none. */
export function reportNotSigned(): Problem {
  return refusal(
    "its host's report does not carry the company's signature",
    'Compare agent_config/public.pem on the host with the key that "GET /api/v1/agent/public-key" ' +
      "answers, and bring host and control plane to the same version",
  );
}

export function reportOfAnotherRun(theirs: string, runId: string): Problem {
  return refusal(
    `the report is of run "${theirs}", and this is run "${runId}"`,
    `Open agent_runs/${runId} on the host and read there how the run ended`,
  );
}

export function reportOfAnotherHost(theirs: string, hostId: string): Problem {
  return refusal(
    `the report is of host "${theirs}", and the run was for host "${hostId}"`,
    `Open agent_runs/ on host "${hostId}" and read there how the run ended`,
  );
}

export function reportNotUnderstood(cause: unknown): Problem {
  return refusal(
    "this version of the control plane does not know the report's form",
    "Bring host and control plane to the same version",
    cause,
  );
}

function refusal(why: string, hint: string, cause?: unknown): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot believe how the run ended: ${why}`,
    hint,
    exit: "denied",
    cause,
  });
}
