/** Reasons to refuse a run order, or the report of how a run ended. Most are `policy_denied`. */

import { Problem } from "./problem.ts";

export function orderNotSigned(): Problem {
  return orderRefused(
    "it does not carry Bigeye's signature",
    `Compare agent_config/bigeye.pem with the key that "GET /api/v1/agent/public-key/bigeye" answers`,
  );
}

export function orderForAnotherHost(theirs: string, hostId: string): Problem {
  return orderRefused(
    `it is for host "${theirs}", and this is host "${hostId}"`,
    'Run "bigeye-agent serve" on one host per host id only, then trigger the job again',
  );
}

export function orderExpired(expiresAt: string, now: string): Problem {
  return orderRefused(
    `it expired at ${expiresAt}, and the clock of this host says ${now}`,
    'Run "timedatectl" on the host and set its clock right, then trigger the job again',
  );
}

export function orderNotYetValid(issuedAt: string, now: string): Problem {
  return orderRefused(
    `it was issued at ${issuedAt}, and the clock of this host says ${now}`,
    'Run "timedatectl" on the host and set its clock right, then trigger the job again',
  );
}

export function orderNotUnderstood(cause: unknown): Problem {
  return orderRefused(
    "this version of bigeye-agent does not know its form",
    'Put a newer bigeye-agent on the host, run "bigeye-agent compose upgrade", then trigger the job again',
    cause,
  );
}

function orderRefused(why: string, hint: string, cause?: unknown): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: ${why}`,
    hint,
    exit: "denied",
    cause,
  });
}

/** The run has ended and was released. An order is valid for one run. */
export function orderReplayed(runId: string): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: run "${runId}" has already ended on this host`,
    hint: "Trigger the job again in Bigeye; that makes a new run",
    exit: "denied",
  });
}

/** Two orders with valid signatures name the same run and differ otherwise. */
export function orderDiffers(runId: string): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: run "${runId}" was started with another order`,
    hint: "Trigger the job again in Bigeye; that makes a new run",
    exit: "denied",
  });
}

/** The text is not a UUID. As part of a path it could lead out of the folder of runs. */
export function notARunId(text: string): Problem {
  return new Problem({
    code: "run_id_invalid",
    message: `Cannot find run "${text}": a run id is a UUID`,
    hint: 'List the runs of this host with "ls agent_runs"',
    exit: "usage",
  });
}

/** The report was changed, or signed with another key, or has no signature. */
export function reportNotSigned(): Problem {
  return reportRefused(
    "its host's report does not carry the company's signature",
    'Compare agent_config/public.pem on the host with the key that "GET /api/v1/agent/public-key" ' +
      "answers, and bring host and control plane to the same version",
  );
}

export function reportOfAnotherRun(theirs: string, runId: string): Problem {
  return reportRefused(
    `the report is of run "${theirs}", and this is run "${runId}"`,
    `Open agent_runs/${runId} on the host and read there how the run ended`,
  );
}

export function reportOfAnotherHost(theirs: string, hostId: string): Problem {
  return reportRefused(
    `the report is of host "${theirs}", and the run was for host "${hostId}"`,
    `Open agent_runs/ on host "${hostId}" and read there how the run ended`,
  );
}

export function reportNotUnderstood(cause: unknown): Problem {
  return reportRefused(
    "this version of the control plane does not know the report's form",
    "Bring host and control plane to the same version",
    cause,
  );
}

function reportRefused(why: string, hint: string, cause?: unknown): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the report of how the run ended: ${why}`,
    hint,
    exit: "denied",
    cause,
  });
}

/** The host reports on a run whose workflow has ended, so the report cannot be recorded. */
export function runClosed(runId: string): Problem {
  return new Problem({
    code: "run_closed",
    message: `Cannot report on run "${runId}": it has already ended`,
    hint: "Open the run in Bigeye to see how it ended, then trigger its job again",
    exit: "conflict",
  });
}
