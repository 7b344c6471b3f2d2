/** Why a host refuses a run order. All are `policy_denied`: another attempt brings the same order. */

import { Problem } from "./problem.ts";

export function orderNotSigned(): Problem {
  return refusal(
    "it does not carry Bigeye's signature",
    `Compare agent_config/bigeye.pem with the key that "GET /api/v1/agent/public-key/bigeye" answers`,
  );
}

export function orderForAnotherHost(theirs: string, hostId: string): Problem {
  return refusal(
    `it is for host "${theirs}", and this is host "${hostId}"`,
    'Run "bigeye-agent serve" on one host per host id only, then trigger the job again',
  );
}

export function orderExpired(expiresAt: string, now: string): Problem {
  return refusal(
    `it expired at ${expiresAt}, and the clock of this host says ${now}`,
    'Run "timedatectl" on the host and set its clock right, then trigger the job again',
  );
}

export function orderNotYetValid(issuedAt: string, now: string): Problem {
  return refusal(
    `it was issued at ${issuedAt}, and the clock of this host says ${now}`,
    'Run "timedatectl" on the host and set its clock right, then trigger the job again',
  );
}

export function orderNotUnderstood(cause: unknown): Problem {
  return refusal(
    "this version of bigeye-agent does not know its form",
    'Put a newer bigeye-agent on the host, run "bigeye-agent compose upgrade", then trigger the job again',
    cause,
  );
}

function refusal(why: string, hint: string, cause?: unknown): Problem {
  return new Problem({
    code: "policy_denied",
    message: `Cannot accept the run order: ${why}`,
    hint,
    exit: "denied",
    cause,
  });
}
