/** Sets up Deno, Temporal and Docker. It takes a moment when everything is there. */

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
 * Sets up all that running the product for real takes, and answers where it is. The Docker Engine,
 * once started, is a service of the machine and is left running.
 * @throws {Refusal} when something must be installed by hand.
 */
export async function setUpAll(): Promise<Toolchain> {
  const [runtime, server] = await together(denort(), temporal(), docker());
  return { deno: Deno.execPath(), denort: runtime, temporal: server };
}
