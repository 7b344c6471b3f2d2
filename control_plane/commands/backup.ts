/** `bigeye-control-plane backup`: copies the data folder while the control plane runs. */

import { absolutePath } from "../../lib/config/resolve.ts";
import type { Files } from "../../lib/ports.ts";
import { backupNotCopied, backupTaken, backupWithoutFile } from "../../lib/problems/database.ts";
import { DATABASE_FILE } from "../account/data_folder.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { dataSettings } from "../settings/settings.ts";
import { copySqlite } from "../store/sqlite/copy.ts";
import { TEMPORAL_FILE } from "../temporal/access.ts";

export interface BackupFlags {
  readonly data?: string;
  readonly to: string;
}

type BackupTools = Pick<PlaneTools, "env" | "files" | "folder" | "stop" | "terminal">;

/**
 * Temporal's database is copied first. Every run in that copy is then also in ours, with its outcome if it
 * had one; a run that only ours has is ended by the orphan scan.
 */
const DATABASES = [TEMPORAL_FILE, DATABASE_FILE] as const;

/** Suffix of the folder that is renamed to the backup once complete. */
const TEMPORARY_SUFFIX = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Copies the databases and keys to a new folder, which appears only once it is complete.
 * @throws `backup_without_file`, `backup_taken`, `backup_not_copied`; no backup exists then.
 */
export async function backup({ to: typed, data }: BackupFlags, tools: BackupTools): Promise<void> {
  const { env, files, folder, stop, terminal } = tools;
  const settings = dataSettings(data === undefined ? {} : { data }, { env, folder });
  const from = settings.data;
  const to = absolutePath(typed, folder).replace(/(?<=.)\/+$/, "");
  const names = await files.list(from);
  if (settings.database || !names.includes(DATABASE_FILE)) {
    throw backupWithoutFile(`${from}/${DATABASE_FILE}`);
  }
  if (await files.stat(to) || await files.isLink(to)) throw backupTaken(to);

  const temporary = `${to}.${crypto.randomUUID()}.tmp`;
  const parent = to.slice(0, to.lastIndexOf("/")) || "/";
  await removeLeft(files, { parent, to });
  try {
    await files.makeDir(temporary, 0o700);
    const databases = DATABASES.filter((name) => names.includes(name));
    for (const name of databases) {
      stop.throwIfAborted();
      await copyDatabase(files, `${from}/${name}`, `${temporary}/${name}`);
    }
    // Last, because the first start creates the database before the keys.
    const keys = (await files.list(from)).filter((name) => name.endsWith(".pem"));
    for (const name of keys) await copyText(files, `${from}/${name}`, `${temporary}/${name}`);
    stop.throwIfAborted();
    await files.flush(temporary);
    await files.rename(temporary, to);
    await files.flush(parent);
    for (const name of [...databases, ...keys]) terminal.say(`${to}/${name}`);
  } catch (error) {
    await files.remove(temporary);
    throw error;
  }
}

/** Removes what killed backups left, which includes private keys. */
async function removeLeft(
  files: Files,
  { parent, to }: { readonly parent: string; readonly to: string },
): Promise<void> {
  const paths = (await files.list(parent)).map((name) => `${parent === "/" ? "" : parent}/${name}`);
  const left = paths.filter((path) =>
    path.startsWith(to) && TEMPORARY_SUFFIX.test(path.slice(to.length))
  );
  for (const path of left) await files.remove(path);
}

async function copyDatabase(files: Files, from: string, to: string): Promise<void> {
  try {
    copySqlite(from, to);
  } catch (cause) {
    throw backupNotCopied(from, cause);
  }
  await files.chmod(to, 0o600);
  // SQLite does not flush the copy itself.
  await files.flush(to);
}

async function copyText(files: Files, from: string, to: string): Promise<void> {
  const [info, text] = [await files.stat(from), await files.readText(from)];
  if (info && text !== undefined) await files.writeText(to, text, { mode: info.mode });
}
