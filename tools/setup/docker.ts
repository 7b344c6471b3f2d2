/** Finds Docker Engine and Compose V2, and installs them on Debian and Ubuntu as root. */

import { cacheFolder } from "../cli/paths.ts";
import { Refusal } from "../cli/refusal.ts";
import { capture, run } from "../cli/run.ts";
import { step } from "../cli/steps.ts";
import { installPackages, type Machine, THIS_MACHINE } from "./apt.ts";
import { exists, locked } from "./cache.ts";
import { dockerPackages, type Lacking, type OsRelease } from "./packages.ts";

/**
 * Makes sure that an engine answers and that Compose V2 is installed.
 * @throws {Refusal} where they may not be installed; the hint says what to install.
 */
export async function docker(machine: Machine = THIS_MACHINE): Promise<void> {
  const found = await inspect(machine);
  if (isComplete(found)) return;
  const os = await machine.installableSystem();
  if (os === undefined) throw refusal(found);
  await locked("packages", () => install(os, machine));
}

/** Installs and starts Docker, unless another process did so while this one waited for the lock. */
async function install(os: OsRelease, machine: Machine): Promise<void> {
  const found = await inspect(machine);
  if (isComplete(found)) return;
  const lacking = await lackingPackages(found, machine);
  if (lacking.engine || lacking.client || lacking.compose) {
    await step("Docker packages", () => installPackages(os, dockerPackages(os, lacking)));
  }
  if (!found.engine) {
    await step("Docker Engine started; it keeps running after this", startEngine);
  }
}

interface Found {
  readonly client: boolean;
  readonly engine: boolean;
  readonly compose: boolean;
}

const isComplete = ({ client, engine, compose }: Found): boolean => client && engine && compose;

async function inspect({ capture }: Machine): Promise<Found> {
  const [engine, compose] = await Promise.all([
    capture(["docker", "version", "--format", "{{.Server.Version}}"]),
    capture(["docker", "compose", "version", "--short"]),
  ]);
  return {
    client: engine.code !== 127,
    engine: engine.code === 0,
    compose: compose.code === 0 && /^v?([2-9]|\d\d)\./.test(compose.stdout),
  };
}

async function lackingPackages(
  { client, engine, compose }: Found,
  { capture }: Machine,
): Promise<Lacking> {
  const daemon = engine || (await capture(["dockerd", "--version"])).code === 0;
  return { engine: !daemon, client: !client, compose: !compose };
}

function refusal({ client, engine, compose }: Found): Refusal {
  if (!client || !compose) {
    return new Refusal(
      `Cannot find ${client ? "Docker Compose V2" : "Docker"}`,
      "Install Docker Engine and the Docker Compose V2 plugin for your system, so that " +
        '"docker version" and "docker compose version" answer; then try again',
    );
  }
  return new Refusal(
    engine ? "Cannot use Docker" : "Cannot reach a Docker Engine as this user",
    'Start it ("sudo systemctl start docker"), or allow yourself to use it ' +
      '("sudo usermod -aG docker $USER", then log in again), until "docker ps" works without sudo',
  );
}

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

/** Starts the engine without systemd, in a new session, with its log in the cache folder. */
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
