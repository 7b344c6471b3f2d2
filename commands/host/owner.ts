/** Who owns a host's files and runs its stack: the user who registers, or a user without rights for root. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { Identity } from "../../lib/ports.ts";
import { unreadableForStack } from "../../lib/problems/host.ts";
import type { Tools } from "../context.ts";

/** The usual id of "nonroot" in images without users; no account of a host has it. */
const UNPRIVILEGED: Identity = { uid: 65532, gid: 65532 };

/** The orchestrator never runs as root, so that every file of the host has one owner. */
export function stackOwner(identity: Identity): Identity {
  return identity.uid === 0 ? UNPRIVILEGED : identity;
}

/** Throws unless the stack's owner will be able to open the host folder and `bigeye_agent.yml`. */
export async function checkStackCanRead(
  { folder, config }: Pick<HostPaths, "folder" | "config">,
  { files, identity }: Pick<Tools, "files" | "identity">,
): Promise<void> {
  const owner = stackOwner(identity);
  await checkRights(folder, { files, owner, needed: 0o5, rights: "a+rx" });
  await checkRights(config, { files, owner, needed: 0o4, rights: "a+r" });
}

interface WantedRights extends Pick<Tools, "files"> {
  readonly owner: Identity;
  /** One octal digit. */
  readonly needed: number;
  /** What to give `chmod` for it. */
  readonly rights: string;
}

async function checkRights(
  path: string,
  { files, owner, needed, rights }: WantedRights,
): Promise<void> {
  const info = await files.stat(path);
  if (!info) return;
  const shift = info.uid === owner.uid ? 6 : info.gid === owner.gid ? 3 : 0;
  if (((info.mode >> shift) & needed) === needed) return;
  throw unreadableForStack(path, { uid: owner.uid, rights });
}

/** Gives what the stack must read and write to its owner; only root has to, and may. */
export async function giveToOwner(
  paths: HostPaths,
  { files, identity }: Pick<Tools, "files" | "identity">,
): Promise<void> {
  if (identity.uid !== 0) return;
  const { uid, gid } = stackOwner(identity);
  // Agents write below the runs: what is there has its owner, and their links could lead anywhere.
  await files.chown(paths.runs, uid, gid);
  for (const path of [paths.keys, paths.agents, paths.own]) await files.chownTree(path, uid, gid);
}
