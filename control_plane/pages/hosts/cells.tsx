/** Cells about hosts: the agent types, runnable and recorded only, and the link to a host. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { agentTypeName, BATCH_AGENT_TYPES } from "../../../lib/contract/agent_types.ts";
import type { ManagedAgent } from "../../../lib/contract/host.ts";
import { hostPath } from "../paths.ts";

const BATCH: ReadonlySet<ManagedAgent> = new Set(BATCH_AGENT_TYPES);

export function AgentTypes({ types }: { types: readonly ManagedAgent[] }): JSX.Element {
  if (types.length === 0) return <span class="quiet">None yet</span>;
  const ordered = types.toSorted((a, b) => Number(BATCH.has(b)) - Number(BATCH.has(a)));
  return (
    <ul class="tags">
      {ordered.map((type) =>
        BATCH.has(type)
          ? <li class="tag">{agentTypeName(type)}</li>
          : (
            <li class="tag recorded" title="Recorded only: the orchestrator does not run it">
              {agentTypeName(type)} <span class="quiet">recorded only</span>
            </li>
          )
      )}
    </ul>
  );
}

export function HostLink({ id, look = "calm id" }: { id: string; look?: string }): JSX.Element {
  return <a class={look} href={hostPath(id)} title={id}>{id}</a>;
}
