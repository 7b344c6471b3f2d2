/** The parameters of the chosen agent type; what was typed for another one is kept unseen. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { described, Field } from "../frame/parts.tsx";
import { type DraftErrors, type DraftField, isOfConnectors, type JobDraft } from "./draft.ts";

type Parameter = Extract<
  DraftField,
  "connectors" | "connection_name" | "file_name" | "command"
>;

interface Described {
  readonly field: Parameter;
  readonly label: string;
  readonly hint: Child;
}

const OF_CONNECTORS: readonly Described[] = [
  {
    field: "connectors",
    label: "Connector types",
    hint: (
      <>
        Separated by commas, as in{" "}
        <code>snowflake, tableau</code>. Their settings are on the host, in <code>agents/</code>
      </>
    ),
  },
  {
    field: "connection_name",
    label: "Connection (optional)",
    hint: "One connection by its name; empty means all of these connector types",
  },
];

const OF_FILES: readonly Described[] = [
  {
    field: "file_name",
    label: "File name",
    hint: (
      <>
        A configuration file in the host's <code>agents/datahealth/</code>
      </>
    ),
  },
  {
    field: "command",
    label: "Command (optional)",
    hint: "What the agent shall do with it; empty means its default",
  },
];

export function ParameterFields(
  { draft, errors }: { draft: JobDraft; errors: DraftErrors },
): JSX.Element {
  const [shown, kept] = isOfConnectors(draft.agent_type)
    ? [OF_CONNECTORS, OF_FILES]
    : [OF_FILES, OF_CONNECTORS];
  return (
    <>
      {shown.map(({ field, label, hint }) => (
        <Field id={field} label={label} hint={hint} error={errors[field]}>
          <input
            id={field}
            name={field}
            value={draft[field]}
            autocapitalize="none"
            {...described(field, { hint: true, error: errors[field] })}
          />
        </Field>
      ))}
      {kept.map(({ field }) =>
        draft[field] === "" ? null : <input type="hidden" name={field} value={draft[field]} />
      )}
    </>
  );
}
