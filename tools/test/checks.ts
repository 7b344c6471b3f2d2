/** Runs the checks of format, lint and types. */

import { ROOT } from "../cli/paths.ts";
import { capture } from "../cli/run.ts";
import { step, tell } from "../cli/steps.ts";

const CHECKS = [["fmt", "--check"], ["lint"], ["check", "--frozen"]];

/** Checks format, lint and types, and shows what is wrong. Returns whether all checks passed. */
export async function checks(): Promise<boolean> {
  let clean = true;
  for (const check of CHECKS) {
    const { code, stdout, stderr } = await step(
      `deno ${check[0]}`,
      () => capture([Deno.execPath(), ...check], { cwd: ROOT }),
    );
    if (code === 0) continue;
    clean = false;
    tell(`${stdout}${stderr}`.trim());
  }
  return clean;
}
