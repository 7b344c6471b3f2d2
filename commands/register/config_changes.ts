/** Plans the keys that `register` writes to `bigeye_agent.yml`. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { Change } from "../../lib/config/patch.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { absolutePath } from "../../lib/config/resolve.ts";
import { type StoredConfig, withChanges } from "../../lib/config/store.ts";
import { freshConfig } from "../../templates/config.ts";
import type { TemporalSettings } from "../host/temporal_target.ts";
import type { Connection } from "./settings.ts";

/** Returns the path at which the orchestrator, which sees only the host folder, reads the custom CA. */
export function networkCaPath({ ca }: Connection, paths: HostPaths): string | undefined {
  if (!ca) return undefined;
  return ca.path.startsWith(`${paths.folder}/`) ? ca.path : paths.networkCa;
}

/** Returns the existing file, or the first one of a new host, without writing it. */
export function configToPatch(
  stored: StoredConfig | undefined,
  connection: Connection,
  paths: HostPaths,
): StoredConfig {
  if (stored) return stored;
  const { url, proxy } = connection;
  const text = freshConfig({ url, proxy, caFile: networkCaPath(connection, paths) });
  return { path: paths.config, text, config: parseConfig(text, paths.config) };
}

/** Sets the connection to Bigeye that was used to register, so that `serve` uses it too. */
export function withConnection(
  base: StoredConfig,
  connection: Connection,
  paths: HostPaths,
): StoredConfig {
  const { bigeye } = base.config;
  const ca = networkCaPath(connection, paths);
  const wanted: readonly [key: string, held: unknown, value: string | undefined][] = [
    ["url", bigeye.url, connection.url],
    ["proxy", bigeye.proxy, connection.proxy],
    ["ca_file", absolute(bigeye.ca_file, paths), ca],
  ];
  return withChanges(
    base,
    wanted.flatMap(([key, held, value]): Change[] =>
      value === undefined || held === value ? [] : [{ path: ["bigeye", key], value }]
    ),
  );
}

export interface RegistrationKeys {
  readonly hostId: string;
  readonly temporal: TemporalSettings;
  /** Whether Bigeye takes the host's report in heartbeats. */
  readonly takesReports: boolean;
}

/** Sets the keys that the registration determines. */
export function withRegistration(
  base: StoredConfig,
  { hostId, temporal, takesReports }: RegistrationKeys,
): StoredConfig {
  return withChanges(base, [
    { path: ["docker_compose_enabled"], value: true },
    { path: ["orchestrator", "host_id"], value: hostId },
    { path: ["orchestrator", "temporal"], value: { ...temporal } },
    { path: ["orchestrator", "host_report"], value: takesReports },
  ]);
}

/**
 * Checks that {@linkcode withRegistration} will work, before the account is changed. Otherwise a host would
 * be registered without its file saying so.
 * @throws `config_not_patchable`.
 */
export function checkPatchable(base: StoredConfig, hostId: string): void {
  const temporal = { address: "", namespace: "" };
  withRegistration(base, { hostId, temporal, takesReports: true });
}

const absolute = (path: string | null | undefined, { folder }: HostPaths): string | undefined =>
  path ? absolutePath(path, folder) : undefined;
