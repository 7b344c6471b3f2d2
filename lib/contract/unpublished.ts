/** Every name on the wire that Bigeye has not published: they are our choice. */

import { ORCHESTRATOR_API } from "./rest.ts";

/** Takes `OrchestratorHeartbeatRequest`, whose fields are published. */
export const HEARTBEAT_PATH = `${ORCHESTRATOR_API}/heartbeat`;

/** Facts of a host beyond the published bodies. A Bigeye that does not know these headers ignores them. */
export const HEADERS = {
  /** The UUID of the host folder, which owns the host id. */
  installation: "X-Bigeye-Agent-Installation",
  /** `true` takes the host id over from another installation; it requires an admin's key. */
  replace: "X-Bigeye-Agent-Replace",
} as const;

/** Keys of `orchestrator.temporal` in `bigeye_agent.yml`. */
export interface UsualTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly server_name: string;
  readonly sign_in: "agent_api_key";
}

/**
 * Bigeye's name for its Temporal, as its modules for a server of one's own make it: the first label of
 * the address with `-workflows`, TLS on port 443, namespace `default`, the Agent API Key as API key.
 * `undefined` for an address without a domain, such as an IP address or `localhost`.
 */
export function usualTemporal(bigeyeUrl: string): UsualTemporal | undefined {
  const { hostname } = URL.parse(bigeyeUrl) ?? { hostname: "" };
  const [, alias, domain] = /^([a-z0-9-]+)\.([a-z0-9.-]*[a-z])$/.exec(hostname) ?? [];
  if (alias === undefined || domain === undefined) return undefined;
  const name = `${alias}-workflows.${domain}`;
  return {
    address: `${name}:443`,
    namespace: "default",
    server_name: name,
    sign_in: "agent_api_key",
  };
}
