/** Keyset pagination: opaque cursors for URLs, and the page that a cursor leads to. */

import * as v from "valibot";
import { inputInvalid } from "../../lib/problems/rest.ts";

/** How many rows to return, and after which one to start. */
export interface PageRequest {
  /** The `next_cursor` of an earlier page of the same list; `pageCursor` in a refusal, as REST names it. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Encodes and decodes the cursors of one list. A place holds a row's sort columns; it is unique. */
export interface ListCursor<PLACE> {
  after(place: PLACE): string;
  /** @throws `invalid_input` for a text that is not a cursor of this list. */
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
      throw inputInvalid([{ path: "pageCursor", message: "is not a cursor of this list" }]);
    },
  };
}

/** Returns `undefined` for a cursor that cannot be decoded. */
function decoded(cursor: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Cuts rows that were read with `limit + 1` to a page, and makes the cursor of the next page. */
export function pageOf<ROW>(
  rows: readonly ROW[],
  { limit, after }: { readonly limit: number; readonly after: (last: ROW) => string },
): { readonly page: readonly ROW[]; readonly next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next_cursor: rows.length > limit && last ? after(last) : null };
}
