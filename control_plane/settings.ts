/** What `serve` is told: flag, environment, default, in this order; each value is checked here. */

import type { Env } from "../lib/ports.ts";
import { settingInvalid } from "../lib/problems/config.ts";
import { dataFolderUnnamed } from "../lib/problems/plane.ts";
import { Secret } from "../lib/secret.ts";

/** The flags of `serve`, as typed. */
export interface ServeFlags {
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly databaseUrlFile?: string;
  readonly listen?: readonly string[];
  readonly temporalAddress?: string;
  readonly temporalNamespace?: string;
  readonly temporalPublicAddress?: string;
  readonly temporalServerName?: string;
  readonly temporalCaFile?: string;
  readonly temporalApiKeyFile?: string;
  readonly gatewayListen?: string;
  readonly hostWait?: string;
  readonly adminKeyFile?: string;
}

export interface ListenAddress {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** How one's own Temporal is reached, by the hosts as well; behind our gateway it is plain. */
export interface TemporalSettings {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The name that Temporal's certificate must carry; absent means no TLS. */
  readonly serverName?: string;
  /** Absolute path of its authority's certificate, PEM; absent means the system's authorities. */
  readonly caFile?: string;
  /** Absolute path. */
  readonly apiKeyFile?: string;
}

/** The URL of a Postgres, or the absolute path of a file that has it. */
export type DatabaseSetting = { readonly url: Secret } | { readonly file: string };

export interface PlaneSettings {
  /** Absolute path. */
  readonly data: string;
  /** Absent means a SQLite file in the data folder. */
  readonly database?: DatabaseSetting;
  readonly listen: readonly ListenAddress[];
  readonly temporal: TemporalSettings;
  /** Where hosts reach Temporal, `host:port`. */
  readonly temporalPublicAddress: string;
  /** Where our TLS gateway listens for hosts; absent means that there is none. */
  readonly gateway?: ListenAddress;
  /** How long a run waits for its host before it ends as timed out. */
  readonly hostWaitSeconds: number;
  /** Absolute path; absent means that the first admin's key is printed. */
  readonly adminKeyFile: string | undefined;
}

/** The environment variable of each flag; BIGEYE_PLANE_LISTEN takes a list with commas. */
export const PLANE_VARIABLES = {
  data: "BIGEYE_PLANE_DATA",
  databaseUrl: "BIGEYE_PLANE_DATABASE_URL",
  databaseUrlFile: "BIGEYE_PLANE_DATABASE_URL_FILE",
  listen: "BIGEYE_PLANE_LISTEN",
  temporalAddress: "BIGEYE_PLANE_TEMPORAL_ADDRESS",
  temporalNamespace: "BIGEYE_PLANE_TEMPORAL_NAMESPACE",
  temporalPublicAddress: "BIGEYE_PLANE_TEMPORAL_PUBLIC_ADDRESS",
  temporalServerName: "BIGEYE_PLANE_TEMPORAL_SERVER_NAME",
  temporalCaFile: "BIGEYE_PLANE_TEMPORAL_CA_FILE",
  temporalApiKeyFile: "BIGEYE_PLANE_TEMPORAL_API_KEY_FILE",
  gatewayListen: "BIGEYE_PLANE_GATEWAY_LISTEN",
  hostWait: "BIGEYE_PLANE_HOST_WAIT",
  adminKeyFile: "BIGEYE_PLANE_ADMIN_KEY_FILE",
} as const satisfies Record<keyof ServeFlags, string>;

const DEFAULT_TEMPORAL = "127.0.0.1:7233";
const LOOPBACK = /^(127\.|localhost:|\[::1\])/;
const LONGEST_WAIT_SECONDS = 604_800;

interface Sourced {
  readonly value: string;
  /** What to correct: a flag or a variable. */
  readonly source: string;
}

type Texts = (name: Exclude<keyof ServeFlags, "listen">) => Sourced | undefined;

/** Throws `data_folder_unnamed` and `setting_invalid`; relative paths begin at `folder`. */
export function planeSettings(
  flags: ServeFlags,
  { env, folder }: { env: Env; folder: string },
): PlaneSettings {
  const text: Texts = (name) =>
    sourced(flags[name], { flag: FLAG_NAMES[name], variable: PLANE_VARIABLES[name], env });
  const data = text("data");
  if (!data) throw dataFolderUnnamed();
  const temporal = temporalSettings(text, folder);
  const gateway = gatewayAddress(text);
  const keyFile = text("adminKeyFile")?.value;
  return {
    data: absolute(data.value, folder),
    ...databaseSetting(text, folder),
    listen: listenAddresses(flags.listen, env),
    temporal,
    temporalPublicAddress: hostAndPort("public Temporal address", text("temporalPublicAddress")) ??
      text("gatewayListen")?.value ?? temporal.address,
    ...(gateway === undefined ? {} : { gateway }),
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
  if (url) return { database: { url: new Secret(url.value) } };
  return file ? { database: { file: absolute(file.value, folder) } } : {};
}

function temporalSettings(text: Texts, folder: string): TemporalSettings {
  const serverName = text("temporalServerName");
  const files = { caFile: text("temporalCaFile"), apiKeyFile: text("temporalApiKeyFile") };
  for (const file of Object.values(files)) {
    // An API key that travels in the clear is everybody's.
    if (file && !serverName) throw temporalInvalid(file, "needs --temporal-server-name beside it");
  }
  return {
    address: hostAndPort("Temporal address", text("temporalAddress")) ?? DEFAULT_TEMPORAL,
    namespace: text("temporalNamespace")?.value ?? "default",
    ...(serverName && { serverName: serverName.value }),
    ...(files.caFile && { caFile: absolute(files.caFile.value, folder) }),
    ...(files.apiKeyFile && { apiKeyFile: absolute(files.apiKeyFile.value, folder) }),
  };
}

/** The gateway is worth nothing in front of a Temporal that is reached around it. */
function gatewayAddress(text: Texts): ListenAddress | undefined {
  const setting = text("gatewayListen");
  if (!setting) return undefined;
  const [hostname, port] = parsedAddress(setting, "address of the gateway");
  if (port === 0) {
    throw settingInvalid("address of the gateway", { ...setting, fault: "must name a port" });
  }
  const address = text("temporalAddress");
  if (address && !LOOPBACK.test(address.value)) {
    throw temporalInvalid(address, "must be on loopback behind a gateway");
  }
  for (const name of ["temporalServerName", "temporalCaFile", "temporalApiKeyFile"] as const) {
    const own = text(name);
    if (own) throw temporalInvalid(own, "is for a Temporal without --gateway-listen");
  }
  return { hostname, port };
}

function temporalInvalid({ source }: Sourced, fault: string): Error {
  return settingInvalid("way to Temporal", { source, fault });
}

const FLAG_NAMES = {
  data: "--data",
  databaseUrl: "--database-url",
  databaseUrlFile: "--database-url-file",
  temporalAddress: "--temporal-address",
  temporalNamespace: "--temporal-namespace",
  temporalPublicAddress: "--temporal-public-address",
  temporalServerName: "--temporal-server-name",
  temporalCaFile: "--temporal-ca-file",
  temporalApiKeyFile: "--temporal-api-key-file",
  gatewayListen: "--gateway-listen",
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
