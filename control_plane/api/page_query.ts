/** The parameters that every list takes: how long its pages are, and where one begins. */

import * as v from "valibot";

const LONGEST_PAGE = 200;
const USUAL_PAGE = 50;
const MUST = `must be a number from 1 to ${LONGEST_PAGE}`;

export const pageQuery = {
  cursor: v.optional(v.string()),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,2}$/, MUST),
      v.transform(Number),
      v.maxValue(LONGEST_PAGE, MUST),
    ),
    String(USUAL_PAGE),
  ),
};
