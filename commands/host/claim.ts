/** What a host tells Bigeye about itself. */

import type { AgentConfig } from "../../lib/config/schema.ts";
import type { RegisterBody } from "../../lib/contract/host.ts";
import { VERSION } from "../../lib/version.ts";

export interface Claim {
  readonly hostId: string;
  readonly installationId: string;
  readonly replace: boolean;
}

/** Persistent agents are claimed too: Bigeye records them and dispatches nothing to them. */
export function hostClaim(
  { hostId, installationId, replace }: Claim,
  { agents }: Pick<AgentConfig, "agents">,
): RegisterBody {
  return {
    host_id: hostId,
    installation_id: installationId,
    managed_agents: agents.map(({ type }) => type).toSorted(),
    version: VERSION,
    replace,
  };
}
