/** Fields of the job form that every type has. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Host } from "../../../lib/contract/host.ts";
import { described, Field } from "../frame/parts.tsx";
import { STATE_WORDS } from "../frame/status.tsx";
import { PATHS } from "../paths.ts";
import { type DraftErrors, type JobDraft, LIMIT_UNITS, typeOf } from "./draft.ts";

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
      label="Host"
      error={errors.host_id}
      hint={eligible.length === 0
        ? (
          <>
            No host has {AGENT_TYPE_NAMES[type]}. Add <code>- type: {type}</code> to the agents in
            {" "}
            <code>bigeye_agent.yml</code> of a registered one and run{" "}
            <code>./bigeye-agent sync</code> there, or <a href={PATHS.newHost}>register a host</a>.
          </>
        )
        : `Hosts that have ${AGENT_TYPE_NAMES[type]}`}
    >
      <select
        id="host_id"
        name="host_id"
        {...described("host_id", { hint: true, error: errors.host_id })}
      >
        <option value="">Choose a host</option>
        {/* A choice that does not fit is not silently dropped: it is named, and no job can move there. */}
        {isGone
          ? (
            <option value={draft.host_id} selected>
              {`${draft.host_id} (has no ${AGENT_TYPE_NAMES[type]})`}
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
      label="Run limit"
      hint="A run that takes longer is stopped and ends as timed out"
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
