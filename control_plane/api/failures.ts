/**
 * Every error code of REST, with its HTTP status and when it occurs. Scripts depend on them, so a published
 * code keeps its meaning and status.
 */

import type { Who } from "../http/authentication.ts";

export const FAILURES = {
  json_malformed: [400, "The body is not JSON, or not UTF-8"],
  host_header_malformed: [400, "The Host header is not a host and port"],
  body_cut_off: [400, "The connection ended before the end of the body"],
  unauthenticated: [401, "The API key is missing, or this account does not know it"],
  admin_key_required: [403, "The call requires the Personal API Key of an admin"],
  key_kind_refused: [403, "The call requires another kind of API key"],
  route_unknown: [404, "There is no such address"],
  host_not_found: [404, "There is no host with this id"],
  job_not_found: [404, "There is no job with this id"],
  run_not_found: [404, "There is no run with this id"],
  user_not_found: [404, "There is no user with this id"],
  api_key_not_found: [404, "The account has no such key"],
  public_key_not_set: [404, "The company's public key has not been registered yet"],
  method_not_allowed: [405, "The address does not accept this method"],
  body_too_slow: [408, "The body did not arrive in time"],
  host_already_registered: [409, "Another installation owns the host id"],
  host_owned_elsewhere: [409, "Another installation has taken over the host id"],
  company_key_missing: [
    409,
    "The company's public key, which the host's certificate needs, is missing",
  ],
  host_has_active_runs: [409, "The host cannot be replaced or removed while its runs are active"],
  host_has_jobs: [409, "The host cannot be removed while jobs are defined for it"],
  run_already_active: [409, "A run of the job is queued or running"],
  job_has_active_run: [409, "The job cannot be deleted while its run is active"],
  run_not_active: [409, "The run has ended"],
  user_name_taken: [409, "Another user has this name"],
  last_admin: [409, "The user is the only admin"],
  version_conflict: [412, "The job has changed since the version that If-Match names"],
  public_key_already_set: [
    412,
    "The company's public key exists, and with If-None-Match it can only be created",
  ],
  body_too_large: [413, "The body is larger than 1 MiB"],
  address_too_long: [414, "The address is longer than 8 KiB"],
  unsupported_media_type: [415, "The body's type is not application/json"],
  invalid_input: [422, "A field or parameter is invalid; the details name it"],
  host_not_eligible: [422, "The host is not registered, or has no agent of this type"],
  precondition_required: [428, "If-Match, which names the version to change, is missing"],
  rate_limited: [429, "The key has sent too many requests; Retry-After says how long to wait"],
  too_many_wrong_keys: [429, "Too many wrong keys came from this network"],
  internal: [500, "A bug; the details name the incident in the control plane's log"],
  stopping: [503, "The control plane is stopping; try again soon"],
  storage_busy: [503, "The database is locked by something else"],
  storage_unusable: [503, "The database cannot be reached, read or written"],
  storage_full: [507, "The database has no space left"],
} as const satisfies Readonly<Record<string, readonly [status: number, when: string]>>;

export type FailureCode = keyof typeof FAILURES;

const ALWAYS: readonly FailureCode[] = [
  "internal",
  "stopping",
  "storage_busy",
  "storage_unusable",
  "storage_full",
];
const WITH_KEY: readonly FailureCode[] = ["unauthenticated", "rate_limited", "too_many_wrong_keys"];
const BY_WHO: Readonly<Record<Who, readonly FailureCode[]>> = {
  anyone: [],
  any_key: WITH_KEY,
  personal: [...WITH_KEY, "key_kind_refused"],
  admin: [...WITH_KEY, "admin_key_required"],
  agent_or_admin: [...WITH_KEY, "key_kind_refused", "admin_key_required"],
};
const WITH_BODY: readonly FailureCode[] = [
  "json_malformed",
  "body_cut_off",
  "body_too_slow",
  "body_too_large",
  "unsupported_media_type",
  "invalid_input",
];

/** The parts of a route that determine its failures. */
interface Refusing {
  readonly who: Who;
  readonly body?: unknown;
  readonly query?: unknown;
  readonly refuses?: readonly FailureCode[];
}

/** Returns a route's possible failures, in the order of {@linkcode FAILURES}. */
export function failuresOf({ who, body, query, refuses = [] }: Refusing): readonly FailureCode[] {
  const possible = new Set<string>([
    ...BY_WHO[who],
    ...(body ? WITH_BODY : []),
    ...(query ? ["invalid_input"] : []),
    ...refuses,
    ...ALWAYS,
  ]);
  return (Object.keys(FAILURES) as FailureCode[]).filter((code) => possible.has(code));
}
