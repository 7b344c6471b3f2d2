/** Docker from the distribution's own packages. */

import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import {
  dockerPackages,
  type Lacking,
  type OsRelease,
  TRIXIE_PREFERENCES,
  trixieSource,
} from "./apt_sources.ts";
import { exists } from "./cache.ts";

const APT = "/etc/apt";
const SOURCE = `${APT}/sources.list.d/bigeye-agent-trixie.sources`;
const PREFERENCES = `${APT}/preferences.d/bigeye-agent-trixie`;
const START_POLICY = "/usr/sbin/policy-rc.d";

/** Installs what is lacking. Recommended packages stay out: they would replace the engine. */
export async function installDocker(os: OsRelease, lacking: Lacking): Promise<void> {
  const plan = dockerPackages(os, lacking);
  const temporary: string[] = [];
  const write = async (path: string, text: string, mode = 0o644) => {
    temporary.push(path);
    await Deno.writeTextFile(path, text, { mode });
  };
  try {
    if (plan.fromTrixie.length > 0) {
      await write(SOURCE, await trixie(os["VERSION_CODENAME"] ?? ""));
      await write(PREFERENCES, TRIXIE_PREFERENCES);
    }
    // Without an init system the packages' scripts must not try to start services.
    if (!await exists("/run/systemd/system") && !await exists(START_POLICY)) {
      await write(START_POLICY, "#!/bin/sh\nexit 101\n", 0o755);
    }
    await apt(["update"]);
    if (plan.packages.length > 0) await apt(["install", ...plan.packages]);
    // Named one by one: "-t trixie" would replace the C library and half the system with it.
    const named = plan.fromTrixie.map((name) => `${name}/trixie`);
    if (named.length > 0) await apt(["install", ...named]);
  } finally {
    for (const path of temporary) await Deno.remove(path);
  }
}

async function apt(command: readonly string[]): Promise<void> {
  await run(["apt-get", "-y", "-qq", "--no-install-recommends", ...command], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}

async function trixie(codename: string): Promise<string> {
  const source = trixieSource(await aptSources(), codename);
  if (source !== undefined) return source;
  throw new Refusal(
    "Cannot find Debian's mirror in this machine's apt sources",
    'Install the Docker Compose V2 plugin, until "docker compose version" answers; then try again',
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
