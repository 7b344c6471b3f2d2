/** The way through a list that is longer than its page. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { withQuery } from "../paths.ts";

/** A cursor knows what comes after it only, so the way back is to the beginning. */
export function Paging(
  { path, query = {}, cursor, next, words = { first: "First page", next: "Next page" } }: {
    path: string;
    /** The filters, which stay. */
    query?: Readonly<Record<string, string | undefined>>;
    cursor: string | undefined;
    next: string | null;
    words?: { readonly first: string; readonly next: string };
  },
): JSX.Element | null {
  if (cursor === undefined && next === null) return null;
  return (
    <nav class="pages" aria-label="Pages of the list">
      {cursor === undefined
        ? null
        : <a class="button" href={withQuery(path, query)}>{words.first}</a>}
      {next === null
        ? null
        : <a class="button" href={withQuery(path, { ...query, cursor: next })}>{words.next}</a>}
    </nav>
  );
}
