/** Bigeye as this host speaks with it: under its own name, with what a heartbeat says of it. */

import { type Bigeye, bigeyeClient } from "../../lib/bigeye/client.ts";
import type { HeartbeatBody, HostReport } from "../../lib/contract/host.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import type { Clock, Fetch, Files, Log } from "../../lib/ports.ts";
import type { NetworkOptions } from "../../lib/system/fetch.ts";
import { VERSION } from "../../lib/version.ts";
import type { ActiveRuns } from "../run/active_runs.ts";
import type { CertificateNeeds } from "./certificate.ts";
import { watchingSkew } from "./heartbeat.ts";
import type { ServeSettings } from "./settings.ts";

export interface BigeyeOfHost {
  readonly client: Bigeye;
  readonly body: () => Promise<HeartbeatBody>;
  readonly renew: CertificateNeeds["renew"];
}

export interface BigeyeNeeds {
  readonly network: (options: NetworkOptions) => Fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Pick<Files, "freeBytes">;
  readonly lastComplaint: () => HostReport["complaint"];
  readonly engine: Pick<Engine, "version">;
  readonly active: Pick<ActiveRuns, "ids">;
  readonly signal: AbortSignal;
}

export async function bigeyeOfHost(
  settings: Pick<ServeSettings, "bigeye" | "host">,
  needs: BigeyeNeeds,
): Promise<BigeyeOfHost> {
  const { clock, engine, active, files, lastComplaint, signal } = needs;
  const { url, key, network } = settings.bigeye;
  const { folder, hostId, installationId } = settings.host;
  let skew: number | undefined;
  const onSkew = (ms: number) => void (skew = ms);
  const fetch = watchingSkew(needs.network(network), { ...needs, onSkew });
  const client = bigeyeClient({ url, key, keyName: "Agent API Key", fetch, clock });
  // For the record only: a host whose engine is away just now is alive all the same.
  const version = await engine.version(signal).then(({ Version }) => Version, () => undefined);
  const body = async (): Promise<HeartbeatBody> => {
    const free = await files.freeBytes(folder).catch(() => undefined);
    const complaint = lastComplaint();
    return {
      installation_id: installationId,
      version: VERSION,
      active_runs: [...active.ids],
      ...(version !== undefined && { engine: version }),
      ...(free !== undefined && { disk_free_bytes: free }),
      ...(skew !== undefined && { clock_skew_ms: skew }),
      ...(complaint && { complaint }),
    };
  };
  return {
    client,
    body,
    async renew(until) {
      const next = await client.renewCertificate(hostId, await body(), until);
      return { clientCertificatePem: next.client_certificate, caPem: next.ca_certificate };
    },
  };
}
