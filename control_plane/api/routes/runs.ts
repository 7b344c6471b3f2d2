/** Runs: the history, one run, cancel. */

import * as v from "valibot";
import { BatchAgentTypeSchema } from "../../../lib/contract/agent_types.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { RunPageSchema, RunSchema, RunStatusSchema } from "../../../lib/contract/run.ts";
import { pageQuery } from "../page_query.ts";
import { type Route, route } from "../route.ts";

const RUNS = `${ORCHESTRATOR_API}/runs` as const;

export const RunFilterSchema = v.strictObject({
  host: v.optional(v.string()),
  agent_type: v.optional(BatchAgentTypeSchema),
  status: v.optional(RunStatusSchema),
  job: v.optional(v.string()),
  ...pageQuery,
});

const listRuns = route({
  id: "listRuns",
  summary: "List runs of all jobs, newest first",
  method: "GET",
  path: RUNS,
  who: "personal",
  query: RunFilterSchema,
  answers: { 200: RunPageSchema },
  async answer({ needs, query }) {
    return { status: 200, body: await needs.store.runs.list(query) };
  },
});

const getRun = route({
  id: "getRun",
  summary: "Show a run",
  method: "GET",
  path: `${RUNS}/{id}`,
  who: "personal",
  tagged: true,
  refuses: ["run_not_found"],
  answers: { 200: RunSchema },
  async answer({ needs, params: { id } }) {
    return { status: 200, body: await needs.store.runs.get(id) };
  },
});

const cancelRun = route({
  id: "cancelRun",
  summary: "Cancel a run",
  method: "POST",
  path: `${RUNS}/{id}/cancel`,
  who: "admin",
  refuses: ["run_not_found", "run_not_active"],
  answers: { 200: RunSchema, 202: RunSchema },
  async answer({ needs, by, params: { id } }) {
    const run = await needs.store.runs.cancel(id, by);
    needs.log("info", "run cancel requested", { run_id: id, status: run.status });
    if (run.ended_at !== null) return { status: 200, body: run };
    needs.dispatch.wake();
    return { status: 202, body: run };
  },
});

export const RUN_ROUTES: readonly Route[] = [listRuns, getRun, cancelRun];
