/** Sources of settings: a flag, else its environment variable; and parsers of their texts. */

import type { Setting } from "../../lib/config/resolve.ts";
import type { Env } from "../../lib/ports.ts";
import { settingInvalid } from "../../lib/problems/cli.ts";

/** The flags of `serve`, unparsed. */
export interface ServeFlags {
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly databaseUrlFile?: string;
  readonly listen?: readonly string[];
  readonly trustedProxy?: string;
  readonly temporalAddress?: string;
  readonly temporalServer?: string;
  readonly temporalNamespace?: string;
  readonly temporalPublicAddress?: string;
  readonly temporalServerName?: string;
  readonly temporalCaFile?: string;
  readonly temporalApiKeyFile?: string;
  readonly gatewayListen?: string;
  readonly hostWait?: string;
  readonly keepRunsDays?: string;
  readonly keepAuditDays?: string;
  readonly adminKeyFile?: string;
}

/** The flags of every command, unparsed. */
export type DataFlags = Pick<
  ServeFlags,
  "data" | "databaseUrl" | "databaseUrlFile" | "adminKeyFile"
>;

/** The environment variable of each flag; BIGEYE_PLANE_LISTEN is a comma-separated list. */
export const PLANE_VARIABLES = {
  data: "BIGEYE_PLANE_DATA",
  databaseUrl: "BIGEYE_PLANE_DATABASE_URL",
  databaseUrlFile: "BIGEYE_PLANE_DATABASE_URL_FILE",
  listen: "BIGEYE_PLANE_LISTEN",
  trustedProxy: "BIGEYE_PLANE_TRUSTED_PROXY",
  temporalAddress: "BIGEYE_PLANE_TEMPORAL_ADDRESS",
  temporalServer: "BIGEYE_PLANE_TEMPORAL_SERVER",
  temporalNamespace: "BIGEYE_PLANE_TEMPORAL_NAMESPACE",
  temporalPublicAddress: "BIGEYE_PLANE_TEMPORAL_PUBLIC_ADDRESS",
  temporalServerName: "BIGEYE_PLANE_TEMPORAL_SERVER_NAME",
  temporalCaFile: "BIGEYE_PLANE_TEMPORAL_CA_FILE",
  temporalApiKeyFile: "BIGEYE_PLANE_TEMPORAL_API_KEY_FILE",
  gatewayListen: "BIGEYE_PLANE_GATEWAY_LISTEN",
  hostWait: "BIGEYE_PLANE_HOST_WAIT",
  keepRunsDays: "BIGEYE_PLANE_KEEP_RUNS_DAYS",
  keepAuditDays: "BIGEYE_PLANE_KEEP_AUDIT_DAYS",
  adminKeyFile: "BIGEYE_PLANE_ADMIN_KEY_FILE",
} as const satisfies Record<keyof ServeFlags, string>;

const FLAG_NAMES = {
  data: "--data",
  databaseUrl: "--database-url",
  databaseUrlFile: "--database-url-file",
  trustedProxy: "--trusted-proxy",
  temporalAddress: "--temporal-address",
  temporalServer: "--temporal-server",
  temporalNamespace: "--temporal-namespace",
  temporalPublicAddress: "--temporal-public-address",
  temporalServerName: "--temporal-server-name",
  temporalCaFile: "--temporal-ca-file",
  temporalApiKeyFile: "--temporal-api-key-file",
  gatewayListen: "--gateway-listen",
  hostWait: "--host-wait",
  keepRunsDays: "--keep-runs-days",
  keepAuditDays: "--keep-audit-days",
  adminKeyFile: "--admin-key-file",
} as const;

/** Looks up a setting by name; `undefined` if it was not given. */
export type Texts = (name: keyof typeof FLAG_NAMES) => Setting | undefined;

/**
 * Reads settings from flags and environment; a flag takes precedence over its variable. Unlike in
 * `resolveSetting`, an empty text is a value: an empty database URL is refused, and does not start
 * another, empty database.
 */
export function settingTexts(flags: ServeFlags, env: Env): Texts {
  return (name) => {
    const typed = flags[name];
    if (typed !== undefined) return { value: typed, source: FLAG_NAMES[name] };
    const value = env(PLANE_VARIABLES[name]);
    return value === undefined ? undefined : { value, source: PLANE_VARIABLES[name] };
  };
}

export function hostAndPort(name: string, setting: Setting | undefined): string | undefined {
  if (!setting) return undefined;
  parsedAddress(setting, name);
  return setting.value;
}

/** Parses `host:port`, with an IPv6 address in brackets. @throws `setting_invalid`. */
export function parsedAddress({ value, source }: Setting, name: string): [string, number] {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]/]+)):(\d{1,5})$/
    .exec(value) ?? [];
  const hostname = bracketed ?? plain;
  const port = Number(digits);
  if (hostname === undefined || port > 65_535) {
    throw settingInvalid(name, { source, fault: `is not HOST:PORT but "${value}"` });
  }
  return [hostname, port];
}

/** Formats `host:port`, with an IPv6 address in brackets. */
export function addressText(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

export function wholeNumber(
  name: string,
  setting: Setting | undefined,
  { unit, most }: { readonly unit: string; readonly most: number },
): number | undefined {
  if (!setting) return undefined;
  const count = Number(setting.value);
  if (/^\d+$/.test(setting.value) && count >= 1 && count <= most) return count;
  const fault = `must be 1 to ${most} ${unit}, not "${setting.value}"`;
  throw settingInvalid(name, { source: setting.source, fault });
}
