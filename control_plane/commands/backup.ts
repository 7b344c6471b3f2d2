/** `bigeye-control-plane backup`: a data folder as it stands, while its control plane goes on. */

import type { Files } from "../../lib/ports.ts";
import { backupNotCopied, backupTaken, backupWithoutFile } from "../../lib/problems/database.ts";
import { DATABASE_FILE } from "../settings/account.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { absolute } from "../settings/setting_sources.ts";
import { dataSettings } from "../settings/settings.ts";
import { copySqlite } from "../store/sqlite/copy.ts";
import { TEMPORAL_FILE } from "../temporal/access.ts";

export interface BackupFlags {
  readonly data?: string;
  readonly to: string;
}

type BackupTools = Pick<PlaneTools, "env" | "files" | "folder" | "stop" | "terminal">;

/**
 * Temporal's database is copied first: each run that its copy knows is then in ours too, with an outcome
 * if it had one, and a run that only ours knows is found and ended by the scan for orphans.
 */
const DATABASES = [TEMPORAL_FILE, DATABASE_FILE] as const;

/** How the folder ends that becomes the backup. */
const BESIDE = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Throws `backup_without_file`, `backup_taken` and `backup_not_copied`; there is no backup then. */
export async function backup({ to: typed, data }: BackupFlags, tools: BackupTools): Promise<void> {
  const { env, files, folder, stop, terminal } = tools;
  const settings = dataSettings(data === undefined ? {} : { data }, { env, folder });
  const from = settings.data;
  const to = absolute(typed, folder).replace(/(?<=.)\/+$/, "");
  const names = await files.list(from);
  if (settings.database || !names.includes(DATABASE_FILE)) {
    throw backupWithoutFile(`${from}/${DATABASE_FILE}`);
  }
  if (await files.stat(to) || await files.isLink(to)) throw backupTaken(to);

  const beside = `${to}.${crypto.randomUUID()}.tmp`;
  const parent = to.slice(0, to.lastIndexOf("/")) || "/";
  await removeLeft(files, { parent, to });
  try {
    await files.makeDir(beside, 0o700);
    const databases = DATABASES.filter((name) => names.includes(name));
    for (const name of databases) {
      stop.throwIfAborted();
      await copyDatabase(files, `${from}/${name}`, `${beside}/${name}`);
    }
    // Last, as the first start makes the database before them.
    const keys = (await files.list(from)).filter((name) => name.endsWith(".pem"));
    for (const name of keys) await copyText(files, `${from}/${name}`, `${beside}/${name}`);
    stop.throwIfAborted();
    await files.flush(beside);
    await files.rename(beside, to);
    await files.flush(parent);
    for (const name of [...databases, ...keys]) terminal.say(`${to}/${name}`);
  } catch (error) {
    await files.remove(beside);
    throw error;
  }
}

/** What backups to that folder have left that were killed, private keys among it. */
async function removeLeft(
  files: Files,
  { parent, to }: { readonly parent: string; readonly to: string },
): Promise<void> {
  const paths = (await files.list(parent)).map((name) => `${parent === "/" ? "" : parent}/${name}`);
  const left = paths.filter((path) => path.startsWith(to) && BESIDE.test(path.slice(to.length)));
  for (const path of left) await files.remove(path);
}

async function copyDatabase(files: Files, from: string, to: string): Promise<void> {
  try {
    copySqlite(from, to);
  } catch (cause) {
    throw backupNotCopied(from, cause);
  }
  await files.chmod(to, 0o600);
  // SQLite leaves that to the system.
  await files.flush(to);
}

async function copyText(files: Files, from: string, to: string): Promise<void> {
  const [info, text] = [await files.stat(from), await files.readText(from)];
  if (info && text !== undefined) await files.writeText(to, text, { mode: info.mode });
}
