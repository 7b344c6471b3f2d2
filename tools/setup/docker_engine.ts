/** Starts the Docker Engine as what it is: a service of the machine, which outlives this run. */

import { cacheFolder } from "../cli/paths.ts";
import { capture, run } from "../cli/run.ts";
import { exists } from "./cache.ts";

const READY_MS = 30_000;
const POLL_MS = 100;

export async function startEngine(): Promise<void> {
  if (await exists("/run/systemd/system")) {
    await run(["systemctl", "start", "docker"]);
  } else {
    await startDetached();
  }
  await untilReady();
}

/** Without systemd: in a session of its own, with its log in the cache folder. */
async function startDetached(): Promise<void> {
  if ((await capture(["mountpoint", "-q", "/sys/fs/cgroup"])).code !== 0) {
    await run(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"]);
  }
  const script = 'exec dockerd --log-level=warn >"$0" 2>&1 </dev/null';
  await run(["setsid", "--fork", "sh", "-c", script, logFile()]);
}

async function untilReady(): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if ((await capture(["docker", "version"])).code === 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Cannot start the Docker Engine within 30 s; its log is ${logFile()}`);
}

const logFile = (): string => `${cacheFolder()}/dockerd.log`;
