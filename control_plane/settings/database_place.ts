/** Where the control plane keeps its data: a file in its folder, or the Postgres that it was told. */

import { databaseUrlInvalid } from "../../lib/problems/database.ts";
import { DATABASE_FILE } from "./account.ts";
import { readSecretFile, type SecretFileNeeds } from "./secret_file.ts";
import type { PlaneSettings } from "./settings.ts";
import { isPostgres } from "../store/mod.ts";

/** A path, or a URL that may hold a password. Throws `database_url_invalid`. */
export async function databasePlace(
  { data, database }: Pick<PlaneSettings, "data" | "database">,
  needs: SecretFileNeeds,
): Promise<string> {
  if (!database) return `${data}/${DATABASE_FILE}`;
  const url = "url" in database
    ? database.url.reveal()
    : await readSecretFile(database.file, needs) ?? "";
  if (!isPostgres(url.trim())) throw databaseUrlInvalid();
  return url.trim();
}
