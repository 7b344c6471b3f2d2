/** Finds out where Temporal is: from the answer to register, the settings, or Bigeye's usual name for it. */

import type { StoredConfig } from "../../lib/config/store.ts";
import type { TemporalTarget } from "../../lib/contract/host.ts";
import { hostQueue } from "../../lib/contract/temporal_names.ts";
import { usualTemporal } from "../../lib/contract/unpublished.ts";
import { temporalUnknown } from "../../lib/problems/host.ts";

/** The keys of `orchestrator.temporal` in `bigeye_agent.yml`. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  /** Absent where the queue has its usual name. */
  readonly task_queue?: string;
  readonly server_name?: string;
  /** Set where Temporal takes the Agent API Key. */
  readonly sign_in?: "agent_api_key";
}

/** @throws `temporal_unknown`. */
export function temporalSettings(
  answered: TemporalTarget | undefined,
  { stored, hostId }: { readonly stored: StoredConfig; readonly hostId: string },
): TemporalSettings {
  const found = answered ? settingsOf(answered, hostId) : configuredTemporal(stored);
  if (found) return found;
  throw temporalUnknown(stored.path, stored.config.bigeye.url ?? "");
}

/** What would be dialed if Bigeye's answer names nothing; `undefined` if nothing says it. */
export function configuredTemporal({ config }: StoredConfig): TemporalSettings | undefined {
  const { temporal } = config.orchestrator;
  if (!temporal) return usualTemporal(config.bigeye.url ?? "");
  const { address, namespace, task_queue, server_name, sign_in } = temporal;
  return {
    address,
    namespace,
    ...(task_queue !== undefined && { task_queue }),
    ...(server_name !== undefined && { server_name }),
    ...(sign_in !== undefined && { sign_in }),
  };
}

function settingsOf(
  { address, namespace, taskQueue, serverName }: TemporalTarget,
  hostId: string,
): TemporalSettings {
  return {
    address,
    namespace,
    ...(taskQueue !== hostQueue(hostId) && { task_queue: taskQueue }),
    ...(serverName !== undefined && { server_name: serverName }),
  };
}
