/** The settings for Temporal: an external server or our own, and the gateway in front of it. */

import { absolutePath } from "../../lib/config/resolve.ts";
import { settingInvalid, settingNeeds, settingsConflict } from "../../lib/problems/cli.ts";
import { addressText, hostAndPort, parsedAddress, type Texts } from "./sources.ts";

/** An address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** How to reach an external Temporal, also from hosts. Behind our gateway the connection is plain. */
export interface ExternalTemporal {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The name in Temporal's certificate; absent: no TLS. */
  readonly serverName?: string;
  /** Absolute path of the CA certificate, PEM; default: the system's CAs. */
  readonly caFile?: string;
  /** Absolute path. */
  readonly apiKeyFile?: string;
}

/** A server that `serve` runs on loopback. */
export interface OwnTemporal {
  /** A command on PATH, or an absolute path. */
  readonly program: string;
  readonly namespace: string;
}

export interface TemporalSettings {
  readonly temporal: ExternalTemporal | OwnTemporal;
  /** Where hosts reach Temporal, `host:port`; default: the address that this process uses. */
  readonly temporalPublicAddress?: string;
  /** Where our TLS gateway listens for hosts; absent: no gateway. */
  readonly gateway?: ListenAddress;
}

interface Place {
  readonly address: string;
  readonly folder: string;
}

/** The settings that these depend on. */
interface Dependencies {
  /** Base of relative paths. */
  readonly folder: string;
  /** The listen addresses of REST; at least one. */
  readonly listen: readonly ListenAddress[];
}

const EXTERNAL_TLS_SETTINGS = [
  "temporalServerName",
  "temporalCaFile",
  "temporalApiKeyFile",
] as const;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/;
const GATEWAY_PORT = 7234;

/** Resolves and validates the settings for Temporal. @throws `setting_invalid`. */
export function temporalSettings(text: Texts, { folder, listen }: Dependencies): TemporalSettings {
  const address = hostAndPort("Temporal address", text("temporalAddress"));
  const gateway = gatewayAddress(text) ?? (address ? undefined : defaultGateway(listen));
  const publicAddress = hostAndPort("public Temporal address", text("temporalPublicAddress")) ??
    (gateway && addressText(gateway.hostname, gateway.port));
  return {
    temporal: address ? externalTemporal(text, { address, folder }) : ownTemporal(text, folder),
    ...(publicAddress && { temporalPublicAddress: publicAddress }),
    ...(gateway && { gateway }),
  };
}

function externalTemporal(text: Texts, { address, folder }: Place): ExternalTemporal {
  const serverName = text("temporalServerName");
  const files = { caFile: text("temporalCaFile"), apiKeyFile: text("temporalApiKeyFile") };
  for (const file of Object.values(files)) {
    // Without TLS, anyone on the way could read the API key.
    if (file && !serverName) throw settingNeeds(file.source, "--temporal-server-name");
  }
  const program = text("temporalServer");
  if (program) throw settingsConflict(program.source, "--temporal-address");
  return {
    address,
    namespace: namespaceOf(text),
    ...(serverName && { serverName: serverName.value }),
    ...(files.caFile && { caFile: absolutePath(files.caFile.value, folder) }),
    ...(files.apiKeyFile && { apiKeyFile: absolutePath(files.apiKeyFile.value, folder) }),
  };
}

function ownTemporal(text: Texts, folder: string): OwnTemporal {
  for (const name of EXTERNAL_TLS_SETTINGS) {
    const setting = text(name);
    if (setting) throw settingNeeds(setting.source, "--temporal-address");
  }
  const program = text("temporalServer")?.value;
  return {
    program: program === undefined ? "temporal" : absolutePath(program, folder),
    namespace: namespaceOf(text),
  };
}

const namespaceOf = (text: Texts): string => text("temporalNamespace")?.value ?? "default";

/** Puts the gateway at the address at which hosts reach REST. */
function defaultGateway(listen: readonly ListenAddress[]): ListenAddress {
  const reached = listen.find(({ hostname }) => !LOOPBACK.test(hostname)) ?? listen[0];
  return { hostname: reached?.hostname ?? "127.0.0.1", port: GATEWAY_PORT };
}

/** A gateway is useless if Temporal can be reached directly, so Temporal must be on loopback. */
function gatewayAddress(text: Texts): ListenAddress | undefined {
  const setting = text("gatewayListen");
  if (!setting) return undefined;
  const [hostname, port] = parsedAddress(setting, "address of the gateway");
  if (port === 0) {
    throw settingInvalid("address of the gateway", { ...setting, fault: "must name a port" });
  }
  const address = text("temporalAddress");
  if (address && !LOOPBACK.test(parsedAddress(address, "Temporal address")[0])) {
    const fault = "must be on loopback if there is a gateway";
    throw settingInvalid("Temporal address", { source: address.source, fault });
  }
  for (const name of EXTERNAL_TLS_SETTINGS) {
    const own = text(name);
    if (own) throw settingsConflict(own.source, "--gateway-listen");
  }
  return { hostname, port };
}
