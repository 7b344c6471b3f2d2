/** Keyset paging: a place in a list as an opaque word for an address, and the page that ends there. */

import * as v from "valibot";
import { inputInvalid } from "../../lib/problems/rest.ts";

/** How many rows, and from where on. */
export interface PageRequest {
  /** A `next_cursor` of an earlier page of the same list. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Cursors of one list. A place is what its rows are ordered by: of all rows only one has it. */
export interface ListCursor<PLACE> {
  after(place: PLACE): string;
  /** Throws `invalid_input` for what is no cursor of this list. */
  placeOf(cursor: string): PLACE;
}

export function listCursor<PLACE extends readonly string[]>(
  list: string,
  place: v.GenericSchema<unknown, PLACE>,
): ListCursor<PLACE> {
  const CursorSchema = v.strictTuple([v.literal(list), place]);
  return {
    after: (place) =>
      new TextEncoder().encode(JSON.stringify([list, place]))
        .toBase64({ alphabet: "base64url", omitPadding: true }),
    placeOf(cursor) {
      const { success, output } = v.safeParse(CursorSchema, decoded(cursor));
      if (success) return output[1];
      throw inputInvalid([{ path: "cursor", message: "is not a cursor of this list" }]);
    },
  };
}

/** Nothing when it is not even readable. */
function decoded(cursor: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The page of rows that were read with a limit of one more, and the cursor of the next one. */
export function pageOf<ROW>(
  rows: readonly ROW[],
  { limit, after }: { readonly limit: number; readonly after: (last: ROW) => string },
): { readonly page: readonly ROW[]; readonly next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next_cursor: rows.length > limit && last ? after(last) : null };
}
