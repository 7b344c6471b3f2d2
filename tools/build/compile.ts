/** Makes a bundle one executable file. */

import { run } from "../cli/run.ts";

export interface CompileOptions {
  /** The bundle's entry and the executable to write, absolute. */
  readonly entry: string;
  readonly output: string;
  /** The base runtime to put under it. */
  readonly runtime: string;
  readonly permissions: readonly string[];
  /** For good: the program's own users cannot change them. */
  readonly v8Flags: readonly string[];
}

/** Compiles without looking at any configuration, lock or `node_modules`: the bundle is whole. */
export async function compile(options: CompileOptions): Promise<void> {
  const isolation = ["--no-check", "--no-config", "--node-modules-dir=none", "--no-lock"];
  await run([
    Deno.execPath(),
    "compile",
    "--quiet",
    "--no-prompt",
    // It would trust a file of a known name in /tmp, and hold it in memory; the start is no faster for it.
    "--no-code-cache",
    ...isolation,
    ...(options.v8Flags.length > 0 ? [`--v8-flags=${options.v8Flags.join(",")}`] : []),
    ...options.permissions,
    "--output",
    options.output,
    options.entry,
  ], {
    // Telemetry would be baked in, for good, were this set while compiling.
    env: { DENORT_BIN: options.runtime, OTEL_DENO: "false" },
  });
}
