/** The error codes of REST. They are published, so that scripts depend on them. */

import assert from "node:assert/strict";
import { FAILURES, failuresOf } from "../../../control_plane/api/failures.ts";
import { ROUTES } from "../../../control_plane/api/routes/mod.ts";
import type { Problem } from "../../../lib/problems/problem.ts";
import * as records from "../../../lib/problems/records.ts";
import * as rest from "../../../lib/problems/rest.ts";
import {
  companyKeyMissing,
  publicKeyAlreadySet,
  publicKeyUnset,
} from "../../../lib/problems/keys.ts";
import { planeStopping } from "../../../lib/problems/plane.ts";
import {
  databaseBusy,
  databaseFull,
  databaseUnusable,
  storageBusy,
  storageFull,
  storageUnusable,
} from "../../../lib/problems/database.ts";

/** Add new codes. Never remove a code or change its status. */
const PUBLISHED = {
  address_too_long: 414,
  admin_key_required: 403,
  api_key_not_found: 404,
  body_cut_off: 400,
  body_too_large: 413,
  body_too_slow: 408,
  company_key_missing: 409,
  host_already_registered: 409,
  host_has_active_runs: 409,
  host_has_jobs: 409,
  host_header_malformed: 400,
  host_not_eligible: 422,
  host_not_found: 404,
  host_owned_elsewhere: 409,
  internal: 500,
  invalid_input: 422,
  job_has_active_run: 409,
  job_not_found: 404,
  json_malformed: 400,
  key_kind_refused: 403,
  last_admin: 409,
  method_not_allowed: 405,
  precondition_required: 428,
  public_key_already_set: 412,
  public_key_not_set: 404,
  rate_limited: 429,
  route_unknown: 404,
  run_already_active: 409,
  run_not_active: 409,
  run_not_found: 404,
  stopping: 503,
  storage_busy: 503,
  storage_full: 507,
  storage_unusable: 503,
  too_many_wrong_keys: 429,
  unauthenticated: 401,
  unsupported_media_type: 415,
  user_name_taken: 409,
  user_not_found: 404,
  version_conflict: 412,
};

/** Every factory of problems that only REST uses. A new factory does not compile without a line here. */
const BY_REST: Readonly<Record<keyof typeof rest, readonly Problem[]>> = {
  keyMissing: [rest.keyMissing()],
  keyUnknown: [rest.keyUnknown()],
  rateLimited: [rest.rateLimited(1, 2)],
  tooManyWrongKeys: [rest.tooManyWrongKeys(1)],
  adminKeyRequired: [rest.adminKeyRequired("x")],
  keyKindRefused: [rest.keyKindRefused("x", "y")],
  routeUnknown: [rest.routeUnknown("/")],
  hostHeaderMalformed: [rest.hostHeaderMalformed()],
  addressTooLong: [rest.addressTooLong(1)],
  methodRefused: [rest.methodRefused("PUT", ["GET"])],
  inputInvalid: [rest.inputInvalid([])],
  notFound: (["host", "job", "run", "user", "API key"] as const).map((what) =>
    rest.notFound(what, "x")
  ),
  unexpected: [rest.unexpected("i", undefined)],
  bodyNotJson: [rest.bodyNotJson("text/plain")],
  bodyTooLarge: [rest.bodyTooLarge(1)],
  bodyTooSlow: [rest.bodyTooSlow(1)],
  bodyCutOff: [rest.bodyCutOff(undefined)],
  bodyMalformed: [rest.bodyMalformed(new SyntaxError("test"))],
  bodyNotText: [rest.bodyNotText()],
};
const BY_RECORDS: Readonly<Record<keyof typeof records, readonly Problem[]>> = {
  hostAlreadyRegistered: [records.hostAlreadyRegistered("h")],
  hostOwnedElsewhere: [records.hostOwnedElsewhere("h")],
  hostHasActiveRuns: [
    records.hostHasActiveRuns("h", []),
    records.hostHasActiveRuns("h", [], "remove"),
  ],
  hostHasJobs: [records.hostHasJobs("h", [])],
  hostNotEligible: [records.hostNotEligible("h", "lineage")],
  hostNotRegistered: [records.hostNotRegistered("h")],
  runAlreadyActive: [records.runAlreadyActive("r", "j")],
  jobHasActiveRun: [records.jobHasActiveRun("r", "j")],
  runNotActive: [records.runNotActive("r", "failed")],
  userNameTaken: [records.userNameTaken("Ada")],
  lastAdmin: [records.lastAdmin("x")],
  preconditionRequired: [records.preconditionRequired("change", "j")],
  versionConflict: [records.versionConflict("change", { id: "j", name: "j", version: 1 })],
};
const BY_OTHERS = [
  companyKeyMissing(),
  publicKeyAlreadySet(),
  publicKeyUnset(),
  planeStopping(),
  ...[storageBusy, storageFull, storageUnusable].map((factory) => factory(undefined)),
  ...[databaseBusy, databaseFull, databaseUnusable].map((factory) => factory(undefined)),
];

Deno.test("the documented codes and statuses are the published ones", () => {
  const documented = Object.entries(FAILURES).map(([code, [status]]) => [code, status]);
  assert.deepEqual(Object.fromEntries(documented.toSorted()), PUBLISHED);
});

Deno.test("the problems of REST have exactly the published codes and statuses", () => {
  const problems = [
    ...Object.values(BY_REST).flat(),
    ...Object.values(BY_RECORDS).flat(),
    ...BY_OTHERS,
  ];
  const made = problems.map(({ code, status }) => [code, status] as const).toSorted();
  assert.deepEqual(Object.fromEntries(made), PUBLISHED);
});

Deno.test("every code belongs to a route, except those of requests without a route", () => {
  const answered = new Set<string>(ROUTES.flatMap(failuresOf));
  assert.deepEqual(
    Object.keys(FAILURES).filter((code) => !answered.has(code)),
    ["host_header_malformed", "route_unknown", "method_not_allowed", "address_too_long"],
  );
});
