/** Jobs: define, change, delete, and trigger a run. */

import * as v from "valibot";
import { BatchAgentTypeSchema } from "../../../lib/contract/agent_types.ts";
import {
  HistoryPageSchema,
  type Job,
  JobBodySchema,
  JobPageSchema,
  JobPatchSchema,
  JobSchema,
} from "../../../lib/contract/job.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { RunSchema } from "../../../lib/contract/run.ts";
import { paginationInfo } from "../../../lib/contract/messages/pagination.ts";
import { preconditionRequired } from "../../../lib/problems/records.ts";
import { inputInvalid } from "../../../lib/problems/rest.ts";
import { patchedJob } from "../../http/job_patch.ts";
import { versionIn } from "../etag.ts";
import { pageQuery, requestedPage } from "../../http/queries.ts";
import { type Route, route } from "../route.ts";

const JOBS = `${ORCHESTRATOR_API}/jobs` as const;

const JobFilterSchema = v.strictObject({
  host: v.optional(v.string()),
  agent_type: v.optional(BatchAgentTypeSchema),
  ...pageQuery,
});

const listJobs = route({
  id: "listJobs",
  summary: "List jobs",
  method: "GET",
  path: JOBS,
  who: "personal",
  query: JobFilterSchema,
  answers: { 200: JobPageSchema },
  async answer({ needs, query }) {
    const { jobs, next_cursor } = await needs.store.jobs.list(requestedPage(query));
    return { status: 200, body: { jobs, paginationInfo: paginationInfo(next_cursor) } };
  },
});

const createJob = route({
  id: "createJob",
  summary: "Create a job",
  method: "POST",
  path: JOBS,
  who: "admin",
  body: JobBodySchema,
  tagged: true,
  refuses: ["host_not_eligible"],
  answers: { 201: JobSchema },
  async answer({ needs, by, body }) {
    const job = await needs.store.jobs.create(body, by);
    if (job.schedule) needs.dispatch.wake();
    return { status: 201, body: job };
  },
});

const getJob = route({
  id: "getJob",
  summary: "Show a job",
  method: "GET",
  path: `${JOBS}/{id}`,
  who: "personal",
  tagged: true,
  refuses: ["job_not_found"],
  answers: { 200: JobSchema },
  async answer({ needs, params: { id } }) {
    return { status: 200, body: await needs.store.jobs.get(id) };
  },
});

const IF_MATCH = "If-Match";
const IF_MATCH_MEANS =
  "The entity tag, or the quoted version, of the job that the change is meant " +
  "for; where the job has changed since, nothing is done and 412 is answered. " +
  "With * any version is changed";

/** @throws `precondition_required` without If-Match. */
function wantedVersion(
  ifMatch: string | undefined,
  { action, id }: { readonly action: "change" | "delete"; readonly id: string },
): number | undefined {
  if (ifMatch === undefined) throw preconditionRequired(action, id);
  return versionIn(ifMatch);
}

const updateJob = route({
  id: "updateJob",
  summary: "Update a job for its next runs",
  method: "PATCH",
  path: `${JOBS}/{id}`,
  who: "admin",
  body: JobPatchSchema,
  headers: { [IF_MATCH]: IF_MATCH_MEANS },
  tagged: true,
  refuses: ["job_not_found", "version_conflict", "precondition_required", "host_not_eligible"],
  answers: { 200: JobSchema },
  async answer({ needs, by, params: { id }, body, header }) {
    const edit = (job: Job) => patchedJob(job, body);
    const ifVersion = wantedVersion(header(IF_MATCH), { action: "change", id });
    const job = await needs.store.jobs.update(id, edit, by, { ifVersion });
    if (body.schedule !== undefined) needs.dispatch.wake();
    return { status: 200, body: job };
  },
});

const deleteJob = route({
  id: "deleteJob",
  summary: "Delete a job and keep its runs",
  method: "DELETE",
  path: `${JOBS}/{id}`,
  who: "admin",
  headers: { [IF_MATCH]: IF_MATCH_MEANS },
  refuses: [
    "job_not_found",
    "job_has_active_run",
    "version_conflict",
    "precondition_required",
    "invalid_input",
  ],
  answers: { 204: null },
  async answer({ needs, by, params: { id }, header }) {
    const ifVersion = wantedVersion(header(IF_MATCH), { action: "delete", id });
    await needs.store.jobs.remove(id, by, { ifVersion });
    needs.dispatch.wake();
    return { status: 204 };
  },
});

const listHistory = route({
  id: "listHistory",
  summary: "List a job's runs and the skipped times of its schedule",
  method: "GET",
  path: `${JOBS}/{id}/history`,
  who: "personal",
  query: v.strictObject(pageQuery),
  refuses: ["job_not_found"],
  answers: { 200: HistoryPageSchema },
  async answer({ needs, params: { id }, query }) {
    const { entries, next_cursor } = await needs.store.history.of(id, requestedPage(query));
    return { status: 200, body: { entries, paginationInfo: paginationInfo(next_cursor) } };
  },
});

const KEY_HEADER = "Idempotency-Key";

const triggerRun = route({
  id: "triggerRun",
  summary: "Trigger a run of a job",
  method: "POST",
  path: `${JOBS}/{id}/runs`,
  who: "admin",
  headers: { [KEY_HEADER]: "Within 24 hours the same key answers the same run, with 200" },
  refuses: ["job_not_found", "run_already_active", "invalid_input", "host_not_eligible"],
  answers: { 200: RunSchema, 201: RunSchema },
  async answer({ needs, by, params: { id }, header }) {
    const idempotencyKey = header(KEY_HEADER);
    if (idempotencyKey !== undefined) requireShort(idempotencyKey);
    const { run, repeated } = await needs.store.runs.trigger(id, {
      source: "manual",
      idempotencyKey,
    }, by);
    if (repeated) return { status: 200, body: run };
    needs.dispatch.wake();
    needs.log("info", "run queued", { run_id: run.id, job_id: id, host_id: run.host_id });
    return { status: 201, body: run };
  },
});

export const JOB_ROUTES: readonly Route[] = [
  listJobs,
  createJob,
  getJob,
  updateJob,
  deleteJob,
  listHistory,
  triggerRun,
];

function requireShort(key: string): void {
  const KeySchema = v.pipe(v.string(), v.maxLength(200));
  if (v.is(KeySchema, key)) return;
  throw inputInvalid([{ path: KEY_HEADER, message: "must be at most 200 characters" }]);
}
