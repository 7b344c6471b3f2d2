/** The files of a host: its folders, its installation id, and its credentials for Temporal. */

import * as v from "valibot";
import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { AgentConfig } from "../../lib/config/schema.ts";
import { type HostCredentials, InstallationIdSchema } from "../../lib/contract/host.ts";
import type { Files } from "../../lib/ports.ts";
import { installationInvalid } from "../../lib/problems/host.ts";

const PRIVATE = 0o700;

/** Creates missing folders. Existing ones keep their mode, except the keys' folder. */
export async function makeFolders(
  paths: HostPaths,
  { agents }: Pick<AgentConfig, "agents">,
  files: Files,
): Promise<void> {
  for (const path of [paths.keys, paths.own, paths.runs, paths.agents]) {
    await files.makeDir(path, PRIVATE);
  }
  for (const { type } of agents) await files.makeDir(`${paths.agents}/${type}`, PRIVATE);
  // Keys may have been copied here, with the mode of the copy.
  await files.chmod(paths.keys, PRIVATE);
}

/** Reads the id in `.bigeye/installation`; `undefined` if there is none yet. @throws `installation_invalid`. */
export async function findInstallation(
  { installation }: Pick<HostPaths, "installation">,
  files: Pick<Files, "readText">,
): Promise<string | undefined> {
  const text = (await files.readText(installation))?.trim();
  if (text === undefined || v.is(InstallationIdSchema, text)) return text;
  throw installationInvalid(installation);
}

/** Writes the given credentials and removes the others, which a former gateway issued. */
export async function writeCredentials(
  { clientCertificate, caCertificate, temporalApiKey }: HostCredentials,
  paths: Pick<HostPaths, "clientCertificate" | "temporalCa" | "temporalApiKey">,
  files: Pick<Files, "writeText" | "remove">,
): Promise<void> {
  const kept = [
    { path: paths.clientCertificate, text: clientCertificate, mode: 0o600 },
    { path: paths.temporalCa, text: caCertificate, mode: 0o644 },
    { path: paths.temporalApiKey, text: temporalApiKey, mode: 0o600 },
  ];
  for (const { path, text, mode } of kept) {
    if (text === undefined) await files.remove(path);
    else await files.writeText(path, text, { mode });
  }
}
