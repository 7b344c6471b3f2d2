/** The settings of the commands, from flag, environment or default, and validated. */

import type { BlockList } from "node:net";
import { Secret } from "../../lib/crypto/secret.ts";
import type { Env } from "../../lib/ports.ts";
import { settingNeeds, settingsConflict } from "../../lib/problems/cli.ts";
import { databaseUrlInvalid } from "../../lib/problems/database.ts";
import { absolutePath, type Setting } from "../../lib/config/resolve.ts";
import { dataFolderUnnamed } from "../../lib/problems/plane.ts";
import { trustedProxies } from "../http/trusted_proxies.ts";
import { isPostgres } from "../store/mod.ts";
import { DATABASE_FILE } from "../account/data_folder.ts";
import { readSecretFile, type SecretFileNeeds } from "./secret_file.ts";
import {
  type DataFlags,
  parsedAddress,
  PLANE_VARIABLES,
  type ServeFlags,
  settingTexts,
  type Texts,
  wholeNumber,
} from "./sources.ts";
import { type ListenAddress, type TemporalSettings, temporalSettings } from "./temporal.ts";

/** A Postgres URL, or the absolute path of a file that contains it. */
export type DatabaseSetting = { readonly url: Secret } | { readonly file: string };

/** Where the account's data is, and where a new admin key is written. */
export interface DataSettings {
  /** Absolute path. */
  readonly data: string;
  /** Default: a SQLite file in the data folder. */
  readonly database?: DatabaseSetting;
  /** Absolute path; default: the key is printed. */
  readonly adminKeyFile: string | undefined;
}

export interface PlaneSettings extends DataSettings, TemporalSettings {
  readonly listen: readonly ListenAddress[];
  /** Trusted reverse proxies. */
  readonly proxies: BlockList | undefined;
  /** How long a run waits for its host before it times out. */
  readonly hostWaitSeconds: number;
  /** Retention of ended runs and of audit entries, in days. */
  readonly keep: { readonly runsDays: number; readonly auditDays: number };
}

const WAIT = { unit: "seconds", most: 604_800 } as const;
const KEPT = { unit: "days", most: 36_500 } as const;
/** Runs: a quarter. Audit entries: a year, and a month to review it. */
const DEFAULT_KEEP_DAYS = { runsDays: 90, auditDays: 400 } as const;

/**
 * Resolves and validates the settings of `serve`; relative paths are resolved against `folder`.
 * @throws `data_folder_unnamed`, `setting_invalid`.
 */
export function planeSettings(
  flags: ServeFlags,
  { env, folder }: { env: Env; folder: string },
): PlaneSettings {
  const text = settingTexts(flags, env);
  const listen = listenAddresses(flags.listen, env);
  const database = text("databaseUrl") ?? text("databaseUrlFile");
  if (database && !text("temporalAddress")) {
    // Control planes that share a database share one Temporal; our own server belongs to one process.
    throw settingNeeds(database.source, "--temporal-address");
  }
  return {
    ...dataSettings(flags, { env, folder }),
    listen,
    proxies: trustedProxies(text("trustedProxy")),
    ...temporalSettings(text, { folder, listen }),
    hostWaitSeconds: wholeNumber("wait for a host", text("hostWait"), WAIT) ?? 3600,
    keep: {
      runsDays: wholeNumber("age of runs", text("keepRunsDays"), KEPT) ??
        DEFAULT_KEEP_DAYS.runsDays,
      auditDays: wholeNumber("age of audit entries", text("keepAuditDays"), KEPT) ??
        DEFAULT_KEEP_DAYS.auditDays,
    },
  };
}

/** Resolves the part of {@linkcode planeSettings} that all commands use. */
export function dataSettings(
  flags: DataFlags,
  { env, folder }: { env: Env; folder: string },
): DataSettings {
  const text = settingTexts(flags, env);
  const data = text("data");
  if (!data) throw dataFolderUnnamed();
  const keyFile = text("adminKeyFile")?.value;
  return {
    data: absolutePath(data.value, folder),
    ...databaseSetting(text, folder),
    adminKeyFile: keyFile === undefined ? undefined : absolutePath(keyFile, folder),
  };
}

function databaseSetting(text: Texts, folder: string): { readonly database?: DatabaseSetting } {
  const [url, file] = [text("databaseUrl"), text("databaseUrlFile")];
  if (url && file) throw settingsConflict(file.source, url.source);
  if (url) return { database: { url: new Secret(url.value) } };
  return file ? { database: { file: absolutePath(file.value, folder) } } : {};
}

/** Returns at least one address. @throws `setting_invalid`. */
export function listenAddresses(
  typed: readonly string[] | undefined,
  env: Env,
): readonly ListenAddress[] {
  if (typed && typed.length > 0) {
    return typed.map((value) => listenAddress({ value, source: "--listen" }));
  }
  const list = env(PLANE_VARIABLES.listen) ?? "127.0.0.1:8080";
  return list.split(",").map((value) =>
    listenAddress({ value: value.trim(), source: PLANE_VARIABLES.listen })
  );
}

function listenAddress(setting: Setting): ListenAddress {
  const [hostname, port] = parsedAddress(setting, "address to listen on");
  return { hostname, port };
}

/**
 * Returns the database's place for `openStore`: a path, or a URL that may contain a password.
 * @throws `database_url_invalid`.
 */
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
