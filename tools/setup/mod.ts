/** Sets up Deno, Temporal and Docker. Fast if everything is there already. */

import { together } from "../cli/steps.ts";
import { denort } from "./deno.ts";
import { docker } from "./docker.ts";
import { temporal } from "./temporal.ts";

/** Absolute paths, or names that PATH resolves. */
export interface Toolchain {
  readonly deno: string;
  readonly temporal: string;
  readonly denort: string;
}

/**
 * Sets up everything that the product needs to run, and returns the paths. A Docker Engine that it starts
 * keeps running.
 * @throws {Refusal} when something must be installed by hand.
 */
export async function setUpAll(): Promise<Toolchain> {
  const [runtime, server] = await together(denort(), temporal(), docker());
  return { deno: Deno.execPath(), denort: runtime, temporal: server };
}
