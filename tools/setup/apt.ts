/** Brings packages to a root's Debian or Ubuntu, from the distribution itself. */

import { Refusal } from "../cli/refusal.ts";
import { run } from "../cli/run.ts";
import {
  isDebianLike,
  type OsRelease,
  parseOsRelease,
  TRIXIE_PREFERENCES,
  trixieSource,
} from "./apt_sources.ts";
import { exists } from "./cache.ts";
import type { Plan } from "./packages.ts";

const APT = "/etc/apt";
const SOURCE = `${APT}/sources.list.d/bigeye-agent-trixie.sources`;
const PREFERENCES = `${APT}/preferences.d/bigeye-agent-trixie`;
const UNITS = "/usr/lib/systemd/system";
const START_POLICY = "/usr/sbin/policy-rc.d";

/** The system, when it is one on which we may install packages: a Debian or Ubuntu, as root. */
export async function installableSystem(): Promise<OsRelease | undefined> {
  if (Deno.uid() !== 0 || !await exists("/usr/bin/apt-get")) return undefined;
  const os = parseOsRelease(await Deno.readTextFile("/etc/os-release"));
  return isDebianLike(os) ? os : undefined;
}

/** Installs packages. What they recommend stays out: it would replace the Docker Engine. */
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
    // No package's script starts a service: some machines have no init system, and what is to run
    // is started by us.
    if (!await exists(START_POLICY)) {
      await write(START_POLICY, "#!/bin/sh\nexit 101\n", 0o755);
    }
    for (const [path, text] of Object.entries(plan.settings ?? {})) await writeOnce(path, text);
    await apt(["update"]);
    if (plan.packages.length > 0) await apt(["install", ...plan.packages]);
    // Named one by one: "-t trixie" would replace the C library and half the system with it.
    const named = plan.fromTrixie.map((name) => `${name}/trixie`);
    if (named.length > 0) await apt(["install", ...named]);
    // The packages' scripts have enabled them, for systemd and for the older init alike.
    for (const service of idle) await run(["update-rc.d", service, "disable"]);
  } finally {
    for (const path of temporary) await Deno.remove(path);
  }
}

/** One that is there already may be somebody's who uses it. */
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

/** The text of all apt sources, one after the other. */
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
