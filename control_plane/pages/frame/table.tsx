/** Tables with pagination. On narrow screens rows become cards, but screen readers still get a table. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { withQuery } from "../paths.ts";

/** ARIA roles are explicit, because some browsers drop them when cells are laid out as a grid. */
export function Table(
  { caption, columns, children }: {
    /** For screen readers only. */
    caption: string;
    /** Column headings; the column of actions has an empty one. */
    columns: readonly string[];
    children: Child;
  },
): JSX.Element {
  return (
    <table role="table">
      <caption class="aloud">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th role="columnheader" scope="col">
              {column === "" ? <span class="aloud">Actions</span> : column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

export function Row({ children }: { children: Child }): JSX.Element {
  return <tr role="row">{children}</tr>;
}

/** `of` is the column's heading, which a card shows next to the value. */
export function Cell(
  { of, children, kind }: { of: string; children?: Child; kind?: "lead" | "act" | "number" },
): JSX.Element {
  const look = kind === undefined ? {} : { class: kind };
  return (
    <td role="cell" data-of={of} {...look}>
      {children ?? null}
    </td>
  );
}

/** The row's header cell. */
export function LeadCell({ of, children }: { of: string; children: Child }): JSX.Element {
  return (
    <th role="rowheader" scope="row" data-of={of} class="lead">
      {children}
    </th>
  );
}

/** Links to the next page and to the first one; a cursor knows only what follows it. */
export function Paging(
  { path, query = {}, cursor, next, words = { first: "First page", next: "Next page" } }: {
    path: string;
    /** The filters, which the links keep. */
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
