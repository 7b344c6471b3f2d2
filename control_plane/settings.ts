/** What `serve` is told: flag, environment, default, in this order; each value is checked here. */

import type { Env } from "../lib/ports.ts";
import { settingInvalid } from "../lib/problems/config.ts";
import { dataFolderUnnamed } from "../lib/problems/plane.ts";
import { Secret } from "../lib/secret.ts";
import {
  absolute,
  parsedAddress,
  PLANE_VARIABLES,
  type ServeFlags,
  settingTexts,
  type Sourced,
  type Texts,
} from "./setting_sources.ts";
import {
  type ListenAddress,
  type TemporalSettings,
  temporalSettings,
} from "./temporal_settings.ts";

/** The URL of a Postgres, or the absolute path of a file that has it. */
export type DatabaseSetting = { readonly url: Secret } | { readonly file: string };

export interface PlaneSettings extends TemporalSettings {
  /** Absolute path. */
  readonly data: string;
  /** Absent means a SQLite file in the data folder. */
  readonly database?: DatabaseSetting;
  readonly listen: readonly ListenAddress[];
  /** How long a run waits for its host before it ends as timed out. */
  readonly hostWaitSeconds: number;
  /** Absolute path; absent means that the first admin's key is printed. */
  readonly adminKeyFile: string | undefined;
}

const LONGEST_WAIT_SECONDS = 604_800;

/** Throws `data_folder_unnamed` and `setting_invalid`; relative paths begin at `folder`. */
export function planeSettings(
  flags: ServeFlags,
  { env, folder }: { env: Env; folder: string },
): PlaneSettings {
  const text = settingTexts(flags, env);
  const data = text("data");
  if (!data) throw dataFolderUnnamed();
  const keyFile = text("adminKeyFile")?.value;
  return {
    data: absolute(data.value, folder),
    ...databaseSetting(text, folder),
    listen: listenAddresses(flags.listen, env),
    ...temporalSettings(text, folder),
    hostWaitSeconds: seconds("wait for a host", text("hostWait")) ?? 3600,
    adminKeyFile: keyFile === undefined ? undefined : absolute(keyFile, folder),
  };
}

function databaseSetting(text: Texts, folder: string): { readonly database?: DatabaseSetting } {
  const [url, file] = [text("databaseUrl"), text("databaseUrlFile")];
  if (url && file) {
    const fault = `stands beside ${url.source}: name one of them`;
    throw settingInvalid("database URL", { source: file.source, fault });
  }
  const given = url ?? file;
  if (given && !text("temporalAddress")) {
    // The control planes that share a database dispatch through one Temporal; ours is one process's own.
    throw settingInvalid("database URL", { ...given, fault: "needs --temporal-address beside it" });
  }
  if (url) return { database: { url: new Secret(url.value) } };
  return file ? { database: { file: absolute(file.value, folder) } } : {};
}

function listenAddresses(typed: readonly string[] | undefined, env: Env): ListenAddress[] {
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

function seconds(name: string, setting: Sourced | undefined): number | undefined {
  if (!setting) return undefined;
  const count = Number(setting.value);
  if (/^\d+$/.test(setting.value) && count >= 1 && count <= LONGEST_WAIT_SECONDS) return count;
  const fault = `must be 1 to ${LONGEST_WAIT_SECONDS} seconds, not "${setting.value}"`;
  throw settingInvalid(name, { source: setting.source, fault });
}
