/** The host's client of Bigeye, and what its heartbeats report: version, active runs, disk, clock, last warning. */

import { type Bigeye, bigeyeClient, type HostBeat } from "../../lib/bigeye/client.ts";
import type { HostReport } from "../../lib/contract/host.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import type { Clock, Fetch, Files, Log } from "../../lib/ports.ts";
import type { NetworkOptions } from "../../lib/system/network.ts";
import { VERSION } from "../../lib/version.ts";
import type { ActiveRuns } from "../run/active_runs.ts";
import type { CertificateNeeds } from "./certificate.ts";
import type { ServeSettings } from "./settings.ts";

export interface HostBigeye {
  readonly client: Bigeye;
  /** Makes a heartbeat; with the host's report where Bigeye takes one. */
  readonly beat: (state?: { readonly draining: boolean }) => Promise<HostBeat>;
  readonly renew: CertificateNeeds["renew"];
}

export interface HostBigeyeNeeds {
  readonly network: (options: NetworkOptions) => Fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Pick<Files, "freeBytes">;
  readonly lastWarning: () => HostReport["complaint"];
  readonly engine: Pick<Engine, "version">;
  readonly active: Pick<ActiveRuns, "ids">;
  readonly signal: AbortSignal;
}

/** Asks the engine for its version once, and resolves also while the engine is down. */
export async function createHostBigeye(
  settings: Pick<ServeSettings, "bigeye" | "host">,
  needs: HostBigeyeNeeds,
): Promise<HostBigeye> {
  const { clock, engine, active, files, lastWarning, signal } = needs;
  const { url, workspaceId, key, network, takesReports, configHash } = settings.bigeye;
  const { folder, hostId, installationId } = settings.host;
  let skew: number | undefined;
  const onSkew = (ms: number) => void (skew = ms);
  const fetch = watchClockSkew(needs.network(network), { ...needs, onSkew });
  const client = bigeyeClient({ url, workspaceId, key, keyName: "Agent API Key", fetch, clock });
  // The version is only shown to people, so a host whose engine is down starts without it.
  const version = await engine.version(signal).then(({ Version }) => Version, () => undefined);
  const report = async (draining: boolean): Promise<HostReport> => {
    const free = await files.freeBytes(folder).catch(() => undefined);
    const complaint = lastWarning();
    return {
      activeRuns: [...active.ids],
      ...(free !== undefined && { diskFreeBytes: free }),
      ...(skew !== undefined && { clockSkewMs: skew }),
      ...(draining && { draining }),
      ...(complaint && { complaint }),
    };
  };
  const beat = async ({ draining } = { draining: false }): Promise<HostBeat> => {
    const body = { hostId, orchestratorVersion: VERSION, configHash };
    if (!takesReports) return { installationId, body };
    const engine = version === undefined ? {} : { engineVersion: version };
    return { installationId, body: { ...body, ...engine, report: await report(draining) } };
  };
  return {
    client,
    beat,
    async renew(until) {
      const next = await client.renewCertificate(await beat(), until);
      return { clientCertificatePem: next.clientCertificate, caPem: next.caCertificate };
    },
  };
}

/** With a larger difference the times of runs mislead, and keys and certificates begin to fail. */
const SKEW_LIMIT_MS = 60_000;

export interface SkewNeeds {
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Gets, for each answer with a `Date`, our time minus Bigeye's in milliseconds. `Date` counts seconds. */
  readonly onSkew?: (ms: number) => void;
}

/** Compares the `Date` of each answer with this host's clock, and warns once while they differ. */
export function watchClockSkew(ask: Fetch, { clock, log, onSkew }: SkewNeeds): Fetch {
  let warned = false;
  return async (request) => {
    const response = await ask(request);
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const skew = clock.now().getTime() - theirs;
    // Without a readable date the answer says nothing about the clock.
    if (Number.isNaN(skew)) return response;
    onSkew?.(skew);
    const isOff = Math.abs(skew) > SKEW_LIMIT_MS;
    if (isOff && !warned) {
      const seconds = Math.round(skew / 1_000);
      log("warn", "clock differs from Bigeye's: set it right, as with timedatectl", { seconds });
    }
    warned = isOff;
    return response;
  };
}
