/** Cells about hosts: the agent types, runnable and recorded only, and the link to a host. */

import type { JSX } from "hono/jsx/jsx-runtime";
import {
  AGENT_TYPE_NAMES,
  type AgentType,
  BATCH_AGENT_TYPES,
} from "../../../lib/contract/agent_types.ts";
import { hostPath } from "../paths.ts";

const BATCH: ReadonlySet<AgentType> = new Set(BATCH_AGENT_TYPES);

export function AgentTypes({ types }: { types: readonly AgentType[] }): JSX.Element {
  if (types.length === 0) return <span class="quiet">None yet</span>;
  const ordered = types.toSorted((a, b) => Number(BATCH.has(b)) - Number(BATCH.has(a)));
  return (
    <ul class="tags">
      {ordered.map((type) =>
        BATCH.has(type)
          ? <li class="tag">{AGENT_TYPE_NAMES[type]}</li>
          : (
            <li class="tag recorded" title="Recorded only: the orchestrator does not run it">
              {AGENT_TYPE_NAMES[type]} <span class="quiet">recorded only</span>
            </li>
          )
      )}
    </ul>
  );
}

export function HostLink({ id, look = "calm id" }: { id: string; look?: string }): JSX.Element {
  return <a class={look} href={hostPath(id)} title={id}>{id}</a>;
}
