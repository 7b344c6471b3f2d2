/** Finds out where Temporal is: from the answer to register, the settings, or Bigeye's usual name for it. */

import type { StoredConfig } from "../../lib/config/store.ts";
import type { TemporalTarget } from "../../lib/contract/host.ts";
import { usualTemporal } from "../../lib/contract/unpublished.ts";
import { temporalUnknown } from "../../lib/problems/host.ts";

/** The keys of `orchestrator.temporal` in `bigeye_agent.yml`. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  readonly server_name?: string;
  /** Set where Temporal takes the Agent API Key. */
  readonly sign_in?: "agent_api_key";
}

/** @throws `temporal_unknown`. */
export function temporalSettings(
  answered: TemporalTarget | undefined,
  stored: StoredConfig,
): TemporalSettings {
  const found = answered ? settingsOf(answered) : configuredTemporal(stored);
  if (found) return found;
  throw temporalUnknown(stored.path, stored.config.bigeye.url ?? "");
}

/** What would be dialed if Bigeye's answer names nothing; `undefined` if nothing says it. */
export function configuredTemporal({ config }: StoredConfig): TemporalSettings | undefined {
  const { temporal } = config.orchestrator;
  if (!temporal) return usualTemporal(config.bigeye.url ?? "");
  const { address, namespace, server_name, sign_in } = temporal;
  return {
    address,
    namespace,
    ...(server_name !== undefined && { server_name }),
    ...(sign_in !== undefined && { sign_in }),
  };
}

function settingsOf({ address, namespace, serverName }: TemporalTarget): TemporalSettings {
  return { address, namespace, ...(serverName !== undefined && { server_name: serverName }) };
}
