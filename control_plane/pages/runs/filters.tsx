/** The filters of the list of runs; they are in the URL, so that a view can be shared. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES, BATCH_AGENT_TYPES } from "../../../lib/contract/agent_types.ts";
import { RUN_STATUSES } from "../../../lib/contract/run.ts";
import type { RunFilter } from "../../store/runs/runs.ts";
import { STATUS_WORDS } from "../frame/status.tsx";
import { PATHS } from "../paths.ts";

type Chosen = Pick<RunFilter, "host" | "agent_type" | "status" | "job">;

export function Filters(
  { chosen, hosts, jobName }: {
    chosen: Chosen;
    /** The choices; absent if there are too many. */
    hosts: readonly string[] | undefined;
    /** The job that the list is filtered by. */
    jobName: string | undefined;
  },
): JSX.Element {
  const isNarrowed = Object.values(chosen).some((value) => value !== undefined);
  return (
    <form class="filters" method="get" action={PATHS.runs} data-filters>
      {hosts === undefined ? <TypedHost value={chosen.host} /> : (
        <Choice
          name="host"
          label="Host"
          all="All hosts"
          options={withChosen(hosts, chosen.host).map((host) => [host, host])}
          value={chosen.host}
        />
      )}
      <Choice
        name="agent_type"
        label="Agent type"
        all="All types"
        options={BATCH_AGENT_TYPES.map((type) => [type, AGENT_TYPE_NAMES[type]])}
        value={chosen.agent_type}
      />
      <Choice
        name="status"
        label="Status"
        all="All statuses"
        options={RUN_STATUSES.map((status) => [status, STATUS_WORDS[status]])}
        value={chosen.status}
      />
      {chosen.job === undefined ? null : (
        <Choice
          name="job"
          label="Job"
          all="All jobs"
          options={[[chosen.job, jobName ?? chosen.job]]}
          value={chosen.job}
        />
      )}
      <button type="submit" class="scriptless">Apply</button>
      {isNarrowed ? <a class="clear" href={PATHS.runs}>Clear filters</a> : null}
    </form>
  );
}

/** Runs outlive their host, so a removed host stays selected. */
function withChosen(hosts: readonly string[], host: string | undefined): readonly string[] {
  return host === undefined || hosts.includes(host) ? hosts : [...hosts, host];
}

function TypedHost({ value = "" }: { value: string | undefined }): JSX.Element {
  return (
    <div class="filter">
      <label for="filter-host">Host</label>
      <input id="filter-host" name="host" value={value} placeholder="All hosts" />
    </div>
  );
}

function Choice(
  { name, label, all, options, value }: {
    name: string;
    label: string;
    /** The label for no choice. */
    all: string;
    options: readonly (readonly [value: string, words: string])[];
    value: string | undefined;
  },
): JSX.Element {
  const id = `filter-${name}`;
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        <option value="">{all}</option>
        {options.map(([option, words]) => (
          <option value={option} {...(option === value ? { selected: true } : {})}>{words}</option>
        ))}
      </select>
    </div>
  );
}
