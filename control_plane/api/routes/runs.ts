/** Runs: the history, one run, cancel. */

import * as v from "valibot";
import { paginationInfo } from "../../../lib/contract/messages/pagination.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { RunPageSchema, RunSchema } from "../../../lib/contract/run.ts";
import { pageQuery, requestedPage, runFilters } from "../../http/queries.ts";
import { type Route, route } from "../route.ts";

const RUNS = `${ORCHESTRATOR_API}/runs` as const;

const listRuns = route({
  id: "listRuns",
  summary: "List runs of all jobs, newest first",
  method: "GET",
  path: RUNS,
  who: "personal",
  query: v.strictObject({ ...runFilters, ...pageQuery }),
  answers: { 200: RunPageSchema },
  async answer({ needs, query }) {
    const { runs, next_cursor } = await needs.store.runs.list(requestedPage(query));
    return { status: 200, body: { runs, paginationInfo: paginationInfo(next_cursor) } };
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
