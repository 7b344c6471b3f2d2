/** Parts of forms: the id of what a form creates, its name field, and a form shown again after a refusal. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../../lib/problems/problem.ts";
import { described, Field } from "./parts.tsx";

const FIELD = "new_id";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function newIdIn(form: URLSearchParams): string | undefined {
  const id = form.get(FIELD) ?? "";
  return UUID.test(id) ? id : undefined;
}

/** A form shown again keeps the id that it was submitted with, until an object with that id exists. */
export function NewId(
  { sent, problem }: { sent: URLSearchParams | undefined; problem: Problem | undefined },
): JSX.Element {
  const isTaken = problem?.exit === "conflict";
  const kept = sent && !isTaken ? newIdIn(sent) : undefined;
  return <input type="hidden" name={FIELD} value={kept ?? crypto.randomUUID()} />;
}

export function NameField(
  { id, label, refused }: { id: string; label: string; refused: Refused | undefined },
): JSX.Element {
  const error = refused?.faults.get("name");
  return (
    <Field id={id} label={label} error={error}>
      <input
        id={id}
        name="name"
        value={refused?.typed.get("name") ?? ""}
        required
        maxlength={200}
        {...(error === undefined ? {} : { autofocus: true })}
        {...described(id, { error })}
      />
    </Field>
  );
}

export interface Refused {
  /** The fields as submitted. */
  readonly typed: URLSearchParams;
  /** The first error of each invalid field. */
  readonly faults: ReadonlyMap<string, string>;
  readonly problem: Problem;
}

export function refusedFor(problem: Problem, typed: URLSearchParams): Refused {
  const faults = new Map<string, string>();
  for (const { path = "", message } of problem.details) {
    if (!typed.has(path) || faults.has(path)) continue;
    faults.set(path, message.charAt(0).toUpperCase() + message.slice(1));
  }
  return { typed, faults, problem };
}
