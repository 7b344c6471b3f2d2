/** Installs packages of the distribution, on Debian and Ubuntu as root. */

import { Refusal } from "../cli/refusal.ts";
import { capture, run } from "../cli/run.ts";
import { exists } from "./cache.ts";
import {
  isDebianLike,
  type OsRelease,
  parseOsRelease,
  type Plan,
  TRIXIE_PREFERENCES,
  trixieSource,
} from "./packages.ts";

const APT = "/etc/apt";
const SOURCE = `${APT}/sources.list.d/bigeye-agent-trixie.sources`;
const PREFERENCES = `${APT}/preferences.d/bigeye-agent-trixie`;
const UNITS = "/usr/lib/systemd/system";
const START_POLICY = "/usr/sbin/policy-rc.d";

/** Returns the system if packages may be installed: Debian or Ubuntu, as root. */
export async function installableSystem(): Promise<OsRelease | undefined> {
  if (Deno.uid() !== 0 || !await exists("/usr/bin/apt-get")) return undefined;
  const os = parseOsRelease(await Deno.readTextFile("/etc/os-release"));
  return isDebianLike(os) ? os : undefined;
}

/** Installs packages without recommended ones, which would replace the Docker Engine. */
export async function installPackages(os: OsRelease, plan: Plan): Promise<void> {
  const temporary: string[] = [];
  const idle = await newServices(plan);
  const write = async (path: string, text: string, mode = 0o644) => {
    temporary.push(path);
    await Deno.writeTextFile(path, text, { mode });
  };
  try {
    if (plan.fromTrixie.length > 0) {
      await write(SOURCE, await trixie(os["VERSION_CODENAME"] ?? "", plan.fromTrixie));
      await write(PREFERENCES, TRIXIE_PREFERENCES);
    }
    // Keeps package scripts from starting services, because some machines have no init system. The tools
    // start what they need.
    if (!await exists(START_POLICY)) {
      await write(START_POLICY, "#!/bin/sh\nexit 101\n", 0o755);
    }
    for (const [path, text] of Object.entries(plan.settings ?? {})) await writeOnce(path, text);
    await apt(["update"]);
    if (plan.packages.length > 0) await apt(["install", ...plan.packages]);
    // Named one by one, because "-t trixie" would upgrade the C library and half of the system.
    const named = plan.fromTrixie.map((name) => `${name}/trixie`);
    if (named.length > 0) await apt(["install", ...named]);
    // The package scripts enabled the services, for systemd and for the older init.
    for (const service of idle) await run(["update-rc.d", service, "disable"]);
  } finally {
    for (const path of temporary) await Deno.remove(path);
  }
}

/** Returns the services that do not exist yet. Existing ones may be in use and are left alone. */
async function newServices({ idle = [] }: Plan): Promise<readonly string[]> {
  const found = await Promise.all(idle.map((name) => exists(`${UNITS}/${name}.service`)));
  return idle.filter((_, at) => !found[at]);
}

async function writeOnce(path: string, text: string): Promise<void> {
  if (await exists(path)) return;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

async function apt(command: readonly string[]): Promise<void> {
  await run(["apt-get", "-y", "-qq", "--no-install-recommends", ...command], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}

async function trixie(codename: string, names: readonly string[]): Promise<string> {
  const source = trixieSource(await aptSources(), codename);
  if (source !== undefined) return source;
  throw new Refusal(
    "Cannot find Debian's mirror in this machine's apt sources",
    `Install ${names.join(" and ")} yourself; then try again`,
  );
}

/** Reads all apt sources into one text. */
async function aptSources(): Promise<string> {
  const parts = await Array.fromAsync(
    Deno.readDir(`${APT}/sources.list.d`),
    ({ name }) => `${APT}/sources.list.d/${name}`,
  );
  const texts: string[] = [];
  for (const path of [`${APT}/sources.list`, ...parts.toSorted()]) {
    if (/\.(list|sources)$/.test(path) && await exists(path)) {
      texts.push(await Deno.readTextFile(path));
    }
  }
  return texts.join("\n\n");
}

/** What set-up needs to know of a machine before it changes anything. */
export interface Machine {
  /** Runs a program and captures its output. A missing program has code 127. */
  readonly capture: typeof capture;
  /** Returns the system if packages may be installed. */
  readonly installableSystem: typeof installableSystem;
}

export const THIS_MACHINE: Machine = { capture, installableSystem };
