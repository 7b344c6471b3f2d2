/** Conflicts of a request with the state of the hosts, jobs, runs and users. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** The message is documented. */
export function hostAlreadyRegistered(hostId: string): Problem {
  return new Problem({
    code: "host_already_registered",
    message: "Host is already registered",
    hint: `Choose another --host-id, or add --replace if this machine replaces host "${hostId}"`,
    exit: "conflict",
  });
}

export function hostOwnedElsewhere(hostId: string): Problem {
  return new Problem({
    code: "host_owned_elsewhere",
    message: `Cannot take a heartbeat for host "${hostId}": another installation owns the id`,
    hint: `Run "bigeye-agent register --host-id <another id>" on this host`,
    exit: "conflict",
  });
}

/** The current owner may be alive and would run these runs to their end. */
export function hostHasActiveRuns(
  hostId: string,
  runIds: readonly string[],
  action: "replace" | "remove" = "replace",
): Problem {
  const isRemoval = action === "remove";
  const change = isRemoval
    ? `remove host "${hostId}"`
    : `give host "${hostId}" to another installation`;
  return new Problem({
    code: "host_has_active_runs",
    message: `Cannot ${change} while its runs are active`,
    hint: 'Send "POST /api/v1/agent-orchestrator/runs/<run id>/cancel" for each run above, ' +
      `wait until they have ended, and ${isRemoval ? "remove it" : "register"} again`,
    exit: "conflict",
    details: runIds.map((message): ProblemDetail => ({ path: "run_id", message })),
  });
}

export function hostHasJobs(hostId: string, jobIds: readonly string[]): Problem {
  return new Problem({
    code: "host_has_jobs",
    message: `Cannot remove host "${hostId}" while jobs are defined for it`,
    hint:
      'Send "DELETE /api/v1/agent-orchestrator/jobs/<job id>" for each job above, or PATCH its ' +
      "host_id to another host, either with its ETag as If-Match, and remove it again",
    exit: "conflict",
    details: jobIds.map((message): ProblemDetail => ({ path: "job_id", message })),
  });
}

export function hostNotEligible(hostId: string, agentType: string): Problem {
  return new Problem({
    code: "host_not_eligible",
    message: `Cannot run ${agentType} jobs on host "${hostId}": the agent type is not in its set`,
    hint: `Add "- type: ${agentType}" to agents in its bigeye_agent.yml and run ` +
      '"bigeye-agent sync" there, or choose another host',
    exit: "usage",
    status: 422,
    details: [{ path: "host_id", message: `has no agent of type ${agentType}` }],
  });
}

export function hostNotRegistered(hostId: string): Problem {
  return new Problem({
    code: "host_not_eligible",
    message: `Cannot run jobs on host "${hostId}": no such host is registered`,
    hint: `Run "bigeye-agent register --host-id ${hostId}" on it, or choose another host`,
    exit: "usage",
    status: 422,
    details: [{ path: "host_id", message: "is not registered" }],
  });
}

export function runAlreadyActive(runId: string, jobName: string): Problem {
  return new Problem({
    code: "run_already_active",
    message: `Cannot trigger job "${jobName}": its run "${runId}" is still active`,
    hint: `Wait for it to end, or POST /api/v1/agent-orchestrator/runs/${runId}/cancel first`,
    exit: "conflict",
    details: [{ path: "run_id", message: runId }],
  });
}

export function jobHasActiveRun(runId: string, jobName: string): Problem {
  return new Problem({
    code: "job_has_active_run",
    message: `Cannot delete job "${jobName}": its run "${runId}" is still active`,
    hint: `POST /api/v1/agent-orchestrator/runs/${runId}/cancel, then delete the job`,
    exit: "conflict",
    details: [{ path: "run_id", message: runId }],
  });
}

export function runNotActive(runId: string, status: string): Problem {
  return new Problem({
    code: "run_not_active",
    message: `Cannot cancel run "${runId}": it has ended as ${status}`,
    hint: "Read its outcome with GET on the run",
    exit: "conflict",
  });
}

/** Completes the sentence "Cannot …". */
type Action = "change" | "delete";

const pathOf = (jobId: string): string => `/api/v1/agent-orchestrator/jobs/${jobId}`;

/** 428 (RFC 6585, section 3). */
export function preconditionRequired(action: Action, jobId: string): Problem {
  return new Problem({
    code: "precondition_required",
    message: `Cannot ${action} job "${jobId}": the request does not name a version`,
    hint: `GET ${pathOf(jobId)} and send its ETag in the header If-Match, or "If-Match: *" to ` +
      `${action} any version`,
    exit: "usage",
    status: 428,
    details: [{ path: "If-Match", message: "is missing" }],
  });
}

export function versionConflict(
  action: Action,
  job: { readonly id: string; readonly name: string; readonly version: number },
): Problem {
  return new Problem({
    code: "version_conflict",
    message: `Cannot ${action} job "${job.name}": it has been changed to version ${job.version}`,
    hint: `GET ${pathOf(job.id)}, check what has changed, and send the ` +
      `request again with the header 'If-Match: "${job.version}"'`,
    exit: "conflict",
    status: 412,
    details: [{ path: "version", message: String(job.version) }],
  });
}

export function userNameTaken(name: string): Problem {
  return new Problem({
    code: "user_name_taken",
    message: `Cannot add user "${name}": a user of that name exists`,
    hint: "Choose another name, or change the role of that user",
    exit: "conflict",
    details: [{ path: "name", message: "is already the name of another user" }],
  });
}

/** `action` completes the sentence "Cannot …". */
export function lastAdmin(action: string): Problem {
  return new Problem({
    code: "last_admin",
    message: `Cannot ${action}: there is no other admin`,
    hint: "Make another user an admin first",
    exit: "conflict",
  });
}
