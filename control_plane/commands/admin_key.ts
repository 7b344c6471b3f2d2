/** `bigeye-control-plane admin-key`: creates an admin's key on the control plane's machine. */

import { lockDataFolder, lockSharedFolder, openDataFolder } from "../account/data_folder.ts";
import { openAccount } from "../account/key_pair.ts";
import { newApiKey } from "../http/authentication.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { databasePlace, dataSettings } from "../settings/settings.ts";
import type { DataFlags } from "../settings/sources.ts";
import { MACHINE, openStore, type Store } from "../store/mod.ts";

export interface AdminKeyFlags extends DataFlags {
  readonly user: string;
}

type AdminKeyTools = Pick<
  PlaneTools,
  "clock" | "env" | "files" | "folder" | "lockFile" | "log" | "stop" | "terminal"
>;

export async function adminKey(
  { user, ...flags }: AdminKeyFlags,
  tools: AdminKeyTools,
): Promise<void> {
  const { files, lockFile, clock, stop, terminal, log } = tools;
  const settings = dataSettings(flags, tools);
  const { data: folder, adminKeyFile, database } = settings;
  await openDataFolder(files, folder);
  // A newer version migrates the schema, which must not happen while a control plane uses the file.
  using _lock = database
    ? await lockSharedFolder(lockFile, folder, { clock, signal: stop })
    : await lockDataFolder(lockFile, folder);
  await using store = await openStore(await databasePlace(settings, tools), clock, log);
  const isNew = !await store.accounts.hasUsers();
  await openAccount({ folder, files, store });

  const key = await giveAdminKey(store, user);
  if (adminKeyFile === undefined) terminal.say(key);
  else await files.writeText(adminKeyFile, `${key}\n`, { mode: 0o600 });
  const where = adminKeyFile === undefined ? "above" : `in "${adminKeyFile}"`;
  terminal.note(
    `Created a Personal API Key for the admin "${user}": it is ${where} and is not shown again.`,
  );
  terminal.note(
    isNew
      ? `This is a new account: there was none in ${database ? "the database" : `"${folder}"`} yet.`
      : "This user's other keys still work; revoke those that are lost.",
  );
}

/** Creates the user or makes it an admin if needed, and adds a key. */
export async function giveAdminKey(
  { users, keys }: Pick<Store, "users" | "keys">,
  name: string,
): Promise<string> {
  const { key, hash } = newApiKey("personal");
  const known = (await users.list()).find((user) => user.name.toLowerCase() === name.toLowerCase());
  if (!known) {
    await users.add({ name, role: "admin", keyHash: hash }, MACHINE);
    return key.reveal();
  }
  await users.changeRole(known.id, "admin", MACHINE);
  const about = { name: "admin-key", description: "Made on the control plane's machine" };
  await keys.add({ ...about, kind: "personal", userId: known.id, hash }, MACHINE);
  return key.reveal();
}
