/** All hosts of the account, alive: each sends its heartbeat every 10 s. */

import type { HostsRow } from "../../../control_plane/store/tables.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../lib/contract/host.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { Rest } from "../../../tests/harness/scene/rest.ts";
import { delay } from "../../../tests/harness/scene/wait.ts";
import { openBareServer } from "./bare_server.ts";
import type { Figure } from "../figures.ts";
import type { PlaneStage } from "./stage.ts";
import { cpuSeconds } from "../process_cost.ts";

/** All schedules and the runs under way are looked at once a minute, beats or not: both times have that. */
const SECONDS = 60;
/** It does nothing else. */
const BARE_SECONDS = 20;

export interface BeatingHosts extends AsyncDisposable {
  /** How many heartbeats were taken so far. */
  taken(): number;
}

/** Spreads the heartbeats evenly over the interval; disposing it throws the first one's refusal. */
export async function startHeartbeats({ plane, filled }: PlaneStage): Promise<BeatingHosts> {
  const admin = new Rest(plane.localUrl, plane.adminKey);
  const key = await admin.createAgentKey("hosts of the bench");
  return beating(filled.hosts, new Rest(plane.localUrl, key));
}

function beating(hosts: readonly HostsRow[], rest: Rest): BeatingHosts {
  const began = performance.now();
  const underway = new Set<Promise<void>>();
  let [sent, taken] = [0, 0];
  let refusal: unknown;

  const timer = setInterval(() => {
    // What a late timer has missed is made up for, so that the rate is as said.
    const due = (performance.now() - began) * hosts.length / HEARTBEAT_INTERVAL_MS;
    for (; sent < due; sent++) {
      const host = hosts[sent % hosts.length];
      if (!host) return;
      const beat = rest.call("POST", pathOf(host), bodyOf(host))
        .then(() => void taken++, (error: unknown) => void (refusal ??= error))
        .finally(() => underway.delete(beat));
      underway.add(beat);
    }
  }, HEARTBEAT_INTERVAL_MS / hosts.length);
  return {
    taken: () => taken,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(underway);
      if (refusal !== undefined) throw refusal;
    },
  };
}

const pathOf = ({ host_id }: HostsRow): string => `${ORCHESTRATOR_API}/hosts/${host_id}/heartbeat`;

function bodyOf({ installation_id, version, engine, report }: HostsRow): unknown {
  return { installation_id, version, engine, ...JSON.parse(report ?? "{}") };
}

/**
 * What a heartbeat costs the process, beyond what it uses anyway, and what a bare server takes to read
 * and answer the same.
 */
export async function measureHeartbeats(stage: PlaneStage): Promise<readonly Figure[]> {
  const { pid } = stage.plane.process;
  const idle = await usedIn(pid, SECONDS);
  const { used, beats } = await usedBy(await startHeartbeats(stage), pid, SECONDS);
  await using bare = await openBareServer(1);
  const sent = beating(stage.filled.hosts, new Rest(bare.url, "none"));
  const least = await usedBy(sent, bare.pid, BARE_SECONDS);
  return [
    { name: "idle: processor", unit: "%", value: 100 * idle / SECONDS },
    {
      name: "heartbeat: processor",
      unit: "ms",
      value: 1000 * (used - idle) / beats,
      limit: 1,
      baseline: 1000 * least.used / least.beats,
      samples: beats,
    },
  ];
}

async function usedBy(started: BeatingHosts, pid: number, seconds: number) {
  await using hosts = started;
  const before = hosts.taken();
  const used = await usedIn(pid, seconds);
  return { used, beats: hosts.taken() - before };
}

async function usedIn(pid: number, seconds: number): Promise<number> {
  const before = await cpuSeconds(pid);
  await delay(seconds * 1000).done;
  return await cpuSeconds(pid) - before;
}
