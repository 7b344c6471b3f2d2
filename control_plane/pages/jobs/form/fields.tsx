/** The fields of the job form: those of every type, and the parameters of the chosen agent type. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../../lib/contract/agent_types.ts";
import type { Host } from "../../../../lib/contract/host.ts";
import { described, Field } from "../../frame/parts.tsx";
import { STATE_WORDS } from "../../frame/status.tsx";
import { PATHS } from "../../paths.ts";
import {
  type DraftErrors,
  type DraftField,
  isOfConnectors,
  type JobDraft,
  LIMIT_UNITS,
  typeOf,
} from "./draft.ts";
import { LABELS } from "./labels.ts";

interface Props {
  readonly draft: JobDraft;
  readonly errors: DraftErrors;
}

export function HostField(
  { draft, errors, hosts }: Props & { readonly hosts: readonly Host[] },
): JSX.Element {
  const type = typeOf(draft);
  const eligible = hosts.filter(({ managed_agents }) => managed_agents.includes(type));
  const isGone = draft.host_id !== "" &&
    !eligible.some(({ host_id }) => host_id === draft.host_id);
  return (
    <Field
      id="host_id"
      label={LABELS.host_id}
      error={errors.host_id}
      hint={eligible.length === 0
        ? (
          <>
            No host runs {AGENT_TYPE_NAMES[type]} yet. On a registered host, add{" "}
            <code>- type: {type}</code> to the agents in <code>bigeye_agent.yml</code> and run{" "}
            <code>./bigeye-agent sync</code>, or <a href={PATHS.newHost}>register a host</a>.
          </>
        )
        : `Lists the hosts that run ${AGENT_TYPE_NAMES[type]}`}
    >
      <select
        id="host_id"
        name="host_id"
        {...described("host_id", { hint: true, error: errors.host_id })}
      >
        <option value="">Choose a host</option>
        {/* A host that is no longer eligible stays visible, so that the reader learns why to choose another. */}
        {isGone
          ? (
            <option value={draft.host_id} selected>
              {`${draft.host_id} (does not run ${AGENT_TYPE_NAMES[type]})`}
            </option>
          )
          : null}
        {eligible.map(({ host_id, state }) => (
          <option value={host_id} {...(host_id === draft.host_id ? { selected: true } : {})}>
            {state === "online" ? host_id : `${host_id} (${STATE_WORDS[state].toLowerCase()})`}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function LimitField({ draft, errors }: Props): JSX.Element {
  return (
    <Field
      id="run_limit"
      label={LABELS.run_limit}
      hint="A run that exceeds it is stopped and marked as timed out"
      error={errors.run_limit}
    >
      <div class="together">
        <input
          id="run_limit"
          name="run_limit"
          value={draft.run_limit}
          inputmode="decimal"
          {...described("run_limit", { hint: true, error: errors.run_limit })}
        />
        <select name="run_limit_unit" aria-label="Unit of the run limit">
          {LIMIT_UNITS.map(({ name }) => (
            <option value={name} {...(name === draft.run_limit_unit ? { selected: true } : {})}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </Field>
  );
}

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
    label: LABELS.connectors,
    hint: (
      <>
        Separated by commas, for example <code>snowflake, tableau</code>. Their settings are in{" "}
        <code>agents/</code> on the host
      </>
    ),
  },
  {
    field: "connection_name",
    label: "Connection (optional)",
    hint: "Name of one connection; if empty, all connections of these types run",
  },
];

const OF_FILES: readonly Described[] = [
  {
    field: "file_name",
    label: LABELS.file_name,
    hint: (
      <>
        Name of a configuration file in <code>agents/datahealth/</code> on the host
      </>
    ),
  },
  {
    field: "command",
    label: "Command (optional)",
    hint: "Command for the agent; if empty, its default command",
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
