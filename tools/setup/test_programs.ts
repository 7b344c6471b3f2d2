/** Finds the programs that only tests need: Postgres, PgBouncer, HAProxy and Chromium. None runs as a service. */

import { Refusal } from "../cli/refusal.ts";
import { step } from "../cli/steps.ts";
import { installPackages, type Machine, THIS_MACHINE } from "./apt.ts";
import {
  chromiumPackages,
  haproxyPackages,
  type OsRelease,
  pgbouncerPackages,
  type Plan,
  postgresPackages,
} from "./packages.ts";
import { locked } from "./cache.ts";

export interface TestProgram {
  readonly name: string;
  /** The environment variable that tells tests the path. */
  readonly variable: string;
  /** Candidates as shell words, best first. */
  readonly places: string;
  /** The option that prints its version. */
  readonly version: string;
  /** Whether the variable holds the folder of the program. */
  readonly isFolder?: boolean;
  /** Plans the packages; `undefined` where the distribution has none. */
  readonly packages: (os: OsRelease) => Plan | undefined;
  /** The command that shows that it is installed. */
  readonly check: string;
}

export const POSTGRES: TestProgram = {
  name: "Postgres",
  variable: "BIGEYE_TEST_POSTGRES",
  places: "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV) initdb",
  version: "--version",
  isFolder: true,
  packages: postgresPackages,
  check: "initdb --version",
};

export const HAPROXY: TestProgram = {
  name: "HAProxy",
  variable: "BIGEYE_TEST_HAPROXY",
  // Debian installs it outside the PATH of ordinary users.
  places: "haproxy /usr/sbin/haproxy",
  version: "-v",
  packages: haproxyPackages,
  check: "haproxy -v",
};

export const PGBOUNCER: TestProgram = {
  name: "PgBouncer",
  variable: "BIGEYE_TEST_PGBOUNCER",
  places: "pgbouncer /usr/sbin/pgbouncer",
  version: "--version",
  packages: pgbouncerPackages,
  check: "pgbouncer --version",
};

export const CHROMIUM: TestProgram = {
  name: "Chromium",
  variable: "BIGEYE_TEST_CHROMIUM",
  places: "chromium chromium-browser google-chrome",
  version: "--version",
  packages: chromiumPackages,
  check: "chromium --version",
};

export const TEST_PROGRAMS: readonly TestProgram[] = [POSTGRES, PGBOUNCER, HAPROXY, CHROMIUM];

/**
 * Makes sure that the program is installed and returns its absolute path, or that of its folder.
 * @throws {Refusal} where it may not be installed; the hint says what to install.
 */
export async function testProgram(
  program: TestProgram,
  machine: Machine = THIS_MACHINE,
): Promise<string> {
  const found = await located(program, machine);
  if (found !== undefined) return found;
  const os = await machine.installableSystem();
  const plan = os && program.packages(os);
  if (!os || !plan) throw refusal(program);
  return await locked("packages", () => install(program, { machine, os, plan }));
}

/** Installs the program, unless another process did so while this one waited for the lock. */
async function install(
  program: TestProgram,
  { machine, os, plan }: { machine: Machine; os: OsRelease; plan: Plan },
): Promise<string> {
  const found = await located(program, machine);
  if (found !== undefined) return found;
  await step(`${program.name} package`, () => installPackages(os, plan));
  const installed = await located(program, machine);
  if (installed === undefined) throw refusal(program);
  return installed;
}

async function located(
  { places, version, isFolder }: TestProgram,
  { capture }: Machine,
): Promise<string | undefined> {
  // A program that does not run, such as Ubuntu's placeholder for a snap, does not count.
  const script = `for place in ${places}; do path=$(command -v "$place") || continue; ` +
    `"$path" ${version} >/dev/null 2>&1 && printf %s "$path" && exit; done; exit 1`;
  const { code, stdout } = await capture(["sh", "-c", script]);
  if (code !== 0) return undefined;
  return isFolder ? stdout.slice(0, stdout.lastIndexOf("/")) : stdout;
}

function refusal({ name, check }: TestProgram): Refusal {
  return new Refusal(
    `Cannot find ${name}, which the tests need`,
    `Install ${name} for your system, so that "${check}" answers; then try again`,
  );
}
