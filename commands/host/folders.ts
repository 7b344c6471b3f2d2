/** The folders of a host, and the random id that tells this installation from every other. */

import * as v from "valibot";
import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { AgentConfig } from "../../lib/config/schema.ts";
import { InstallationIdSchema } from "../../lib/contract/host.ts";
import type { Files } from "../../lib/ports.ts";
import { installationInvalid } from "../../lib/problems/host.ts";

const PRIVATE = 0o700;

/** Makes what is missing; what is there keeps its mode. */
export async function makeFolders(
  paths: HostPaths,
  { agents }: Pick<AgentConfig, "agents">,
  files: Files,
): Promise<void> {
  for (const path of [paths.keys, paths.own, paths.runs, paths.agents]) {
    await files.makeDir(path, PRIVATE);
  }
  for (const { type } of agents) await files.makeDir(`${paths.agents}/${type}`, PRIVATE);
  // Keys may have been copied here with whatever mode the copy gave them.
  await files.chmod(paths.keys, PRIVATE);
}

/** The id in `.bigeye/installation`; `undefined` when there is none yet. */
export async function findInstallation(
  { installation }: Pick<HostPaths, "installation">,
  files: Pick<Files, "readText">,
): Promise<string | undefined> {
  const text = (await files.readText(installation))?.trim();
  if (text === undefined || v.is(InstallationIdSchema, text)) return text;
  throw installationInvalid(installation);
}
