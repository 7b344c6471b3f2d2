/** The register call and the heartbeat of a host, as options of a test plane's `call`. */

import type { Heartbeat, Registration } from "../../../lib/contract/host.ts";
import { managedAgentType } from "../../../lib/contract/messages/hosts.ts";
import { HEADERS } from "../../../lib/contract/unpublished.ts";

/** The installation of a test plane's hosts. */
export const INSTALLATION = "00000000-0000-4000-8000-000000000001";
/** An installation that owns no host. */
export const STRANGER = "00000000-0000-4000-8000-00000000dead";

export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Returns a registration of host "h-1" with `changes`. */
export function registration(changes: Partial<Registration> = {}): Sent {
  const { host_id, installation_id, managed_agents, version, replace }: Registration = {
    host_id: "h-1",
    installation_id: INSTALLATION,
    managed_agents: ["lineage"],
    version: "1.0.0",
    replace: false,
    ...changes,
  };
  return {
    headers: {
      [HEADERS.installation]: installation_id,
      ...(replace && { [HEADERS.replace]: "true" }),
    },
    body: {
      hostId: host_id,
      orchestratorVersion: version,
      managedAgents: managed_agents.map(managedAgentType),
    },
  };
}

/** Returns a heartbeat of the host with `report`, and with `fields` of the body. */
export function heartbeat(
  hostId: string,
  report: Partial<Heartbeat["report"]> = {},
  { installation = INSTALLATION, ...fields }: Readonly<Record<string, unknown>> = {},
): Sent {
  return {
    headers: { [HEADERS.installation]: String(installation) },
    body: {
      hostId,
      orchestratorVersion: "1.0.1",
      report: { activeRuns: [], ...report },
      ...fields,
    },
  };
}
