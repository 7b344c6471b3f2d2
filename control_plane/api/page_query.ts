/** The query parameters of every list: page size and cursor. */

import * as v from "valibot";

const USUAL_PAGE = 50;
/** A pattern, because the document has no other way to describe a number in a query string. */
const UP_TO_200 = /^([1-9]\d?|1\d\d|200)$/;

export const pageQuery = {
  cursor: v.optional(v.string()),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(UP_TO_200, "must be a number from 1 to 200"),
      v.transform(Number),
    ),
    String(USUAL_PAGE),
  ),
};
