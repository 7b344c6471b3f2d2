/** The field that names what a small form makes. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { described, Field } from "./parts.tsx";
import type { Refused } from "./refused.ts";

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
