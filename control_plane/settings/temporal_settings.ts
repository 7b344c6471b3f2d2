/** What `serve` is told of Temporal: where it is, or that it keeps one itself, and what stands before it. */

import { settingInvalid } from "../../lib/problems/cli.ts";
import {
  absolute,
  addressText,
  hostAndPort,
  parsedAddress,
  type Sourced,
  type Texts,
} from "./setting_sources.ts";

/** An address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** How a Temporal that others keep is reached, by the hosts as well; behind our gateway it is plain. */
export interface TemporalElsewhere {
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

/** A server that `serve` itself starts and keeps, on loopback. */
export interface TemporalHere {
  /** Looked for on the PATH, or an absolute path. */
  readonly program: string;
  readonly namespace: string;
}

export interface TemporalSettings {
  readonly temporal: TemporalElsewhere | TemporalHere;
  /** Where hosts reach Temporal, `host:port`; absent means where this process does. */
  readonly temporalPublicAddress?: string;
  /** Where our TLS gateway listens for hosts; absent means none, in front of a Temporal that others keep. */
  readonly gateway?: ListenAddress;
}

interface Place {
  readonly address: string;
  readonly folder: string;
}

/** What stands around these settings. */
interface Around {
  /** Relative paths begin there. */
  readonly folder: string;
  /** Where REST is served; at least one. */
  readonly listen: readonly ListenAddress[];
}

const OF_ANOTHERS_TLS = ["temporalServerName", "temporalCaFile", "temporalApiKeyFile"] as const;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/;
const GATEWAY_PORT = 7234;

/** Throws `setting_invalid`. */
export function temporalSettings(text: Texts, { folder, listen }: Around): TemporalSettings {
  const address = hostAndPort("Temporal address", text("temporalAddress"));
  const gateway = gatewayAddress(text) ?? (address ? undefined : besideRest(listen));
  const publicAddress = hostAndPort("public Temporal address", text("temporalPublicAddress")) ??
    (gateway && addressText(gateway.hostname, gateway.port));
  return {
    temporal: address ? elsewhere(text, { address, folder }) : here(text, folder),
    ...(publicAddress && { temporalPublicAddress: publicAddress }),
    ...(gateway && { gateway }),
  };
}

function elsewhere(text: Texts, { address, folder }: Place): TemporalElsewhere {
  const serverName = text("temporalServerName");
  const files = { caFile: text("temporalCaFile"), apiKeyFile: text("temporalApiKeyFile") };
  for (const file of Object.values(files)) {
    // An API key that travels in the clear is everybody's.
    if (file && !serverName) throw temporalInvalid(file, "needs --temporal-server-name beside it");
  }
  const program = text("temporalServer");
  if (program) throw temporalInvalid(program, "is for a Temporal without --temporal-address");
  return {
    address,
    namespace: namespaceOf(text),
    ...(serverName && { serverName: serverName.value }),
    ...(files.caFile && { caFile: absolute(files.caFile.value, folder) }),
    ...(files.apiKeyFile && { apiKeyFile: absolute(files.apiKeyFile.value, folder) }),
  };
}

function here(text: Texts, folder: string): TemporalHere {
  for (const name of OF_ANOTHERS_TLS) {
    const setting = text(name);
    if (setting) throw temporalInvalid(setting, "needs --temporal-address beside it");
  }
  const program = text("temporalServer")?.value;
  return {
    program: program === undefined ? "temporal" : absolute(program, folder),
    namespace: namespaceOf(text),
  };
}

const namespaceOf = (text: Texts): string => text("temporalNamespace")?.value ?? "default";

/** Where hosts reach REST, they reach a gateway as well. */
function besideRest(listen: readonly ListenAddress[]): ListenAddress {
  const reached = listen.find(({ hostname }) => !LOOPBACK.test(hostname)) ?? listen[0];
  return { hostname: reached?.hostname ?? "127.0.0.1", port: GATEWAY_PORT };
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
  if (address && !LOOPBACK.test(parsedAddress(address, "Temporal address")[0])) {
    throw temporalInvalid(address, "must be on loopback behind a gateway");
  }
  for (const name of OF_ANOTHERS_TLS) {
    const own = text(name);
    if (own) throw temporalInvalid(own, "is for a Temporal without --gateway-listen");
  }
  return { hostname, port };
}

function temporalInvalid({ source }: Sourced, fault: string): Error {
  return settingInvalid("way to Temporal", { source, fault });
}
