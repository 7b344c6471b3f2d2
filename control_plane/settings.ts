/** What `serve` is told: flag, environment, default, in this order; each value is checked here. */

import type { Env } from "../lib/ports.ts";
import { settingInvalid } from "../lib/problems/config.ts";
import { dataFolderUnnamed } from "../lib/problems/plane.ts";

/** The flags of `serve`, as typed. */
export interface ServeFlags {
  readonly data?: string;
  readonly listen?: readonly string[];
  readonly temporalAddress?: string;
  readonly temporalNamespace?: string;
  readonly temporalPublicAddress?: string;
  readonly hostWait?: string;
  readonly adminKeyFile?: string;
}

export interface ListenAddress {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface PlaneSettings {
  /** Absolute path. */
  readonly data: string;
  readonly listen: readonly ListenAddress[];
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** Where hosts reach Temporal, `host:port`. */
  readonly temporalPublicAddress: string;
  /** How long a run waits for its host before it ends as timed out. */
  readonly hostWaitSeconds: number;
  /** Absolute path; absent means that the first admin's key is printed. */
  readonly adminKeyFile: string | undefined;
}

/** The environment variable of each flag; BIGEYE_PLANE_LISTEN takes a list with commas. */
export const PLANE_VARIABLES = {
  data: "BIGEYE_PLANE_DATA",
  listen: "BIGEYE_PLANE_LISTEN",
  temporalAddress: "BIGEYE_PLANE_TEMPORAL_ADDRESS",
  temporalNamespace: "BIGEYE_PLANE_TEMPORAL_NAMESPACE",
  temporalPublicAddress: "BIGEYE_PLANE_TEMPORAL_PUBLIC_ADDRESS",
  hostWait: "BIGEYE_PLANE_HOST_WAIT",
  adminKeyFile: "BIGEYE_PLANE_ADMIN_KEY_FILE",
} as const satisfies Record<keyof ServeFlags, string>;

const LONGEST_WAIT_SECONDS = 604_800;

interface Sourced {
  readonly value: string;
  /** What to correct: a flag or a variable. */
  readonly source: string;
}

/** Throws `data_folder_unnamed` and `setting_invalid`; relative paths begin at `folder`. */
export function planeSettings(
  flags: ServeFlags,
  { env, folder }: { env: Env; folder: string },
): PlaneSettings {
  const text = (name: Exclude<keyof ServeFlags, "listen">): Sourced | undefined =>
    sourced(flags[name], { flag: FLAG_NAMES[name], variable: PLANE_VARIABLES[name], env });
  const data = text("data");
  if (!data) throw dataFolderUnnamed();
  const address = hostAndPort("Temporal address", text("temporalAddress")) ?? "127.0.0.1:7233";
  const keyFile = text("adminKeyFile")?.value;
  return {
    data: absolute(data.value, folder),
    listen: listenAddresses(flags.listen, env),
    temporal: { address, namespace: text("temporalNamespace")?.value ?? "default" },
    temporalPublicAddress: hostAndPort("public Temporal address", text("temporalPublicAddress")) ??
      address,
    hostWaitSeconds: seconds("wait for a host", text("hostWait")) ?? 3600,
    adminKeyFile: keyFile === undefined ? undefined : absolute(keyFile, folder),
  };
}

const FLAG_NAMES = {
  data: "--data",
  temporalAddress: "--temporal-address",
  temporalNamespace: "--temporal-namespace",
  temporalPublicAddress: "--temporal-public-address",
  hostWait: "--host-wait",
  adminKeyFile: "--admin-key-file",
} as const;

function sourced(
  typed: string | undefined,
  { flag, variable, env }: { flag: string; variable: string; env: Env },
): Sourced | undefined {
  if (typed !== undefined) return { value: typed, source: flag };
  const value = env(variable);
  return value === undefined ? undefined : { value, source: variable };
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

function hostAndPort(name: string, setting: Sourced | undefined): string | undefined {
  if (!setting) return undefined;
  parsedAddress(setting, name);
  return setting.value;
}

/** `host:port`, with an IPv6 address in brackets. */
function parsedAddress({ value, source }: Sourced, name: string): [string, number] {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]/]+)):(\d{1,5})$/
    .exec(value) ?? [];
  const hostname = bracketed ?? plain;
  const port = Number(digits);
  if (hostname === undefined || port > 65_535) {
    throw settingInvalid(name, { source, fault: `is not HOST:PORT but "${value}"` });
  }
  return [hostname, port];
}

function seconds(name: string, setting: Sourced | undefined): number | undefined {
  if (!setting) return undefined;
  const count = Number(setting.value);
  if (/^\d+$/.test(setting.value) && count >= 1 && count <= LONGEST_WAIT_SECONDS) return count;
  const fault = `must be 1 to ${LONGEST_WAIT_SECONDS} seconds, not "${setting.value}"`;
  throw settingInvalid(name, { source: setting.source, fault });
}

const absolute = (path: string, folder: string): string =>
  path.startsWith("/") ? path : `${folder}/${path}`;
