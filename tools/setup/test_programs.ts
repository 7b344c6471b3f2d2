/** What only the tests take: Postgres, HAProxy and Chromium, as programs and never as services. */

import { Refusal } from "../cli/refusal.ts";
import { step } from "../cli/steps.ts";
import { installPackages } from "./apt.ts";
import type { OsRelease } from "./apt_sources.ts";
import { locked } from "./cache.ts";
import { type Machine, THIS_MACHINE } from "./machine.ts";
import { chromiumPackages, haproxyPackages, type Plan, postgresPackages } from "./packages.ts";

export interface TestProgram {
  readonly name: string;
  /** The variable by which tests are told where it is. */
  readonly variable: string;
  /** Where to look, as words of a shell, best first. */
  readonly places: string;
  /** The option on which it says its version. */
  readonly version: string;
  /** Whether the variable names the folder and not the program. */
  readonly isFolder?: boolean;
  /** `undefined` where the distribution has no package of it. */
  readonly packages: (os: OsRelease) => Plan | undefined;
  /** What a person types to see that it is there. */
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
  // Debian puts it where an ordinary user's PATH does not look.
  places: "haproxy /usr/sbin/haproxy",
  version: "-v",
  packages: haproxyPackages,
  check: "haproxy -v",
};

export const CHROMIUM: TestProgram = {
  name: "Chromium",
  variable: "BIGEYE_TEST_CHROMIUM",
  places: "chromium chromium-browser google-chrome",
  version: "--version",
  packages: chromiumPackages,
  check: "chromium --version",
};

export const TEST_PROGRAMS: readonly TestProgram[] = [POSTGRES, HAPROXY, CHROMIUM];

/**
 * Makes sure that the program is there and answers its absolute path, or that of its folder.
 * @throws {Refusal} when installing it is not for us to do; it says what to install.
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
  return await locked("packages", () => bring(program, { machine, os, plan }));
}

/** Another process may have brought it while this one waited for its turn. */
async function bring(
  program: TestProgram,
  { machine, os, plan }: { machine: Machine; os: OsRelease; plan: Plan },
): Promise<string> {
  const found = await located(program, machine);
  if (found !== undefined) return found;
  await step(`${program.name} package`, () => installPackages(os, plan));
  const brought = await located(program, machine);
  if (brought === undefined) throw refusal(program);
  return brought;
}

async function located(
  { places, version, isFolder }: TestProgram,
  { capture }: Machine,
): Promise<string | undefined> {
  // A program that is there and does not run, like Ubuntu's stand-in for a snap, is not there.
  const script = `for place in ${places}; do path=$(command -v "$place") || continue; ` +
    `"$path" ${version} >/dev/null 2>&1 && printf %s "$path" && exit; done; exit 1`;
  const { code, stdout } = await capture(["sh", "-c", script]);
  if (code !== 0) return undefined;
  return isFolder ? stdout.slice(0, stdout.lastIndexOf("/")) : stdout;
}

function refusal({ name, check }: TestProgram): Refusal {
  return new Refusal(
    `Cannot find ${name}, which the tests take`,
    `Install ${name} for your system, so that "${check}" answers; then try again`,
  );
}
