/** Builds the two programs that are shipped, each one file in dist/. */

import { stop } from "esbuild";
import { DIST, ROOT } from "../cli/paths.ts";
import { locked } from "../setup/cache.ts";
import { step, together } from "../cli/steps.ts";
import { type NativeAddon, nativeAddon } from "./addon.ts";
import { bundle, compile } from "./program.ts";
import { buildWorkflows } from "./workflows.ts";

interface Program {
  readonly name: string;
  /** Relative to the project. */
  readonly entry: string;
  readonly permissions: readonly string[];
  readonly v8Flags: readonly string[];
}

/**
 * Permissions of both programs. Paths and addresses are configured by the operator. `ffi` loads Temporal's
 * addon, whose path is known only at run time. `sys` covers host name, user, uptime, disk space and memory. Imports
 * from outside are denied.
 */
const COMMON = [
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-env",
  "--allow-sys=hostname,uid,gid,osUptime,statfs,systemMemoryInfo",
  "--allow-ffi",
  "--deny-import",
];

/** Saves 9 MB of resident memory in an idle worker, at the cost of more frequent collections. */
const SMALL_HEAP = "--max-semi-space-size=1";
/** The agent mostly waits, so that optimized code is not worth its memory. */
const UNOPTIMIZED = ["--no-opt", "--no-maglev"];

const AGENT: Program = {
  name: "bigeye-agent",
  entry: "mod.ts",
  permissions: [...COMMON, "--allow-run=docker"],
  v8Flags: [SMALL_HEAP, ...UNOPTIMIZED],
};

const CONTROL_PLANE: Program = {
  name: "bigeye-control-plane",
  entry: "control_plane/mod.ts",
  // `setpriv` starts HAProxy and the operator's Temporal server such that they end with the control plane.
  permissions: [...COMMON, "--allow-run=setpriv"],
  v8Flags: [],
};

/** Builds dist/bigeye-agent and dist/bigeye-control-plane. */
export async function buildBinaries(denort: string): Promise<void> {
  // Two builds in one clone share dist/.
  await locked(`build${ROOT.replaceAll("/", "-")}`, () => buildAll(denort));
}

async function buildAll(denort: string): Promise<void> {
  const addon = nativeAddon(denort);
  const workflows = step("workflow bundle", buildWorkflows);
  try {
    await together(
      addon.then((addon) => buildProgram(AGENT, addon)),
      // The control plane embeds the workflow bundle.
      together(addon, workflows).then(([addon]) => buildProgram(CONTROL_PLANE, addon)),
    );
  } finally {
    await stop();
  }
}

async function buildProgram(program: Program, addon: NativeAddon): Promise<void> {
  const { name, permissions, v8Flags } = program;
  await step(`program ${name}`, async () => {
    const entry = await bundle({
      entry: `${ROOT}/${program.entry}`,
      outDir: `${DIST}/bundle/${name}`,
      addon,
    });
    // Renaming does not disturb a program that runs.
    const output = `${DIST}/bundle/${name}/${name}`;
    await compile({ entry, output, runtime: addon.runtime, permissions, v8Flags });
    await Deno.rename(output, `${DIST}/${name}`);
  });
}
