/** A Python with pip, which knows the machine's package index as npm knows its registry. */

import { step } from "../cli/steps.ts";
import { installPackages } from "./apt.ts";
import { locked } from "./cache.ts";
import { type Machine, THIS_MACHINE } from "./machine.ts";
import { PIP_PACKAGES } from "./packages.ts";

/** What apt brings may come after another Python on PATH, which has no pip. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** The program's name; pip comes from apt where that is for us to install. @throws where it is not. */
export async function pythonWithPip(machine: Machine = THIS_MACHINE): Promise<string> {
  const found = await find(machine);
  if (found !== undefined) return found;
  const os = await machine.installableSystem();
  if (os !== undefined) {
    // The same lock as for Docker: apt works for one at a time.
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
