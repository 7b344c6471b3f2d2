/** What can be wrong with a REST call: the key, the input, the thing it names, the state it is in. */

import { Problem, type ProblemDetail } from "./problem.ts";

export function keyMissing(): Problem {
  return new Problem({
    code: "unauthenticated",
    message: "Cannot tell who is calling: the request has no API key",
    hint: `Send the header "Authorization: apikey <key>"`,
    exit: "denied",
    status: 401,
  });
}

export function keyUnknown(): Problem {
  return new Problem({
    code: "unauthenticated",
    message: "Cannot accept the API key: it is unknown, revoked, or of another kind",
    hint: `Send the header "Authorization: apikey <key>" with a key that this account issued`,
    exit: "denied",
    status: 401,
  });
}

export function rateLimited(waitSeconds: number, perSecond: number): Problem {
  return new Problem({
    code: "rate_limited",
    message: "Cannot answer: this API key has sent too many requests",
    hint: `Wait ${waitSeconds} s, then send at most ${perSecond} requests a second with it`,
    exit: "failed",
    status: 429,
    retryable: true,
  });
}

/** Says nothing of the key that was sent: it may not have been looked at. */
export function tooManyWrongKeys(waitSeconds: number): Problem {
  return new Problem({
    code: "too_many_wrong_keys",
    message: "Cannot let you in: too many wrong API keys came from this network",
    hint: `Correct what sends the wrong keys, and wait ${waitSeconds} s`,
    exit: "denied",
    status: 429,
    retryable: true,
  });
}

export function adminKeyRequired(action: string): Problem {
  return new Problem({
    code: "admin_key_required",
    message: `Cannot ${action}: that takes the Personal API Key of an admin`,
    hint: "Send an admin's Personal API Key, or ask an admin of the account to do it",
    exit: "denied",
  });
}

export function keyKindRefused(action: string, wanted: string): Problem {
  return new Problem({
    code: "key_kind_refused",
    message: `Cannot ${action} with this kind of API key`,
    hint: `Send ${wanted}`,
    exit: "denied",
  });
}

export function routeUnknown(path: string): Problem {
  return new Problem({
    code: "route_unknown",
    message: `Cannot find "${path}": there is no such address`,
    hint: "Open /api/v1/openapi.json for the list of addresses",
    exit: "usage",
    status: 404,
  });
}

export function hostHeaderMalformed(): Problem {
  return new Problem({
    code: "host_header_malformed",
    message: "Cannot tell which address is meant: the Host header is no host and port",
    hint: 'Send it as in "Host: plane.example.com:8080"',
    exit: "usage",
  });
}

export function methodRefused(method: string, allowed: readonly string[]): Problem {
  return new Problem({
    code: "method_not_allowed",
    message: `Cannot ${method} this address: it takes ${allowed.join(", ")}`,
    hint: "Open /api/v1/openapi.json for what each address takes",
    exit: "usage",
    status: 405,
  });
}

export function inputInvalid(details: readonly ProblemDetail[]): Problem {
  const first = details[0];
  const where = first?.path ? `"${first.path}" ${first.message}` : first?.message;
  return new Problem({
    code: "invalid_input",
    message: `Cannot accept the request: ${where ?? "it does not have the documented form"}`,
    hint: "Correct what the details name and send it again",
    exit: "usage",
    status: 422,
    details,
  });
}

export function notFound(what: "host" | "job" | "run" | "user" | "API key", id: string): Problem {
  return new Problem({
    code: `${what} not found`.toLowerCase().replaceAll(" ", "_"),
    message: `Cannot find ${what} "${id}"`,
    hint: "Check the id against the list that GET on the address above it answers",
    exit: "usage",
    status: 404,
  });
}

export function publicKeyUnset(): Problem {
  return new Problem({
    code: "public_key_not_set",
    message: "Cannot show the company's public key: none was registered yet",
    hint: `Run "bigeye-agent register" on the first host, which registers it`,
    exit: "usage",
    status: 404,
  });
}

/** The message is the documented one. */
export function hostAlreadyRegistered(hostId: string): Problem {
  return new Problem({
    code: "host_already_registered",
    message: "Host is already registered",
    hint: `Choose another --host-id, or reuse "${hostId}" on the host that already owns it`,
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

/** The runs are with the owner, which may be alive: it would run them to their end. */
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
      `wait for their ends, and ${isRemoval ? "remove it" : "register"} again`,
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

/** A bug: `incident` is in the log beside its trace. */
export function unexpected(incident: string, cause: unknown): Problem {
  return new Problem({
    code: "internal",
    message: "Cannot answer: the control plane met an unexpected condition",
    hint: `Search the control plane's log for incident "${incident}" and report it`,
    exit: "failed",
    retryable: true,
    cause,
  });
}
