/** The paths of a host's files, in the folder that holds `bigeye_agent.yml`. */

import { CONFIG_FILE } from "./schema.ts";

export interface HostPaths {
  readonly folder: string;
  readonly config: string;
  /** Mode 0700. Operators copy the whole folder to further hosts, so it holds nothing that identifies a host. */
  readonly keys: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly bigeyeKey: string;
  readonly clientCertificate: string;
  readonly temporalCa: string;
  readonly temporalApiKey: string;
  readonly agentApiKey: string;
  /** Holds one folder per agent type. */
  readonly agents: string;
  /** Holds one folder per run. */
  readonly runs: string;
  readonly own: string;
  readonly installation: string;
  /** Copy of the `ca_file`, in a place where the orchestrator can read it. */
  readonly networkCa: string;
}

/** Returns the paths in an absolute folder. */
export function hostPaths(folder: string): HostPaths {
  const keys = `${folder}/agent_config`;
  const own = `${folder}/.bigeye`;
  return {
    folder,
    config: `${folder}/${CONFIG_FILE}`,
    keys,
    privateKey: `${keys}/private.pem`,
    publicKey: `${keys}/public.pem`,
    bigeyeKey: `${keys}/bigeye.pem`,
    clientCertificate: `${keys}/client.pem`,
    temporalCa: `${keys}/ca.pem`,
    temporalApiKey: `${keys}/temporal_api_key`,
    agentApiKey: `${keys}/agent_api_key`,
    agents: `${folder}/agents`,
    runs: `${folder}/agent_runs`,
    own,
    installation: `${own}/installation`,
    networkCa: `${own}/ca.pem`,
  };
}
