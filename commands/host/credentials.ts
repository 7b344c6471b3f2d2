/** What lets the host in at Temporal, as files in `agent_config/`. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { HostCredentials } from "../../lib/contract/host.ts";
import type { Files } from "../../lib/ports.ts";

/** Writes what was given, and takes away what was not: a former gateway's would be shown to the next. */
export async function keepCredentials(
  { client_certificate, ca_certificate, temporal_api_key }: HostCredentials,
  paths: Pick<HostPaths, "clientCertificate" | "temporalCa" | "temporalApiKey">,
  files: Pick<Files, "writeText" | "remove">,
): Promise<void> {
  const kept = [
    { path: paths.clientCertificate, text: client_certificate, mode: 0o600 },
    { path: paths.temporalCa, text: ca_certificate, mode: 0o644 },
    { path: paths.temporalApiKey, text: temporal_api_key, mode: 0o600 },
  ];
  for (const { path, text, mode } of kept) {
    if (text === undefined) await files.remove(path);
    else await files.writeText(path, text, { mode });
  }
}
