/** What can be wrong with the version of a job that a change or a deletion is meant for. */

import { Problem } from "./problem.ts";

/** Ends the sentence "Cannot …". */
type Action = "change" | "delete";

const pathOf = (jobId: string): string => `/api/v1/agent-orchestrator/jobs/${jobId}`;

/** RFC 6585, 3. */
export function preconditionRequired(action: Action, jobId: string): Problem {
  return new Problem({
    code: "precondition_required",
    message:
      `Cannot ${action} job "${jobId}": the request does not say which version it is meant for`,
    hint: `GET ${pathOf(jobId)} and send its ETag in the header If-Match, or "If-Match: *" to ` +
      `${action} whatever is there`,
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
    message:
      `Cannot ${action} job "${job.name}": it was changed meanwhile, to version ${job.version}`,
    hint: `GET ${pathOf(job.id)}, look at what has changed, and send it ` +
      `again with the header 'If-Match: "${job.version}"'`,
    exit: "conflict",
    status: 412,
    details: [{ path: "version", message: String(job.version) }],
  });
}
