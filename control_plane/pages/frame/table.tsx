/** Tables that become cards on a narrow screen and stay tables for whoever listens to them. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { withQuery } from "../paths.ts";

/** The roles are named because some browsers drop them where cells are laid out as a grid. */
export function Table(
  { caption, columns, children }: {
    /** Read aloud only. */
    caption: string;
    /** Headings; an empty one is of the actions. */
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

/** `of` is the column's heading, which a card shows beside the value. */
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

/** The cell that the row is known by. */
export function LeadCell({ of, children }: { of: string; children: Child }): JSX.Element {
  return (
    <th role="rowheader" scope="row" data-of={of} class="lead">
      {children}
    </th>
  );
}

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
