/** What `serve` is told: flag, environment, default, in this order; each value is checked here. */

import type { BlockList } from "node:net";
import type { Env } from "../../lib/ports.ts";
import { settingInvalid } from "../../lib/problems/cli.ts";
import { dataFolderUnnamed } from "../../lib/problems/plane.ts";
import { Secret } from "../../lib/crypto/secret.ts";
import {
  absolute,
  type DataFlags,
  parsedAddress,
  PLANE_VARIABLES,
  type ServeFlags,
  settingTexts,
  type Sourced,
  type Texts,
  wholeNumber,
} from "./setting_sources.ts";
import {
  type ListenAddress,
  type TemporalSettings,
  temporalSettings,
} from "./temporal_settings.ts";
import { trustedProxies } from "../http/trusted_proxies.ts";

/** The URL of a Postgres, or the absolute path of a file that has it. */
export type DatabaseSetting = { readonly url: Secret } | { readonly file: string };

/** Where the account's data is, and where a key that is made goes. */
export interface DataSettings {
  /** Absolute path. */
  readonly data: string;
  /** Absent means a SQLite file in the data folder. */
  readonly database?: DatabaseSetting;
  /** Absolute path; absent means that an admin's key is printed. */
  readonly adminKeyFile: string | undefined;
}

export interface PlaneSettings extends DataSettings, TemporalSettings {
  readonly listen: readonly ListenAddress[];
  /** Who is believed about whom a request is from. */
  readonly proxies: BlockList | undefined;
  /** How long a run waits for its host before it ends as timed out. */
  readonly hostWaitSeconds: number;
  /** For how many days runs, once ended, and audit entries are kept. */
  readonly keep: { readonly runsDays: number; readonly auditDays: number };
}

const WAIT = { unit: "seconds", most: 604_800 } as const;
const KEPT = { unit: "days", most: 36_500 } as const;
/** A quarter of runs; of the audit list a year, and a month to look at it. */
const USUALLY_KEPT = { runsDays: 90, auditDays: 400 } as const;

/** Throws `data_folder_unnamed` and `setting_invalid`; relative paths begin at `folder`. */
export function planeSettings(
  flags: ServeFlags,
  { env, folder }: { env: Env; folder: string },
): PlaneSettings {
  const text = settingTexts(flags, env);
  const listen = listenAddresses(flags.listen, env);
  const database = text("databaseUrl") ?? text("databaseUrlFile");
  if (database && !text("temporalAddress")) {
    // The control planes that share a database dispatch through one Temporal; ours is one process's own.
    const fault = "needs --temporal-address beside it";
    throw settingInvalid("database URL", { source: database.source, fault });
  }
  return {
    ...dataSettings(flags, { env, folder }),
    listen,
    proxies: trustedProxies(text("trustedProxy")),
    ...temporalSettings(text, { folder, listen }),
    hostWaitSeconds: wholeNumber("wait for a host", text("hostWait"), WAIT) ?? 3600,
    keep: {
      runsDays: wholeNumber("age of runs", text("keepRunsDays"), KEPT) ?? USUALLY_KEPT.runsDays,
      auditDays: wholeNumber("age of audit entries", text("keepAuditDays"), KEPT) ??
        USUALLY_KEPT.auditDays,
    },
  };
}

/** The part of {@linkcode planeSettings} that does not depend on what is served. */
export function dataSettings(
  flags: DataFlags,
  { env, folder }: { env: Env; folder: string },
): DataSettings {
  const text = settingTexts(flags, env);
  const data = text("data");
  if (!data) throw dataFolderUnnamed();
  const keyFile = text("adminKeyFile")?.value;
  return {
    data: absolute(data.value, folder),
    ...databaseSetting(text, folder),
    adminKeyFile: keyFile === undefined ? undefined : absolute(keyFile, folder),
  };
}

function databaseSetting(text: Texts, folder: string): { readonly database?: DatabaseSetting } {
  const [url, file] = [text("databaseUrl"), text("databaseUrlFile")];
  if (url && file) {
    const fault = `stands beside ${url.source}: name one of them`;
    throw settingInvalid("database URL", { source: file.source, fault });
  }
  if (url) return { database: { url: new Secret(url.value) } };
  return file ? { database: { file: absolute(file.value, folder) } } : {};
}

/** At least one. Throws `setting_invalid`. */
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

function listenAddress(setting: Sourced): ListenAddress {
  const [hostname, port] = parsedAddress(setting, "address to listen on");
  return { hostname, port };
}
