/** Pages of a list, in the words of Bigeye's `PaginationInfo`. */

import * as v from "valibot";

export const PaginationInfoSchema = v.object({
  /** The `pageCursor` of the next page; absent on the last one. */
  nextCursor: v.optional(v.string()),
});
export type PaginationInfo = v.InferOutput<typeof PaginationInfoSchema>;

export function paginationInfo(nextCursor: string | null): PaginationInfo {
  return nextCursor === null ? {} : { nextCursor };
}
