/** Query parameters of lists: page size, cursor, and the filters of runs. */

import * as v from "valibot";
import { BatchAgentTypeSchema } from "../../lib/contract/agent_types.ts";
import { RunStatusSchema } from "../../lib/contract/run.ts";
import type { PageRequest } from "../store/list_cursor.ts";

const USUAL_PAGE = 50;
export const LARGEST_PAGE = 200;
/** A pattern, because the document has no other way to describe a number in a query string. */
const UP_TO_200 = /^([1-9]\d?|1\d\d|200)$/;

export const PageSizeSchema = v.pipe(
  v.string(),
  v.regex(UP_TO_200, `must be a number from 1 to ${LARGEST_PAGE}`),
  v.transform(Number),
);

export const pageQuery = {
  pageCursor: v.optional(v.string()),
  pageSize: v.optional(PageSizeSchema),
};

/** Returns the page that a query asks for, and its filters. */
export function requestedPage<FILTERS extends object>(
  { pageCursor, pageSize = USUAL_PAGE, ...filters }: FILTERS & {
    readonly pageCursor?: string | undefined;
    readonly pageSize?: number | undefined;
  },
): Omit<FILTERS, "pageCursor" | "pageSize"> & PageRequest {
  return { ...filters, limit: pageSize, cursor: pageCursor };
}

export const runFilters = {
  host: v.optional(v.string()),
  agent_type: v.optional(BatchAgentTypeSchema),
  status: v.optional(RunStatusSchema),
  job: v.optional(v.string()),
};
