/** Measures what the heartbeats of all hosts of the account cost, one per host every 10 s. */

import type { HostsRow } from "../../../control_plane/store/tables.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../lib/contract/host.ts";
import { HEADERS, HEARTBEAT_PATH } from "../../../lib/contract/unpublished.ts";
import { Rest } from "../../../tests/harness/scene/rest.ts";
import { delay } from "../../../tests/harness/time/wait.ts";
import { openBareServer } from "./bare_server.ts";
import type { Figure } from "../figures.ts";
import type { PlaneStage } from "./stage.ts";
import { cpuSeconds } from "../proc.ts";

/** The control plane checks schedules and active runs once a minute, so that each measurement has it once. */
const SECONDS = 60;
/** The bare server has no other work, so that less time is enough. */
const BARE_SECONDS = 20;

export interface BeatingHosts extends AsyncDisposable {
  /** Returns how many heartbeats were accepted so far. */
  accepted(): number;
}

/** Spreads the heartbeats evenly over the interval. Disposing throws the first error of a heartbeat. */
export async function startHeartbeats({ plane, filled }: PlaneStage): Promise<BeatingHosts> {
  const admin = new Rest(plane.localUrl, plane.adminKey);
  const key = await admin.createAgentKey("hosts of the bench");
  return sendAll(filled.hosts, new Rest(plane.localUrl, key));
}

function sendAll(hosts: readonly HostsRow[], rest: Rest): BeatingHosts {
  const began = performance.now();
  const underway = new Set<Promise<void>>();
  let [sent, accepted] = [0, 0];
  let firstError: unknown;

  const timer = setInterval(() => {
    // Sends what a late timer missed, so that the rate holds.
    const due = (performance.now() - began) * hosts.length / HEARTBEAT_INTERVAL_MS;
    for (; sent < due; sent++) {
      const host = hosts[sent % hosts.length];
      if (!host) return;
      const headers = { [HEADERS.installation]: host.installation_id };
      const beat = rest.call("POST", HEARTBEAT_PATH, bodyOf(host), headers)
        .then(() => void accepted++, (error: unknown) => void (firstError ??= error))
        .finally(() => underway.delete(beat));
      underway.add(beat);
    }
  }, HEARTBEAT_INTERVAL_MS / hosts.length);
  return {
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(underway);
      if (firstError !== undefined) throw firstError;
    },
  };
}

function bodyOf({ host_id, version, engine, report }: HostsRow): unknown {
  return {
    hostId: host_id,
    orchestratorVersion: version,
    engineVersion: engine,
    report: JSON.parse(report ?? "{}"),
  };
}

/**
 * Measures the processor time of a heartbeat beyond an idle control plane's, and compares it with a bare
 * server that reads and answers the same request.
 */
export async function measureHeartbeats(stage: PlaneStage): Promise<readonly Figure[]> {
  const { pid } = stage.plane.process;
  const idle = await usedIn(pid, SECONDS);
  const { used, beats } = await usedBy(await startHeartbeats(stage), pid, SECONDS);
  await using bare = await openBareServer(1);
  const sent = sendAll(stage.filled.hosts, new Rest(bare.url, "none"));
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
  const before = hosts.accepted();
  const used = await usedIn(pid, seconds);
  return { used, beats: hosts.accepted() - before };
}

async function usedIn(pid: number, seconds: number): Promise<number> {
  const before = await cpuSeconds(pid);
  await delay(seconds * 1000).done;
  return await cpuSeconds(pid) - before;
}
