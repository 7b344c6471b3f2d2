/** Where the control plane keeps its data: a file in its folder, or the Postgres that it was told. */

import type { Files } from "../lib/ports.ts";
import { databaseUrlInvalid } from "../lib/problems/postgres.ts";
import { DATABASE_FILE } from "./account.ts";
import type { PlaneSettings } from "./settings.ts";
import { isPostgres } from "./store/mod.ts";

/** A path, or a URL that may hold a password. Throws `database_url_invalid`. */
export async function databasePlace(
  { data, database }: Pick<PlaneSettings, "data" | "database">,
  files: Pick<Files, "readText">,
): Promise<string> {
  if (!database) return `${data}/${DATABASE_FILE}`;
  const url = "url" in database ? database.url.reveal() : await files.readText(database.file) ?? "";
  if (!isPostgres(url.trim())) throw databaseUrlInvalid();
  return url.trim();
}
