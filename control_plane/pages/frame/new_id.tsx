/** The id of what a form makes, chosen with the form: sent twice, as by a second click, it makes one thing. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../../lib/problems/problem.ts";

const FIELD = "new_id";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function newIdIn(form: URLSearchParams): string | undefined {
  const id = form.get(FIELD) ?? "";
  return UUID.test(id) ? id : undefined;
}

/** The form that is shown again keeps the id that it was `sent` with, until something has it. */
export function NewId(
  { sent, problem }: { sent: URLSearchParams | undefined; problem: Problem | undefined },
): JSX.Element {
  const isTaken = problem?.exit === "conflict";
  const kept = sent && !isTaken ? newIdIn(sent) : undefined;
  return <input type="hidden" name={FIELD} value={kept ?? crypto.randomUUID()} />;
}
