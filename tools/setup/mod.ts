/** Brings what a verb needs onto this machine; when everything is there it takes a moment. */

import { cacheFolder } from "../paths.ts";
import { denort } from "./denort.ts";
import { docker } from "./docker.ts";
import { temporal } from "./temporal.ts";

export interface Needs {
  readonly docker?: boolean;
  readonly temporal?: boolean;
  readonly denort?: boolean;
}

/** Absolute paths, or names that PATH resolves. */
export interface Toolchain {
  readonly deno: string;
  readonly cache: string;
  readonly temporal?: string;
  readonly denort?: string;
}

/**
 * Sets up what is asked for and answers where it is. The Docker Engine, once started, is a service of
 * the machine and is left running.
 * @throws {Refusal} when something must be installed by hand.
 */
export async function setUp(needs: Needs): Promise<Toolchain> {
  if (needs.docker) await docker();
  return {
    deno: Deno.execPath(),
    cache: cacheFolder(),
    ...(needs.denort && { denort: await denort() }),
    ...(needs.temporal && { temporal: await temporal() }),
  };
}
