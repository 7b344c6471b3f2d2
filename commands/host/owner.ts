/** Decides who owns a host's files and runs its stack: the user who registers, or an unprivileged one for root. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { Identity } from "../../lib/ports.ts";
import { unreadableForStack } from "../../lib/problems/host.ts";
import type { Tools } from "../context.ts";

/** The usual id of "nonroot" in images. No account of a host has it. */
const UNPRIVILEGED: Identity = { uid: 65532, gid: 65532 };

/** Returns the user of the stack, which is never root. */
export function stackOwner(identity: Identity): Identity {
  return identity.uid === 0 ? UNPRIVILEGED : identity;
}

/** Checks that the stack's user can open the host folder and `bigeye_agent.yml`. @throws `unreadable_for_stack`. */
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
  /** The argument of `chmod` that grants it. */
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

/** Changes the owner of the stack's files when root registers. */
export async function giveToOwner(
  paths: HostPaths,
  { files, identity }: Pick<Tools, "files" | "identity">,
): Promise<void> {
  if (identity.uid !== 0) return;
  const { uid, gid } = stackOwner(identity);
  // Not the content of the runs' folder: agents write there, and a link could lead anywhere.
  await files.chown(paths.runs, uid, gid);
  for (const path of [paths.keys, paths.agents, paths.own]) await files.chownTree(path, uid, gid);
}
