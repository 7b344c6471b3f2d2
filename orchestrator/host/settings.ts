/** Reads the settings of `serve` from the host folder, once at its start. */

import { hash } from "node:crypto";
import * as v from "valibot";
import { projectIn } from "../../boundary/compose_file.ts";
import { hostPaths } from "../../lib/config/host_paths.ts";
import { type AgentConfig, agentImage, DEFAULT_CONCURRENT_RUNS } from "../../lib/config/schema.ts";
import { readConfig, readNetwork } from "../../lib/config/store.ts";
import { hostQueue } from "../../lib/contract/temporal_names.ts";
import { BATCH_AGENT_TYPES } from "../../lib/contract/agent_types.ts";
import { InstallationIdSchema } from "../../lib/contract/host.ts";
import type { Files, Identity } from "../../lib/ports.ts";
import { installationInvalid, notRegistered } from "../../lib/problems/host.ts";
import { Secret } from "../../lib/crypto/secret.ts";
import type { NetworkOptions } from "../../lib/system/network.ts";
import { agentNetwork, COMPOSE_FILE } from "../../templates/stack.ts";
import type { HostSettings } from "../run/agent_spec.ts";

export interface ServeSettings {
  /** All settings but `init`, which the engine must be asked for. */
  readonly host: Omit<HostSettings, "init">;
  readonly concurrentRuns: number;
  readonly bigeye: {
    readonly url: string;
    readonly workspaceId: number | undefined;
    /** The Agent API Key. */
    readonly key: Secret;
    readonly network: NetworkOptions;
    /** Whether heartbeats carry the host's report. */
    readonly takesReports: boolean;
    /** SHA-256 of `bigeye_agent.yml`, hexadecimal. */
    readonly configHash: string;
  };
  readonly temporal: HostTemporal;
}

export interface HostTemporal {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The host's queue of runs. */
  readonly taskQueue: string;
  /** The name in the server's certificate. Absent means no TLS. */
  readonly serverName?: string;
  /** The company's private key, PEM. It decrypts what Bigeye sends, and signs outcomes. */
  readonly privateKey: Secret;
  readonly publicPem: string;
  /** Bigeye's public key, PEM. It encrypts what we send, and verifies the signature of an order. */
  readonly bigeyePem: string;
  readonly clientCertificatePem?: string;
  readonly caPem?: string;
  readonly apiKey?: Secret;
}

/** @throws `host_not_registered` if a file or a setting is missing, and the Problem of a file that is wrong. */
export async function readServeSettings(
  folder: string,
  { files, identity }: { readonly files: Files; readonly identity: Identity },
): Promise<ServeSettings> {
  const paths = hostPaths(folder);
  const { config, text } = await readConfig(paths.config, files);
  const needed = async (path: string) => {
    const text = (await files.readText(path))?.trim();
    if (!text) throw notRegistered(path);
    return text;
  };
  const installationId = await needed(paths.installation);
  const { host_id: hostId, concurrent_runs } = config.orchestrator;
  if (!v.is(InstallationIdSchema, installationId)) throw installationInvalid(paths.installation);
  if (!hostId) throw notRegistered(paths.config, "orchestrator.host_id");
  if (!config.bigeye.url) throw notRegistered(paths.config, "bigeye.url");
  const key = new Secret(await needed(paths.agentApiKey));
  return {
    host: {
      folder,
      hostId,
      installationId,
      identity,
      network: await networkOf(`${folder}/${COMPOSE_FILE}`, files),
      images: imagesOf(config),
    },
    concurrentRuns: concurrent_runs ?? DEFAULT_CONCURRENT_RUNS,
    bigeye: {
      url: config.bigeye.url,
      workspaceId: config.bigeye.workspace_id ?? undefined,
      key,
      network: await readNetwork(config.bigeye, { files, folder }),
      takesReports: config.orchestrator.host_report ?? false,
      configHash: hash("sha256", text, "hex"),
    },
    temporal: {
      ...temporalOf(config, { hostId, path: paths.config }),
      privateKey: new Secret(await needed(paths.privateKey)),
      publicPem: await needed(paths.publicKey),
      bigeyePem: await needed(paths.bigeyeKey),
      ...present("clientCertificatePem", await files.readText(paths.clientCertificate)),
      ...present("caPem", await files.readText(paths.temporalCa)),
      ...signIn(config, key),
      ...secretOf(await files.readText(paths.temporalApiKey)),
    },
  };
}

function temporalOf(
  { orchestrator: { temporal } }: AgentConfig,
  { hostId, path }: { readonly hostId: string; readonly path: string },
): Pick<HostTemporal, "address" | "namespace" | "taskQueue" | "serverName"> {
  if (!temporal) throw notRegistered(path, "orchestrator.temporal");
  const { address, namespace, task_queue, server_name } = temporal;
  const taskQueue = task_queue ?? hostQueue(hostId);
  return { address, namespace, taskQueue, ...present("serverName", server_name) };
}

function signIn(
  { orchestrator: { temporal } }: AgentConfig,
  apiKey: Secret,
): Pick<HostTemporal, "apiKey"> {
  return temporal?.sign_in === "agent_api_key" ? { apiKey } : {};
}

function imagesOf(config: AgentConfig): HostSettings["images"] {
  const images = BATCH_AGENT_TYPES.map((type) => [type, agentImage(config, type)] as const);
  return Object.fromEntries(images) as HostSettings["images"]; // has an entry for each type
}

/** The compose project's default network. The boundary check has verified the form of the file. */
async function networkOf(path: string, files: Pick<Files, "readText">): Promise<string> {
  return agentNetwork(projectIn(await files.readText(path) ?? ""));
}

function secretOf(apiKey: string | undefined): Pick<HostTemporal, "apiKey"> {
  return apiKey === undefined ? {} : { apiKey: new Secret(apiKey.trim()) };
}

function present<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : { [key]: value } as { [P in K]: string };
}
