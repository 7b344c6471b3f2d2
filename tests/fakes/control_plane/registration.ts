/** The body of a host's registration. */

import { INSTALLATION } from "./plane.ts";

/** An installation that owns no host. */
export const STRANGER = "00000000-0000-4000-8000-00000000dead";

/** Returns a registration of host "h-1" with `changes`. */
export function registration(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    host_id: "h-1",
    installation_id: INSTALLATION,
    managed_agents: ["lineage"],
    version: "1.0.0",
    ...changes,
  };
}
